"""Having a submission replayed in a process of its own, from wherever: a thread of the grader, or a worker of a Dask cluster."""

from __future__ import annotations

import base64
import contextlib
import os
import subprocess
import sys
import threading
import weakref
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import gitops_sim
from gitops_sim.course.grading.budget import Budget
from gitops_sim.course.grading.messages import receive, send

PATIENCE = 30.0
"""Seconds that a mother may take beyond the budget of her child, before she is given up."""


@dataclass(frozen=True, slots=True)
class Task:
    """One submission to replay; ``label`` is what its messages call it."""

    label: str
    content: bytes
    budget: Budget = field(default_factory=Budget)


def run_task(task: Task) -> dict[str, Any]:
    """What :func:`~gitops_sim.course.grading.replay.replay` answers, or ``state: broke``. Each thread has a mother of its own,
    which lives until the thread is done or :func:`end_mothers` is called."""
    mother: Mother | None = getattr(_OWN, "mother", None)
    if mother is not None and not mother.alive:
        mother.end()
        mother = None
    if mother is None:
        mother = _OWN.mother = Mother()
    return mother.run(task)


def end_mothers() -> None:
    """Ends every mother of this process at once, and what she is playing."""
    for mother in list(_ALL):
        mother.end()


class Mother:
    """The grader's end of a process that replays: see :mod:`gitops_sim.course.grading.mother`. The process goes with this
    object: a thread that ends takes its mother along."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "gitops_sim.course.grading.mother"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_environment(),
            start_new_session=True,
        )
        self._end = weakref.finalize(self, _end, self._process)
        _ALL.add(self)

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def run(self, task: Task) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        message = {
            "where": task.label,
            "content": base64.b64encode(task.content).decode(),
            "budget": task.budget.as_json(),
        }
        watch = threading.Timer(task.budget.wall_seconds + PATIENCE, self._end)  # which does not keep her alive
        watch.daemon = True
        watch.start()
        reply = None
        try:
            with contextlib.suppress(OSError, ValueError):
                send(self._process.stdin, message)
                reply = receive(self._process.stdout)
        finally:
            watch.cancel()
        if reply is None or not hasattr(os, "fork"):  # where nothing can be forked she does one task only
            self.end()
        if reply is None:
            return {"state": "broke", "reason": "the grader's own process ended while it replayed this file"}
        return reply

    def end(self) -> None:
        """Ends her at once. May be called from any thread, and twice."""
        _ALL.discard(self)
        self._end()


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(OSError):
        process.terminate()
    _close(process.stdin)
    try:
        process.wait(2)
    except subprocess.TimeoutExpired:
        process.kill()
    _close(process.stdout)
    process.wait()


def _close(stream: IO[bytes] | None) -> None:
    with contextlib.suppress(OSError, ValueError):
        if stream is not None:
            stream.close()


_OWN = threading.local()
_ALL: weakref.WeakSet[Mother] = weakref.WeakSet()


def _environment() -> dict[str, str]:
    """This process's own, so that the same package is found, and hashing that is the same every time."""
    home = str(Path(gitops_sim.__file__).resolve().parent.parent)
    paths = [home, *(part for part in os.environ.get("PYTHONPATH", "").split(os.pathsep) if part)]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths)), "PYTHONHASHSEED": "0"}
