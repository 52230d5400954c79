"""An exercise in a notebook: typed lines, buttons, and words for everything that goes wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitops_sim.course.exercises import exercise_ids, load_exercise
from gitops_sim.course.workspace import Workspace
from gitops_sim.errors import BadInput
from gitops_sim.notebook.exercise import Task, _Controls, exercise, task_html
from tests.course.exercises.small import REVIEWED, write


@pytest.fixture(name="task")
def _task(tmp_path: Path) -> Task:
    return Task(load_exercise(write(tmp_path)), Workspace(tmp_path / "course"))


def test_a_learner_solves_it_line_by_line(task: Task) -> None:
    assert "ben      kubectl scale deployment web --replicas=5" in str(task("run 2m"))
    assert "5/5" in str(task("kubectl get deployment web"))
    failed = task("check")
    assert failed.exit == 1
    assert "0 of 3 points" in str(failed)
    assert str(task("hint")) == "Look at it."
    assert task("kubectl scale deployment web --replicas=2").exit == 0
    task("run 1m")
    assert "3 of 3 points at 09:03:00: passed." in str(task("check"))
    assert "3 of 3 points" in task.check().html
    assert str(task("submit")).startswith("Written: ")
    assert "Deploy web" in str(task("git log --oneline"))
    assert "scale deployment web --replicas=2" in str(task("solution"))
    assert "A small one" in str(task("log"))
    assert str(task("undo")) == "Taken back: kubectl scale deployment web --replicas=2. It is 09:02:00."


def test_changes_go_through_git(task: Task) -> None:
    assert "More" in str(task.edit("More", "web/deployment.yaml", "replicas: 2", "replicas: 3"))
    assert "replicas: 3" in str(task.read("web/deployment.yaml"))
    assert 'Revert "More"' in str(task("git revert HEAD --no-edit"))
    assert "Add" in str(task.commit("Add", {"notes.txt": "x\n"}))


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("kubectle get pods", "did you mean 'kubectl'"),
        ("kubectl delete deployment web", "done without 'kubectl delete': this is a small shop"),
        ("git push", "'git push' is not there"),
        ("run soon", "not a duration"),
        ("undo", "nothing to take back"),
        ("kubectl get 'pods", "close the quotes"),
        ("git branch other", "done without 'branch'"),
        ("", ""),
    ],
)
def test_what_cannot_be_done_is_said_and_raises_nothing(task: Task, line: str, says: str) -> None:
    found = task(line)
    assert says in found.stderr
    assert (found.exit != 0) is bool(says)
    assert task.session.log.actions == ()


def test_answers_are_graded_and_wrong_types_are_told(task: Task) -> None:
    assert "Right" in task.answer("how-many", "five").text  # type: ignore[union-attr]
    for question, value in (("how-many", {"a": 1}), ("how-manny", "five"), ("how-many", None)):
        assert task.answer(question, value).exit == 2  # type: ignore[union-attr]


def test_questions_are_shown_and_answered_on_the_line(task: Task) -> None:
    assert "How many pods run after two minutes?" in str(task("answer"))
    assert "How many pods run after two minutes?" in task.html
    assert "Right" in str(task("answer how-many five"))
    assert task("answer how-many two").exit == 1
    assert task("answer how-many").exit == 0
    assert "did you mean 'how-many'" in task("answer how-manny").stderr
    assert "no option" in task("answer how-many zz").stderr


def test_several_repositories_are_told_apart(tmp_path: Path) -> None:
    task = Task(load_exercise("forensics"), Workspace(tmp_path))
    assert "name one of shop, audit" in task("git log").stderr
    assert task("git log --oneline --repo audit").exit == 0


def test_cells_can_be_run_again_after_a_restart(task: Task, tmp_path: Path) -> None:
    task("run 2m")
    task("kubectl scale deployment web --replicas=2")
    again = Task(task.exercise, Workspace(tmp_path / "course"))
    assert "2/2" in str(again("kubectl get deployment web"))
    task("run 30s")
    assert "Another window" in task("kubectl get deployment web").stderr + again("kubectl get deployment web").stderr


def test_buttons_and_the_line_do_the_same(task: Task) -> None:
    controls = _Controls(task, "")
    assert "It is 09:00:00; 0 things done." in controls.output.value
    run, *_, undo, _hand_in = controls.buttons
    run.click()
    controls.line.value = "kubectl get deployment web"
    assert controls.line.value == ""
    assert "It is 09:01:00; 1 thing done." in controls.output.value
    assert "$ kubectl get deployment web" in controls.output.value
    undo.click()
    assert "It is 09:01:00; 0 things done." in controls.output.value
    controls.line.value = "<script>alert(1)</script>"
    assert "<script>" not in controls.output.value


def test_the_static_twin_depends_on_the_exercise_alone(task: Task) -> None:
    before = (task.html, task.text)
    task("run 2m")
    assert (task.html, task.text) == before
    assert "<b>" in task_html("Some **strong** words.\n- one\n  goes on\n- two `x`")
    assert "<li>one goes on</li><li>two <code>x</code></li>" in task_html("Some:\n- one\n  goes on\n- two `x`")


@pytest.mark.parametrize("id", exercise_ids())
def test_every_task_is_shown_without_marks(id: str) -> None:
    shown = exercise(id)
    assert "**" not in task_html(shown.exercise.text)
    assert f'<div class="gn-ask">{shown.exercise.title}</div>' in shown.html


def test_an_unknown_exercise_names_the_nearest() -> None:
    with pytest.raises(BadInput, match="did you mean 'first-sync'"):
        exercise("first-snyc")


def test_a_pull_request_is_typed_like_any_other_line(tmp_path: Path) -> None:
    task = Task(load_exercise(write(tmp_path, exercise=REVIEWED)), Workspace(tmp_path / "course"))
    assert task("git branch three").exit == 0
    task.edit("Run three", "web/deployment.yaml", "replicas: 2", "replicas: 3", branch="three")
    assert "opened #1, three into main: Run three" in str(task("pr open three --title 'Run three'"))
    assert "1 approval by somebody else than you" in str(task("pr merge 1"))
    assert "ana      approves #1" in str(task("run 2m"))
    assert "merged #1 into main" in str(task("pr merge 1"))
    assert task("git branch two").exit == 0
    assert "no mainline was given" in str(task("git revert HEAD --branch two"))
    assert "git revert takes one commit" in str(task("git revert HEAD HEAD~1"))
    assert "git revert takes one commit" in str(task("git revert -m one HEAD"))
    assert 'Revert "Merge pull request #1' in str(task("git revert -m 1 HEAD --no-edit --branch two"))
    assert "replicas: 2" in str(task.read("web/deployment.yaml", branch="two"))
    assert "replicas: 3" in str(task.read("web/deployment.yaml"))
