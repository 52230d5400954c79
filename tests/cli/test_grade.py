"""``gitops-sim grade``, as an instructor calls it."""

from __future__ import annotations

import contextlib
import io
import json
import os
import pty
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import NamedTuple

import pytest

from gitops_sim.cli import main
from gitops_sim.course.grading import Grading, grade, isolation
from gitops_sim.errors import BadInput
from tests.course.grading.handing_in import of, raw


def command(*args: str | Path) -> list[str]:
    return [sys.executable, "-m", "gitops_sim", "grade", *map(str, args)]


class Done(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


def run(*args: str | Path) -> Done:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), pytest.raises(SystemExit) as ended:
        main(["grade", *map(str, args)])
    assert isinstance(ended.value.code, int)
    return Done(ended.value.code, out.getvalue(), err.getvalue())


@pytest.fixture
def handed_in(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "ana.yaml").write_text(of("ana"))
    return folder


def test_it_says_where_the_result_is_and_is_quiet_where_nobody_watches(handed_in: Path, tmp_path: Path) -> None:
    done = run(handed_in, "--out", tmp_path / "out")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"1 graded\n{tmp_path}/out/index.html\n"


def test_zero_points_are_no_failure_of_the_grader(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(raw("x", "- {at: 1m, do: kubectl, args: get pods}"))
    assert run(tmp_path / "x.yaml", "--out", tmp_path / "out").returncode == 0


def test_a_result_may_be_graded_over_and_forgets_who_left(handed_in: Path, tmp_path: Path) -> None:
    assert run(handed_in, "--out", tmp_path / "out").returncode == 0
    (handed_in / "ana.yaml").rename(handed_in / "ben.yaml")
    (handed_in / "ben.yaml").write_text(of("ben"))
    (tmp_path / "out" / ".grades.csv.part").write_text("killed while writing")
    assert run(handed_in, "--out", tmp_path / "out").returncode == 0
    assert sorted(os.listdir(tmp_path / "out" / "learners")) == ["ben.html", "ben.txt"]


@pytest.mark.parametrize("content", ["thesis.txt", "grades.json", "index.html", "learners/mine.docx"])
def test_a_folder_that_holds_something_else_is_left_alone(handed_in: Path, tmp_path: Path, content: str) -> None:
    path = tmp_path / "out" / content
    path.parent.mkdir(parents=True)
    path.write_text("[1]")
    done = run(handed_in, "--out", tmp_path / "out")
    assert done.returncode == 2
    assert "to mend it: name another folder" in done.stderr
    assert [p for p in (tmp_path / "out").rglob("*") if p.is_file()] == [path]


def test_a_result_with_a_link_in_it_is_left_alone(handed_in: Path, tmp_path: Path) -> None:
    assert run(handed_in, "--out", tmp_path / "out").returncode == 0
    page = tmp_path / "out" / "learners" / "ana.html"
    page.unlink()
    (tmp_path / "mine.html").write_text("mine")
    page.symlink_to(tmp_path / "mine.html")
    assert run(handed_in, "--out", tmp_path / "out").returncode == 2
    assert (tmp_path / "mine.html").read_text() == "mine"


def test_a_result_inside_the_folder_of_submissions_is_not_graded(handed_in: Path) -> None:
    for _ in range(2):
        assert run(handed_in, "--out", handed_in / "out").stdout.startswith("1 graded\n")


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("nowhere",), "no such file or folder"),
        ((), "Missing argument"),
        (("IN", "--jobs", "0"), "--jobs"),
        (("IN", "--roster", "nowhere.csv"), "no such file or folder"),
    ],
)
def test_bad_input_says_so_and_writes_nothing(handed_in: Path, tmp_path: Path, args: tuple[str, ...], says: str) -> None:
    done = run(*(handed_in if arg == "IN" else arg for arg in args), "--out", tmp_path / "out")
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_without_dask_the_scheduler_says_what_to_install(
    handed_in: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(BadInput, match="Dask, which is not installed") as caught:
        grade(Grading([handed_in], scheduler="tcp://127.0.0.1:1"))
    assert "pip install" in caught.value.mend


def test_the_bar_is_for_terminals(handed_in: Path, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    done = subprocess.run(
        command(handed_in, "--out", tmp_path / "out"), stdout=subprocess.PIPE, stderr=theirs, timeout=120, check=True
    )
    os.close(theirs)
    shown = os.read(ours, 10_000).decode()
    os.close(ours)
    assert "1/1" in shown
    assert b"1/1" not in done.stdout


def test_ctrl_c_keeps_what_was_done(tmp_path: Path) -> None:
    storm = "\n".join(f"- {{at: {n}, do: kubectl, args: scale deployment web --replicas=900}}" for n in range(1, 1_500))
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.yaml").write_text(of("ana"))
    for number in range(6):
        (tmp_path / "in" / f"b{number}.yaml").write_text(raw(f"b{number}", storm))
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command(tmp_path / "in", "--out", tmp_path / "out", "--jobs", "1"),
        stdout=subprocess.PIPE,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    seen = ""
    until = time.monotonic() + 60
    while "1/7" not in seen and time.monotonic() < until:
        seen += os.read(ours, 1_000).decode()
    drain = threading.Thread(target=_drain, args=(ours,), daemon=True)
    drain.start()
    os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=60)
    drain.join(10)
    os.close(ours)
    assert process.returncode == 130
    data = json.loads((tmp_path / "out" / "grades.json").read_text())
    assert data["complete"] is False
    assert data["learners"][0]["status"] == "graded"
    assert "the grading was interrupted" in data["learners"][-1]["reason"]


def _drain(terminal: int) -> None:
    while True:
        try:
            if not os.read(terminal, 1_000):
                return
        except OSError:
            return


def test_a_bug_of_ours_is_told_as_one_and_costs_only_its_row(
    handed_in: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from click.testing import CliRunner

    from gitops_sim.cli import grade as cli
    from gitops_sim.course.grading import grade as grading

    real = isolation.run_task

    def broken(task: isolation.Task) -> object:
        if task.label == "ben.yaml":
            raise RuntimeError("out of order")
        return real(task)

    monkeypatch.setattr(sys.modules[grading.__module__], "run_task", broken)
    (handed_in / "ben.yaml").write_text(of("ben"))
    done = CliRunner().invoke(cli.command, [str(handed_in), "--out", str(tmp_path / "out"), "--jobs", "1"])
    assert done.exit_code == 3
    assert "ben.yaml: the grader broke on this file: RuntimeError" in done.output
    data = json.loads((tmp_path / "out" / "grades.json").read_text())
    assert [row["status"] for row in data["learners"]] == ["graded", "not graded"]
