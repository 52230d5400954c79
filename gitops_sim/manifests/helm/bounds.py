"""What templates may use up: steps, text, depth, and the size of what one function makes.

Helm has hardly any such bounds: an endless template there ends with the memory of the machine. Ours are far above any real chart
and are checked before memory or time is spent. They count work, not seconds: the same chart ends at the same place everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

MOST_STEPS = 2_000_000
"""Nodes that one chart may walk, and values that its functions may go through: a big chart takes some ten thousand."""
MOST_TEXT = 20_000_000
"""Characters that one chart may write, and that one function may make."""
MOST_ITEMS = 500_000
DEEPEST = 200
"""Templates in templates. Go and helm allow more (100000, and 1000 of one name); no chart needs them."""
DEEPEST_VALUE = 200
_WIDEST = 10_000
"""Columns of ``printf "%5d"``."""
_SHARE = 16
"""Characters or items that a function goes through in one step."""
_COSTLY = {"derivePassword": 100_000, "encryptAES": 10_000, "decryptAES": 10_000}
_WIDTH = re.compile(r"%[-+# 0]*(\d+|\*)?(?:\.(\d+|\*))?")


class TooMuch(Exception):
    """A template goes on and on: it calls itself, or walks, writes or makes more than any chart needs."""


class Account:
    """What a chart has used up so far."""

    def __init__(self) -> None:
        self._steps = self._written = self.depth = 0

    def step(self, count: int = 1) -> None:
        self._steps += count
        if self._steps > MOST_STEPS:
            raise TooMuch("rendering takes more steps than any chart needs")

    def write(self, text: str) -> None:
        self._written += len(text)
        if self._written > MOST_TEXT:
            raise TooMuch("rendering writes more text than any chart needs")

    def call(self, name: str, values: Sequence[Any]) -> None:
        """Before a function is called: counts the work, and refuses what would make too much."""
        work = _COSTLY.get(name, 1)
        for value in values:
            if isinstance(value, str):
                work += len(value) // _SHARE
            elif isinstance(value, list | dict):
                work += len(value) // _SHARE if name in _SHALLOW else self.weight(value)
        self.step(work)
        size = _SIZES.get(name)
        if size and size(values) > (MOST_ITEMS if name in _MAKE_ITEMS else MOST_TEXT):
            raise TooMuch(f"{name} makes a larger value than any chart needs")

    def made(self, value: Any) -> Any:
        """What a function gave, unless it is too large."""
        if isinstance(value, list | dict | str) and len(value) > (MOST_TEXT if isinstance(value, str) else MOST_ITEMS):
            raise TooMuch("a function makes a larger value than any chart needs")
        return value

    def weight(self, value: Any) -> int:
        """The values in a value, as often as they are in it: a list in itself, or a tower of lists, is refused."""
        count, stack = 0, [(value, 0)]
        while stack:
            inner, depth = stack.pop()
            count += 1
            if count > MOST_ITEMS or depth > DEEPEST_VALUE:
                raise TooMuch("a value holds more than any chart needs, or itself")
            if isinstance(inner, dict):
                stack += [(one, depth + 1) for one in inner.values()]
            elif isinstance(inner, list | tuple):
                stack += [(one, depth + 1) for one in inner]
        return count


_TOP = """
list tuple dict get set unset hasKey pick omit keys values pluck dig include tpl append push prepend concat first last
rest initial reverse slice index len empty default coalesce ternary all any kindOf kindIs typeOf typeIs typeIsLike not
required mustAppend mustPush mustPrepend mustFirst mustLast mustRest mustInitial mustReverse mustSlice and or chunk
mustChunk
"""
_SHALLOW = frozenset(_TOP.split())
"""Functions that look at no more than the top of a value."""


def _int(value: Any) -> int:
    return int(value) if isinstance(value, int | float) and abs(value) < 1e18 else 0


def _printf(values: Sequence[Any]) -> int:
    form = values[0] if values and isinstance(values[0], str) else ""
    widths = [int(part) for pair in _WIDTH.findall(form) for part in pair if part.isdigit()]
    widths += [abs(_int(value)) for value in values[1:]] if "*" in form else []
    text = sum(len(value) for value in values if isinstance(value, str))
    return MOST_TEXT + 1 if max(widths, default=0) > _WIDEST else text * (1 + form.count("["))


def _steps(values: Sequence[Any]) -> int:
    start, stop, step = (_int(value) for value in values)
    return abs(stop - start) // max(abs(step), 1)


def _lengths(*places: int) -> Callable[[Sequence[Any]], int]:
    """The product of what stands at ``places``: numbers, and the lengths of texts and lists."""

    def product(values: Sequence[Any]) -> int:
        size = 1
        for place in places:
            value = values[place] if -len(values) <= place < len(values) else 0
            size *= 1 + (abs(_int(value)) if isinstance(value, int | float) else len(value) if hasattr(value, "__len__") else 0)
        return size

    return product


_SIZES: Mapping[str, Callable[[Sequence[Any]], int]] = {
    "until": _lengths(0),
    "untilStep": _steps,
    "seq": lambda values: max((abs(_int(value)) for value in values), default=0),
    "repeat": _lengths(0, 1),
    "indent": lambda values: _int(values[0]) * (1 + str(values[1]).count("\n")),
    "nindent": lambda values: _int(values[0]) * (1 + str(values[1]).count("\n")),
    "printf": _printf,
    "join": _lengths(0, 1),
    "wrapWith": _lengths(1, 2),
    "replace": lambda values: str(values[2]).count(str(values[0])) * len(str(values[1])) + len(str(values[2])),
    "regexReplaceAll": _lengths(1, 2),
    "mustRegexReplaceAll": _lengths(1, 2),
    "regexReplaceAllLiteral": _lengths(1, 2),
    "mustRegexReplaceAllLiteral": _lengths(1, 2),
    **dict.fromkeys(("randAlphaNum", "randAlpha", "randNumeric", "randAscii", "randBytes"), _lengths(0)),
}
_MAKE_ITEMS = frozenset({"until", "untilStep", "seq", "randAlphaNum", "randAlpha", "randNumeric", "randAscii", "randBytes"})
