"""Each submission has a process of its own: what happens to it stays there."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

from gitops_sim.course.grading.budget import Budget
from gitops_sim.course.grading.isolation import Mother, Task, end_mothers, run_task
from tests.course.grading.handing_in import of, raw

HUGE = raw("x", "- {at: 1m, do: kubectl, args: scale deployment web --replicas=1000000000}")


@pytest.fixture
def mother() -> Mother:
    return Mother()


def test_too_much_computing_ends_the_replay_and_not_the_next_one(mother: Mother) -> None:
    greedy = Task("x.yaml", HUGE.encode(), Budget(records=10**9, events=10**9, cpu_seconds=1))
    reply = mother.run(greedy)
    assert reply["state"] == "stopped"
    assert reply["reason"] == "the replay was stopped: it needs more than 1 s of computing"
    assert mother.run(Task("ana.yaml", of("ana").encode()))["state"] == "graded"
    mother.end()


def test_too_much_memory_ends_the_replay_and_not_the_next_one(mother: Mother) -> None:
    small = Budget(records=10**9, events=10**9, memory=300_000_000, cpu_seconds=60)
    reply = mother.run(Task("x.yaml", HUGE.encode(), small))
    assert reply["state"] == "stopped"
    assert "300 MB of memory" in reply["reason"]
    assert mother.run(Task("ana.yaml", of("ana").encode()))["state"] == "graded"
    mother.end()


def test_whoever_takes_too_long_is_ended(mother: Mother) -> None:
    slow = Budget(records=10**9, events=10**9, wall_seconds=0.5)
    start = time.monotonic()
    reply = mother.run(Task("x.yaml", HUGE.encode(), slow))
    assert reply["state"] == "stopped"
    assert reply["reason"] == "the replay was stopped after 0.5 s"
    assert time.monotonic() - start < 20
    mother.end()


def test_the_counted_budget_stops_the_same_run_at_the_same_point() -> None:
    replies = [run_task(Task("x.yaml", HUGE.encode(), Budget(records=500))) for _ in range(2)]
    end_mothers()
    assert replies[0] == replies[1]
    assert replies[0]["reason"] == "the replay was stopped: it came to more than 500 records in the simulated world"


def test_a_mother_that_dies_is_the_graders_fault_and_is_replaced() -> None:
    task = Task("ana.yaml", of("ana").encode())
    assert run_task(task)["state"] == "graded"
    from gitops_sim.course.grading import isolation

    mother = isolation._OWN.mother
    mother._process.kill()
    mother._process.wait()
    assert mother.run(task)["state"] == "broke"
    assert run_task(task)["state"] == "graded"
    end_mothers()


def test_a_thread_that_ends_takes_its_mother_along() -> None:
    from gitops_sim.course.grading import isolation

    processes: list[subprocess.Popen[bytes]] = []

    def grade_one() -> None:
        run_task(Task("ana.yaml", of("ana").encode()))
        processes.append(isolation._OWN.mother._process)

    thread = threading.Thread(target=grade_one)
    thread.start()
    thread.join()
    gc.collect()
    (process,) = processes
    assert process.returncode is not None
    assert process.stdin is not None
    assert process.stdin.closed


def test_children_leave_no_folder_behind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    mother = Mother()
    for _ in range(3):
        assert mother.run(Task("ana.yaml", of("ana").encode()))["state"] == "graded"
    mother.run(Task("x.yaml", HUGE.encode(), Budget(wall_seconds=0.2, records=10**9)))
    mother.end()
    assert not list(tmp_path.iterdir())


def test_a_task_that_is_ended_takes_its_child_along(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    mother = Mother()
    endless = Task("x.yaml", HUGE.encode(), Budget(records=10**9, events=10**9))
    thread = threading.Thread(target=mother.run, args=(endless,))
    thread.start()
    until = time.monotonic() + 20
    while not list(tmp_path.iterdir()) and time.monotonic() < until:
        time.sleep(0.02)
    mother.end()
    thread.join(20)
    assert not thread.is_alive()
    assert not list(tmp_path.iterdir())


def test_nothing_that_can_be_typed_reaches_the_mother_as_code(tmp_path: Path) -> None:
    """A message that is no task ends her; she never runs what she reads."""
    done = subprocess.run(
        [sys.executable, "-m", "gitops_sim.course.grading.mother"],
        input=b"\xff" * 64,
        capture_output=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, b"")
