"""Flags on a command line, read the way kubectl's parser reads them.

``--name value``, ``--name=value``, ``-n value``, ``-nvalue``, ``-n=value``, ``-Rf value``; flags and arguments in any order;
everything after ``--`` is an argument. Source of rules and error texts: github.com/spf13/pflag.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from gitops_sim.cluster.go_text import quoted
from gitops_sim.kubectl.problems import FlagError

Type = Literal["string", "bool", "int", "duration", "list", "array"]
"""``list`` splits its values at commas, ``array`` takes each as it stands; both may be given several times."""


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag. ``bare`` is the value it gets when it is given without one; a flag that has none needs a value, unless it is a
    boolean."""

    name: str
    type: Type = "string"
    short: str = ""
    default: Any = None
    bare: str | None = None
    required: bool = False
    about: str = ""

    @property
    def shown(self) -> str:
        return f"-{self.short}, --{self.name}" if self.short else f"--{self.name}"

    @property
    def without_value(self) -> str | None:
        return "true" if self.type == "bool" else self.bare

    @property
    def empty(self) -> Any:
        if self.default is not None:
            return self.default
        return {"string": "", "bool": False, "int": 0, "duration": 0.0, "list": (), "array": ()}[self.type]


class Flags(Mapping[str, Any]):
    """The value of every flag of a command, given or not."""

    def __init__(self, known: Iterable[Flag]) -> None:
        self._known = {flag.name: flag for flag in known}
        self._given: dict[str, Any] = {}
        self.words: list[tuple[str, str]] = []
        """Every flag as it was given: its name and the text of its value."""
        self.before_dash: int | None = None
        """How many arguments stood before ``--``; None without it."""

    def __getitem__(self, name: str) -> Any:
        return self._given[name] if name in self._given else self._known[name].empty

    def __iter__(self) -> Any:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)

    def given(self, name: str) -> bool:
        """Whether the flag stood on the command line."""
        return name in self._given

    def set(self, flag: Flag, text: str) -> None:
        value = _value(flag, text)
        self.words.append((flag.name, text))
        if flag.type in ("list", "array"):
            value = (*self._given.get(flag.name, ()), *value)
        self._given[flag.name] = value


def parse(known: Sequence[Flag], words: Sequence[str]) -> tuple[Flags, list[str]]:
    """The flags and the arguments among ``words``. Raises FlagError at the first word that cannot be used."""
    flags = Flags(known)
    by_name = {flag.name: flag for flag in known}
    by_short = {flag.short: flag for flag in known if flag.short}
    arguments: list[str] = []
    waiting = list(reversed(words))
    while waiting:
        word = waiting.pop()
        if word == "--":
            flags.before_dash = len(arguments)
            arguments.extend(reversed(waiting))
            break
        if word.startswith("--"):
            _long(flags, by_name, word, waiting)
        elif word.startswith("-") and word != "-":
            _short(flags, by_short, word, waiting)
        else:
            arguments.append(word)
    return flags, arguments


def _long(flags: Flags, by_name: Mapping[str, Flag], word: str, waiting: list[str]) -> None:
    name, equals, text = word[2:].partition("=")
    if not name or name.startswith("-"):
        raise FlagError(f"bad flag syntax: {word}")
    flag = by_name.get(name)
    if flag is None:
        raise FlagError(f"unknown flag: --{name}")
    if not equals:
        if flag.without_value is not None:
            text = flag.without_value
        elif waiting:
            text = waiting.pop()
        else:
            raise FlagError(f"flag needs an argument: --{name}")
    flags.set(flag, text)


def _short(flags: Flags, by_short: Mapping[str, Flag], word: str, waiting: list[str]) -> None:
    rest = word[1:]
    while rest:
        shown, letter, rest = rest, rest[0], rest[1:]
        flag = by_short.get(letter)
        if flag is None:
            raise FlagError(f"unknown shorthand flag: '{letter}' in -{shown}")
        if rest.startswith("=") and len(rest) > 1:
            text, rest = rest[1:], ""
        elif flag.without_value is not None:
            text = flag.without_value
        elif rest:
            text, rest = rest, ""
        elif waiting:
            text = waiting.pop()
        else:
            raise FlagError(f"flag needs an argument: '{letter}' in -{shown}")
        flags.set(flag, text)


