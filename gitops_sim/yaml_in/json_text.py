"""JSON, read as such: it allows a little that YAML does not."""

from __future__ import annotations

import json
from typing import Any

from gitops_sim.yaml_in.scalars import as_json, resolve
from gitops_sim.yaml_in.text import Document, Limits


def load_json(text: str, limits: Limits) -> list[Document] | None:
    """JSON as such; None when it is not JSON either, or breaks a limit."""
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse, parse_float=_finite, parse_int=resolve)
        _check_depth(value, limits.depth)
        json.dumps(value, ensure_ascii=False).encode()  # a lone surrogate is no text
    except (ValueError, RecursionError):
        return None
    return [Document(value, 1)]


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise ValueError("a key is given twice")
    return values


def _refuse(text: str) -> None:
    raise ValueError(text)


def _finite(text: str) -> int | float:
    number = float(text)
    if number - number != 0:
        raise ValueError(text)
    return as_json(number)


def _check_depth(value: Any, depth: int) -> None:
    if depth < 0:
        raise ValueError("too deep")
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _check_depth(inner, depth - 1)
