"""Reading what a learner gave as an answer: letters, numbers, words or plain data; and saying gently when it is none."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import NoReturn

from gitops_sim.clock import parse_duration
from gitops_sim.errors import BadInput

LETTERS = "abcdefghijklmnopqrstuvwxyz"
MAX_TEXT = 5_000
"""Characters of a free answer."""

_SEPARATORS = re.compile(r"[\s,;>]+")


class NotAnAnswer(BadInput):
    """What was given cannot be an answer to this question. It is not counted as an attempt."""


def refuse(value: object, what: str, mend: str) -> NoReturn:
    raise NotAnAnswer(f"{shown(value)} {what}", mend=mend)


def shown(value: object) -> str:
    """The value in a message: short, and harmless whatever it is."""
    if value is None or (isinstance(value, str) and not value):
        return "nothing"
    if isinstance(value, bool | str):
        text = clean(str(value)).replace("\n", " ")
        return repr(text if len(text) <= 40 else text[:37] + "...")
    if isinstance(value, int | float):
        return f"{value:g}" if abs(value) < 1e15 else "a number as large as that"
    if isinstance(value, Mapping):
        return "a mapping"
    return "a list" if isinstance(value, list | tuple | set | frozenset) else f"a {type(value).__name__}"


def clean(text: str) -> str:
    """Without what a terminal or a file could choke on: control characters and halves of characters."""
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn"))


class Choices:
    """Things to choose from, in the order in which the learner sees them: ``a) ...``, ``b) ...``.

    ``names`` maps ids to texts. An answer names one by letter, by number (from 1), by id, or by its words.
    """

    def __init__(self, names: Mapping[str, str], dealt: Sequence[str], *, what: str = "option") -> None:
        self.names, self.dealt, self.what = names, dealt, what

    @property
    def help(self) -> str:
        return f"give a letter from a to {LETTERS[len(self.dealt) - 1]}"

    def one(self, value: object) -> str:
        """The id of the one that is meant. Raises NotAnAnswer."""
        found = self._find(value)
        if found is None:
            refuse(value, f"is no {self.what} here", self.help)
        return found

    def several(self, value: object) -> list[str]:
        """The ids that are meant, in the order given, none twice. Raises NotAnAnswer."""
        if isinstance(value, str):
            text = value[:MAX_TEXT].strip()
            whole = self._find(text)
            parts: Sequence[object] = [whole] if whole else [p for p in _SEPARATORS.split(text) if p]
            if whole is None and len(parts) == 1 and self._glued(text):
                parts = list(text)
        elif isinstance(value, list | tuple):
            parts = value
        elif isinstance(value, set | frozenset):
            parts = sorted(value, key=str)
        else:
            parts = [] if value is None else [value]
        if not parts:
            refuse(value, "is no answer", self.help + ", or several: a c")
        if len(parts) > 10 * len(self.dealt):
            refuse(value, "is too long", self.help)
        return list(dict.fromkeys(self.one(part) for part in parts))

    def _glued(self, text: str) -> bool:
        known = LETTERS[: len(self.dealt)]
        return all(c in known for c in text.lower())

    def _find(self, value: object) -> str | None:
        if isinstance(value, int) and not isinstance(value, bool):
            return self.dealt[value - 1] if 1 <= value <= len(self.dealt) else None
        if not isinstance(value, str) or len(value) > MAX_TEXT:
            return None
        text = _plain(value)
        if not text:
            return None
        if text in self.names:
            return text
        if len(text) == 1 and text in LETTERS:
            place = LETTERS.index(text)
            return self.dealt[place] if place < len(self.dealt) else None
        if text.isdecimal() and len(text) < 4:
            return self._find(int(text))
        texts = {name: _plain(words) for name, words in self.names.items()}
        exact = [name for name, words in texts.items() if words == text]
        near = exact or [name for name, words in texts.items() if len(text) >= 4 and words.startswith(text)]
        return near[0] if len(near) == 1 else None


def _plain(text: str) -> str:
    return " ".join(text.casefold().strip(" \t\n.)(").split())


def read_number(value: object, unit: str) -> float:
    """A number, ``5 pods``, or with the unit ``s`` a duration such as ``1m30s``. Raises NotAnAnswer."""
    mend = (
        "give a number of seconds, or a duration such as 1m30s"
        if unit == "s"
        else f"give a number of {unit}"
        if unit
        else "give a number"
    )
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        refuse(value, "is not a number", mend)
    try:
        number = _number(value, unit) if isinstance(value, str) else float(value)
    except (ValueError, OverflowError, BadInput):
        refuse(value, "is not a number", mend)
    if number != number or number in (float("inf"), float("-inf")):
        refuse(value, "is not a number", mend)
    return int(number) if number.is_integer() and abs(number) < 1e15 else number


def _number(text: str, unit: str) -> float:
    plain = " ".join(text.casefold().split())
    if len(plain) > 60:
        raise ValueError(plain)
    if unit == "s":
        words = re.sub(r"(?<=[\d\s])(seconds?|secs?)\b", "s", plain)
        words = re.sub(r"(?<=[\d\s])(minutes?|mins?)\b", "m", words)
        words = re.sub(r"(?<=[\d\s])hours?\b", "h", words)
        compact = words.replace(" and ", " ").replace(" ", "")
        if compact[-1:].isalpha():
            return parse_duration(compact)
        return float(compact)
    singular = unit.casefold().rstrip("s")
    if singular and plain.rstrip("s").endswith(singular):
        plain = plain.rstrip("s")[: -len(singular)].strip()
    return float(plain)


def read_text(value: object) -> str:
    """A free answer, cleaned. Raises NotAnAnswer."""
    if not isinstance(value, str):
        refuse(value, "is not a text", "answer in your own words")
    if len(value) > MAX_TEXT:
        refuse(value, f"is too long ({len(value)} characters)", f"say it in fewer than {MAX_TEXT} characters")
    text = clean(value).strip()
    if not any(c.isalnum() for c in text):
        refuse(value, "says nothing yet", "answer in a sentence or two of your own")
    return text
