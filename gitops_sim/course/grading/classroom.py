"""From attempts to a class: whose they are, which one counts, and who is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gitops_sim.course.exercises import exercise_ids
from gitops_sim.course.grading.attempts import GRADED, Attempt
from gitops_sim.course.grading.names import identity
from gitops_sim.course.grading.roster import Enrolled

RULE = "of several submissions of one learner for one exercise the last that can be replayed counts, last by the name of the file"
"""Which one counts. Names, since times of files change when they are copied."""

_MANY = 6
"""Actions from which on it is no accident that they are the same to the second."""
MISSING, PARTLY, NOT_GRADED = "missing", "partly graded", "not graded"


@dataclass(frozen=True, slots=True)
class Work:
    """All that a learner handed in for one exercise. ``counts`` is None where nothing can be judged."""

    exercise: str
    attempts: Sequence[Attempt]

    @property
    def counts(self) -> Attempt | None:
        graded = [attempt for attempt in self.attempts if attempt.state == GRADED]
        return graded[-1] if graded else None

    @property
    def told(self) -> Attempt:
        """The one to speak of: that which counts, or else the last."""
        return self.counts or self.attempts[-1]


@dataclass(frozen=True, slots=True)
class Row:
    """One learner. ``id`` is empty for a file that does not say whose it is. ``works`` are in the order of the course; files that
    do not say which exercise they are for stand under an empty id, at the end."""

    id: str
    name: str = ""
    email: str = ""
    enrolled: bool | None = None
    works: Sequence[Work] = ()
    notes: Sequence[str] = ()

    @property
    def graded(self) -> Sequence[Attempt]:
        return [work.counts for work in self.works if work.counts is not None]

    @property
    def status(self) -> str:
        if not self.works:
            return MISSING
        failed = any(work.counts is None for work in self.works)
        return (PARTLY if self.graded else NOT_GRADED) if failed else GRADED

    @property
    def reason(self) -> str:
        """Why something was not graded; empty when everything was."""
        if not self.works:
            return "nothing was handed in"
        return "; ".join(f"{w.told.label}: {w.told.reason}" for w in self.works if w.counts is None)

    @property
    def points(self) -> float:
        return sum(attempt.points for attempt in self.graded)

    def work(self, exercise: str) -> Work | None:
        return next((work for work in self.works if work.exercise == exercise), None)


@dataclass(frozen=True, slots=True)
class Task:
    """One exercise as the class was given it: its checks (id and description) and its points."""

    id: str
    title: str
    checks: Mapping[str, str]
    max_points: float


@dataclass(frozen=True, slots=True)
class Classroom:
    """A class that was graded: exercises in the order of the course, learners in the order of the class list, then by id."""

    tasks: Sequence[Task]
    rows: Sequence[Row]
    complete: bool = True
    notes: Sequence[str] = field(default=())

    @property
    def max_points(self) -> float:
        """What everybody could have: the points of every exercise that somebody was graded for."""
        return sum(task.max_points for task in self.tasks)


def gather(attempts: Sequence[Attempt], roster: Mapping[str, Enrolled] | None = None, *, complete: bool = True) -> Classroom:
    """One row for each learner of the class list and each learner who handed something in, and one for each file of nobody."""
    enrolled = roster or {}
    by_learner: dict[str, list[Attempt]] = {id: [] for id in enrolled}
    nobody: list[Attempt] = []
    notes: dict[str, list[str]] = {}
    for attempt in attempts:
        id = attempt.learner or _owner_by_name(attempt.label, enrolled)
        if not id:
            nobody.append(attempt)
            continue
        by_learner.setdefault(id, []).append(attempt)
        named = _owner_by_name(attempt.label, enrolled)
        if named and named != id:
            notes.setdefault(id, []).append(f"{attempt.label} is named after {named}, but says it is {id}'s")
        if not attempt.learner:
            notes.setdefault(id, []).append(f"{attempt.label} does not say whose it is; its name says {id}")
    order = {id: place for place, id in enumerate(exercise_ids())}
    tasks = _tasks(attempts, order)
    _note_twins(by_learner, notes)
    rows = []
    for id in (*enrolled, *sorted(id for id in by_learner if id not in enrolled)):
        own = by_learner[id]
        known = enrolled.get(id)
        name = known.name if known else next((a.name for a in reversed(own) if a.name), "")
        is_known = None if roster is None else known is not None
        extra = ["not on the class list"] if is_known is False else []
        rows.append(Row(id, name, known.email if known else "", is_known, _works(own, order), [*extra, *notes.get(id, ())]))
    rows += [Row("", works=_works([attempt], order), notes=["nobody knows whose it is"]) for attempt in nobody]
    return Classroom(tasks, rows, complete)


def _works(attempts: Sequence[Attempt], order: Mapping[str, int]) -> Sequence[Work]:
    found: dict[str, list[Attempt]] = {}
    for attempt in attempts:
        found.setdefault(attempt.exercise, []).append(attempt)
    places = {id: (not id, order.get(id, len(order)), id) for id in found}
    return [Work(id, found[id]) for id in sorted(found, key=places.__getitem__)]


def _tasks(attempts: Sequence[Attempt], order: Mapping[str, int]) -> Sequence[Task]:
    found: dict[str, Task] = {}
    for attempt in attempts:
        if attempt.state == GRADED and attempt.exercise not in found:
            checks = {check.id: check.description for check in attempt.checks}
            found[attempt.exercise] = Task(attempt.exercise, attempt.title, checks, attempt.max_points)
    return [found[id] for id in sorted(found, key=lambda known: (order.get(known, len(order)), known))]


def _owner_by_name(label: str, enrolled: Mapping[str, Enrolled]) -> str:
    """The learner whose id begins the name of the file, or is the name of a folder above it; the longest id that fits."""
    parts = [identity(part) for part in label.split("/")]
    stem = parts[-1].rpartition(".")[0] or parts[-1]
    fits = [id for id in enrolled if id in parts[:-1] or stem == id or (stem.startswith(id) and stem[len(id)] in "-_. (@")]
    return max(fits, key=lambda fit: (len(fit), fit), default="")


def _note_twins(by_learner: Mapping[str, Sequence[Attempt]], notes: dict[str, list[str]]) -> None:
    """Says so where two learners did many things, the very same at the very same times: a matter for a talk, not for the grader.
    In short work it happens by itself."""
    owners: dict[tuple[str, str], list[str]] = {}
    for id, attempts in by_learner.items():
        for key in dict.fromkeys((a.exercise, a.trace_digest) for a in attempts if a.state == GRADED and a.actions >= _MANY):
            owners.setdefault(key, []).append(id)
    for (exercise, _), ids in owners.items():
        for id in ids if len(ids) > 1 else ():
            others = ", ".join(other for other in ids if other != id)
            notes.setdefault(id, []).append(f"{exercise}: the same actions at the same times as {others}")