TRUE = frozenset(("1", "t", "T", "TRUE", "true", "True"))
FALSE = frozenset(("0", "f", "F", "FALSE", "false", "False"))
_INTEGER = re.compile(r"[+-]?(0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO]?[0-7_]+|[0-9][0-9_]*)")
_DURATION = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)")
_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


def _value(flag: Flag, text: str) -> Any:
    if flag.type == "string":
        return text
    if flag.type == "array":
        return (text,)
    if flag.type == "list":
        return _fields(flag, text)
    why = ""
    if flag.type == "bool":
        if text in TRUE | FALSE:
            return text in TRUE
        why = f"strconv.ParseBool: parsing {quoted(text)}: invalid syntax"
    elif flag.type == "int":
        if _INTEGER.fullmatch(text) and len(text) < 30:
            number = _integer(text)
            if -(2**63) <= number < 2**63:
                return number
            why = f"strconv.ParseInt: parsing {quoted(text)}: value out of range"
        else:
            why = f"strconv.ParseInt: parsing {quoted(text)}: invalid syntax"
    else:
        seconds = parse_go_duration(text)
        if seconds is not None:
            return seconds
        why = _why_no_duration(text)
    raise _refused(flag, text, why)


def _refused(flag: Flag, text: str, why: str) -> FlagError:
    return FlagError(f'invalid argument {quoted(text)} for "{flag.shown}" flag: {why}')


_FIELD = re.compile(r'"((?:[^"]|"")*)"|([^",]*)')


def _fields(flag: Flag, text: str) -> tuple[str, ...]:
    """The parts between commas; one in double quotes may hold commas itself."""
    found: list[str] = []
    place = 0
    while text:
        match = _FIELD.match(text, place)
        assert match is not None
        end = match.end()
        if text[end : end + 1] not in ("", ","):
            quote = text.startswith('"', place)
            column = (len(text) + 1 if match[1] is None else end) if quote else end + 1
            kind = 'extraneous or missing " in quoted-field' if quote else 'bare " in non-quoted-field'
            raise _refused(flag, text, f"parse error on line 1, column {column}: {kind}")
        found.append(match[2] if match[1] is None else match[1].replace('""', '"'))
        if end == len(text):
            break
        place = end + 1
    return tuple(found)


def _integer(text: str) -> int:
    sign = -1 if text.startswith("-") else 1
    digits = text.lstrip("+-").replace("_", "").lower()
    base = {"0x": 16, "0b": 2, "0o": 8}.get(digits[:2]) or (8 if len(digits) > 1 and digits[0] == "0" else 10)
    return sign * int(digits[2:] if digits[:2] in ("0x", "0b", "0o") else digits, base)


def parse_go_duration(text: str) -> float | None:
    """Seconds of ``90s``, ``1h30m``, ``1.5h`` or ``0``; None for what Go's ``time.ParseDuration`` refuses."""
    sign = -1.0 if text.startswith("-") else 1.0
    plain = text[1:] if text[:1] in ("-", "+") else text
    if plain == "0":
        return 0.0
    parts = _DURATION.findall(plain)
    if not parts or "".join(number + unit for number, unit in parts) != plain:
        return None
    return sign * round(sum(float(number) * _SECONDS[unit] for number, unit in parts), 9)


def _why_no_duration(text: str) -> str:
    rest = text[1:] if text[:1] in ("-", "+") else text
    while number := re.match(r"\d+\.?\d*|\.\d+", rest):
        unit = re.match(r"[^\d.]*", rest[number.end() :])
        assert unit is not None
        if not unit[0]:
            return f"time: missing unit in duration {quoted(text)}"
        if unit[0] not in _SECONDS:
            return f'time: unknown unit "{unit[0]}" in duration {quoted(text)}'
        rest = rest[number.end() + unit.end() :]
    return f"time: invalid duration {quoted(text)}"
