"""The conditions of triggers: ``app.status.operationState.phase in ['Error', 'Failed']``.

The part of expr-lang that such conditions use: paths, optional ones with ``?.``, comparisons, ``in``, ``and``, ``or``, ``not``;
no functions, no arithmetic. Source of the rules: expr-lang.org/docs/language-definition.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<text>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
    r"|(?P<word>[A-Za-z_]\w*)|(?P<sign>==|!=|<=|>=|\?\.|&&|\|\||[<>!()\[\].,]))"
)
_WORDS = {"true": True, "false": False, "nil": None, "null": None}
_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
_NO_WORD = ("and", "or", "not", "in", "contains", "startsWith", "endsWith", "matches")


class ExpressionError(ValueError):
    """An expression that cannot be read, or that asks for what is not there."""


def evaluate(text: str, names: Mapping[str, Any]) -> Any:
    """The value of an expression about ``names``. Raises ExpressionError."""
    found = _Reader(text, names)
    value = found.either()
    if found.token:
        raise ExpressionError(f"unexpected token {found.token!r} in {text!r}")
    return value


class _Reader:
    """Reads and evaluates at once, both sides always: nothing in it has a consequence. What is wrong with a side that does not
    count is not told."""

    def __init__(self, text: str, names: Mapping[str, Any]) -> None:
        self._text, self._names = text, names
        self._tokens = [*_tokens(text), ""]
        self._at = 0

    @property
    def token(self) -> str:
        return self._tokens[self._at]

    def either(self) -> Any:
        value = self._both()
        while self._taken("or", "||"):
            value = self._short(self._both, needed=not value, otherwise=value)
        return value

    def _both(self) -> Any:
        value = self._negated()
        while self._taken("and", "&&"):
            value = self._short(self._negated, needed=bool(value), otherwise=value)
        return value

    def _short(self, rest: Callable[[], Any], *, needed: bool, otherwise: Any) -> Any:
        """The other side is only looked at where it counts; read it must be, all the same."""
        if needed:
            return rest()
        names, self._names = self._names, _Anything()
        try:
            rest()
        finally:
            self._names = names
        return otherwise

    def _negated(self) -> Any:
        if self._taken("not", "!"):
            return not self._negated()
        return self._compared()

    def _compared(self) -> Any:
        left = self._operand()
        if self._taken("=="):
            return left == self._operand()
        if self._taken("!="):
            return left != self._operand()
        for sign, holds in _ORDER.items():
            if self._taken(sign):
                return self._ordered(holds, left, self._operand())
        if self._taken("not"):
            self._expect("in")
            return not self._within(left, self._operand())
        if self._taken("in"):
            return self._within(left, self._operand())
        for word, test in (("contains", str.__contains__), ("startsWith", str.startswith), ("endsWith", str.endswith)):
            if self._taken(word):
                return test(str(left), str(self._operand()))
        if self._taken("matches"):
            return re.search(str(self._operand()), str(left)) is not None
        return left

    def _ordered(self, holds: Callable[[Any, Any], bool], left: Any, right: Any) -> bool:
        try:
            return holds(left, right)
        except TypeError:
            raise ExpressionError(f"cannot compare {left!r} with {right!r}") from None

    def _within(self, item: Any, place: Any) -> bool:
        if isinstance(place, Mapping | Sequence):
            return item in place
        if isinstance(place, _Anything):
            return False
        raise ExpressionError(f"operator in is not defined on {place!r}")

    def _operand(self) -> Any:
        token = self.token
        if self._taken("("):
            value = self.either()
            self._expect(")")
        elif self._taken("["):
            value = self._list()
        elif token[:1] in ("'", '"'):
            self._at += 1
            value = re.sub(r"\\(.)", r"\1", token[1:-1])
        elif token[:1].isdigit():
            self._at += 1
            value = float(token) if "." in token else int(token)
        elif token and (token[0].isalpha() or token[0] == "_") and token not in _NO_WORD:
            self._at += 1
            value = self._named(token)
        else:
            raise ExpressionError(f"unexpected token {token or 'end of expression'!r} in {self._text!r}")
        return self._path(value)

    def _named(self, word: str) -> Any:
        if word in _WORDS:
            return _WORDS[word]
        if word not in self._names:
            raise ExpressionError(f"unknown name {word}")
        return self._names[word]

    def _list(self) -> list[Any]:
        found = []
        while not self._taken("]"):
            found.append(self.either())
            if self.token != "]":
                self._expect(",")
        return found

    def _path(self, value: Any) -> Any:
        while True:
            optional = self.token == "?."
            if self._taken(".", "?."):
                name = self.token
                self._at += 1
                if self.token == "(":
                    raise ExpressionError(f"functions are not supported by this simulator: {name}()")
                value = _field(value, name, optional=optional)
            elif self._taken("["):
                index = self.either()
                self._expect("]")
                value = _field(value, index, optional=False)
            else:
                return value

    def _taken(self, *tokens: str) -> bool:
        found = self.token in tokens
        self._at += found
        return found

    def _expect(self, token: str) -> None:
        if not self._taken(token):
            raise ExpressionError(f"expected {token!r} and not {self.token!r} in {self._text!r}")


class _Anything(dict[str, Any]):
    """Stands for values that do not count: it has every field."""

    def __contains__(self, _: object) -> bool:
        return True

    def __missing__(self, _: str) -> _Anything:
        return self


def _field(value: Any, name: Any, *, optional: bool) -> Any:
    if isinstance(value, _Anything):
        return value
    if value is None:
        if optional:
            return None
        raise ExpressionError(f"cannot fetch {name} from <nil>")
    if isinstance(value, Mapping):
        return value.get(name)
    if isinstance(value, Sequence) and isinstance(name, int) and -len(value) <= name < len(value):
        return value[name]
    raise ExpressionError(f"cannot fetch {name} from {value!r}")


def _tokens(text: str) -> list[str]:
    found, at = [], 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None:
            raise ExpressionError(f"unrecognized character in {text!r} at {at}: {text[at:].strip()[:1]!r}")
        found.append(match.group(0).strip())
        at = match.end()
    return found
