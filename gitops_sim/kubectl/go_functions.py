"""The functions of Go templates that kubectl offers.

Source: Go's ``text/template`` and k8s.io/cli-runtime ``pkg/printers/template.go``.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from typing import Any

from gitops_sim.cluster.go_text import plain, quoted


class CallError(Exception):
    """A function refuses its arguments."""


class _NoValue:
    """What a missing key is."""

    def __repr__(self) -> str:
        return "<no value>"


NO_VALUE = _NoValue()


def truth(value: Any) -> bool:
    return value is not NO_VALUE and bool(value)


def shown(value: Any) -> str:
    return "<no value>" if value is NO_VALUE else plain(value)


def _index(value: Any, *keys: Any) -> Any:
    for key in keys:
        if isinstance(value, Mapping):
            value = value.get(key, NO_VALUE)
        elif isinstance(value, list | tuple | str):
            if not isinstance(key, int):
                raise CallError(f"cannot index slice/array with type {type(key).__name__}")
            if not 0 <= key < len(value):
                raise CallError(f"index out of range: {key}")
            value = value[key]
        else:
            raise CallError("index of untyped nil" if value is NO_VALUE else "can't index item of this type")
    return value


def _length(value: Any) -> int:
    if value is NO_VALUE or not isinstance(value, Mapping | list | tuple | str):
        raise CallError("len of nil pointer" if value is NO_VALUE else "len of this type")
    return len(value.encode()) if isinstance(value, str) else len(value)


def _equal(first: Any, *others: Any) -> bool:
    return any(first == other for other in others)


def _less(first: Any, second: Any) -> bool:
    if type(first) is not type(second) or isinstance(first, Mapping | list):
        raise CallError("incompatible types for comparison")
    return bool(first < second)


def _and(*values: Any) -> Any:
    return next((value for value in values if not truth(value)), values[-1])


def _or(*values: Any) -> Any:
    return next((value for value in values if truth(value)), values[-1])


def _exists(value: Any, *keys: Any) -> bool:
    for key in keys:
        in_list = isinstance(value, list) and isinstance(key, int) and 0 <= key < len(value)
        if not in_list and not (isinstance(value, Mapping) and key in value):
            return False
        value = value[key]
    return True


def _base64decode(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode(errors="replace")
    except (binascii.Error, ValueError):
        place = next((i for i, char in enumerate(text) if not re.match(r"[A-Za-z0-9+/=]", char)), 0)
        raise CallError(f"base64 decode failed: illegal base64 data at input byte {place}") from None


_VERB = re.compile(r"%[-+#0 ]*\d*(?:\.\d+)?[a-zA-Z%]")


def _printf(template: str, *values: Any) -> str:
    waiting = list(values)

    def fill(match: re.Match[str]) -> str:
        verb = match[0][-1]
        if verb == "%":
            return "%"
        if not waiting:
            return f"%!{verb}(MISSING)"
        value = waiting.pop(0)
        if verb == "d" and isinstance(value, int) and not isinstance(value, bool):
            return match[0] % value
        if verb in ("f", "e", "g") and isinstance(value, float):
            return match[0] % value
        text = quoted(value) if verb == "q" and isinstance(value, str) else shown(value)
        return (match[0][:-1] + "s") % text

    return _VERB.sub(fill, template)


def _print(*values: Any) -> str:
    parts: list[str] = []
    for index, value in enumerate(values):
        if index and not isinstance(value, str) and not isinstance(values[index - 1], str):
            parts.append(" ")
        parts.append(shown(value))
    return "".join(parts)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "and": _and,
    "or": _or,
    "not": lambda value: not truth(value),
    "eq": _equal,
    "ne": lambda first, second: not _equal(first, second),
    "lt": _less,
    "le": lambda first, second: _less(first, second) or first == second,
    "gt": lambda first, second: not (_less(first, second) or first == second),
    "ge": lambda first, second: not _less(first, second),
    "index": _index,
    "len": _length,
    "print": _print,
    "printf": _printf,
    "println": lambda *values: " ".join(map(shown, values)) + "\n",
    "exists": _exists,
    "base64decode": _base64decode,
    "html": lambda value: re.sub(
        "[&<>'\"]", lambda m: {"&": "&amp;", "<": "&lt;", ">": "&gt;", "'": "&#39;", '"': "&#34;"}[m[0]], shown(value)
    ),
}
