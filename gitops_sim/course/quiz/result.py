"""What grading one answer found, and what to tell the learner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

Value: TypeAlias = str | float | list[str] | list[int] | dict[str, str]
"""An answer as plain data: an option's id, a number, ids, line numbers, or right side by left side."""


def first_paragraph(prompt: str) -> str:
    """The beginning of a question as one line: enough to know it again."""
    return " ".join(prompt.strip().partition("\n\n")[0].split())


@dataclass(frozen=True, slots=True)
class Note:
    """Feedback on one thing that the learner chose or left out: ``text`` shows it, ``why`` is its own reason.

    ``belief`` names the wrong belief of the curriculum behind it, where there is one. ``reveals``: it gives the right answer
    away, so it is kept back while the learner may try again. ``word`` says more exactly what it is than right or wrong.
    """

    text: str
    right: bool
    why: str
    belief: str = ""
    reveals: bool = False
    word: str = ""

    @property
    def label(self) -> str:
        return self.word or ("right" if self.right else "wrong")


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a kind of item makes of an answer: the ``share`` of the points (0 to 1), notes, and both answers in words."""

    share: float
    notes: Sequence[Note]
    expected: str
    actual: str
    passed: bool | None = None
    """Only where passing is not the same as full points."""


@dataclass(frozen=True, slots=True)
class Result:
    """One graded answer. ``story``: what happened in the world, for items that ask the simulator; ``model``: a model answer."""

    question: str
    version: int
    seed: int
    prompt: str
    value: Value
    points: float
    max_points: float
    passed: bool
    notes: Sequence[Note]
    expected: str
    actual: str
    explanation: str
    source: str
    story: str = ""
    model: str = ""

    def as_json(self) -> Mapping[str, Any]:
        """The shape that all check results have."""
        return {
            "id": self.question,
            "description": first_paragraph(self.prompt),
            "points": self.points,
            "max_points": self.max_points,
            "passed": self.passed,
            "cause": {
                "rationale": self.explanation.strip(),
                "help": " ".join(note.why for note in self.notes if not note.right and not note.reveals),
                "expected": self.expected,
                "actual": self.actual,
                "at": None,
            },
            "beliefs": sorted({note.belief for note in self.notes if note.belief and not note.right}),
        }
