"""Parameters: what a generator makes for one Application, and how names are made of them.

Source: ``applicationset/utils/{template_functions,map}.go`` and ``applicationset/generators/generator_spec_processor.go``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

Params = dict[str, Any]
"""With Go templates nested as in the generator; without them flat, texts only."""

_NO_NAME = re.compile("[^-a-z0-9.]")
_NO_SLUG = re.compile("[^a-z0-9-_]+")
_SLUG_LENGTH = 50


class GenerationError(Exception):
    """Parameters that cannot be made, or a template that cannot be filled in, in the real words."""


def sanitized(name: str) -> str:
    """As a name of an object may be: ``normalize`` in templates, and all that ends with ``Normalized``."""
    return _NO_NAME.sub("-", name.lower())[:253].strip("-.")


def slug(text: str, longest: int = _SLUG_LENGTH, *, whole_words: bool = True) -> str:
    """For addresses and labels. Source: github.com/gosimple/slug, with ``_`` as ``-``."""
    made = re.sub("-+", "-", _NO_SLUG.sub("-", text.strip().lower()).replace("_", "-")).strip("-_")
    if len(made) <= longest:
        return made
    if not whole_words:
        return made[:longest].strip("-_")
    kept = ""
    for word in made.split("-"):
        if len(kept) + len(word) + bool(kept) > longest:
            break
        kept = f"{kept}-{word}" if kept else word
    return kept or made[:longest]


def flattened(value: Any, path: str = "") -> dict[str, str]:
    """``{"a": {"b": [1]}}`` as ``{"a.b.0": "1"}``."""
    if isinstance(value, Mapping) and (value or not path):
        found: dict[str, str] = {}
        for key, inner in value.items():
            found |= flattened(inner, f"{path}.{key}" if path else str(key))
        return found
    if isinstance(value, list) and value:
        found = {}
        for number, inner in enumerate(value):
            found |= flattened(inner, f"{path}.{number}" if path else str(number))
        return found
    return {path: go_text(value)}


def go_text(value: Any) -> str:
    """As Go's ``%v`` prints what was read from JSON, where every number is a float."""
    if value is None:
        return "<nil>"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return _number(float(value))
    if isinstance(value, Mapping):
        return "map[]"
    return "[]" if isinstance(value, list) else str(value)


def json_word(value: Any) -> str:
    """What Go calls a value that it was to read as something else."""
    words = {bool: "bool", str: "string", list: "array", dict: "object"}
    return words.get(type(value), "number")


def merged(base: Any, over: Any) -> Any:
    """``base`` with everything of ``over`` that is not empty in its place, map by map. Source: dario.cat/mergo."""
    if isinstance(base, Mapping) and isinstance(over, Mapping):
        return {**base, **{key: merged(base.get(key), value) for key, value in over.items()}}
    return over or base


def combined(one: Params, other: Params) -> Params:
    """Both together. Raises GenerationError where they differ."""
    for key, value in other.items():
        if key in one and one[key] != value:
            raise GenerationError(
                "failed to combine string maps with merging params for the matrix generator: "
                f"found duplicate key {key} with different value, a: {one[key]} ,b: {value}"
            )
    return {**one, **other}


def _number(value: float) -> str:
    """Go's shortest ``%g``: an exponent from a million on."""
    sign, digits, exponent = Decimal(repr(value)).as_tuple()
    plain = "".join(map(str, digits)).rstrip("0") or "0"
    power = len(digits) + int(exponent) - 1
    minus = "-" if sign else ""
    if value and not -4 <= power < 6:
        return f"{minus}{plain[0]}{'.' + plain[1:] if plain[1:] else ''}e{power:+03}"
    return minus + (f"{abs(value):f}".rstrip("0").rstrip("."))
