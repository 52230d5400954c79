"""The exercises that come with the course, and those in folders of your own."""

from __future__ import annotations

from pathlib import Path

from gitops_sim.course.exercises.format import Exercise, read_exercise
from gitops_sim.course.shipped import shipped
from gitops_sim.errors import BadInput
from gitops_sim.nearest import nearest


def exercise_ids() -> list[str]:
    """The exercises that come with the course, in its order."""
    return list(_folders())


def load_exercise(id_or_path: str | Path) -> Exercise:
    """By id, by its number in the course, or from a folder of your own (a path with ``/``).

    Raises BadInput for an unknown id, which names the nearest, and for a folder that is not an exercise.
    """
    text = str(id_or_path)
    if isinstance(id_or_path, Path) or "/" in text or "\\" in text:
        folder = Path(text)
        if not folder.is_dir():
            raise BadInput("no such folder", where=text, mend="name the folder that holds exercise.yaml")
        return read_exercise(folder)
    folders = _folders()
    if text.isdecimal():
        text = next((id for id, folder in folders.items() if int(folder.name.partition("-")[0]) == int(text)), text)
    if text not in folders:
        raise BadInput(f"no exercise {text!r}", mend=nearest(text, folders))
    exercise = read_exercise(folders[text])
    if exercise.id != text:
        where = str(folders[text] / "exercise.yaml")
        raise BadInput(f"is called {exercise.id!r}, but its folder {text!r}", where=where, mend="give both the same name")
    return exercise


def _folders() -> dict[str, Path]:
    found = sorted(path.parent for path in shipped("exercises").glob("[0-9]*-*/exercise.yaml"))
    return {folder.name.partition("-")[2]: folder for folder in found}
