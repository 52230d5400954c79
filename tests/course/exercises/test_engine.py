"""An action log alone decides: what is allowed, what happens, what is judged and in which order."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitops_sim.actions import Action, ActionLog
from gitops_sim.course.exercises import Exercise, load_exercise, play
from gitops_sim.course.exercises.rules import Refused
from gitops_sim.course.exercises.text import tell_graded, tell_task
from gitops_sim.errors import BadInput
from tests.course.exercises.small import EXERCISE, write


@pytest.fixture(name="small", scope="module")
def _small(tmp_path_factory: pytest.TempPathFactory) -> Exercise:
    return load_exercise(write(tmp_path_factory.mktemp("exercise")))


def scale(at: float, args: str = "scale deployment web --replicas=2") -> Action:
    return Action(at, "kubectl", {"args": args})


def test_a_result_has_the_shape_that_all_check_results_have(small: Exercise) -> None:
    graded = play(small, small.solution)
    first = graded.as_json()["checks"][0]
    assert list(first) == ["id", "description", "points", "max_points", "passed", "cause"]
    assert list(first["cause"]) == ["rationale", "help", "expected", "actual", "at"]
    assert (graded.points, graded.max_points, graded.passed) == (3, 3, True)
    assert graded.as_json()["trace_digest"] == play(small, small.solution).world.trace.digest()


def test_what_needs_a_failed_check_is_not_judged(small: Exercise) -> None:
    graded = play(small, [], ends=120)
    assert [check.passed for check in graded.checks] == [False, None]
    assert graded.points == 0
    assert "it needs: Two pods run" in graded.check("nobody-deletes").cause.actual
    assert graded.check("two").belief == "autosync-heals"
    told = tell_graded(graded)
    assert "✗ Two pods run  0/2" in told
    assert "found:    5/5 ready (at 09:02:00)" in told
    assert "· Web is there all the time" in told
    assert told.endswith("0 of 3 points at 09:02:00.")


def test_others_act_in_their_own_time_also_while_a_command_waits(small: Exercise) -> None:
    graded = play(small, [scale(30, "scale deployment web --replicas=3"), scale(59.5, "rollout status deployment web")], ends=90)
    scaled = [(r.time, r.actor) for r in graded.world.trace.find(event="CommandRun") if "scale" in r.data["args"]]
    assert scaled == [(30, "you"), (60, "ben")]


def test_what_others_cannot_do_any_more_is_told_and_stops_nobody(tmp_path: Path) -> None:
    text = EXERCISE.replace("{at: 1m, do: kubectl, by: ben, args: scale deployment web --replicas=5}",
                            "{at: 1m, do: revert, by: ben, repo: shop, commit: HEAD~7}")  # fmt: skip
    graded = play(load_exercise(write(tmp_path, exercise=text)), [], ends=120)
    (failed,) = graded.world.trace.find(event="ActionFailed")
    assert (failed.time, failed.actor) == (60, "ben")
    assert graded.passed


@pytest.mark.parametrize(
    ("action", "says"),
    [
        (Action(5, "flux", {"args": "get all"}), "done without 'flux': this is a small shop"),
        (Action(5, "api", {"method": "DELETE", "path": "/apis/apps/v1/namespaces/default/deployments/web"}), "'kubectl delete'"),
        (scale(5, "delete deployment web"), "done without 'kubectl delete'"),
        (scale(5, "-n default delete deployment web"), "done without 'kubectl delete'"),
        (scale(5, "rollout undo deployment web"), "done without 'kubectl rollout'"),
        (scale(5, "'unclosed"), "done without"),
        (Action(5, "kubectl", {"args": "get pods", "by": "ben"}), "cannot act as ben"),
        (scale(601), "ends after 10m"),
    ],
)
def test_what_is_not_allowed_is_refused_with_the_reason_and_the_place(small: Exercise, action: Action, says: str) -> None:
    with pytest.raises(Refused, match=rf"actions\[1\].*{says}"):
        play(small, [scale(1), action])


def test_flags_before_the_verb_are_no_verb(small: Exercise) -> None:
    assert play(small, [scale(70, "kubectl -n default --v=3 scale deployment web --replicas=2")], ends=120).passed


def test_too_many_actions_are_refused(small: Exercise) -> None:
    with pytest.raises(Refused, match="2000 actions are done"):
        small.rules.check(scale(1), 2000)


def test_an_action_that_cannot_be_done_is_named(small: Exercise) -> None:
    commit = Action(5, "commit", {"repo": "shop", "message": "x", "files": {"a": "b"}, "branch": "nope"}, line=7)
    with pytest.raises(BadInput, match=r"actions\[0\], line 7: repo/shop: unknown branch 'nope'"):
        play(small, [commit])


def test_nothing_runs_beyond_the_end_of_the_exercise(small: Exercise) -> None:
    assert play(small, ActionLog(ends=30 * 86_400)).world.now == 600
    waits = [Action(5, "argocd", {"args": "app wait web --suspended"})]
    assert play(small, waits).world.now <= 600


def test_the_last_answer_counts_beside_the_points(small: Exercise) -> None:
    answers = [Action(t, "answer", {"question": "how-many", "value": value}) for t, value in ((1, "two"), (2, "five"))]
    graded = play(small, [*answers, scale(70)], ends=120)
    assert [answer.passed for answer in graded.answers] == [True]
    assert graded.points == graded.max_points == 3
    for question, value in (("how-manny", "five"), ("how-many", {"a": 1}), ("how-many", "seven")):
        with pytest.raises(BadInput):
            play(small, [Action(1, "answer", {"question": question, "value": value})])


def test_a_check_of_what_the_learner_removed_fails_and_does_not_break(small: Exercise, tmp_path: Path) -> None:
    text = EXERCISE.replace("object: Deployment/web\n  count: 2", "object: Deployments/web\n  count: 2")
    graded = play(load_exercise(write(tmp_path, exercise=text.replace("Deployments/web", "Gateway/web"))), [], ends=5)
    assert graded.check("two").passed is False
    assert "has no kind 'Gateway'" in graded.check("two").cause.actual


def test_unknown_checks_are_named(small: Exercise) -> None:
    with pytest.raises(BadInput, match="did you mean 'two'"):
        play(small, []).check("tow")


def test_a_task_is_told_without_marks(small: Exercise) -> None:
    assert tell_task(small) == "A small one\n\nMake it two."
    assert tell_task(small, color=True).startswith("\033[1mA small one\033[0m\n")
