"""Editing single values of a YAML text: every other byte stays as it was, with comments, order, quotation marks and line ends.

A value is written as it stood: in its quotation marks, or without them where it then still reads as a text. Source of that rule:
kustomize ``kyaml/yaml/util.go`` (FormatNonStringStyle).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import yaml

from gitops_sim.errors import BadInput
from gitops_sim.yaml_in import resolve

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_COMMENT = re.compile(r"[ \t]+#([^\r\n]*)")
_PLAIN = re.compile(r"[A-Za-z0-9_./$(+-](?:[^\s:#,\[\]{}]|:(?=[^\s,\[\]{}]))*\Z")
"""What may stand without quotation marks, in lists in brackets as well."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """A value on one line of a text.

    ``document`` counts from 0; ``path`` leads there, keys and indices of lists; ``text`` is what it says, ``quote`` the mark
    around it (or none); it stands from ``start`` to ``end`` (characters), on ``line`` (from 1); ``comment`` is what follows on
    that line behind ``#``.
    """

    document: int
    path: tuple[str | int, ...]
    text: str
    quote: str
    start: int
    end: int
    line: int
    comment: str


def scalars(text: str, *, where: str) -> list[Scalar]:
    """The values of all documents of a YAML text that stand on one line, in their order; no keys, no aliases. Raises BadInput for
    what is no YAML."""
    try:
        return _Walk(text).scalars()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        at = f"{where}:{mark.line + 1}:{mark.column + 1}" if mark is not None else where
        what = f"not valid YAML: {getattr(error, 'problem', None) or error}"
        raise BadInput(what, where=at, mend="mend it, or leave this file alone") from None


def with_values(text: str, changes: Iterable[tuple[Scalar, str]]) -> str:
    """The text with some of its values, each of :func:`scalars`, replaced by other texts."""
    parts, at = [], 0
    for scalar, value in sorted(changes, key=lambda change: change[0].start):
        space = "" if scalar.start < scalar.end else " "
        parts += [text[at : scalar.start], space + _written(value, scalar.quote)]
        at = scalar.end
    return "".join([*parts, text[at:]])


class _Walk:
    def __init__(self, text: str) -> None:
        self._text, self._found = text, list[Scalar]()
        self._document, self._bom = -1, len(text) - len(text.removeprefix("\ufeff"))

    def scalars(self) -> list[Scalar]:
        self._events = iter(yaml.parse(self._text[self._bom :], Loader=_Loader))
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                self._document += 1
                self._node(next(self._events), ())
        return self._found

    def _node(self, event: Any, path: tuple[str | int, ...]) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event, path)
        elif isinstance(event, yaml.SequenceStartEvent):
            index = 0
            while not isinstance(inner := next(self._events), yaml.SequenceEndEvent):
                self._node(inner, (*path, index))
                index += 1
        elif isinstance(event, yaml.MappingStartEvent):
            while not isinstance(key := next(self._events), yaml.MappingEndEvent):
                self._key(key)
                self._node(next(self._events), (*path, getattr(key, "value", "")))

    def _key(self, event: Any) -> None:
        """A key that is a list or a mapping is passed over."""
        depth = int(isinstance(event, yaml.CollectionStartEvent))
        while depth:
            inner = next(self._events)
            depth += isinstance(inner, yaml.CollectionStartEvent) - isinstance(inner, yaml.CollectionEndEvent)

    def _scalar(self, event: Any, path: tuple[str | int, ...]) -> None:
        start, end = self._bom + event.start_mark.index, self._bom + event.end_mark.index
        raw = self._text[start:end]
        quote = event.style if event.style in ("'", '"') else ""
        if event.style in ("|", ">") or "\n" in raw or "\r" in raw:
            return
        start += raw.find(quote) if quote else raw.rfind(event.value)
        comment = _COMMENT.match(self._text, end)
        said = comment.group(1) if comment else ""
        self._found.append(Scalar(self._document, path, event.value, quote, start, end, event.start_mark.line + 1, said))


def _written(value: str, quote: str) -> str:
    if quote == "'" and "\n" not in value:
        return "'" + value.replace("'", "''") + "'"
    if quote or not _PLAIN.match(value) or not isinstance(resolve(value), str):
        return json.dumps(value, ensure_ascii=False)
    return value
