"""Branches and the pipeline, from a terminal: two exercises as a learner types them."""

from __future__ import annotations

from pathlib import Path

from tests.cli.test_exercise import Run
from tests.cli.test_exercise import _run as _run  # the fixture
from tests.course.exercises.small import REVIEWED, write


def test_a_change_goes_through_a_branch(run: Run, tmp_path: Path) -> None:
    run("start change-through-git")
    run("run 5m")
    assert "branch release starts here" in run("git branch release")[1]
    file = tmp_path / "gitops-course/work/change-through-git/shop/web/deployment.yaml"
    file.write_text(file.read_text().replace("1.4.0", "1.5.0").replace("replicas: 3", "replicas: 4"))
    assert run("git commit --branch release -m", "Deploy 1.5.0")[0] == 0
    assert "replicas: 3" in run("git show main:web/deployment.yaml")[1]
    assert "replicas: 4" in file.read_text()  # what was not merged yet is still there
    assert "Merge branch 'release'" in run("git merge release")[1]
    assert "nothing changed" in run("git status")[1]
    run("run 5m")
    assert run("check")[0] == 0


def test_the_pipeline_says_what_it_can_and_does_it(run: Run) -> None:
    run("start push-to-pull")
    assert "delete-secret kubeconfig" in run("pipeline")[1]
    assert run("pipeline delete-secret kubeconfig")[1] == "secret kubeconfig deleted\n"
    assert "delete-secret" not in run("pipeline help")[1]
    code, _, err = run("pipeline sing")
    assert (code, "cannot 'sing'" in err) == (2, True)


def test_a_branch_that_is_not_there_is_told(run: Run) -> None:
    run("start change-through-git")
    code, _, err = run("git merge nowhere")
    assert (code, "nowhere" in err) == (2, True)


def test_a_change_goes_through_a_pull_request(run: Run, tmp_path: Path) -> None:
    run(f"start {write(tmp_path, exercise=REVIEWED)}")
    file = tmp_path / "gitops-course/work/small/shop/web/deployment.yaml"
    file.write_text(file.read_text().replace("replicas: 2", "replicas: 3"))
    code, _, err = run("git commit -m", "Three")
    assert (code, "must be made through a pull request" in err) == (2, True)
    run("git switch -c three")
    assert run("git commit -m", "Three")[0] == 0
    assert "opened #1, three into main: Run three" in run("pr open --title", "Run three")[1]
    code, _, err = run("pr merge 1")
    assert (code, "1 approval by somebody else than you" in err) == (2, True)
    assert "ana      approves #1" in run("run 2m")[1]
    run("git switch main")
    assert "replicas: 2" in file.read_text()
    assert run("pr merge 1")[1].startswith("merged #1 into main as ")
    assert "replicas: 3" in file.read_text()
    assert "pr open --title" in run("pr --help")[1]


def test_git_answers_for_the_branch_and_the_files_that_one_is_on(run: Run, tmp_path: Path) -> None:
    run("start promotion")
    assert run("git switch -c promote")[0] == 0
    file = tmp_path / "gitops-course/work/promotion/shop/prod/web.yaml"
    file.write_text(file.read_text().replace("replicas: 4", "replicas: 5"))
    assert "+  replicas: 5" in run("git diff")[1]
    run("git commit -m", "Try five")
    assert "Try five" in run("git log --oneline")[1]
    assert run("git diff")[1] == ""
    run("git switch main")
    assert "Try five" not in run("git log --oneline")[1]
