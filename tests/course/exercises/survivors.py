"""``python -m tests.course.exercises.survivors`` writes the list of mutants that pass, exercise by exercise."""

from __future__ import annotations

from pathlib import Path

from gitops_sim.course.exercises import exercise_ids, load_exercise
from tests.course.exercises.mutants import hunt

FILE = Path(__file__).with_name("survivors.txt")


def listed(id: str) -> list[str]:
    """The survivors that the file names for an exercise."""
    lines = FILE.read_text(encoding="utf-8").splitlines()
    return [line.removeprefix(f"{id}: ") for line in lines if line.startswith(f"{id}: ")]


if __name__ == "__main__":
    found = {id: hunt(load_exercise(id)) for id in exercise_ids()}
    lines = [f"{id}: {name}\n" for id, hunted in found.items() for name in hunted.survivors]
    FILE.write_text("".join(lines), encoding="utf-8")
    for id, hunted in found.items():
        print(f"{id}: {hunted.count - len(hunted.survivors)} of {hunted.count} caught")
