"""A replay that starts from a copy of a world that was let come on is the same replay, to the byte."""

from __future__ import annotations

import os

import pytest

from gitops_sim.clock import Bounds
from gitops_sim.course.exercises import exercise_ids, load_exercise, play
from gitops_sim.course.grading.beginnings import Beginnings
from gitops_sim.course.grading.budget import Budget
from gitops_sim.course.grading.mother import _in_child
from gitops_sim.course.grading.replay import replay
from tests.course.grading.handing_in import of


@pytest.mark.parametrize("id", exercise_ids())
def test_a_copied_beginning_changes_nothing(id: str) -> None:
    exercise = load_exercise(id)
    beginnings = Beginnings()
    for log in (exercise.solution, exercise.wrong[0].log):
        first = log.actions[0].at if log.actions else log.ends
        fresh = play(exercise, log)
        assert beginnings.prepare(exercise, first) or beginnings.copy(exercise, first, Bounds())
        for _ in range(2):
            copied = play(exercise, log, begun=beginnings.copy(exercise, first, Bounds()))
            assert copied.as_json() == fresh.as_json()


def test_a_beginning_that_is_too_late_is_not_used() -> None:
    exercise = load_exercise("drift-and-reconcile")
    beginnings = Beginnings()
    assert beginnings.copy(exercise, 720, Bounds()) is None
    assert beginnings.prepare(exercise, 725)
    assert not beginnings.prepare(exercise, 721)
    assert beginnings.copy(exercise, 719, Bounds()) is None
    copied = beginnings.copy(exercise, 721, Bounds())
    assert copied is not None
    assert copied.world.now == 720


def test_a_copy_keeps_to_the_budget_of_the_replay() -> None:
    beginnings = Beginnings()
    beginnings.prepare(load_exercise("drift-and-reconcile"), 720)
    content = of("ana").encode()
    small = Budget(records=90)
    replies = [replay(content, "x", small, beginnings), replay(content, "x", small)]
    assert replies[0] == replies[1]
    assert replies[0]["state"] == "stopped"


def test_only_so_many_beginnings_are_kept() -> None:
    exercise = load_exercise("first-sync")
    beginnings = Beginnings()
    assert [beginnings.prepare(exercise, 60.0 * n) for n in range(9)] == [True] * 6 + [False] * 3


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_process_works_in_a_folder_of_its_own() -> None:
    """Two children in a row commit to the same repository; neither sees the other's, and the beginning sees none."""
    beginnings, budget = Beginnings(), Budget()
    exercise = load_exercise("change-through-git")
    beginnings.prepare(exercise, exercise.solution.actions[0].at)
    content = of("ana", exercise=exercise.id).encode()
    fresh = replay(content, "x", budget)
    for _ in range(2):
        assert _in_child(content, "x", budget, beginnings) == fresh
    assert replay(content, "x", budget, beginnings) == fresh
