"""Every exercise is fair and has no holes: nothing passes by itself, the solution always passes, wrong ways fail and teach."""

from __future__ import annotations

import pytest

from gitops_sim.actions import dump_actions, load_actions
from gitops_sim.course.exercises import exercise_ids, load_exercise, play
from tests.course.exercises.mutants import hunt
from tests.course.exercises.survivors import FILE, listed

IDS = exercise_ids()
SEEDS = 25
LEAST_CAUGHT = 0.9


@pytest.mark.parametrize("id", IDS)
def test_who_does_nothing_does_not_pass(id: str) -> None:
    exercise = load_exercise(id)
    graded = play(exercise, [], ends=exercise.solution.ends)
    assert not graded.passed
    assert graded.points <= exercise.max_points / 4, "doing nothing is worth a quarter at most: give guards 'needs'"


@pytest.mark.parametrize("id", IDS)
def test_the_solution_passes_at_every_seed(id: str) -> None:
    exercise = load_exercise(id)
    for seed in range(SEEDS):
        graded = play(exercise, exercise.solution, seed=seed, shuffle=seed)
        failed = [f"{c.id}: {c.cause.expected}, found {c.cause.actual}" for c in graded.checks if not c.passed]
        assert not failed, f"seed {seed}: {failed}"
    assert exercise.solution.ends <= exercise.ends


@pytest.mark.parametrize("id", IDS)
def test_each_wrong_way_fails_where_it_goes_wrong_and_says_why(id: str) -> None:
    exercise = load_exercise(id)
    assert len(exercise.wrong) >= 2
    for wrong in exercise.wrong:
        found = play(exercise, wrong.log).check(wrong.check)
        assert found.passed is False, f"{wrong.belief}: {wrong.check} is {found.passed}"
        assert wrong.message in found.told, f"{wrong.belief}: {found.told}"


@pytest.mark.parametrize("id", IDS)
def test_a_solution_with_one_thing_wrong_is_caught(id: str) -> None:
    hunted = hunt(load_exercise(id))
    assert hunted.caught >= LEAST_CAUGHT, f"{len(hunted.survivors)} of {hunted.count} pass: {hunted.survivors}"
    assert hunted.survivors == listed(id), f"write {FILE.name} anew: python -m tests.course.exercises.survivors"


@pytest.mark.parametrize("id", IDS)
def test_hints_do_not_hold_the_answer(id: str) -> None:
    exercise = load_exercise(id)
    told = " ".join([exercise.text, *exercise.hints])
    for action in exercise.solution.actions:
        args = str(action.get("args", ""))
        looks = args.startswith(("get", "describe", "app get", "app wait", "rollout status"))
        assert not args or looks or args not in told, f"{args!r} is the answer"


@pytest.mark.parametrize("id", IDS)
def test_a_solution_is_an_action_log_like_any_other(id: str) -> None:
    exercise = load_exercise(id)
    again = load_actions(dump_actions(exercise.solution), "solution.yaml")
    assert again == exercise.solution


def test_survivors_are_of_exercises_that_are_there() -> None:
    named = {line.partition(": ")[0] for line in FILE.read_text(encoding="utf-8").splitlines()}
    assert named <= set(IDS)
