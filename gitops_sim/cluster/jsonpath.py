"""JSONPath as kubectl speaks it: templates of text and ``{expressions}``.

``{range .items[*]}...{end}``, filters ``[?(@.a=="x")]``, slices and negative indexes, unions, wildcards, ``..``, quoted text, and
dots escaped by a backslash. ``$`` and ``@`` both stand for the current object. Missing keys are no error. Where Go walks a map in
random order, keys are taken in alphabetical order.
Source: k8s.io/client-go ``util/jsonpath``; the texts of the errors are its.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gitops_sim.cluster.go_text import json_text, plain, type_name
from gitops_sim.errors import GitOpsSimError


class JSONPathError(GitOpsSimError):
    """A template that cannot be parsed, or that does not fit the object it is applied to."""


class JSONPath:
    """A parsed template. Raises JSONPathError when ``template`` is none."""

    def __init__(self, template: str) -> None:
        self.template = template
        self._actions = _Parser(template).parse()

    def find(self, data: Any) -> list[list[Any]]:
        """What each piece of the template yields, one list a piece (and a round of a range)."""
        results, _ = _run(self._actions, 0, data, depth=0)
        return results

    def render(self, data: Any) -> str:
        """The text that the template makes of ``data``."""
        return "".join(" ".join(result_text(value) for value in piece) for piece in self.find(data))


def result_text(value: Any) -> str:
    """One result as it is printed: containers as JSON, the rest plain."""
    if value is None:
        return "null"
    return json_text(value) if isinstance(value, Mapping | list | tuple) else plain(value)


# ---------------------------------------------------------------------- the pieces of an expression


@dataclass(frozen=True, slots=True)
class _Value:
    """Text, a number or a boolean."""

    value: Any


@dataclass(frozen=True, slots=True)
class _Field:
    name: str


@dataclass(frozen=True, slots=True)
class _Slice:
    start: int | None
    stop: int | None
    step: int | None
    single: bool


@dataclass(frozen=True, slots=True)
class _Filter:
    left: list[_Step]
    operator: str
    right: list[_Step]


@dataclass(frozen=True, slots=True)
class _Union:
    parts: list[list[_Step]]


@dataclass(frozen=True, slots=True)
class _Word:
    """``range``, ``end``, or a word that means nothing."""

    name: str


class _Wildcard:
    """``.*``"""


class _Recursive:
    """``..``"""


_Step = _Value | _Field | _Slice | _Filter | _Union | _Word | _Wildcard | _Recursive


# ---------------------------------------------------------------------- parsing

_KEY = re.compile(r"'([^']*)'")
_SLICE = re.compile(r"(-?\d*)(:-?\d*)?(:-?\d*)?")
_COMPARISON = re.compile(r"([^!<>=]+)([!<>=]+)(.+?)", re.DOTALL)
_NUMBER = re.compile(r"[+-]?[\d.]*")
_TERMINATORS = frozenset(" \t\r\n.,[]${}@")


class _Parser:
    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    def parse(self) -> list[list[_Step]]:
        actions: list[list[_Step]] = []
        while self.at < len(self.text):
            brace = self.text.find("{", self.at)
            if brace != self.at:
                end = len(self.text) if brace < 0 else brace
                actions.append([_Value(self.text[self.at : end])])
                self.at = end
            else:
                self.at += 1
                actions.append(self._action())
        return actions

    def _action(self) -> list[_Step]:
        steps: list[_Step] = []
        while not self.text.startswith("}", self.at):
            if self.text.startswith("[?(", self.at):
                steps.append(self._filter())
            elif self.text.startswith("..", self.at):
                steps.append(self._recursive(steps))
            else:
                self._step(steps)
        self.at += 1
        return steps

    def _step(self, steps: list[_Step]) -> None:
        char = self.text[self.at : self.at + 1]
        if char in ("", "\r", "\n"):
            raise JSONPathError("unclosed action")
        if char in " @$":
            self.at += 1
        elif char == "[":
            steps.extend(self._brackets())
        elif char in "\"'":
            steps.append(_Value(self._quoted(char)))
        elif char == ".":
            self.at += 1
            steps.append(self._field())
        elif char in "+-" or char.isdigit():
            steps.append(self._number())
        elif char == "_" or char.isalpha():
            word = self._until_terminator()
            steps.append(_Value(word == "true") if word in ("true", "false") else _Word(word))
        else:
            shown = f" '{char}'" if char.isprintable() else ""
            raise JSONPathError(f"unrecognized character in action: U+{ord(char):04X}{shown}")

    def _recursive(self, steps: list[_Step]) -> _Step:
        if steps and isinstance(steps[-1], _Recursive):
            raise JSONPathError("invalid multiple recursive descent")
        self.at += 2
        char = self.text[self.at : self.at + 1]
        if char == "_" or char.isalnum():
            steps.append(_Recursive())
            return self._field()
        return _Recursive()

    def _field(self) -> _Step:
        name = self._until_terminator()
        return _Wildcard() if name == "*" else _Field(name.replace("\\", ""))

    def _until_terminator(self) -> str:
        start = self.at
        while self.at < len(self.text) and self.text[self.at] not in _TERMINATORS:
            self.at += 2 if self.text[self.at] == "\\" else 1
        self.at = min(self.at, len(self.text))
        return self.text[start : self.at]

    def _number(self) -> _Step:
        match = _NUMBER.match(self.text, self.at)
        assert match is not None
        self.at = match.end()
        try:
            whole = "." not in match[0] and abs(int(match[0])) < 2**63
            return _Value(int(match[0]) if whole else float(match[0]))
        except ValueError:
            raise JSONPathError(f"cannot parse number {match[0]}") from None

    def _quoted(self, quote: str) -> str:
        end = self.at + 1
        while self.text[end : end + 1] != quote or self.text[end - 1] == "\\":
            if self.text[end : end + 1] in ("", "\n"):
                raise JSONPathError("unterminated quoted string")
            end += 1
        inner, whole = self.text[self.at + 1 : end], self.text[self.at : end + 1]
        self.at = end + 1
        return _unquoted(inner, quote, whole)

    def _brackets(self) -> list[_Step]:
        end = self.at
        while self.text[end : end + 1] != "]":
            if self.text[end : end + 1] in ("", "\n"):
                raise JSONPathError("unterminated array")
            end += 1
        inner = self.text[self.at + 1 : end]
        self.at = end + 1
        if "," in inner:
            return [_Union([_sub_expression(f"[{part.strip(' ')}]") for part in inner.split(",")])]
        if key := _KEY.fullmatch(inner):
            return _sub_expression(f".{key[1]}")
        return [_slice(":" if inner == "*" else inner)]

    def _filter(self) -> _Step:
        self.at += len("[?(")
        start, quote, opened, closed = self.at, "", False, False
        while True:
            char = self.text[self.at : self.at + 1]
            self.at += 1
            if char in ("", "\n"):
                raise JSONPathError("unterminated filter")
            if char in "\"'":
                if not opened:
                    opened, quote = True, char
                elif self.text[self.at - 2] != "\\" and char == quote:
                    closed = True
            elif char == ")" and opened == closed:
                break
        if self.text[self.at : self.at + 1] != "]":
            raise JSONPathError("unclosed array expect ]")
        inner = self.text[start : self.at - 1]
        self.at += 1
        comparison = _COMPARISON.fullmatch(inner)
        if comparison is None:
            return _Filter(_sub_expression(inner), "exists", [])
        return _Filter(_sub_expression(comparison[1]), comparison[2], _sub_expression(comparison[3]))


def _sub_expression(text: str) -> list[_Step]:
    return _Parser("{" + text + "}").parse()[0]


def _slice(text: str) -> _Slice:
    match = _SLICE.fullmatch(text)
    if match is None:
        raise JSONPathError(f"invalid array index {text}")
    numbers: list[int | None] = []
    for part in match.groups():
        digits = (part or "").lstrip(":")
        if digits == "-" or len(digits) > 18:
            raise JSONPathError(f"array index {digits} is not a number")
        numbers.append(int(digits) if digits else None)
    if match[2] is not None:
        return _Slice(numbers[0], numbers[1], numbers[2], single=False)
    return _Slice(numbers[0], (numbers[0] or 0) + 1, numbers[2], single=True)


_UNESCAPED = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\"}
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))?", re.DOTALL)


def _unquoted(inner: str, quote: str, whole: str) -> str:
    def replace(match: re.Match[str]) -> str:
        hexadecimal, octal = match[1] or match[2] or match[3], match[4]
        if hexadecimal or octal:
            code = int(hexadecimal, 16) if hexadecimal else int(octal, 8)
            if code <= 0x10FFFF and not 0xD800 <= code < 0xE000:
                return chr(code)
        elif match[5] == quote:
            return quote
        elif match[5] in _UNESCAPED:
            return _UNESCAPED[match[5]]
        raise JSONPathError(f"unquote string {whole} error invalid syntax")

    return _ESCAPE.sub(replace, inner)


# ---------------------------------------------------------------------- evaluation


def _run(actions: list[list[_Step]], start: int, data: Any, depth: int) -> tuple[list[list[Any]], int]:
    """The results of the actions from ``start`` up to the end of the enclosing range, and where that end is."""
    results: list[list[Any]] = []
    index = start
    while index < len(actions):
        steps = actions[index]
        words = [step.name for step in steps if isinstance(step, _Word)]
        if "end" in words and depth == 0:
            raise JSONPathError("not in range, nothing to end")
        found = _walk([data], steps)
        if "end" in words:
            return results, index
        if "range" in words:
            end = index
            for value in found or [None]:
                inner, end = _run(actions, index + 1, value, depth + 1)
                if found:
                    results.extend(inner)
            index = end if end < len(actions) else index  # without an end, what follows is done once more for the whole
        else:
            results.append(found)
        index += 1
    return results, index


def _walk(values: list[Any], steps: list[_Step]) -> list[Any]:
    for step in steps:
        values = _take(values, step)
    return values


def _take(values: list[Any], step: _Step) -> list[Any]:
    if isinstance(step, _Value):
        return [step.value] if isinstance(step.value, str) else [step.value for _ in values]
    if isinstance(step, _Field):
        return [value[step.name] for value in values if isinstance(value, Mapping) and step.name in value]
    if isinstance(step, _Slice):
        return _all_sliced(values, step)
    if isinstance(step, _Filter):
        return [item for value in values for item in _filtered(value, step)]
    if isinstance(step, _Union):
        return [item for part in step.parts for item in _walk(values, part)]
    if isinstance(step, _Wildcard):
        return [item for value in values for item in _children(value)]
    if isinstance(step, _Recursive):
        return [item for value in values for item in _descendants(value)]
    if step.name == "range":
        return values
    if step.name == "end":
        return []
    raise JSONPathError(f"unrecognized identifier {step.name}")


def _children(value: Any) -> Sequence[Any]:
    if isinstance(value, Mapping):
        return [value[key] for key in sorted(value)]
    if isinstance(value, str):
        return list(value.encode())
    return value if isinstance(value, list | tuple) else []


def _descendants(value: Any) -> list[Any]:
    children = _children(value)
    if not children:
        return []
    return [value, *([] if isinstance(value, str) else (item for child in children for item in _descendants(child)))]


def _all_sliced(values: list[Any], wanted: _Slice) -> list[Any]:
    """A slice of no elements ends the search: what follows in ``values`` is lost, as in kubectl."""
    found: list[Any] = []
    for value in values:
        if value is not None:
            part = _sliced(value, wanted)
            if not part:
                break
            found.extend(part)
    return found


def _sliced(value: Any, wanted: _Slice) -> Sequence[Any]:
    if not isinstance(value, list | tuple):
        raise JSONPathError(f"{type_name(value)} is not array or slice")
    length = len(value)
    start = wanted.start or 0
    start += length if start < 0 else 0
    stop = length if wanted.stop is None else wanted.stop
    stop += length if stop < 0 or (stop == 0 and wanted.single) else 0
    if start == stop:
        return []
    if not 0 <= start < length:
        raise JSONPathError(f"array index out of bounds: index {start}, length {length}")
    if not 0 <= stop <= length:
        raise JSONPathError(f"array index out of bounds: index {stop - 1}, length {length}")
    if start > stop:
        raise JSONPathError(f"starting index {start} is greater than ending index {stop}")
    if wanted.step is not None and wanted.step <= 0:
        raise JSONPathError("step must be > 0")
    return value[start : stop : wanted.step or 1]


def _filtered(value: Any, wanted: _Filter) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise JSONPathError(f"{plain(value)} is not array or slice and cannot be filtered")
    return [item for item in value if _passes(item, wanted)]


def _passes(item: Any, wanted: _Filter) -> bool:
    lefts = _walk([item], wanted.left)
    if wanted.operator == "exists":
        return bool(lefts)
    rights = _walk([item], wanted.right) if lefts else []
    if not lefts or not rights:
        return False
    if len(lefts) > 1 or len(rights) > 1:
        raise JSONPathError("can only compare one element at a time")
    left, right = lefts[0], rights[0]
    if wanted.operator not in ("<", ">", "==", "!=", "<=", ">="):
        raise JSONPathError(f"unrecognized filter operator {wanted.operator}")
    for side in (left, right):
        if not isinstance(side, bool | int | float | str):
            raise JSONPathError("invalid type for comparison")
    if type(left) is not type(right):
        raise JSONPathError("incompatible types for comparison")
    if wanted.operator in ("==", "!="):
        return bool((left == right) is (wanted.operator == "=="))
    if isinstance(left, bool):
        raise JSONPathError("invalid type for comparison")
    less, equal = left < right, left == right
    return bool({"<": less, "<=": less or equal, ">": not (less or equal), ">=": not less}[wanted.operator])
