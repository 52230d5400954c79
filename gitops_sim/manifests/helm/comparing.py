"""The functions that every Go template has: comparing, indexing, measuring, printing.

Source: Go ``text/template/funcs.go``; the words of errors are theirs. ``and`` and ``or`` are part of the walk: they stop early.
"""

from __future__ import annotations

import urllib.parse
from collections.abc import Callable
from typing import Any

from gitops_sim.manifests.helm.calls import Function
from gitops_sim.manifests.helm.go import is_true, quoted, text_of, type_name


def builtins(sprintf: Callable[..., str]) -> dict[str, Function]:
    """The functions by name; ``sprintf`` formats as Go's fmt does."""
    return {
        "eq": Function(_equal, ("any",), "any"),
        "ne": Function(lambda left, right: not _same(left, right), ("any", "any")),
        "lt": Function(_less, ("any", "any")),
        "le": Function(lambda left, right: _less(left, right) or _same(left, right), ("any", "any")),
        "gt": Function(lambda left, right: not (_less(left, right) or _same(left, right)), ("any", "any")),
        "ge": Function(lambda left, right: not _less(left, right), ("any", "any")),
        "not": Function(lambda value: not is_true(value), ("any",)),
        "len": Function(_length, ("any",)),
        "index": Function(_index, ("any",), "any"),
        "slice": Function(_slice, ("any",), "any"),
        "print": Function(_print, (), "any"),
        "println": Function(lambda *values: " ".join(map(_shown, values)) + "\n", (), "any"),
        "printf": Function(sprintf, ("string",), "any"),
        "html": Function(lambda *values: _escaped(values, _HTML), (), "any"),
        "js": Function(lambda *values: _escaped(values, _JS), (), "any"),
        "urlquery": Function(lambda *values: urllib.parse.quote_plus(_print(*values)), (), "any"),
        "call": Function(_call, ("any",), "any"),
        "and": Function(lambda *values: values[-1], ("any",), "any"),
        "or": Function(lambda *values: values[-1], ("any",), "any"),
    }


def _sort(value: Any) -> str:
    """What values are compared as: Go compares no int with a float."""
    for kind, name in ((bool, "bool"), (int, "integer"), (float, "float"), (str, "string")):
        if isinstance(value, kind):
            return name
    return "nil" if value is None else "other"


def _same(left: Any, right: Any) -> bool:
    kinds = _sort(left), _sort(right)
    if "nil" in kinds:
        return kinds == ("nil", "nil")
    if kinds[0] != kinds[1]:
        raise ValueError(f"incompatible types for comparison: {type_name(left)} and {type_name(right)}")
    for value in (left, right):
        if isinstance(value, dict | list):
            raise ValueError(f"non-comparable type {text_of(value)}: {type_name(value)}")
    return bool(left == right)


def _equal(first: Any, *others: Any) -> bool:
    if not others:
        raise ValueError("missing argument for comparison")
    return True in [_same(first, other) for other in others]  # each is compared: Go refuses any that cannot be


def _less(left: Any, right: Any) -> bool:
    kinds = _sort(left), _sort(right)
    for value, kind in zip((left, right), kinds, strict=True):
        if kind in ("other", "nil"):
            raise ValueError("invalid type for comparison")
        del value
    if kinds[0] != kinds[1]:
        raise ValueError("incompatible types for comparison")
    if kinds[0] == "bool":
        raise ValueError("invalid type for comparison")
    return bool(left < right)


def _length(value: Any) -> int:
    if value is None:
        raise ValueError("len of nil pointer")
    if isinstance(value, str):
        return len(value.encode())
    if not hasattr(value, "__len__"):
        raise ValueError(f"len of type {type_name(value)}")
    return len(value)


def _index(value: Any, *steps: Any) -> Any:
    if value is None:
        raise ValueError("index of untyped nil")
    for step in steps:
        if value is None:
            raise ValueError("index of nil pointer")
        if isinstance(value, dict):
            if not isinstance(step, str):
                raise ValueError(
                    "value is nil; should be of type string"
                    if step is None
                    else f"value has type {type_name(step)}; should be string"
                )
            value = value.get(step)
        elif isinstance(value, list | tuple | str | bytes):
            items = value.encode() if isinstance(value, str) else value
            value = items[_place(step, len(items) - 1)]
        else:
            raise ValueError(f"can't index item of type {type_name(value)}")
    return value


def _place(step: Any, last: int) -> int:
    if not isinstance(step, int) or isinstance(step, bool):
        raise ValueError(
            "cannot index slice/array with nil" if step is None else f"cannot index slice/array with type {type_name(step)}"
        )
    if not 0 <= step <= last:
        raise ValueError(f"index out of range: {int(step)}")
    return step


def _slice(value: Any, *bounds: Any) -> Any:
    if value is None:
        raise ValueError("slice of untyped nil")
    if len(bounds) > 3:
        raise ValueError(f"too many slice indexes: {len(bounds)}")
    if not isinstance(value, list | str | bytes):
        raise ValueError(f"can't slice item of type {type_name(value)}")
    if isinstance(value, str) and len(bounds) == 3:
        raise ValueError("cannot 3-index slice a string")
    items = value.encode() if isinstance(value, str) else value
    places = [_place(bound, len(items)) for bound in bounds]
    start, end = (places + [0, len(items)][len(places) :])[:2]
    if start > end:
        raise ValueError(f"invalid slice index: {start} > {end}")
    part = items[start:end]
    return part.decode("utf-8", "replace") if isinstance(value, str) and isinstance(part, bytes) else part


def _shown(value: Any) -> str:
    return "<nil>" if value is None else text_of(value)


def _print(*values: Any) -> str:
    """As ``fmt.Sprint``: a space between two of which neither is a text."""
    out = ""
    for index, value in enumerate(values):
        if index and not isinstance(value, str) and not isinstance(values[index - 1], str):
            out += " "
        out += _shown(value)
    return out


_HTML = {"\0": "\ufffd", '"': "&#34;", "'": "&#39;", "&": "&amp;", "<": "&lt;", ">": "&gt;"}
_JS = {"\\": "\\\\", "'": "\\'", '"': '\\"', "<": "\\u003C", ">": "\\u003E", "&": "\\u0026", "=": "\\u003D"}


def _escaped(values: tuple[Any, ...], table: dict[str, str]) -> str:
    text = "".join(table.get(char, char) for char in _print(*values))
    return text if table is _HTML else "".join(c if c >= " " else f"\\u{ord(c):04X}" for c in text)


def _call(function: Any, *_arguments: Any) -> Any:
    raise ValueError(f"non-function {quoted(text_of(function))} of type {type_name(function)}")
