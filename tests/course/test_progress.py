"""What is done, shaky and next, and honesty about the help that was used."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitops_sim.course import progress as module
from gitops_sim.course.exercises import load_exercise
from gitops_sim.course.progress import Progress, progress
from gitops_sim.course.session import Session
from gitops_sim.course.workspace import Workspace
from tests.course.exercises.small import write


@pytest.fixture(name="session")
def _session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    """The course has one exercise, about drift."""
    exercise = load_exercise(write(tmp_path))
    monkeypatch.setattr(module, "_exercises", lambda: [exercise])
    return Session(exercise, tmp_path / "course")


def drift(session: Session) -> tuple[str, Progress]:
    found = progress(session.workspace)
    return next(concept.standing for concept in found.concepts if concept.id == "drift"), found


def solve(session: Session) -> None:
    session.run("2m")
    session.kubectl("scale deployment web --replicas=2")
    session.run("1m")
    assert session.check().passed


def test_a_new_learner_begins_with_the_first_exercise(session: Session) -> None:
    standing, found = drift(session)
    assert standing == "new"
    assert len(found.next) == 3
    assert ("exercise", "small") in [(step.kind, step.id) for step in module._next(
        [c for c in found.concepts if c.id == "drift"], found.exercises, {})]  # fmt: skip


def test_tried_is_shaky_and_comes_first(session: Session) -> None:
    session.check()
    standing, found = drift(session)
    assert standing == "shaky"
    assert (found.next[0].kind, found.next[0].id, found.next[0].concept) == ("exercise", "small", "drift")


def test_passed_with_hints_is_done_and_says_so(session: Session) -> None:
    session.hint()
    solve(session)
    standing, found = drift(session)
    assert standing == "done"
    (concept,) = found.standing("done")
    assert concept.reasons == ("exercise small: passed, 1 hint",)


def test_passed_after_the_solution_is_shaky_until_the_end_of_days(session: Session) -> None:
    session.solution()
    solve(session)
    session.restart()
    solve(session)
    assert drift(session)[0] == "shaky"


def test_the_solution_read_afterwards_takes_nothing_away(session: Session) -> None:
    solve(session)
    session.solution()
    assert drift(session)[0] == "done"


def test_wrong_answers_make_a_concept_shaky(session: Session) -> None:
    solve(session)
    session.answer("how-many", "two")
    standing, found = drift(session)
    assert standing == "shaky"
    exercise = found.as_json()["exercises"][0]
    assert (exercise["passed_unaided"], exercise["best_points"], exercise["checks_made"]) == (True, 3, 1)


def test_predictions_are_counted(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    for key, choice, right in (("a", "x", True), ("b", "x", False), ("c", "", None)):
        module.keep_prediction(workspace, key, choice, right)
    assert progress(workspace).predictions == (2, 1)
