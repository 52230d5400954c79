"""The functions of Go templates that kubectl offers.

Source: Go's ``text/template`` and k8s.io/cli-runtime ``pkg/printers/template.go``.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

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


def type_name(value: Any) -> str:
    if value is NO_VALUE or value is None:
        return "nil"
    if isinstance(value, Mapping):
        return "map[string]interface {}"
    names: dict[type, str] = {bool: "bool", int: "int", float: "float64", str: "string"}
    return names.get(type(value), "[]interface {}")


def _index(value: Any, *keys: Any) -> Any:
    for key in keys:
        if isinstance(value, Mapping):
            if not isinstance(key, str):
                raise CallError(f"value has type {type_name(key)}; should be string")
            value = value.get(key, NO_VALUE)
        elif isinstance(value, list | tuple | str):
            if not isinstance(key, int) or isinstance(key, bool):
                raise CallError(f"cannot index slice/array with type {type_name(key)}")
            if not 0 <= key < len(value):
                raise CallError(f"index out of range: {key}")
            value = ord(value[key]) if isinstance(value, str) else value[key]
        else:
            untyped = value is NO_VALUE or value is None
            raise CallError("index of untyped nil" if untyped else f"can't index item of type {type_name(value)}")
    return value


def _slice(value: Any, *bounds: Any) -> Any:
    if not isinstance(value, list | tuple | str):
        raise CallError(f"can't slice item of type {type_name(value)}")
    for bound in bounds[:2]:
        if not isinstance(bound, int) or not 0 <= bound <= len(value):
            raise CallError(f"index out of range: {shown(bound)}")
    start = bounds[0] if bounds else 0
    end = bounds[1] if len(bounds) > 1 else len(value)
    if start > end:
        raise CallError(f"invalid slice index: {start} > {end}")
    return value[start:end]


def _length(value: Any) -> int:
    if not isinstance(value, Mapping | list | tuple | str):
        nil = "reflect: call of reflect.Value.Type on zero Value"
        raise CallError(nil if type_name(value) == "nil" else f"len of type {type_name(value)}")
    return len(value.encode()) if isinstance(value, str) else len(value)


def _equal(first: Any, *others: Any) -> bool:
    if not others:
        raise CallError("missing argument for comparison")
    kinds = {type_name(value) for value in (first, *others)} - {"nil"}
    if len(kinds) > 1 and not kinds <= {"int", "float64"}:
        raise CallError(f"incompatible types for comparison: {type_name(first)} and {type_name(others[0])}")
    for value in (first, *others):
        if isinstance(value, Mapping | list):
            raise CallError(f"non-comparable type {shown(value)}: {type_name(value)}")
    return any(first == other or type_name(first) == type_name(other) == "nil" for other in others)


def _less(first: Any, second: Any) -> bool:
    if type_name(first) != type_name(second):
        raise CallError(f"incompatible types for comparison: {type_name(first)} and {type_name(second)}")
    if not isinstance(first, int | float | str) or isinstance(first, bool):
        raise CallError("invalid type for comparison")
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


_VERB = re.compile(r"%([-+#0 ]*\d{0,4}(?:\.\d{1,4})?)([a-zA-Z%])")
_ACCEPTS = {**dict.fromkeys("doxXbc", "int"), **dict.fromkeys("feg", "float64"), "t": "bool"}


def _printf(template: str, *values: Any) -> str:
    waiting = list(values)

    def fill(match: re.Match[str]) -> str:
        form, verb = match[1], match[2]
        if verb == "%":
            return "%"
        if not waiting:
            return f"%!{verb}(MISSING)"
        value = waiting.pop(0)
        wanted = _ACCEPTS.get(verb)
        if verb in "xX" and isinstance(value, str):
            return f"%{form}s" % value.encode().hex()
        if verb == "v" or (verb in "sq" and isinstance(value, str)) or (verb == "s" and isinstance(value, Mapping | list)):
            return f"%{form}s" % (quoted(value) if verb == "q" else shown(value))
        if wanted is None or type_name(value) != wanted:
            return f"%!{verb}({type_name(value)}={shown(value)})"
        if verb in "bt":
            return f"%{form}s" % (format(value, "b") if verb == "b" else shown(value))
        filled: str = f"%{form}{verb}" % value
        return filled

    filled = _VERB.sub(fill, template)
    extra = ", ".join(f"{type_name(value)}={shown(value)}" for value in waiting)
    return f"{filled}%!(EXTRA {extra})" if extra else filled


def _print(*values: Any) -> str:
    parts: list[str] = []
    for index, value in enumerate(values):
        if index and not isinstance(value, str) and not isinstance(values[index - 1], str):
            parts.append(" ")
        parts.append(shown(value))
    return "".join(parts)


def _html(*values: Any) -> str:
    names = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "'": "&#39;", '"': "&#34;"}
    return re.sub("[&<>'\"]", lambda match: names[match[0]], _print(*values))


def _js(*values: Any) -> str:
    def escaped(match: re.Match[str]) -> str:
        char = match[0]
        return f"\\{char}" if char in "\\'\"" else f"\\u{ord(char):04X}"

    return re.sub(r"[\\'\"<>&=\x00-\x1f]", escaped, _print(*values))


@dataclass(frozen=True, slots=True)
class Function:
    """``most`` is None for any number of arguments; the first ``texts`` of them must be strings."""

    run: Callable[..., Any]
    least: int
    most: int | None = None
    texts: int = 0


FUNCTIONS = {
    "and": Function(_and, 1),
    "or": Function(_or, 1),
    "not": Function(lambda value: not truth(value), 1, 1),
    "eq": Function(_equal, 1),
    "ne": Function(lambda first, second: not _equal(first, second), 2, 2),
    "lt": Function(_less, 2, 2),
    "le": Function(lambda first, second: _less(first, second) or first == second, 2, 2),
    "gt": Function(lambda first, second: not (_less(first, second) or first == second), 2, 2),
    "ge": Function(lambda first, second: not _less(first, second), 2, 2),
    "index": Function(_index, 1),
    "slice": Function(_slice, 1),
    "len": Function(_length, 1, 1),
    "print": Function(_print, 0),
    "printf": Function(_printf, 1, None, 1),
    "println": Function(lambda *values: " ".join(map(shown, values)) + "\n", 0),
    "exists": Function(_exists, 1),
    "base64decode": Function(_base64decode, 1, 1, 1),
    "html": Function(_html, 0),
    "js": Function(_js, 0),
    "urlquery": Function(lambda *values: quote_plus(_print(*values)), 0),
}
