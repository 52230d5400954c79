"""``gitops-sim grade``: a class at once."""

from __future__ import annotations

import os
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from gitops_sim.course.grading import Classroom

_BAR = 30


@click.command("grade", epilog="Example: gitops-sim grade handed-in/ --out grades --roster class.csv")
@click.argument("submissions", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the result: new, empty or a former one.")
@click.option("--roster", type=click.Path(path_type=Path), help="The class list: a CSV with id, name and perhaps email.")
@click.option("--jobs", type=click.IntRange(min=1, max=256), help="How many at a time. Default: as many as there are processors.")
@click.option("--scheduler", default="", metavar="ADDR", help="Replay on the workers of a Dask cluster.")
def command(submissions: tuple[Path, ...], out: Path, roster: Path | None, jobs: int | None, scheduler: str) -> None:
    """Grades SUBMISSIONS: files that 'submit' wrote, and folders of them.

    Each is data, not code: it is replayed in a fresh world, in a process of its own with a budget of memory and time. Every
    learner gets a row, also for a file that cannot be used, with the reason. OUT then holds grades.csv, grades.json, index.html
    for the class, and a feedback page and text for each learner. The same files give the same bytes.

    Of several submissions of one learner for one exercise, the last by file name counts.
    """
    from gitops_sim.course.grading import Grading, check_out, grade, write_result

    check_out(out)
    bar = _bar if sys.stderr.isatty() else None
    chosen = jobs or os.cpu_count() or 1
    room = grade(Grading(submissions, out=out, roster=roster, jobs=chosen, scheduler=scheduler, progress=bar))
    write_result(room, out)
    click.echo(_summary(room, out))
    if not room.complete:
        click.echo("gitops-sim: interrupted; what was replayed by then is kept", err=True)
        sys.exit(130)
    sys.exit(3 if _tell_broken(room) else 0)


def _summary(room: Classroom, out: Path) -> str:
    counts = Counter(row.status for row in room.rows)
    told = ", ".join(f"{counts[status]} {status}" for status in sorted(counts))
    return f"{told or 'nobody'}\n{out / 'index.html'}"


def _tell_broken(room: Classroom) -> bool:
    """Says for which files the grader itself broke, and whether there are any."""
    broken = [a for row in room.rows for work in row.works for a in work.attempts if a.state == "broke"]
    for attempt in broken:
        told = f"gitops-sim: {attempt.label}: {attempt.reason}: a bug in gitops-sim; please report it"
        click.echo(f"{told}\n{attempt.details}", err=True)
    return bool(broken)


def _bar(done: int, total: int) -> None:
    full = _BAR * done // max(1, total)
    click.echo(f"\r  [{'#' * full}{'.' * (_BAR - full)}] {done}/{total}" + ("\n" if done == total else ""), nl=False, err=True)
