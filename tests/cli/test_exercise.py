"""The exercises as a learner meets them in a terminal."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gitops_sim.actions import load_actions
from gitops_sim.cli.main import main
from tests.course.exercises.small import write

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(name="run")
def _run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs one command in an empty folder; its exit code, and what it printed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITOPS_SIM_HOME", raising=False)

    def run(line: str, *more: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["exercise", *line.split(), *more])
        shown = capsys.readouterr()
        return int(ended.value.code or 0), shown.out, shown.err

    return run


def test_the_list_says_where_one_stands(run: Run) -> None:
    code, out, _ = run("list")
    assert code == 0
    assert "  first-sync " in out
    assert "new" in out
    run("start first-sync")
    run("check")
    assert "~  1  first-sync " in run("list")[1]
    found = json.loads(run("list --json")[1])["exercises"][0]
    assert (found["id"], found["state"], found["best_points"], found["hints_used"]) == ("first-sync", "tried", 0, 0)


def test_a_mistyped_name_is_answered_as_argocd_does_and_then_with_the_way_out(run: Run) -> None:
    run("start first-sync")
    code, out, err = run("argocd app get wbe")
    real, ours = err.splitlines()[:2]
    assert (code, out, json.loads(real)["level"]) == (20, "", "fatal")
    assert ours == "  to mend it: you see no Application 'wbe': did you mean 'web'?"


def test_the_dashboard_can_be_read_and_pressed_in_a_terminal(run: Run) -> None:
    run("start first-sync")
    assert run("dashboard")[1].splitlines()[1].split()[:4] == ["web", "default", "OutOfSync", "Missing"]
    assert "└─ Deployment/web" in run("dashboard show web")[1]
    assert run("dashboard sync web")[1].startswith("web: Synced")
    run("run 1m")
    _, page, _ = run("dashboard show web Deployment/web")
    for said in (".spec.replicas", "the API's default for what Git leaves out", "ScalingReplicaSet"):
        assert said in page
    assert run("log --actions")[1].count("do: dashboard") == 1  # looking is no action
    assert "has no 'Deployment/wob'" in run("dashboard show web Deployment/wob")[2]
    assert "no Application 'wob'" in run("dashboard show wob")[2]
    assert "dashboard show APP KIND/NAME" in run("dashboard --help")[1]


def test_it_works_far_from_the_repository(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gitops_sim", "exercise", "list"], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert "drift-and-reconcile" in done.stdout
    assert not list(tmp_path.iterdir())


def test_a_first_sync_from_start_to_hand_in(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("start first-sync")
    assert code == 0
    assert "First sync" in out
    assert "It is 09:00:00; you have done 0 things." in out
    assert "Missing" in run("argocd app get web")[1]
    code, out, _ = run("check --json")
    assert (code, json.loads(out)["points"]) == (1, 0)
    assert run("argocd app sync web")[0] == 0
    assert "web 2/2 ready" in run("run 1m")[1]
    assert "2/2" in run("kubectl get deployment web")[1]
    code, out, _ = run("check")
    assert code == 0
    assert "7 of 7 points" in out
    code, out, err = run("submit")
    assert "does not say who you are" in err
    code, out, err = run("submit --id 4711 --name", "Ana Silva")
    assert err == "Not answered yet: predict-first-sync (gitops-sim exercise answer predict-first-sync)\n"
    log = load_actions((tmp_path / out.removeprefix("Written: ").strip()).read_bytes(), "x")
    assert log.learner == {"id": "4711", "name": "Ana Silva"}
    assert "you      asks" in run("log")[1]
    assert "do: argocd" in run("log --actions")[1]
    assert "✓  1  first-sync" in run("list")[1]


def test_files_are_changed_with_an_editor_and_committed(run: Run, tmp_path: Path) -> None:
    run("start drift-and-reconcile")
    file = tmp_path / "gitops-course/work/drift-and-reconcile/shop/web/deployment.yaml"
    text = file.read_text()
    assert "nothing changed" in run("git status")[1]
    assert run("git commit -m Nothing")[0] == 2
    file.write_text(text.replace("replicas: 3", "replicas: 4"))
    assert "modified  web/deployment.yaml" in run("git status")[1]
    assert run("git commit")[0] == 2
    assert "not changed" in run("git commit -m Four none.yaml")[2]
    code, out, _ = run("git commit -m", "Scale to 4")
    assert code == 0
    assert "Scale to 4" in out
    assert "Scale to 4" in run("git log --oneline")[1]
    assert 'Revert "Scale to 4"' in run("git revert HEAD --no-edit")[1]
    assert file.read_text() == text
    assert run("undo")[1].startswith("Taken back: revert")
    assert "replicas: 4" in file.read_text()
    assert "Already up to date" in run("git pull")[1]
    assert run("git revert HEAD HEAD")[0] == 2
    assert run("git push")[0] == 2
    assert "git commit -m MESSAGE" in run("git")[1]


def test_a_change_goes_through_a_branch(run: Run, tmp_path: Path) -> None:
    run("start change-through-git")
    file = next((tmp_path / "gitops-course/work/change-through-git/shop").rglob("deployment.yaml"))
    text = file.read_text()
    assert run("git switch -c bigger")[1] == "Switched to branch 'bigger'\n"
    file.write_text(text + "# bigger\n")
    assert "branch bigger: changed" in run("git status")[1]
    assert "Make it bigger" in run("git commit -m", "Make it bigger")[1]
    assert run("git branch")[1] == "* bigger\n  main\n"
    assert run("git switch main")[0] == 0
    assert file.read_text() == text
    assert "Merge branch 'bigger'" in run("git merge bigger")[1]
    assert file.read_text().endswith("# bigger\n")
    for line in (
        "git switch none",
        "git switch",
        "git merge",
        "git branch -D bigger",
        "git reset HEAD~1",
        "git reset --hard HEAD~1",
    ):
        assert run(line)[0] == 2, line
    assert run("undo")[1].startswith("Taken back: merge")
    assert file.read_text() == text


def test_a_branch_can_be_reset_where_that_is_allowed(run: Run, tmp_path: Path) -> None:
    run("start rollback-by-revert")
    run("run 45m")
    before = run("git log --oneline")[1].splitlines()
    assert len(before) > 1
    assert run("git reset --hard HEAD~1")[1].splitlines() == before[1:2]


def test_the_pipeline_takes_commands(run: Run) -> None:
    run("start push-to-pull")
    assert run("pipeline help")[0] == 0


def test_kubectl_takes_files_from_the_disk(run: Run, tmp_path: Path) -> None:
    run("start first-sync")
    (tmp_path / "own.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: own}\ndata: {a: b}\n")
    assert run("kubectl apply -f own.yaml")[1] == "configmap/own created\n"
    assert "deployment.apps/web created" in run("kubectl apply -f web/")[1]
    code, _, err = run("kubectl get deployment none")
    assert code == 1
    assert "NotFound" in err
    (tmp_path / "own.yaml").write_bytes(b"\xff\xfe")
    assert run("kubectl apply -f own.yaml")[0] == 2


def test_questions_hints_and_the_solution(run: Run) -> None:
    run("start drift-and-reconcile")
    assert "Ben scales it from 3 to 10" in run("answer")[1]
    assert run("answer none")[0] == 2
    code, _, err = run("answer predict-drift zz")
    assert (code, "no option" in err) == (2, True)
    letter = next(line[2] for line in run("answer predict-drift")[1].splitlines() if line.endswith(") 10"))
    assert run(f"answer predict-drift {letter}")[0] == 0
    assert run("hint")[1].startswith("Hint 1 of 3: ")
    assert "--self-heal" in run("solution")[1]
    assert "Somebody scaled by hand" in run("text")[1]
    assert "First sync" in run("text first-sync")[1]


def test_without_an_exercise_the_way_to_start_one_is_named(run: Run) -> None:
    for line in ("check", "hint", "submit", "run 5m", "kubectl get pods", "git log"):
        code, _, err = run(line)
        assert code == 2
        assert "exercise start ID" in err
    code, _, err = run("start first-snyc")
    assert code == 2
    assert "did you mean 'first-sync'" in err


def test_an_exercise_that_has_gone_names_what_is_kept(run: Run, tmp_path: Path) -> None:
    run("start first-sync")
    run("run 1m")
    file = tmp_path / "gitops-course" / "progress.json"
    file.write_text(file.read_text().replace("first-sync", "gone-sync"))
    code, _, err = run("check")
    assert code == 2
    assert "what you did is kept in gitops-course/exercises/gone-sync.yaml" in err


def test_a_broken_progress_file_is_no_end(run: Run, tmp_path: Path) -> None:
    run("start first-sync")
    run("run 1m")
    (tmp_path / "gitops-course" / "progress.json").write_text("{half")
    code, _, err = run("run 1m")
    assert code == 2
    assert "kept as progress.json.kept-1" in err
    code, out, _ = run("start first-sync")
    assert "It is 09:01:00" in out


def test_starting_again_keeps_the_last_time(run: Run, tmp_path: Path) -> None:
    run("start first-sync")
    run("run 1m")
    code, out, err = run("start first-sync --again")
    assert code == 0
    assert "It is 09:00:00" in out
    assert "kept as first-sync.yaml.kept-1" in err


def test_an_exercise_of_ones_own_is_played_from_its_folder(run: Run, tmp_path: Path) -> None:
    home = write(tmp_path / "mine")
    code, out, _ = run(f"start {home}")
    assert code == 0
    assert "A small one" in out
    assert run("run 2m")[0] == 0
    assert run("check")[0] == 1


def test_progress_is_told_exported_and_taken_over(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("start first-sync")
    run("hint")
    run("check")

    def progress(*args: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["progress", *args])
        shown = capsys.readouterr()
        return int(ended.value.code or 0), shown.out, shown.err

    code, out, _ = progress()
    assert code == 0
    assert "~ first-sync                 0/7      1 hint" in out
    assert "gitops-sim exercise start first-sync" in out
    assert json.loads(progress("--json")[1])["next"][0]["id"] == "first-sync"
    assert progress("--export", "all.json")[0] == 0
    (tmp_path / "gitops-course").rename(tmp_path / "old")
    assert progress("--import", "all.json")[0] == 0
    assert "0/7" in progress()[1]
    assert progress("--import", "none.json")[0] == 2
    assert progress("--import", "all.json", "--export", "x.json")[0] == 2
