"""Regular expressions of schemas, matched in time that grows with the text alone, whatever the expression.

Python's own engine tries one way after the other, which a hostile expression drags out for ever; this one follows all ways at
once. The syntax is that of RE2, which Go uses: no look-around and no references. Source: the syntax page of RE2, and
Russ Cox, "Regular Expression Matching Can Be Simple And Fast" (Thompson's construction).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import lru_cache

LARGEST = 1000
"""How often a part may be repeated by a number, as in RE2."""
MOST_STATES = 20_000

Test = Callable[[str], bool]
State = tuple[str, object, tuple[int, ...]]
"""``split``, ``start``, ``end``, ``edge``, ``inside``, ``char`` or ``match``; what a character is tested by; where it goes on."""


class PatternError(ValueError):
    """What is wrong with an expression, in Go's words."""


class Pattern:
    """``found`` tells whether the expression matches anywhere in a text."""

    def __init__(self, expression: str) -> None:
        self._states: list[State] = [("match", None, ())]
        self._steps = 0
        parser = _Parser(expression)
        tree = parser.whole()
        self._start = self._build(tree, 0)

    def found(self, text: str) -> bool:
        now: set[int] = set()
        for place in range(len(text) + 1):
            self._follow(self._start, now, text, place)
            if 0 in now:
                return True
            if place == len(text):
                return False
            following: set[int] = set()
            for state in sorted(now):
                what, test, goes = self._states[state]
                if what == "char" and callable(test) and test(text[place]):
                    self._follow(goes[0], following, text, place + 1)
            now = following
        return False

    def _follow(self, start: int, into: set[int], text: str, place: int) -> None:
        waiting = [start]
        while waiting:
            state = waiting.pop()
            if state in into:
                continue
            what, _, goes = self._states[state]
            if what in _EDGES and not _EDGES[what](text, place):
                continue
            into.add(state)
            if what not in ("char", "match"):
                waiting.extend(goes)

    def _add(self, what: str, test: object, *goes: int) -> int:
        self._states.append((what, test, goes))
        return len(self._states) - 1

    def _build(self, tree: _Tree, then: int) -> int:
        """The first state of ``tree``, after which ``then`` comes. Trees are no deeper than the parser lets them be."""
        self._steps += 1
        if self._steps > MOST_STATES:
            raise PatternError("expression too large")
        what, parts, low, high = tree.what, tree.parts, tree.low, tree.high
        if what == "char":
            return self._add("char", tree.test, then)
        if what == "both":
            for part in reversed(parts):
                then = self._build(part, then)
            return then
        if what == "either":
            return self._add("split", None, *(self._build(part, then) for part in parts))
        if what == "repeat":
            if high is None:
                loop = self._add("split", None)
                self._states[loop] = ("split", None, (self._build(parts[0], loop), then))
                then = loop
            else:
                for _ in range(high - low):
                    then = self._add("split", None, self._build(parts[0], then), then)
            for _ in range(low):
                then = self._build(parts[0], then)
            return then
        return self._add(what, None, then)


@lru_cache(maxsize=512)
def pattern(expression: str) -> Pattern:
    """Raises PatternError."""
    return Pattern(expression)


def _is_word(letter: str) -> bool:
    return letter.isascii() and (letter.isalnum() or letter == "_")


def _edge(text: str, place: int) -> bool:
    before = place > 0 and _is_word(text[place - 1])
    return before != (place < len(text) and _is_word(text[place]))


_EDGES: dict[str, Callable[[str, int], bool]] = {
    "start": lambda text, place: place == 0,
    "end": lambda text, place: place == len(text),
    "edge": _edge,
    "inside": lambda text, place: not _edge(text, place),
}


class _Tree:
    __slots__ = ("high", "low", "parts", "test", "what")

    def __init__(
        self, what: str, parts: tuple[_Tree, ...] = (), test: Test | None = None, low: int = 0, high: int | None = None
    ) -> None:
        self.what, self.parts, self.test, self.low, self.high = what, parts, test, low, high


