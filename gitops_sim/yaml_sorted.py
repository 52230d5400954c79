"""Writing YAML as ``kubectl`` and ``kustomize`` print it: keys in natural order, the styles and line breaks of go-yaml v2.

Source: sigs.k8s.io/yaml, which turns an object into JSON and hands that to the encoder of go-yaml v2 (its ``sorter.go``,
``encode.go`` and ``emitterc.go``). Written without PyYAML: this is the larger part of what a rendering costs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from gitops_sim.yaml_in import resolve

_WIDTH = 80
_LONGEST_SIMPLE_KEY = 128
_CERTAIN = re.compile(r"[A-Za-z/][A-Za-z0-9/._-]*(?::[A-Za-z0-9._/-]+)*\Z")
"""Texts that need no second look, unless they are one of the words below."""
_WORDS = frozenset(("y", "Y", "n", "N", "yes", "Yes", "YES", "no", "No", "NO", "on", "On", "ON", "off", "Off", "OFF"))
_WORDS |= frozenset(("true", "True", "TRUE", "false", "False", "FALSE", "null", "Null", "NULL"))
_LOOKS_TYPED = re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?\Z|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(\Z|[Tt ][0-9])")
"""Strings that other readers of YAML 1.1 take for a base-60 number or a date."""
_UNPRINTABLE = re.compile("[^\n\r\x85\u2028\u2029\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]|[\r\x85]")
"""What go-yaml escapes; characters beyond the basic plane are among it."""
_BREAKS = "\n\u2028\u2029"
_SPACED_BREAK = re.compile(" [\n\u2028\u2029]|[\n\u2028\u2029] ")
_BLOCKED = re.compile(r"---|\.\.\.|[#,\[\]{}&*!|>'\"%@`]|[?:-](?=[ \n]|\Z)|.*?(?::(?=[ \n]|\Z)|[ \n]#)", re.DOTALL)
_ESCAPES = {
    "\0": "\\0",
    "\a": "\\a",
    "\b": "\\b",
    "\t": "\\t",
    "\n": "\\n",
    "\v": "\\v",
    "\f": "\\f",
    "\r": "\\r",
    "\x1b": "\\e",
    '"': '\\"',
    "\\": "\\\\",
    "\x85": "\\N",
    "\u2028": "\\L",
    "\u2029": "\\P",
}


def to_yaml(value: Any) -> str:
    """One document of JSON-like data, with a newline at its end."""
    out: list[str] = []
    if isinstance(value, Mapping) and value:
        _mapping(out, value, 0, "")
    elif isinstance(value, list | tuple) and value:
        _sequence(out, value, 0, "")
    else:
        out.append(_scalar(value, 0, 0) + "\n")
    return "".join(out)


def _mapping(out: list[str], value: Mapping[str, Any], indent: int, lead: str) -> None:
    """``lead`` takes the place of the first line's indentation, ``- `` behind a list's."""
    pad = " " * indent
    start = lead or pad
    for key in _sorted_keys(tuple(value)):
        inner = value[key]
        kind = type(inner)
        name = _SIMPLE_KEYS.get(key) or _key(key)
        if not name:
            out.append(f"{start}? {_scalar(key, indent + 2, indent + 2)}\n")
            start, name = pad, ""
            out.append(f"{start}:")
            _value(out, inner, indent, len(start) + 1)
        elif kind is str and inner in _PLAIN and indent + len(name) + len(inner) < _WIDTH:
            out.append(f"{start}{name}: {inner}\n")
        else:
            out.append(f"{start}{name}:")
            _value(out, inner, indent, len(start) + len(name) + 1)
        start = pad


def _value(out: list[str], inner: Any, indent: int, column: int) -> None:
    """What follows the colon."""
    if isinstance(inner, Mapping) and inner:
        out.append("\n")
        _mapping(out, inner, indent + 2, "")
    elif isinstance(inner, list | tuple) and inner:
        out.append("\n")
        _sequence(out, inner, indent, "")
    else:
        out.append(f" {_scalar(inner, indent + 2, column + 1)}\n")


def _sequence(out: list[str], value: list[Any] | tuple[Any, ...], indent: int, lead: str) -> None:
    pad = " " * indent
    start = lead or pad
    for item in value:
        if isinstance(item, Mapping) and item:
            _mapping(out, item, indent + 2, f"{start}- ")
        elif isinstance(item, list | tuple) and item:
            _sequence(out, item, indent + 2, f"{start}- ")
        else:
            out.append(f"{start}- {_scalar(item, indent + 2, len(start) + 2)}\n")
        start = pad


# ---------------------------------------------------------------------- keys

_ORDERS: dict[tuple[str, ...], tuple[str, ...]] = {}
_SIMPLE_KEYS: dict[str, str] = {}
_MOST_KEPT = 20_000


def _sorted_keys(keys: tuple[str, ...]) -> tuple[str, ...]:
    """Objects of one kind have the same keys, again and again."""
    found = _ORDERS.get(keys)
    if found is None:
        if len(_ORDERS) >= _MOST_KEPT:
            _ORDERS.clear()
        alone = all(key.isalpha() for key in keys)
        found = _ORDERS[keys] = tuple(sorted(keys)) if alone else tuple(map(str, sorted(map(_Key, keys))))
    return found


def _key(key: str) -> str:
    """The key as it stands before its colon; empty when it needs the long form (``? key``)."""
    if len(key.encode()) > _LONGEST_SIMPLE_KEY or any(char in key for char in _BREAKS + "\r\x85"):
        return ""
    text = "''" if key == "" and resolve(key) is not None else _inline(key)
    if len(_SIMPLE_KEYS) < _MOST_KEPT:
        _SIMPLE_KEYS[key] = text
    return text


class _Key(str):
    """A string that sorts as go-yaml sorts the keys of a map: letters after the rest, digits by the number they spell."""

    __slots__ = ()

    def __lt__(self, other: str) -> bool:
        for at, (mine, theirs) in enumerate(zip(self, other, strict=False)):
            if mine == theirs:
                continue
            if mine.isalpha() or theirs.isalpha():
                return mine < theirs if mine.isalpha() and theirs.isalpha() else theirs.isalpha()
            start = str(self)[:at]
            leading = "1" if "0" in (mine, theirs) and re.search(r"[1-9]\d*$", start) else "0"
            one, two = (re.match(r"\d*", text[at:]) for text in (str(self), str(other)))
            assert one is not None
            assert two is not None
            numbers = int(leading + one[0]), int(leading + two[0])
            if numbers[0] != numbers[1]:
                return numbers[0] < numbers[1]
            return len(one[0]) < len(two[0]) if len(one[0]) != len(two[0]) else mine < theirs
        return len(self) < len(other)


# ---------------------------------------------------------------------- scalars

_PLAIN: set[str] = set()
"""Texts seen before that stand as they are."""


def _scalar(value: Any, indent: int, column: int) -> str:
    """A value without what surrounds it: its continuation lines stand at ``indent``, its first character at ``column``."""
    if isinstance(value, str):
        return _string(value, indent, column)
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, int):
        return str(int(value))
    return "{}" if isinstance(value, Mapping) else "[]"


def _float(number: float) -> str:
    """As Go's ``%g``: an exponent from 21 digits on, none for what is whole."""
    if number.is_integer() and -(2**63) < number < 2**64:
        return str(int(number))
    exact = Decimal(repr(number)).normalize()
    exponent = exact.adjusted()
    if -4 <= exponent < 6:
        return f"{exact:f}"
    return f"{exact.scaleb(-exponent):f}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


