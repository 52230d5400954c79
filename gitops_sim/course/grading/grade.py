"""Grading a class: read what was handed in, replay each in a process of its own, and gather what came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Executor, Future, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gitops_sim.course.grading.attempts import BROKE, REFUSED, WAITING, Attempt, read_reply
from gitops_sim.course.grading.budget import Budget
from gitops_sim.course.grading.classroom import Classroom, gather
from gitops_sim.course.grading.executors import executor
from gitops_sim.course.grading.isolation import Task, run_task
from gitops_sim.course.grading.roster import read_roster
from gitops_sim.course.grading.submissions import Submission, read_submissions

Progress = Callable[[int, int], None]
"""Is told how many of how many submissions are done."""


@dataclass(frozen=True, slots=True)
class Grading:
    """What to grade, and how. ``jobs`` processes at a time, or a Dask ``scheduler`` (its address); ``out`` is never read."""

    paths: Sequence[Path]
    out: Path | None = None
    roster: Path | None = None
    jobs: int = 1
    scheduler: str = ""
    budget: Budget = field(default_factory=Budget)
    progress: Progress | None = None


def grade(grading: Grading) -> Classroom:
    """Replays everything. An interruption (Ctrl-C) ends it early: what was not replayed by then says so, and the class is not
    ``complete``. Raises BadInput for what cannot be found, and for a class list that is none."""
    roster = read_roster(grading.roster) if grading.roster else None
    left_out = [path for path in (grading.out, grading.roster) if path is not None]
    submissions = read_submissions(grading.paths, leave_out=left_out)
    readable = [s for s in submissions if s.content is not None]
    replies: dict[str, Attempt] = {}
    complete = True
    if readable:
        with executor(grading.jobs, grading.scheduler, len(readable)) as pool:
            complete = _replay(pool, readable, grading, replies, len(submissions) - len(readable))
    attempts = [_attempt(submission, replies) for submission in submissions]
    return gather(attempts, roster, complete=complete)


def _replay(pool: Executor, submissions: Sequence[Submission], grading: Grading, replies: dict[str, Attempt], done: int) -> bool:
    """Fills ``replies``; False when it was interrupted."""
    total = done + len(submissions)
    tell = grading.progress or (lambda done, total: None)
    futures: dict[Future[dict[str, Any]], str] = {}
    try:
        for submission in submissions:
            task = Task(submission.label, submission.content or b"", grading.budget)
            futures[pool.submit(run_task, task)] = submission.label
        tell(done, total)
        for future in as_completed(futures):
            label = futures[future]
            replies[label] = _answer(label, future)
            done += 1
            tell(done, total)
    except KeyboardInterrupt:
        for future in futures:
            future.cancel()
        return False
    return True


def _answer(label: str, future: Future[dict[str, Any]]) -> Attempt:
    try:
        return read_reply(label, future.result())
    except (KeyboardInterrupt, CancelledError):
        raise
    except Exception as error:
        return Attempt(label, BROKE, f"the grader broke on this file: {type(error).__name__}", details=str(error))


def _attempt(submission: Submission, replies: dict[str, Attempt]) -> Attempt:
    if submission.content is None:
        return Attempt(submission.label, REFUSED, submission.refused)
    waiting = Attempt(submission.label, WAITING, "not replayed: the grading was interrupted")
    return replies.get(submission.label, waiting)
