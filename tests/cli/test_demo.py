"""The command line: what it says, and the code it ends with."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from gitops_sim.cli import main

ROOT = Path(__file__).parents[2]


def run(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(list(args))
    captured = capsys.readouterr()
    return int(ended.value.code or 0), captured.out, captured.err


def test_the_demo_plays_the_four_stories(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "demo")
    assert (code, err) == (0, "")
    for heading in ("sync · ", "drift · ", "push-vs-pull · ", "rollback · "):
        assert f"\n{heading}" in out
    assert out.splitlines()[-1].startswith("✓ 4 stories, all ")
    assert "\033[" not in out


def test_json_is_for_scripts(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "demo", "drift", "--seed", "3", "--json")
    (story,) = json.loads(out)["scenarios"]
    assert code == 0
    assert (story["name"], story["seed"], story["passed"]) == ("drift", 3, True)
    assert story["simulated_seconds"] == 2 * 65 * 60
    assert {"name": "self-heal: replicas 3 within 10 s of the drift", "passed": True} in [
        {key: e[key] for key in ("name", "passed")} for e in story["expectations"]
    ]


def test_an_unknown_scenario_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "demo", "nope")
    assert (code, out) == (2, "")
    known = (
        "sync, drift, push-vs-pull, rollback, argo-vs-flux, flux, hands-on, helm-release, hpa-and-replicas, "
        "image-automation, image-updater, rolling-sync"
    )
    assert err == f"gitops-sim: no scenario 'nope'\n  to mend it: use one of {known}\n"
    code, _, err = run(capsys, "demo", "sync", "push-pull")
    assert code == 2
    assert "did you mean 'push-vs-pull'?" in err


def test_nothing_is_played_when_one_name_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "demo", "sync", "nope")[1] == ""


def test_a_story_of_your_own(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    text = (ROOT / "gitops_sim/scenarios/data/sync.yaml").read_text()
    path.write_text(text.replace("id: sync", "id: mine"))
    code, out, _ = run(capsys, "demo", str(path))
    assert code == 0
    assert "mine · Argo CD, auto-sync · seed 0" in out
    path.write_text(text.replace("value: Healthy", "value: Degraded"))
    code, out, _ = run(capsys, "demo", str(path))
    assert code == 1
    assert "✗ expected: and Healthy ... no (Healthy); it should be: web Degraded" in out
    assert "1 of 7 expectations not met" in out.splitlines()[-1]
    path.write_text(text.replace("minutes: 3", "minutes: [3]"))
    code, _, err = run(capsys, "demo", str(path))
    assert code == 2
    assert err.startswith("gitops-sim: mine.yaml:5: minutes: must be a whole number, 1 or more, not a list")


def test_verbose_tells_every_record(capsys: pytest.CaptureFixture[str]) -> None:
    _, story, _ = run(capsys, "demo", "sync")
    _, everything, _ = run(capsys, "demo", "sync", "--verbose")
    assert "replicaset-controller" not in story
    assert "replicaset-controller" in everything


def test_the_list_of_stories(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "scenarios")
    assert code == 0
    assert "push-vs-pull      One incident, two ways to deploy (5 min)" in out
    code, out, _ = run(capsys, "scenarios", "--json")
    names = [row["name"] for row in json.loads(out)["scenarios"]]
    assert names == [
        "sync",
        "drift",
        "push-vs-pull",
        "rollback",
        "argo-vs-flux",
        "flux",
        "hands-on",
        "helm-release",
        "hpa-and-replicas",
        "image-automation",
        "image-updater",
        "rolling-sync",
    ]


@pytest.mark.parametrize("args", [["--help"], ["demo", "--help"], ["scenarios", "--help"], ["reconcile", "--help"]])
def test_help_has_an_example(capsys: pytest.CaptureFixture[str], args: list[str]) -> None:
    code, out, _ = run(capsys, *args)
    assert code == 0
    assert "gitops-sim " + (args[0] if len(args) > 1 else "demo") in out.splitlines()[-1]


def test_usage_errors_end_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "dmo")
    assert (code, err) == (2, "gitops-sim: no command 'dmo'\n  to mend it: did you mean 'demo'?\n")
    assert run(capsys, "demo", "--seed", "x")[0] == 2
    assert run(capsys, "demo", "--nope")[0] == 2


def test_a_bug_of_ours_ends_with_3_and_says_so(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(name: str) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("gitops_sim.scenarios.load_scenario", broken)
    code, _, err = run(capsys, "demo")
    assert code == 3
    assert "ZeroDivisionError: oops" in err
    assert "this is a bug in gitops-sim" in err


def test_colour_is_for_terminals_that_want_it(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setattr("gitops_sim.cli.demo.click.echo", lambda text: print(text, file=sys.stderr))
    assert "\033[" in run(capsys, "demo", "sync")[2]
    assert "\033[" not in run(capsys, "demo", "sync", "--no-color")[2]
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\033[" not in run(capsys, "demo", "sync")[2]


def test_a_reader_that_leaves_early_is_no_error() -> None:
    done = subprocess.run(
        f"{sys.executable} -m gitops_sim demo | head -1", shell=True, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""


def test_a_terminal_without_the_signs_still_gets_the_words() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gitops_sim", "demo", "sync"],
        cwd=ROOT,
        env={"PYTHONIOENCODING": "cp1252", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0
    assert b"? expected: nobody touched the cluster by hand ... yes" in done.stdout


def test_the_words_for_stories_of_your_own(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "scenarios", "--words")
    assert code == 0
    assert "replicas_ready: A workload has this many replicas" in out
    assert "drift_seconds (also a measure)" in out
    assert "\n    at?: a time of the world" in out
    assert {"checks", "measures"} == set(json.loads(run(capsys, "scenarios", "--words", "--json")[1]))
