"""A process that has everything loaded, and makes one child for each submission: a fresh process without the cost of a start.

``python -m gitops_sim.course.grading.mother`` reads tasks from standard input and writes replies to standard output. A child
reads and plays one submission within its budget, and ends; whatever it did to itself is gone. Where the system cannot fork, the
mother does one task herself and ends.
"""

from __future__ import annotations

import base64
import contextlib
import gc
import json
import os
import select
import shutil
import signal
import sys
import tempfile
import time
import traceback
from typing import Any

from gitops_sim.course.exercises import play
from gitops_sim.course.grading.budget import Budget
from gitops_sim.course.grading.messages import MOST_REPLY, receive, send
from gitops_sim.course.grading.replay import STOPPED, exercise_of, memory_reason, replay
from gitops_sim.errors import BadInput

BROKE = "broke"


def main() -> None:
    """Serves until standard input ends."""
    tasks, replies = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0 if sys.platform == "win32" else 1)
    with contextlib.suppress(ValueError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one who asked decides when to stop
        signal.signal(signal.SIGTERM, _stop)
    warmed: set[str] = set()
    while (task := receive(tasks)) is not None:
        budget = Budget.from_json(task["budget"])
        content = base64.b64decode(task["content"])
        if not hasattr(os, "fork"):
            send(replies, _attempt(content, task["where"], budget))
            return
        reply = _in_child(content, task["where"], budget)
        send(replies, reply)
        if reply.get("checks"):
            _warm(str(reply["exercise"]["id"]), warmed)


def _stop(number: int, frame: object) -> None:
    raise SystemExit(0)


def _warm(id: str, warmed: set[str]) -> None:
    """Reads and plays the exercise that was asked for, once, so that later children begin with everything at hand. What is played
    is the solution that comes with the course; nothing of a learner."""
    if id in warmed:
        return
    warmed.add(id)
    with contextlib.suppress(BadInput):
        exercise = exercise_of(id)
        play(exercise, exercise.solution)
    gc.collect()
    gc.freeze()  # children share these pages instead of copying them


def _attempt(content: bytes, where: str, budget: Budget) -> dict[str, Any]:
    try:
        return replay(content, where, budget)
    except MemoryError:
        return {"state": STOPPED, "reason": memory_reason(budget)}
    except Exception as error:
        told = "".join(traceback.format_exception(error)[-3:])
        return {"state": BROKE, "reason": f"the grader broke on this file: {type(error).__name__}", "details": told}


# ---------------------------------------------------------------------- children


def _in_child(content: bytes, where: str, budget: Budget) -> dict[str, Any]:
    folder = tempfile.mkdtemp(prefix="gitops-sim-grade-")
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _be_child(writing, folder, content, where, budget)
    os.close(writing)
    try:
        received, in_time = _all_of(reading, time.monotonic() + budget.wall_seconds)
    finally:
        os.close(reading)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child, signal.SIGKILL)  # whatever it started goes with it
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        shutil.rmtree(folder, ignore_errors=True)
    if not in_time:
        return {"state": STOPPED, "reason": f"the replay was stopped after {budget.wall_seconds:g} s"}
    try:
        reply: dict[str, Any] = json.loads(received)
    except ValueError:
        return _ended(os.waitstatus_to_exitcode(status), budget)
    return reply


def _be_child(writing: int, folder: str, content: bytes, where: str, budget: Budget) -> None:
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.setsid()
        tempfile.tempdir = folder
        gc.set_threshold(20_000, 50, 100)  # a short life makes little garbage
        budget.apply()
        reply = _attempt(content, where, budget)
        text = json.dumps(reply, separators=(",", ":")).encode()
        with open(writing, "wb") as stream:
            stream.write(text)
    finally:
        os._exit(0)


def _all_of(reading: int, until: float) -> tuple[bytes, bool]:
    """Everything that comes until the other side closes, and whether that was in time."""
    parts: list[bytes] = []
    size = 0
    while True:
        ready, _, _ = select.select([reading], [], [], max(0.0, until - time.monotonic()))
        if not ready:
            return b"", False
        part = os.read(reading, 1 << 16)
        if not part:
            return b"".join(parts), True
        size += len(part)
        if size > MOST_REPLY:
            return b"", True
        parts.append(part)


def _ended(code: int, budget: Budget) -> dict[str, Any]:
    if code in (-getattr(signal, "SIGXCPU", 0), -getattr(signal, "SIGKILL", 0)):
        return {"state": STOPPED, "reason": f"the replay was stopped: it needs more than {budget.cpu_seconds} s of computing"}
    return {"state": STOPPED, "reason": "the replay ended without a result: it needs more than the grader allows"}


if __name__ == "__main__":
    main()
