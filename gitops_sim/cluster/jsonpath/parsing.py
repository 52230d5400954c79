"""How a template is read. Source: client-go ``util/jsonpath/parser.go``."""

from __future__ import annotations

import re

from gitops_sim.cluster.jsonpath.pieces import Field, Filter, JSONPathError, Recursive, Slice, Step, Union, Value, Wildcard, Word

_KEY = re.compile(r"'([^']*)'")
_SLICE = re.compile(r"(-?\d*)(:-?\d*)?(:-?\d*)?")
_COMPARISON = re.compile(r"([^!<>=]+)([!<>=]+)(.+?)", re.DOTALL)
_NUMBER = re.compile(r"[+-]?[\d.]*")
_TERMINATORS = frozenset(" \t\r\n.,[]${}@")


class Parser:
    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    def parse(self) -> list[list[Step]]:
        actions: list[list[Step]] = []
        while self.at < len(self.text):
            brace = self.text.find("{", self.at)
            if brace != self.at:
                end = len(self.text) if brace < 0 else brace
                actions.append([Value(self.text[self.at : end])])
                self.at = end
            else:
                self.at += 1
                actions.append(self._action())
        return actions

    def _action(self) -> list[Step]:
        steps: list[Step] = []
        while not self.text.startswith("}", self.at):
            if self.text.startswith("[?(", self.at):
                steps.append(self._filter())
            elif self.text.startswith("..", self.at):
                steps.append(self._recursive(steps))
            else:
                self._step(steps)
        self.at += 1
        return steps

    def _step(self, steps: list[Step]) -> None:
        char = self.text[self.at : self.at + 1]
        if char in ("", "\r", "\n"):
            raise JSONPathError("unclosed action")
        if char in " @$":
            self.at += 1
        elif char == "[":
            steps.extend(self._brackets())
        elif char in "\"'":
            steps.append(Value(self._quoted(char)))
        elif char == ".":
            self.at += 1
            steps.append(self._field())
        elif char in "+-" or char.isdigit():
            steps.append(self._number())
        elif char == "_" or char.isalpha():
            word = self._until_terminator()
            steps.append(Value(word == "true") if word in ("true", "false") else Word(word))
        else:
            shown = f" '{char}'" if char.isprintable() else ""
            raise JSONPathError(f"unrecognized character in action: U+{ord(char):04X}{shown}")

    def _recursive(self, steps: list[Step]) -> Step:
        if steps and isinstance(steps[-1], Recursive):
            raise JSONPathError("invalid multiple recursive descent")
        self.at += 2
        char = self.text[self.at : self.at + 1]
        if char == "_" or char.isalnum():
            steps.append(Recursive())
            return self._field()
        return Recursive()

    def _field(self) -> Step:
        name = self._until_terminator()
        return Wildcard() if name == "*" else Field(name.replace("\\", ""))

    def _until_terminator(self) -> str:
        start = self.at
        while self.at < len(self.text) and self.text[self.at] not in _TERMINATORS:
            self.at += 2 if self.text[self.at] == "\\" else 1
        self.at = min(self.at, len(self.text))
        return self.text[start : self.at]

    def _number(self) -> Step:
        match = _NUMBER.match(self.text, self.at)
        assert match is not None
        self.at = match.end()
        try:
            whole = "." not in match[0] and abs(int(match[0])) < 2**63
            return Value(int(match[0]) if whole else float(match[0]))
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

    def _brackets(self) -> list[Step]:
        end = self.at
        while self.text[end : end + 1] != "]":
            if self.text[end : end + 1] in ("", "\n"):
                raise JSONPathError("unterminated array")
            end += 1
        inner = self.text[self.at + 1 : end]
        self.at = end + 1
        if "," in inner:
            return [Union([_sub_expression(f"[{part.strip(' ')}]") for part in inner.split(",")])]
        if key := _KEY.fullmatch(inner):
            return _sub_expression(f".{key[1]}")
        return [_slice(":" if inner == "*" else inner)]

    def _filter(self) -> Step:
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
            return Filter(_sub_expression(inner), "exists", [])
        return Filter(_sub_expression(comparison[1]), comparison[2], _sub_expression(comparison[3]))


def _sub_expression(text: str) -> list[Step]:
    return Parser("{" + text + "}").parse()[0]


def _slice(text: str) -> Slice:
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
        return Slice(numbers[0], numbers[1], numbers[2], single=False)
    return Slice(numbers[0], (numbers[0] or 0) + 1, numbers[2], single=True)


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
