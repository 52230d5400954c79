"""Playing an exercise: its world, what others do in it, what the learner did, and the judgement of what came of it.

An action log alone decides: the same log and seed give the same points, in every process and on every machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from gitops_sim.actions import Action, ActionLog
from gitops_sim.clock import Priority
from gitops_sim.course.exercises.format import CheckSpec, Exercise
from gitops_sim.course.quiz import NotAnAnswer
from gitops_sim.course.quiz import Result as Answered
from gitops_sim.errors import BadInput
from gitops_sim.nearest import nearest
from gitops_sim.scenarios.building import build_world
from gitops_sim.scenarios.evidence import Evidence, Performed
from gitops_sim.verbs import LEARNER
from gitops_sim.world import World


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a check came out as it did; ``at`` is the simulated second that decided, where there is one."""

    rationale: str
    help: str
    expected: str
    actual: str
    at: float | None


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check. ``passed`` is None where it was skipped because what it needs failed. ``belief`` is the curriculum's id of what
    somebody who fails here often thinks; empty where there is none."""

    id: str
    description: str
    points: int
    max_points: int
    passed: bool | None
    cause: Cause
    belief: str = ""

    @property
    def told(self) -> str:
        """All that the learner is told of it, as one text."""
        cause = self.cause
        return f"{self.description}. expected: {cause.expected}; found: {cause.actual}. {cause.rationale} {cause.help}"

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "description": self.description,
            "points": self.points,
            "max_points": self.max_points,
            "passed": self.passed,
            "cause": {
                "rationale": self.cause.rationale,
                "help": self.cause.help,
                "expected": self.cause.expected,
                "actual": self.cause.actual,
                "at": self.cause.at,
            },
        }


@dataclass(frozen=True, slots=True)
class Graded:
    """A run that was judged. ``answers`` are the last ones to each question, graded: they stand beside the points. The first
    ``begins`` records of the trace tell how the world was built."""

    exercise: Exercise
    seed: int
    checks: Sequence[CheckResult]
    answers: Sequence[Answered]
    evidence: Evidence
    begins: int = 0

    @property
    def world(self) -> World:
        return self.evidence.world

    @property
    def points(self) -> int:
        return sum(check.points for check in self.checks)

    @property
    def max_points(self) -> int:
        return self.exercise.max_points

    @property
    def passed(self) -> bool:
        return all(check.passed for check in self.checks)

    def check(self, id: str) -> CheckResult:
        """Raises BadInput for an unknown id."""
        return self.checks[list(self.exercise.checks).index(self.exercise.check(id))]

    def as_json(self) -> dict[str, Any]:
        return {
            "exercise": {"id": self.exercise.id, "version": self.exercise.version},
            "seed": self.seed,
            "points": self.points,
            "max_points": self.max_points,
            "passed": self.passed,
            "checks": [check.as_json() for check in self.checks],
            "answers": [answer.as_json() for answer in self.answers],
            "simulated_seconds": self.world.now,
            "trace_digest": self.world.trace.digest(),
        }


def play(
    exercise: Exercise,
    actions: ActionLog | Sequence[Action],
    *,
    ends: float | None = None,
    seed: int | None = None,
    shuffle: int | None = None,
    begun: Begun | None = None,
) -> Graded:
    """Plays and judges. ``seed`` is the exercise's when left out; a log's own seed is not looked at. The run ends when the log
    does; for a plain sequence, at ``ends`` or with its last action. ``begun`` is a world of this exercise and seed in which the
    learner has not acted yet, not later than the first action; it is used up. One is built when it is left out.

    Raises Refused for what the exercise does not allow, and BadInput for an action that cannot be done; both name the action.
    """
    if isinstance(actions, ActionLog):
        ends = actions.ends
        actions = actions.actions
    chosen = exercise.seed if seed is None else seed
    world, begins = begun or begin(exercise, seed=chosen, shuffle=shuffle)
    performed: list[Performed] = []
    for index, action in enumerate(actions):
        where = f"actions[{index}]" + (f", line {action.line}" if action.line else "")
        exercise.rules.check(action, index, where=where)
        performed.append(act(world, action, where=where))
    advance(world, min(exercise.ends, ends or 0.0))
    world.clock.settle()
    evidence = Evidence(world, performed)
    return Graded(exercise, chosen, judge(exercise, evidence), grade_answers(exercise, actions, chosen), evidence, begins)


class Begun(NamedTuple):
    """A world, and how many records of its trace tell how it was built, before the story."""

    world: World
    begins: int


def begin(exercise: Exercise, *, seed: int, shuffle: int | None = None) -> Begun:
    """The world of an exercise after its first instant, in which the agents have had a first look, with what others will do
    already on its clock."""
    world = build_world(exercise.world, seed=seed, shuffle=shuffle)
    begins = 1 + max((record.seq for record in world.trace if record.subject.startswith("repo/")), default=-1)
    world.horizon = exercise.ends
    world.git.people.guest = LEARNER
    for action in exercise.happens:
        world.clock.at(action.at, _happen, world, action, priority=Priority.PEOPLE)
    world.clock.settle()
    return Begun(world, begins)


def _happen(world: World, action: Action) -> None:
    """Somebody else does something. What they cannot do any more, they leave."""
    try:
        world.do(action)
    except BadInput as error:
        world.trace.add(action.by, "ActionFailed", message=f"cannot {action.do}: {error.what}", story=True)


def advance(world: World, to: float) -> None:
    """Lets time pass until just before what happens at ``to``: people act first in an instant, now as in a replay."""
    world.clock.run_before(max(to, world.now))


def act(world: World, action: Action, *, where: str = "") -> Performed:
    """Does one action at its time, or as soon as the one before it is back. Raises BadInput when it cannot be done."""
    advance(world, action.at)
    start = world.now
    try:
        output = world.do(action)
    except BadInput as error:
        place = ": ".join(part for part in (where, error.where) if part)
        raise BadInput(error.what, where=place, mend=error.mend) from None
    return Performed(action, start, world.now, output)


# ---------------------------------------------------------------------- judging


def judge(exercise: Exercise, evidence: Evidence) -> list[CheckResult]:
    """Every check, in order; one whose needs failed is skipped."""
    results: dict[str, CheckResult] = {}
    for check in exercise.checks:
        missing = [need for need in check.needs if not results[need].passed]
        results[check.id] = _skipped(exercise, check, missing) if missing else _judged(check, evidence)
    return [*results.values()]


def _judged(check: CheckSpec, evidence: Evidence) -> CheckResult:
    try:
        verdict = check.call.check(evidence)
        passed, expected, actual, at = verdict.passed, verdict.expected, verdict.actual, verdict.at
    except BadInput as error:  # the learner's world lacks what the check looks at
        passed, expected, actual, at = False, check.description, error.what, None
    cause = Cause(check.rationale, check.help, expected, actual, at)
    points = check.points if passed else 0
    return CheckResult(check.id, check.description, points, check.points, passed, cause, "" if passed else check.belief)


def _skipped(exercise: Exercise, check: CheckSpec, missing: Sequence[str]) -> CheckResult:
    names = "; ".join(exercise.check(need).description for need in missing)
    cause = Cause(check.rationale, f"First: {names}.", check.description, f"not judged: it needs: {names}", None)
    return CheckResult(check.id, check.description, 0, check.points, None, cause)


def grade_answers(exercise: Exercise, actions: Sequence[Action], seed: int) -> list[Answered]:
    """The last answer to each question that has one. Raises BadInput for an unknown question and for what is no answer."""
    return [*_last_answers(exercise, actions, seed)]


def _last_answers(exercise: Exercise, actions: Sequence[Action], seed: int) -> Iterator[Answered]:
    given = {action.get("question"): action for action in actions if action.do == "answer"}
    known = {item.id: item for item in exercise.questions}
    for id, action in given.items():
        if id not in known:
            raise BadInput(f"no question {id!r} in exercise {exercise.id!r}", mend=nearest(str(id), known))
        try:
            yield known[id].grade(action.get("value"), seed=seed)
        except NotAnAnswer as error:
            raise BadInput(error.what, where=f"the answer to {id!r}", mend=error.mend) from None
