"""What an exercise leaves in the learner's records."""

from __future__ import annotations

from gitops_sim.course.exercises import Graded
from gitops_sim.course.records import MOST_ATTEMPTS, Check, Records


def note_attempt(records: Records, graded: Graded) -> None:
    """A check that was made, with the help used until then."""
    record = records.exercise(graded.exercise.id)
    made = Check(graded.exercise.version, graded.points, graded.max_points, record.hints, record.solution)
    record.attempts = [*record.attempts, made][-MOST_ATTEMPTS:]


def note_help(records: Records, id: str, hints: int = 0, solution: bool = False) -> None:
    """Help that was used; it never becomes less."""
    record = records.exercise(id)
    record.hints = max(record.hints, hints)
    record.solution = record.solution or solution


def note_submitted(records: Records, graded: Graded, learner: str, name: str) -> None:
    """What was handed in, and by whom, where that is said."""
    note_attempt(records, graded)
    records.exercise(graded.exercise.id).submitted = graded.points
    given = {"id": learner, "name": name}
    records.learner = {**records.learner, **{key: value for key, value in given.items() if value}}
