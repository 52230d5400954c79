"""Steps to put into order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from random import Random
from typing import Any

from gitops_sim.course.quiz.answers import LETTERS, Choices, refuse
from gitops_sim.course.quiz.kinds.body import Body, shuffled
from gitops_sim.course.quiz.result import Judgement, Note, Value
from gitops_sim.errors import BadInput
from gitops_sim.scenarios.checks.when import When
from gitops_sim.scenarios.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Step:
    """One step. ``why``: why it stands where it stands. ``event``: in a computed item, this event is the step."""

    text: str
    why: str
    event: When | None = None


@dataclass(frozen=True, slots=True)
class Order(Body):
    """Steps in the right order; with events, the run decides."""

    steps: Mapping[str, Step]

    @property
    def rule(self) -> str:
        return "each pair of steps in the right order counts for you, each in the wrong order against; never below 0"

    @property
    def hint(self) -> str:
        return "all letters in order: c a b"

    def deal(self, stream: Random) -> Sequence[str]:
        names = [*self.steps]
        dealt = shuffled(names, stream)
        return dealt if dealt != names else [*dealt[1:], dealt[0]]

    def truth(self, evidence: Evidence | None) -> tuple[str, ...]:
        if evidence is None:
            return tuple(self.steps)
        first: dict[str, int] = {}
        for name, step in self.steps.items():
            assert step.event is not None
            assert step.event.event is not None
            found = step.event.event.find(evidence)
            if len(found) < step.event.nth:
                raise BadInput(
                    f"step {name!r} does not happen in this run", mend="mend its event, or let the run go on for longer"
                )
            first[name] = found[step.event.nth - 1].seq
        return tuple(sorted(first, key=lambda name: first[name]))

    def read(self, value: object, dealt: Sequence[str]) -> Value:
        choices = Choices({name: step.text for name, step in self.steps.items()}, dealt, what="step")
        given = choices.several(value)
        missing = [LETTERS[i] for i, name in enumerate(dealt) if name not in given]
        if missing:
            refuse(value, f"leaves out {', '.join(missing)}", f"give all {len(dealt)} letters, the first step first")
        return given

    def judge(self, value: Value, truth: Any, dealt: Sequence[str]) -> Judgement:
        assert isinstance(value, list)
        place = {name: index for index, name in enumerate(truth)}
        pairs = list(combinations([place[str(name)] for name in value], 2))
        good = sum(a < b for a, b in pairs)
        share = max(0.0, (2 * good - len(pairs)) / len(pairs))
        kept = sum(given == name for given, name in zip(value, truth, strict=True))
        notes = [Note(f"{kept} of {len(truth)} steps are in their place", kept == len(truth), "", word="placed")]
        for index, name in enumerate(truth):
            right = value[index] == name
            text = f"{index + 1}. {self.steps[name].text}"
            notes.append(Note(text, right, self.steps[name].why, reveals=True, word="" if right else "misplaced"))
        return Judgement(share, notes, self._words(truth, dealt), self._words([str(name) for name in value], dealt))

    def right(self, truth: Any) -> Value:
        return list(truth)

    def _words(self, names: Sequence[str], dealt: Sequence[str]) -> str:
        return " ".join(LETTERS[list(dealt).index(name)] for name in names)