_CLASSES: dict[str, Test] = {
    "d": lambda c: c in "0123456789",
    "s": lambda c: c in "\t\n\f\r ",
    "w": _is_word,
}
_POSIX: dict[str, Test] = {
    "alnum": lambda c: c.isascii() and c.isalnum(),
    "alpha": lambda c: c.isascii() and c.isalpha(),
    "digit": _CLASSES["d"],
    "lower": lambda c: "a" <= c <= "z",
    "upper": lambda c: "A" <= c <= "Z",
    "space": lambda c: c in "\t\n\v\f\r ",
    "punct": lambda c: c in "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
    "word": _is_word,
    "xdigit": lambda c: c in "0123456789abcdefABCDEF",
}
_ESCAPES = {"a": "\a", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_DEEPEST = 100


class _Parser:
    def __init__(self, text: str) -> None:
        self._text, self._place, self._level = text, 0, 0
        self._folded, self._all = False, False

    def whole(self) -> _Tree:
        tree = self._either()
        if self._place < len(self._text):
            raise PatternError(f"unexpected ): `{self._text}`")
        return tree

    def _peek(self) -> str:
        return self._text[self._place : self._place + 1]

    def _next(self) -> str:
        letter = self._peek()
        if not letter:
            raise PatternError("trailing backslash at end of expression: ``")
        self._place += 1
        return letter

    def _either(self) -> _Tree:
        self._level += 1
        if self._level > _DEEPEST:
            raise PatternError(f"expression nests too deeply: `{self._text[:40]}`")
        folded, every = self._folded, self._all
        ways = [self._both()]
        while self._peek() == "|":
            self._place += 1
            ways.append(self._both())
        self._folded, self._all = folded, every
        self._level -= 1
        return ways[0] if len(ways) == 1 else _Tree("either", tuple(ways))

    def _both(self) -> _Tree:
        parts: list[_Tree] = []
        while self._peek() not in ("", "|", ")"):
            part = self._one()
            if part is not None:
                parts.append(self._repeated(part))
        return _Tree("both", tuple(parts))

    def _repeated(self, part: _Tree) -> _Tree:
        start = self._place
        bounds = self._bounds()
        if bounds is None:
            return part
        if self._peek() == "?":
            self._place += 1
        after = self._place
        if self._bounds() is not None:
            raise PatternError(f"invalid nested repetition operator: `{self._text[start : self._place]}`")
        self._place = after
        return _Tree("repeat", (part,), None, *bounds)

    def _bounds(self) -> tuple[int, int | None] | None:
        letter = self._peek()
        if letter in ("*", "+", "?") and letter:
            self._place += 1
            return {"*": (0, None), "+": (1, None), "?": (0, 1)}[letter]
        if letter != "{":
            return None
        inside, closed, _ = self._text[self._place + 1 :].partition("}")
        low, comma, high = inside.partition(",")
        if not closed or not low.isascii() or not low.isdigit() or not (high == "" or (high.isascii() and high.isdigit())):
            return None
        if len(low) > 4 or len(high) > 4 or int(low) > LARGEST or (high and not int(low) <= int(high) <= LARGEST):
            raise PatternError(f"invalid repeat count: `{{{inside}}}`")
        self._place += len(inside) + 2
        return int(low), (int(high) if high else None) if comma else int(low)

    def _one(self) -> _Tree | None:
        letter = self._next()
        if letter == "(":
            return self._group()
        if letter == "[":
            return self._char(self._set())
        if letter == ".":
            every = self._all
            return _Tree("char", test=lambda c: every or c != "\n")
        if letter in "^$":
            return _Tree("start" if letter == "^" else "end")
        if letter in "*+?":
            raise PatternError(f"missing argument to repetition operator: `{letter}`")
        if letter == "\\":
            return self._escaped()
        return self._char(_exactly(letter))

    def _group(self) -> _Tree | None:
        folded, every = self._folded, self._all
        if self._peek() == "?":
            self._place += 1
            rest = self._text[self._place :]
            if rest.startswith(("P<", "<")) and not rest.startswith(("<=", "<!")):
                self._place += rest.find(">") + 1
            else:
                flags, letter, on = "", self._next(), True
                while letter not in ":)":
                    if letter not in "imsU-":
                        raise PatternError(f"invalid or unsupported Perl syntax: `(?{flags}{letter}`")
                    flags += letter
                    on = on and letter != "-"
                    self._folded = on if letter == "i" else self._folded
                    self._all = on if letter == "s" else self._all
                    letter = self._next() if self._peek() else ")"
                if letter == ")":
                    return None
        tree = self._either()
        self._folded, self._all = folded, every
        if self._peek() != ")":
            raise PatternError(f"missing closing ): `{self._text}`")
        self._place += 1
        return tree

    def _char(self, test: Test) -> _Tree:
        if self._folded:
            return _Tree("char", test=lambda c: test(c.lower()) or test(c.upper()))
        return _Tree("char", test=test)

    def _escaped(self) -> _Tree:
        letter = self._next()
        if letter in "AzbB":
            return _Tree({"A": "start", "z": "end", "b": "edge", "B": "inside"}[letter])
        if letter == "Q":
            text, _, _ = self._text[self._place :].partition("\\E")
            self._place = min(len(self._text), self._place + len(text) + 2)
            return _Tree("both", tuple(self._char(_exactly(each)) for each in text))
        self._place -= 1
        return self._char(self._class())

    def _class(self) -> Test:
        """What stands behind a backslash, and is one character."""
        letter = self._next()
        if letter.lower() in _CLASSES and letter in "dswDSW":
            return _but(_CLASSES[letter.lower()]) if letter.isupper() else _CLASSES[letter]
        if letter in "pP":
            name = self._next()
            if name == "{":
                name, _, _ = self._text[self._place :].partition("}")
                self._place += len(name) + 1
            test = _of_category(name.removeprefix("^"))
            return _but(test) if (letter == "P") != name.startswith("^") else test
        return _exactly(self._literal(letter))

    def _literal(self, letter: str) -> str:
        if letter == "x":
            digits = self._text[self._place : self._place + 2]
            if digits.startswith("{"):
                digits, _, _ = self._text[self._place + 1 :].partition("}")
                self._place += 2
            self._place += len(digits)
            try:
                return chr(int(digits, 16))
            except (ValueError, OverflowError):
                raise PatternError(f"invalid escape sequence: `\\x{digits}`") from None
        if letter in _ESCAPES:
            return _ESCAPES[letter]
        if letter.isascii() and letter.isalnum():
            raise PatternError(f"invalid escape sequence: `\\{letter}`")
        return letter

    def _set(self) -> Test:
        start = self._place - 1
        negated = self._peek() == "^"
        self._place += negated
        tests: list[Test] = []
        first = True
        while first or self._peek() != "]":
            first = False
            if not self._peek():
                raise PatternError(f"missing closing ]: `{self._text[start:]}`")
            tests.append(self._member())
        self._place += 1

        def any_of(letter: str) -> bool:
            return any(test(letter) for test in tests) != negated

        return any_of

    def _member(self) -> Test:
        if self._text.startswith("[:", self._place):
            name, closed, _ = self._text[self._place + 2 :].partition(":]")
            if closed and name.removeprefix("^") in _POSIX:
                self._place += len(name) + 4
                test = _POSIX[name.removeprefix("^")]
                return _but(test) if name.startswith("^") else test
        start = self._place
        if self._peek() == "\\" and self._text[self._place + 1 : self._place + 2] in (*"dswDSWpP",):
            self._place += 1
            return self._class()
        low = self._bound()
        if self._peek() == "-" and self._text[self._place + 1 : self._place + 2] not in ("]", ""):
            self._place += 1
            high = self._bound()
            if high < low:
                raise PatternError(f"invalid character class range: `{self._text[start : self._place]}`")
            return lambda c: low <= c <= high
        return _exactly(low)

    def _bound(self) -> str:
        letter = self._next()
        return self._literal(self._next()) if letter == "\\" else letter


def _exactly(letter: str) -> Test:
    return lambda c: c == letter


def _but(test: Test) -> Test:
    return lambda c: not test(c)


def _of_category(name: str) -> Test:
    if not name or len(name) > 2 or name[0] not in "LMNPSZC":
        raise PatternError(f"invalid character class range: `\\p{{{name}}}`")
    return lambda c: unicodedata.category(c).startswith(name)
