"""What learners hand in, for tests."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from gitops_sim.actions import ActionLog, dump_actions
from gitops_sim.course.exercises import load_exercise
from gitops_sim.course.grading import Budget, Classroom, Grading, Row, grade

EXERCISE = "drift-and-reconcile"
SMALL = Budget(records=3_000)


def of(learner: str, log: ActionLog | None = None, *, name: str = "", exercise: str = EXERCISE, hints: int = 0) -> str:
    """A submission; the course's solution unless another log is given."""
    known = load_exercise(exercise)
    about = {"id": known.id, "version": known.version}
    who = {"id": learner, "name": name or learner.capitalize()}
    chosen = log or known.solution
    return dump_actions(replace(chosen, exercise=about, learner=who, seed=known.seed, help={"hints": hints, "solution": False}))


def wrong(learner: str, belief: str = "apply-is-sync") -> str:
    """A submission of somebody who holds a belief."""
    return of(learner, next(way.log for way in load_exercise(EXERCISE).wrong if way.belief == belief))


def raw(learner: str, actions: str, *, ends: str = "1h30m", seed: int = 7, more: str = "") -> str:
    """A submission written by hand: ``actions`` are lines of YAML."""
    who = f"learner: {{id: {learner}, name: A name}}\n"
    return f"version: 1\nexercise: {{id: {EXERCISE}, version: 1}}\n{who}seed: {seed}\nactions:\n{actions}\nends: {ends}\n{more}"


def graded(*paths: Path, roster: Path | None = None, jobs: int = 2, out: Path | None = None) -> Classroom:
    return grade(Grading(paths, roster=roster, jobs=jobs, budget=SMALL, out=out))


def row_of(room: Classroom, learner: str) -> Row:
    rows = [row for row in room.rows if row.id == learner]
    assert len(rows) == 1, f"{learner} has {len(rows)} rows"
    return rows[0]
