"""What one more submission costs the grader, and, in the same run, what one more costs nbgrader with a trivial notebook.

    python bench/grading.py [--count 100] [--nbgrader PYTHON]

PYTHON is the interpreter of an environment in which nbgrader is installed; GITOPS_SIM_NBGRADER may name it as well. Costs are
processor seconds of the whole command with all its processes, and wall time; marginal: (many - few) / (many less few), so that
starting up is not counted on either side. The course's first exercise stands beside the trivial notebook; a longer one, in which
others act as well, is measured too. Prints figures; asserts nothing but that every submission was graded.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gitops_sim.actions import dump_actions
from gitops_sim.course.exercises import load_exercise

FIRST, LONGER = "first-sync", "drift-and-reconcile"
FEW = 10
NBGRADER_FEW, NBGRADER_MANY = 2, 10


@dataclass(frozen=True)
class Cost:
    """Seconds of one command with everything that it started."""

    cpu: float
    wall: float

    def marginal(self, fewer: Cost, by: int) -> Cost:
        return Cost((self.cpu - fewer.cpu) / by, (self.wall - fewer.wall) / by)


def cost_of(command: Sequence[str | Path], folder: Path) -> Cost:
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    home = str(Path(command[0]).parent)  # nbgrader calls tools that stand beside it
    environment = {**os.environ, "PATH": home + os.pathsep + os.environ.get("PATH", "")}
    done = subprocess.run(list(map(str, command)), cwd=folder, env=environment, capture_output=True, text=True, check=False)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
    return Cost(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall)


# ---------------------------------------------------------------------- ours


def hand_in(folder: Path, id: str, count: int) -> None:
    """The solution and the wrong ways of one exercise in turn, each by a learner of their own."""
    exercise = load_exercise(id)
    logs = [exercise.solution, *(wrong.log for wrong in exercise.wrong)]
    folder.mkdir()
    for number in range(count):
        learner = {"id": f"s{number:03}", "name": f"Student {number}"}
        about = {"id": exercise.id, "version": exercise.version}
        log = replace(logs[number % len(logs)], exercise=about, learner=learner, seed=exercise.seed)
        (folder / f"s{number:03}.yaml").write_text(dump_actions(log), encoding="utf-8")


def ours(folder: Path, id: str, count: int, jobs: int) -> Cost:
    handed_in, out = folder / f"in-{id}-{count}", folder / f"out-{id}-{count}"
    hand_in(handed_in, id, count)
    command = [sys.executable, "-m", "gitops_sim", "grade", handed_in, "--out", out, "--jobs", str(jobs)]
    cost = cost_of(command, folder)
    with (out / "grades.csv").open(encoding="utf-8", newline="") as file:
        graded = sum(row["status"] == "graded" for row in csv.DictReader(file))
    if graded != count:
        sys.exit(f"{graded} of {count} were graded")
    return cost


# ---------------------------------------------------------------------- nbgrader


def nbgrader(python: str, folder: Path, count: int) -> Cost:
    """Autogrades the same trivial notebook of ``count`` students."""
    tool = str(Path(python).with_name("nbgrader"))
    home = folder / f"nbgrader-{count}"
    source = home / "source" / "ps1"
    source.mkdir(parents=True)
    (home / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.course_id = 'bench'\n", encoding="utf-8")
    (source / "p.ipynb").write_text(json.dumps(_notebook()), encoding="utf-8")
    cost_of([tool, "generate_assignment", "ps1", "--create"], home)
    for number in range(count):
        handed_in = home / "submitted" / f"s{number:03}" / "ps1"
        handed_in.mkdir(parents=True)
        shutil.copy(home / "release" / "ps1" / "p.ipynb", handed_in)
    return cost_of([tool, "autograde", "ps1", "--create"], home)


def _notebook() -> dict[str, object]:
    """One answer and one test of one point: the least that nbgrader can grade."""
    answer = _cell("answer", "### BEGIN SOLUTION\nx = 3\n### END SOLUTION", grade=False, solution=True)
    test = _cell("test", "assert True", grade=True, solution=False)
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return {"cells": [answer, test], "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}


def _cell(id: str, source: str, *, grade: bool, solution: bool) -> dict[str, object]:
    about = {
        "grade": grade,
        "solution": solution,
        "locked": grade,
        "task": False,
        "grade_id": id,
        "schema_version": 3,
        **({"points": 1} if grade else {}),
    }
    meta = {"nbgrader": about}
    return {"cell_type": "code", "id": id, "metadata": meta, "source": source, "outputs": [], "execution_count": None}


# ---------------------------------------------------------------------- report


def told(name: str, cost: Cost) -> str:
    return f"{name:52} {cost.cpu * 1000:8.0f} ms CPU {cost.wall * 1000:8.0f} ms wall"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=100, help="submissions of ours")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--nbgrader", default=os.environ.get("GITOPS_SIM_NBGRADER", ""), help="Python with nbgrader installed")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-grading-") as name:
        folder = Path(name)
        ours(folder, FIRST, 2, 2)  # warms the disk
        one: dict[str, Cost] = {}
        for id in (FIRST, LONGER):
            many, few = ours(folder, id, given.count, given.jobs), ours(folder, id, FEW, given.jobs)
            one[id] = many.marginal(few, given.count - FEW)
            print(told(f"gitops-sim grade, {given.count} of {id}, {given.jobs} jobs", many))
            print(told("  one more submission", one[id]))
        if not given.nbgrader:
            print("nbgrader is left out: name a Python that has it with --nbgrader or GITOPS_SIM_NBGRADER")
            return
        if not Path(given.nbgrader).with_name("nbgrader").is_file():
            print(f"nbgrader is left out: there is none beside {given.nbgrader}")
            return
        least = nbgrader(given.nbgrader, folder, NBGRADER_FEW)
        most = nbgrader(given.nbgrader, folder, NBGRADER_MANY)
        theirs = most.marginal(least, NBGRADER_MANY - NBGRADER_FEW)
        print(told(f"nbgrader autograde, {NBGRADER_MANY} trivial notebooks", most))
        print(told("  one more notebook", theirs))
        for id, cost in one.items():
            print(f"{theirs.cpu / cost.cpu:.0f} times the CPU and {theirs.wall / cost.wall:.0f} times the wall time of one {id}")


if __name__ == "__main__":
    main()
