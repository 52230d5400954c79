"""Values as a Go template sees them: their types' names, their truth, and how they print.

Maps are dicts, slices lists, ``interface{}`` holding nil is None. A Go struct, or a map with methods, is an object with
``go_methods`` or ``go_fields``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from gitops_sim.manifests.helm.numbers import Int64


class _NoValue:
    """Go's zero ``reflect.Value``: what a pipeline makes of nil."""

    def __repr__(self) -> str:
        return "<no value>"


NO_VALUE: Final = _NoValue()


class Struct:
    """A Go struct: ``go_fields`` by name, ``go_methods`` that a template may call, and its text for printing."""

    go_fields: Mapping[str, Any] = {}
    go_methods: Mapping[str, Any] = {}
    go_type = "struct"


class RootValues(dict[str, Any]):
    """A map that Go calls ``common.Values``."""

    go_type = "common.Values"


def type_name(value: Any) -> str:
    """The type as ``%T`` prints it."""
    named = getattr(value, "go_type", None)
    if named:
        return str(named)
    if value is NO_VALUE or value is None:
        return "interface {}"
    for kind, name in _NAMES:
        if isinstance(value, kind):
            return name
    return type(value).__name__


_NAMES: tuple[tuple[type, str], ...] = (
    (bool, "bool"),
    (Int64, "int64"),
    (int, "int"),
    (float, "float64"),
    (str, "string"),
    (dict, "map[string]interface {}"),
    (list, "[]interface {}"),
    (bytes, "[]uint8"),
)
_KINDS = {
    "common.Values": "map",
    "map[string]interface {}": "map",
    "engine.files": "map",
    "[]interface {}": "slice",
    "[]uint8": "slice",
}


def kind_name(value: Any) -> str:
    """The kind as ``reflect`` names it: ``invalid`` for nil."""
    if value is NO_VALUE or value is None:
        return "invalid"
    if isinstance(value, Struct):
        return "slice" if value.go_type == "common.VersionSet" else "struct"
    name = type_name(value)
    return "map" if isinstance(value, dict) else _KINDS.get(name, name)


def is_true(value: Any) -> bool:
    """What ``if`` makes of a value: zero and empty are false, structs are true."""
    if value is NO_VALUE or value is None:
        return False
    if isinstance(value, Struct):
        return bool(len(value)) if hasattr(value, "__len__") else True
    return bool(value) if isinstance(value, bool | int | float | str | bytes | dict | list | tuple) else True


def quoted(text: str) -> str:
    """A text as ``%q`` prints it."""
    return json.dumps(text, ensure_ascii=False)


def text_of(value: Any) -> str:
    """A value as ``%v`` prints it: ``map[a:1 b:[x y]]``, ``1e+06``, ``<no value>`` for nil."""
    if isinstance(value, str):
        return value
    if value is NO_VALUE or value is None:
        return "<no value>"
    return _nested(value)


def _nested(value: Any) -> str:
    if value is None:
        return "<nil>"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "map[" + " ".join(f"{_nested(key)}:{_nested(value[key])}" for key in sorted(value)) + "]"
    if isinstance(value, list | tuple | bytes):
        return "[" + " ".join(map(_nested, value)) + "]"
    return float_text(value) if isinstance(value, float) else str(value)


def float_text(number: float, *, plain_below: int = 6) -> str:
    """A float as ``%v`` prints it: the shortest digits, an exponent below 1e-4 and from a million on (``1e+06``)."""
    if number != number or number in (float("inf"), float("-inf")):
        return "NaN" if number != number else "+Inf" if number > 0 else "-Inf"
    text = repr(number)
    digits, _, exponent = text.partition("e")
    sign = "-" if digits.startswith("-") else ""
    whole, _, fraction = digits.removeprefix("-").partition(".")
    fraction = "" if fraction == "0" else fraction
    power = int(exponent or 0) + len(whole.lstrip("0")) - 1 if whole.strip("0") else None
    figures = (whole + fraction).lstrip("0").rstrip("0") or "0"
    if power is None:
        power = int(exponent or 0) - (len(fraction) - len(fraction.lstrip("0"))) - 1 if figures != "0" else 0
    if -4 <= power < plain_below:
        if power < 0:
            return f"{sign}0.{'0' * (-power - 1)}{figures}"
        padded = figures.ljust(power + 1, "0")
        rest = padded[power + 1 :]
        return sign + padded[: power + 1] + (f".{rest}" if rest else "")
    rest = figures[1:]
    return f"{sign}{figures[0]}{'.' + rest if rest else ''}e{'-' if power < 0 else '+'}{abs(power):02d}"