def _string(text: str, indent: int, column: int) -> str:
    if _CERTAIN.match(text) and text not in _WORDS:
        if len(_PLAIN) < _MOST_KEPT:
            _PLAIN.add(text)
        return text
    if "\n" in text:
        return _literal(text, indent) if _block_allowed(text) else _double(text, indent, column)
    written = _inline(text)
    if _odd_breaks(text):
        return _double(text, indent, column) if written[0] == '"' else _folded(written, indent, column)
    if " " not in text or column + len(written) <= _WIDTH:
        return written
    if written[0] == '"' and text[0] != '"':
        return _double(text, indent, column)
    return _folded(written, indent, column)


def _typed(text: str) -> bool:
    return not isinstance(resolve(text), str) or _LOOKS_TYPED.match(text) is not None


def _odd_breaks(text: str) -> bool:
    return any(char in text for char in _BREAKS)


def _inline(text: str) -> str:
    """The text on one line, as a key or a short value."""
    if _typed(text) or _UNPRINTABLE.search(text) or _SPACED_BREAK.search(text):
        return '"' + _escaped(text) + '"'
    if _BLOCKED.match(text) or text[0] == " " or text[-1] == " " or _odd_breaks(text):
        return "'" + text.replace("'", "''") + "'"
    return text


def _escaped(text: str) -> str:
    if text[:1] == "\ufeff":  # go-yaml looks for the mark at the start of the text, whatever character it is at
        return "".join(_ESCAPES.get(char) or _escape_of(ord(char)) for char in text)
    return re.sub(r'["\\\n\r\u2028\u2029\x85\ufeff]|' + _UNPRINTABLE.pattern, _escape, text)


