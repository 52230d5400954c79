"""Paths in the language of ``jq``, as ``ignoreDifferences`` writes them: the part of it that chooses fields.

``.spec.template.spec.containers[] | select(.name == "proxy") | .resources``: fields, ``[]`` for every item, ``[0]``, a ``?``
after any of them, and ``select`` by comparison with a plain value, joined by ``and`` and ``or``. The real one runs gojq, which
knows all of jq; whatever is not of these raises BadInput here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gitops_sim.errors import BadInput
from gitops_sim.objects import get_path

Path = tuple[str | int, ...]

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<field>\.[A-Za-z_][A-Za-z0-9_]*)
    | (?P<quoted>\.?\[?"(?:[^"\\]|\\.)*"\]?)
    | (?P<each>\.?\[\s*\])
    | (?P<index>\.?\[\s*-?\d+\s*\])
    | (?P<select>select\s*\()
    | (?P<word>and\b|or\b|true\b|false\b|null\b)
    | (?P<number>-?\d+(?:\.\d+)?)
    | (?P<sign>==|!=|\||\)|\?|\.)
    )""",
    re.VERBOSE,
)
_MEND = 'write fields, [], [0] and select(.name == "x"), such as .spec.template.spec.containers[] | select(.name == "x") | .image'


@dataclass(frozen=True, slots=True)
class Step:
    """``name``: a field, or the index of an item; None for every item."""

    name: str | int | None


@dataclass(frozen=True, slots=True)
class Comparison:
    path: tuple[Step, ...]
    equal: bool
    value: Any


@dataclass(frozen=True, slots=True)
class Select:
    """Lets through what one of ``choices`` holds for, all comparisons of it."""

    choices: tuple[tuple[Comparison, ...], ...]


@dataclass(frozen=True, slots=True)
class Expression:
    """What was written, and what it means."""

    text: str
    parts: tuple[Step | Select, ...]

    def paths(self, obj: Any) -> list[Path]:
        """The places in ``obj`` that it means, in their order."""
        return list(_places(obj, self.parts, ()))


def parse(text: str) -> Expression:
    """Raises BadInput for what is not understood here."""
    parts = _Reader(text).pipeline()
    if not parts:
        raise BadInput(f"{text!r} names no field", mend=_MEND)
    return Expression(text, tuple(parts))


class _Reader:
    def __init__(self, text: str) -> None:
        self._text, self._tokens, self._at = text, list(_tokens(text)), 0

    def pipeline(self) -> list[Step | Select]:
        parts: list[Step | Select] = []
        while True:
            kind, token = self._peek()
            if kind == "select":
                self._at += 1
                parts.append(self._select())
            elif kind in ("field", "quoted", "each", "index") or token == ".":
                parts += self._path()
            else:
                self._refuse(token)
            if self._peek()[0] == "end":
                return parts
            if self._peek()[1] == "|":
                self._at += 1

    def _path(self) -> list[Step]:
        steps: list[Step] = []
        while True:
            kind, token = self._peek()
            if kind == "field":
                steps.append(Step(token[1:]))
            elif kind == "quoted" and (steps or token[0] != '"'):
                steps.append(Step(json.loads(token.lstrip(".").removeprefix("[").removesuffix("]"))))
            elif kind == "each":
                steps.append(Step(None))
            elif kind == "index":
                steps.append(Step(int(token.strip(".[] "))))
            elif token not in ("?", "."):
                return steps
            self._at += 1

    def _select(self) -> Select:
        choices: list[list[Comparison]] = [[]]
        while True:
            choices[-1].append(self._comparison())
            kind, token = self._next()
            if token == "or":
                choices.append([])
            elif token == ")":
                return Select(tuple(map(tuple, choices)))
            elif token != "and":
                self._refuse(token or kind)

    def _comparison(self) -> Comparison:
        path = self._path()
        _, sign = self._next()
        kind, token = self._next()
        if (
            not path
            or Step(None) in path
            or sign not in ("==", "!=")
            or kind not in ("quoted", "word", "number")
            or token in ("and", "or")
        ):
            self._refuse(token)
        return Comparison(tuple(path), sign == "==", json.loads(token))

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "")

    def _next(self) -> tuple[str, str]:
        found = self._peek()
        self._at += 1
        return found

    def _refuse(self, token: str) -> None:
        where = f" at {token!r}" if token else ""
        raise BadInput(f"cannot follow the jq expression {self._text!r}{where}: only paths and select are simulated", mend=_MEND)


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at, text = 0, text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            left = text[at:].strip()
            raise BadInput(
                f"cannot follow the jq expression {text!r} at {left!r}: only paths and select are simulated", mend=_MEND
            )
        yield match.lastgroup, match[match.lastgroup]
        at = match.end()


def _places(obj: Any, parts: tuple[Step | Select, ...], before: Path) -> Iterator[Path]:
    if not parts:
        yield before
        return
    part, rest = parts[0], parts[1:]
    if isinstance(part, Select):
        if any(all(_holds(comparison, obj) for comparison in choice) for choice in part.choices):
            yield from _places(obj, rest, before)
        return
    for name in _names(obj, part):
        yield from _places(get_path(obj, (name,)), rest, (*before, name))


def _names(obj: Any, step: Step) -> list[str | int]:
    if step.name is None:
        return list(obj) if isinstance(obj, Mapping) else list(range(len(obj))) if isinstance(obj, list) else []
    if isinstance(obj, Mapping):
        return [step.name] if step.name in obj else []
    if isinstance(obj, list) and isinstance(step.name, int):
        index = step.name + len(obj) if step.name < 0 else step.name
        return [index] if 0 <= index < len(obj) else []
    return []


def _holds(comparison: Comparison, obj: Any) -> bool:
    found = obj
    for step in comparison.path:
        found = get_path(found, (step.name or 0,))
    return (found == comparison.value and type(found) is type(comparison.value)) == comparison.equal
