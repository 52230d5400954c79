"""``--set a.b=c``, ``--set-string``, ``--set-json`` and ``--set-file``: values from one line each.

Source of the grammar: helm ``pkg/strvals``. ``a.b[0].c=x,d={1,2}``; a backslash takes the meaning off the next character;
``null`` takes a default away.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from gitops_sim.errors import BadInput
from gitops_sim.manifests.helm.numbers import Int64, floats
from gitops_sim.manifests.helm.values import Values, merge_maps

_MOST_INDEX = 65536
_DEEPEST = 30
_INTEGER = re.compile(r"[-+]?[0-9]+\Z")


def set_values(values: Values, line: str) -> None:
    """Lays a line of ``--set`` over ``values``, in place. Raises BadInput."""
    _read(values, line, "--set", _typed)


def set_strings(values: Values, line: str) -> None:
    """As :func:`set_values`, with every value a text."""
    _read(values, line, "--set-string", str)


def set_files(values: Values, line: str, read: Callable[[str], str]) -> None:
    """As :func:`set_values`; what stands for a value is the path of a file that holds it."""
    _read(values, line, "--set-file", read)


def set_json(values: Values, line: str) -> None:
    """Lays ``a.b={"json": 1}``, or a whole JSON object, over ``values``, in place. Raises BadInput."""
    try:
        if line.strip().startswith("{"):
            given = json.loads(line)
            merged = merge_maps(values, floats(given))
            values.clear()
            values.update(merged)
        else:
            _Line(line, None).into(values)
    except (ValueError, RecursionError):
        mend = """write key={"json": "value"}"""
        raise BadInput(f"failed parsing --set-json data {line}", mend=mend) from None


def _read(values: Values, line: str, option: str, convert: Callable[[str], Any]) -> None:
    try:
        _Line(line, convert).into(values)
    except ValueError as error:
        raise BadInput(f"failed parsing {option} data: {error}", mend="write key.path=value[,key=value]") from None


def _typed(text: str) -> Any:
    lower = text.lower()
    if lower in ("true", "false"):
        return lower == "true"
    if lower == "null":
        return None
    if text == "0" or (_INTEGER.match(text) and text[0] != "0" and -(2**63) <= int(text) < 2**63):
        return Int64(text)
    return text


class _EndError(Exception):
    """The line is used up."""


class _Line:
    """Reads one line. ``convert`` makes a value of a text; None where values are JSON. Raises ValueError in helm's words."""

    def __init__(self, text: str, convert: Callable[[str], Any] | None) -> None:
        self._text, self._at, self._convert = text, 0, convert

    def into(self, values: Values) -> None:
        try:
            while True:
                self._key(values, 0)
        except _EndError:
            return

    def _until(self, stops: str) -> tuple[str, str]:
        """The text up to one of ``stops``, and which; an empty stop at the end of the line."""
        out = ""
        while self._at < len(self._text):
            char = self._text[self._at]
            self._at += 1
            if char in stops:
                return out, char
            if char == "\\":
                if self._at >= len(self._text):
                    break
                char = self._text[self._at]
                self._at += 1
            out += char
        return out, ""

    def _key(self, data: Values, level: int) -> None:
        key, stop = self._until("=[,.")
        if not stop:
            if key:
                raise ValueError(f'key "{key}" has no value')
            raise _EndError
        if stop == "[":
            items = data.get(key, [])
            if not isinstance(items, list):
                raise ValueError(f"unable to parse key: {key} is not a list")
            _set(data, key, items := list(items))
            self._item(items, self._index(), level)
        elif stop == "=":
            _set(data, key, self._value())
        elif stop == ",":
            _set(data, key, "")
            raise ValueError(f'key "{key}" has no value (cannot end with ,)')
        else:
            if level + 1 > _DEEPEST:
                raise ValueError(f"value name nested level is greater than maximum supported nested level of {_DEEPEST}")
            inner = data.get(key)
            if inner is not None and not isinstance(inner, dict):
                raise ValueError(f"unable to parse key: {key} is not a mapping")
            inner = dict(inner or {})
            _set(data, key, inner)
            try:
                self._key(inner, level + 1)
            except _EndError:
                if not inner:
                    data.pop(key, None)
                raise
            if not inner:
                raise ValueError(f'key map "{key}" has no value')

    def _index(self) -> int:
        text, stop = self._until("]")
        if not stop:
            raise ValueError("error parsing index: EOF")
        if not _INTEGER.match(text):
            raise ValueError(f'error parsing index: strconv.Atoi: parsing "{text}": invalid syntax')
        index = int(text)
        if index < 0:
            raise ValueError(f"negative {index} index not allowed")
        if index > _MOST_INDEX:
            raise ValueError(f"index of {index} is greater than maximum supported index of {_MOST_INDEX}")
        return index

    def _item(self, items: list[Any], index: int, level: int) -> None:
        key, stop = self._until("[.=")
        if key:
            raise ValueError(f'unexpected data at end of array index: "{key}"')
        if not stop:
            raise _EndError
        items.extend([None] * (index + 1 - len(items)))
        if stop == "=":
            items[index] = self._value()
        elif stop == "[":
            inner = items[index] if items[index] is not None else []
            if not isinstance(inner, list):
                raise ValueError("unable to parse key: it is not a list")
            items[index] = inner = list(inner)
            self._item(inner, self._index(), level)
        else:
            found = items[index]
            items[index] = mapping = dict(found) if isinstance(found, dict) else {}
            self._key(mapping, level)

    def _value(self) -> Any:
        if self._convert is None:
            return self._json()
        if self._at < len(self._text) and self._text[self._at] == "{":
            self._at += 1
            return self._list(self._convert)
        text, _ = self._until(",")
        return self._convert(text)

    def _list(self, convert: Callable[[str], Any]) -> list[Any]:
        items: list[Any] = []
        while True:
            text, stop = self._until(",}")
            if not stop:
                raise ValueError("list must terminate with '}'")
            items.append(convert(text))
            if stop == "}":
                if self._text[self._at : self._at + 1] == ",":
                    self._at += 1
                return items

    def _json(self) -> Any:
        if self._blank():
            return None
        value, self._at = json.JSONDecoder().raw_decode(self._text, self._at)
        self._blank()
        return floats(value)

    def _blank(self) -> bool:
        """Goes over spaces and one comma; whether nothing else was there."""
        while self._at < len(self._text) and self._text[self._at].isspace():
            self._at += 1
        if self._at < len(self._text) and self._text[self._at] != ",":
            return False
        self._at += 1
        return True


def _set(data: Values, key: str, value: Any) -> None:
    if key:
        data[key] = value