def _escape(found: re.Match[str]) -> str:
    char = found.group()
    return _ESCAPES.get(char) or _escape_of(ord(char))


def _escape_of(code: int) -> str:
    return f"\\x{code:02X}" if code <= 0xFF else f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"


def _folded(written: str, indent: int, column: int) -> str:
    """Plain or single-quoted text, broken at the first single space beyond the width."""
    quoted = written[0] == "'"
    last = len(written) - 2 if quoted else len(written)
    out: list[str] = []
    spaces = broken = False
    for at, char in enumerate(written):
        if broken and char not in _BREAKS:
            out.append(" " * indent)
            column, broken = indent, False
        if char in _BREAKS:
            out.append(char)
            broken = True
        elif char == " ":
            alone = written[at + 1 : at + 2] != " "
            if not spaces and column > _WIDTH and alone and (not quoted or 1 < at < last):
                out.append("\n" + " " * indent)
                column = indent
            else:
                out.append(char)
                column += 1
            spaces = True
        else:
            out.append(char)
            column += 1
            spaces = False
    return "".join(out)


def _double(text: str, indent: int, column: int) -> str:
    out = ['"']
    column += 1
    spaces = False
    for at, char in enumerate(text):
        if char == " ":
            if not spaces and column > _WIDTH and 0 < at < len(text) - 1:
                out.append("\n" + " " * indent)
                column = indent
                if text[at + 1] == " ":
                    out.append("\\")
                    column += 1
            else:
                out.append(char)
                column += 1
            spaces = True
        else:
            written = _escaped(char)
            out.append(written)
            column += len(written)
            spaces = False
    return "".join(out) + '"'


def _block_allowed(text: str) -> bool:
    """Whether a text of several lines can stand as it is, behind ``|``."""
    return not (text[-1] == " " or " \n" in text or _UNPRINTABLE.search(text) or " \u2028" in text or " \u2029" in text)


def _literal(text: str, indent: int) -> str:
    hint = "2" if text[0] in " \n" else ""
    if text[-1] not in _BREAKS:
        hint += "-"
    elif len(text) == 1 or text[-2] in _BREAKS:
        hint += "+"
    pad = " " * indent
    lines = text.removesuffix("\n").split("\n")
    return f"|{hint}\n" + "\n".join(pad + line if line else "" for line in lines)
