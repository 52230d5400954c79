"""A number with a unit and a tolerance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gitops_sim.clock import format_duration
from gitops_sim.course.quiz.answers import read_number
from gitops_sim.course.quiz.kinds.body import Body
from gitops_sim.course.quiz.result import Judgement, Note, Value
from gitops_sim.errors import BadInput
from gitops_sim.scenarios.checks.vocabulary import Call
from gitops_sim.scenarios.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Mistake:
    """A wrong number that people give (fixed, or measured in the run), and why it is wrong."""

    value: float | Call
    why: str
    belief: str = ""


@dataclass(frozen=True, slots=True)
class Numeric(Body):
    """``answer`` is fixed or measured in the run; an answer within ``tolerance`` of it (in ``unit``) is right.

    With the unit ``s`` people may also write ``1m30s``.
    """

    answer: float | Call
    unit: str = ""
    tolerance: float = 0.0
    mistakes: Sequence[Mistake] = ()

    @property
    def rule(self) -> str:
        near = f"within {self._shown(self.tolerance)} of the answer counts" if self.tolerance else "the exact number"
        return f"all or nothing; {near}"

    @property
    def hint(self) -> str:
        return (
            "seconds, or a duration such as 1m30s"
            if self.unit == "s"
            else f"a number of {self.unit}"
            if self.unit
            else "a number"
        )

    def truth(self, evidence: Evidence | None) -> tuple[float, tuple[float | None, ...]]:
        """The right number, and the number of each mistake (None where the run has none)."""
        answer = _measured(self.answer, evidence)
        if answer is None:
            raise BadInput("the run does not answer this question", mend="mend the probe, or let the run go on for longer")
        return answer, tuple(_measured(mistake.value, evidence) for mistake in self.mistakes)

    def read(self, value: object, dealt: Sequence[str]) -> Value:
        return read_number(value, self.unit)

    def judge(self, value: Value, truth: Any, dealt: Sequence[str]) -> Judgement:
        assert isinstance(value, int | float)
        answer, wrong = truth
        expected, actual = self._shown(answer), self._shown(value)
        if self._near(value, answer):
            return Judgement(1.0, [Note(actual, True, "")], expected, actual)
        for mistake, number in zip(self.mistakes, wrong, strict=True):
            if number is not None and self._near(value, number):
                return Judgement(0.0, [Note(actual, False, mistake.why, mistake.belief)], expected, actual)
        way = "too much" if value > answer else "too little"
        return Judgement(0.0, [Note(actual, False, f"That is {way}.")], expected, actual)

    def right(self, truth: Any) -> Value:
        answer: float = truth[0]
        return answer

    def _near(self, value: float, answer: float) -> bool:
        return abs(value - answer) <= self.tolerance + 1e-6

    def _shown(self, number: float) -> str:
        if self.unit == "s":
            return f"{round(number, 1):g} s" + (f" ({format_duration(number)})" if 60 <= number < 1e9 else "")
        return f"{number:g} {self.unit}".strip()


def _measured(value: float | Call, evidence: Evidence | None) -> float | None:
    if not isinstance(value, Call):
        return value
    assert evidence is not None, "a probe needs a run"
    found = value.measure(evidence).value
    return None if found is None else round(found, 6)
