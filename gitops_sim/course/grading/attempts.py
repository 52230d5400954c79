"""One submission after it was replayed, and what a learner has of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gitops_sim.course.grading.names import identity, shown

GRADED, REFUSED, STOPPED, BROKE, WAITING = "graded", "refused", "stopped", "broke", "not replayed"
_STATES = (GRADED, REFUSED, STOPPED, BROKE, WAITING)


@dataclass(frozen=True, slots=True)
class Check:
    """One check or answer of a submission. ``passed`` is None where it was not judged; ``at`` is in simulated seconds."""

    id: str
    description: str
    points: float
    max_points: float
    passed: bool | None
    rationale: str
    help: str
    expected: str
    actual: str
    at: float | None
    beliefs: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The shape that all check results have."""
        cause = {"rationale": self.rationale, "help": self.help, "expected": self.expected, "actual": self.actual, "at": self.at}
        return {
            "id": self.id,
            "description": self.description,
            "points": self.points,
            "max_points": self.max_points,
            "passed": self.passed,
            "cause": cause,
            "beliefs": list(self.beliefs),
        }


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of one file. ``state`` is ``graded``, or why there is nothing to judge: ``refused``, ``stopped``, ``broke`` (the
    grader did) or ``not replayed``; then ``reason`` says it in words."""

    label: str
    state: str
    reason: str = ""
    learner: str = ""
    name: str = ""
    exercise: str = ""
    version: int | None = None
    title: str = ""
    checks: Sequence[Check] = ()
    answers: Sequence[Check] = ()
    questions: Sequence[str] = ()
    hints: int = 0
    solution: bool = False
    seed: int = 0
    actions: int = 0
    simulated_seconds: float = 0.0
    trace_digest: str = ""
    story: str = ""
    story_cut: bool = False
    details: str = field(default="", compare=False)

    @property
    def points(self) -> float:
        return sum(check.points for check in self.checks)

    @property
    def max_points(self) -> float:
        return sum(check.max_points for check in self.checks)

    @property
    def answered(self) -> tuple[float, float]:
        """Points for questions, and how many could be had for those that were answered."""
        return round(sum(a.points for a in self.answers), 2), round(sum(a.max_points for a in self.answers), 2)

    @property
    def beliefs(self) -> tuple[str, ...]:
        """The curriculum's ids of what somebody who did this may think, each once."""
        return tuple(sorted({belief for check in (*self.checks, *self.answers) for belief in check.beliefs}))

    @property
    def digest(self) -> str:
        return self.trace_digest[:12]


def read_reply(label: str, reply: Mapping[str, Any]) -> Attempt:
    """The attempt that a reply of :func:`~gitops_sim.course.grading.replay.replay` tells of."""
    learner, exercise = reply.get("learner") or {}, reply.get("exercise") or {}
    state = reply.get("state") if reply.get("state") in _STATES else BROKE
    about: dict[str, Any] = {
        "label": label,
        "state": state,
        "reason": reply.get("reason", ""),
        "learner": identity(learner.get("id") or ""),
        "name": identity(learner.get("name") or ""),
        "exercise": exercise.get("id") or "",
        "version": exercise.get("version"),
        "title": exercise.get("title") or exercise.get("id") or "",
        "details": reply.get("details", ""),
    }
    if state != GRADED:
        return Attempt(**about)
    return Attempt(
        **about,
        checks=[_check(check, (check["belief"],) if check.get("belief") else ()) for check in reply["checks"]],
        answers=[_check(answer, tuple(answer.get("beliefs", ()))) for answer in reply["answers"]],
        hints=reply["help"]["hints"],
        solution=reply["help"]["solution"],
        **{
            name: reply[name]
            for name in ("questions", "seed", "actions", "simulated_seconds", "trace_digest", "story", "story_cut")
        },
    )


def _check(data: Mapping[str, Any], beliefs: tuple[str, ...]) -> Check:
    cause = data["cause"]
    words = {name: _words(cause[name]) for name in ("rationale", "help", "expected", "actual")}
    return Check(
        id=data["id"],
        description=_words(data["description"]),
        points=data["points"],
        max_points=data["max_points"],
        passed=data["passed"],
        at=cause["at"],
        beliefs=beliefs,
        **words,
    )


def _words(text: str) -> str:
    return shown(" ".join(text.split(" ")), 2_000)
