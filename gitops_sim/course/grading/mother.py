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

from gitops_sim.course.grading.beginnings import Beginnings
from gitops_sim.course.grading.budget import Budget
from gitops_sim.course.grading.messages import MOST_REPLY, receive, send
from gitops_sim.course.grading.replay import STOPPED, exercise_of, memory_reason, replay
from gitops_sim.errors import BadInput

BROKE = "broke"
_NO_MEMORY = 77
"""How a child ends that has no memory left even to say so."""


def main() -> None:
    """Serves until standard input ends."""
    tasks, replies = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0 if sys.platform == "win32" else 1)
    with contextlib.suppress(ValueError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one who asked decides when to stop
        signal.signal(signal.SIGTERM, _stop)
    beginnings = Beginnings()
    while (task := receive(tasks)) is not None:
        budget = Budget.from_json(task["budget"])
        content = base64.b64decode(task["content"])
        if not hasattr(os, "fork"):
            send(replies, _attempt(content, task["where"], budget, beginnings))
            return
        reply = _in_child(content, task["where"], budget, beginnings)
        send(replies, reply)
        if reply.get("checks"):
            _warm(str(reply["exercise"]["id"]), float(reply["first"]), beginnings)


def _stop(number: int, frame: object) -> None:
    """Ends what she is playing, and then her. The exception may come where nobody lets it through: then the end of the child, and
    of her tasks, ends her."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once is enough; what is being cleared away is cleared away
    for child in _AT_WORK:
        _kill(child)
    raise SystemExit(0)


_AT_WORK: list[int] = []
"""The child that plays."""


def _warm(id: str, first: float, beginnings: Beginnings) -> None:
    """Reads the exercise that was asked for and lets its world come to where learners begin, so that later children find all that
    at hand. Nothing of a learner is in it: only the id and the time, both in bounds by now."""
    with contextlib.suppress(BadInput):
        if beginnings.prepare(exercise_of(id), first):
            gc.collect()
            gc.freeze()  # children share these pages instead of copying them


def _attempt(content: bytes, where: str, budget: Budget, beginnings: Beginnings, *, forked: bool = False) -> dict[str, Any]:
    try:
        return replay(content, where, budget, beginnings, forked=forked)
    except Exception as error:
        if _lacks_memory(error):
            return {"state": STOPPED, "reason": memory_reason(budget)}
        told = "".join(traceback.format_exception(error)[-3:])
        return {"state": BROKE, "reason": f"the grader broke on this file: {type(error).__name__}", "details": told}


def _lacks_memory(error: BaseException | None) -> bool:
    """Whether it began with a lack of memory, whatever was made of that on the way up. CPython raises a SystemError ("error
    return without exception set") where nothing is left to make a MemoryError of."""
    while error is not None and not isinstance(error, MemoryError | SystemError):
        error = error.__cause__ or error.__context__
    return error is not None


# ---------------------------------------------------------------------- children


def _in_child(content: bytes, where: str, budget: Budget, beginnings: Beginnings) -> dict[str, Any]:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})  # until there is somebody to see off, and a place to do it
    folder = tempfile.mkdtemp(prefix="gitops-sim-grade-")
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _be_child(writing, folder, content, where, budget, beginnings)
    _AT_WORK.append(child)
    os.close(writing)
    received, in_time = b"", False
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        received, in_time = _all_of(reading, time.monotonic() + budget.wall_seconds)
    finally:
        os.close(reading)
        _AT_WORK.clear()
        status = _end(child, in_time)
        shutil.rmtree(folder, ignore_errors=True)
    if not in_time:
        return {"state": STOPPED, "reason": f"the replay was stopped after {budget.wall_seconds:g} s"}
    try:
        reply: dict[str, Any] = json.loads(received)
    except ValueError:
        return _ended(os.waitstatus_to_exitcode(status), budget)
    return reply


def _end(child: int, in_time: bool) -> int:
    """Sees the child off, and whatever it started: at once when it took too long. Gives its status."""
    status = 0
    if in_time:
        until = time.monotonic() + 1.0
        pid = 0
        while not pid and time.monotonic() < until:
            pid, status = os.waitpid(child, os.WNOHANG)
            if not pid:
                time.sleep(0.001)
        if pid:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child, signal.SIGKILL)
            return status
    _kill(child)
    return os.waitpid(child, 0)[1]


def _kill(child: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)


def _be_child(writing: int, folder: str, content: bytes, where: str, budget: Budget, beginnings: Beginnings) -> None:
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        os.setsid()
        tempfile.tempdir = folder
        gc.set_threshold(20_000, 50, 100)  # a short life makes little garbage
        budget.apply()
        reply = _attempt(content, where, budget, beginnings, forked=True)
        text = json.dumps(reply, separators=(",", ":")).encode()
        with open(writing, "wb") as stream:
            stream.write(text)
    except MemoryError:
        os._exit(_NO_MEMORY)
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
    if code == _NO_MEMORY:
        return {"state": STOPPED, "reason": memory_reason(budget)}
    return {"state": STOPPED, "reason": "the replay ended without a result: it needs more than the grader allows"}


if __name__ == "__main__":
    main()
