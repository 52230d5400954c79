"""Ways to production that the promotion exercise does not accept, and one with a detour that it does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gitops_sim.actions import Action
from gitops_sim.course.exercises import Exercise, Graded, load_exercise, play

EXERCISE = load_exercise("promotion")
BRANCH, COMMIT, OPEN, MERGE, *_ = EXERCISE.solution.actions


def graded(*actions: Action, exercise: Exercise = EXERCISE) -> Graded:
    return play(exercise, actions, ends=exercise.solution.ends)


def test_straight_to_main_is_a_version_that_nobody_looked_at() -> None:
    found = graded(replace(COMMIT, fields={k: v for k, v in COMMIT.fields.items() if k != "branch"}))
    assert found.check("version").passed
    assert "worth as much as its exceptions are few" in found.check("nothing-past").told
    assert "no pull request was merged" in found.check("reviewed").told


def test_the_branch_merged_past_its_pull_request_was_not_reviewed() -> None:
    merge = Action(MERGE.at, "merge", {"repo": "shop", "branch": "promote-1.5.0"})
    found = graded(BRANCH, COMMIT, OPEN, merge)
    assert found.check("version").passed
    assert not found.check("reviewed").passed
    assert "you merges promote-1.5.0 into main" in found.check("nothing-past").told


@pytest.mark.parametrize(
    ("right", "wrong", "check"),
    [("1.5.0", "1.6.0", "version"), ("replicas: 4", "replicas: 1", "own-number"), ("readinessProbe", "startupProbe", "")],
)
def test_only_what_is_asked_for_is_judged(right: str, wrong: str, check: str) -> None:
    ((path, text),) = COMMIT.fields["files"].items()
    spoilt = replace(COMMIT, fields={**COMMIT.fields, "files": {path: text.replace(right, wrong)}})
    found = graded(BRANCH, spoilt, OPEN, MERGE)
    failed = [each.id for each in found.checks if each.passed is False]
    assert (check in failed) if check else not failed


def test_a_mistake_that_is_mended_before_the_merge_is_none() -> None:
    ((path, text),) = COMMIT.fields["files"].items()
    hasty = replace(COMMIT, fields={**COMMIT.fields, "files": {path: text.replace("kind: Deployment", "kid: Deployment")}})
    mended = replace(COMMIT, at=10 * 60.0)
    assert graded(BRANCH, hasty, OPEN, mended, replace(MERGE, at=20 * 60.0)).passed
    assert not graded(BRANCH, hasty, OPEN, mended, replace(MERGE, at=14 * 60.0)).passed
