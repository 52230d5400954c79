"""Things on the left to match with things on the right."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from gitops_sim.course.quiz.answers import LETTERS, Choices, NotAnAnswer, refuse
from gitops_sim.course.quiz.kinds.body import Body, shuffled
from gitops_sim.course.quiz.result import Judgement, Note, Value
from gitops_sim.scenarios.evidence import Evidence

_HINT = "a letter for each number: 1b 2a 3c"
_PAIR = re.compile(r"\s*([^\s=:,;]+?)\s*(?:=|:|->|→|\s|(?<=\d)(?=[A-Za-z]))\s*([^\s=:,;]+)\s*(?:[,;]|\s|$)\s*")


@dataclass(frozen=True, slots=True)
class Pair:
    """``why``: why these two belong together."""

    left: str
    right: str
    why: str


@dataclass(frozen=True, slots=True)
class Spare:
    """A right side that belongs to nothing, and why."""

    right: str
    why: str
    belief: str = ""


@dataclass(frozen=True, slots=True)
class Match(Body):
    """Pairs by id. Right sides with equal words are one choice, which then fits several left sides."""

    pairs: Mapping[str, Pair]
    spares: Mapping[str, Spare] = field(default_factory=dict)

    @property
    def rule(self) -> str:
        return "each right match earns an equal share"

    @property
    def hint(self) -> str:
        return _HINT

    @property
    def rights(self) -> dict[str, str]:
        """The choices on the right, by id."""
        texts: dict[str, str] = {}
        for name, pair in self.pairs.items():
            if pair.right not in texts.values():
                texts[name] = pair.right
        return texts | {name: spare.right for name, spare in self.spares.items()}

    def deal(self, stream: Random) -> Sequence[str]:
        """The right sides; the left sides stand as written."""
        return shuffled([*self.rights], stream)

    def truth(self, evidence: Evidence | None) -> dict[str, str]:
        by_text = {text: name for name, text in self.rights.items()}
        return {name: by_text[pair.right] for name, pair in self.pairs.items()}

    def read(self, value: object, dealt: Sequence[str]) -> Value:
        lefts = Choices({name: pair.left for name, pair in self.pairs.items()}, [*self.pairs], what="number on the left")
        rights = Choices(self.rights, dealt, what="letter on the right")
        if isinstance(value, str):
            entries = _split(value)
        elif isinstance(value, Mapping):
            entries = list(value.items())[:100]
        elif isinstance(value, list | tuple) and len(value) == len(self.pairs):
            entries = list(zip(self.pairs, value, strict=True))
        else:
            refuse(value, "is no answer", f"{_HINT} (all {len(self.pairs)})")
        given: dict[str, str] = {}
        for left, right in entries:
            name = lefts.one(left)
            if name in given:
                refuse(left, "is matched twice", "give one letter for each number")
            given[name] = rights.one(right)
        missing = [str(index) for index, name in enumerate(self.pairs, 1) if name not in given]
        if missing:
            raise NotAnAnswer(f"nothing is matched with {', '.join(missing)} yet", mend=_HINT)
        return {name: given[name] for name in self.pairs}

    def judge(self, value: Value, truth: Any, dealt: Sequence[str]) -> Judgement:
        assert isinstance(value, dict)
        notes = []
        for name, pair in self.pairs.items():
            chosen = value[name]
            text = f"{pair.left} = {self.rights[chosen]}"
            if chosen == truth[name]:
                notes.append(Note(text, True, pair.why))
            elif chosen in self.spares:
                notes.append(Note(text, False, self.spares[chosen].why, self.spares[chosen].belief))
            else:
                notes.append(Note(text, False, f"{self.rights[chosen]} belongs to: {self._lefts(chosen)}."))
        for name, pair in self.pairs.items():
            if value[name] != truth[name]:
                notes.append(Note(f"{pair.left} = {pair.right}", False, pair.why, reveals=True, word="missed"))
        share = sum(value[name] == truth[name] for name in self.pairs) / len(self.pairs)
        return Judgement(share, notes, self._words(truth, dealt), self._words(value, dealt))

    def right(self, truth: Any) -> Value:
        return dict(truth)

    def _lefts(self, right: str) -> str:
        return "; ".join(pair.left for pair in self.pairs.values() if pair.right == self.rights[right])

    def _words(self, matched: Mapping[str, str], dealt: Sequence[str]) -> str:
        order = list(dealt)
        return " ".join(f"{index}{LETTERS[order.index(matched[name])]}" for index, name in enumerate(self.pairs, 1))


def _split(text: str) -> list[tuple[object, object]]:
    """``1b 2a``, ``1=b, 2=a`` or ``1: b; 2: a``; also letters alone, in the order of the left sides."""
    entries: list[tuple[object, object]] = []
    position = 0
    while position < len(text) and len(entries) < 100:
        found = _PAIR.match(text, position)
        if found is None:
            break
        entries.append((found[1], found[2]))
        position = found.end()
    if not entries or text[position:].strip():
        refuse(text, "is no answer", _HINT)
    return entries
