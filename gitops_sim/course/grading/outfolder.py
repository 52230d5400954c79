"""The folder that takes the result: nothing is written outside it, and nothing in it is lost that is not a former result."""

from __future__ import annotations

import contextlib
import json
import os
import stat
from pathlib import Path

from gitops_sim.course.grading.classroom import Classroom
from gitops_sim.course.grading.feedback import learner_page, learner_text
from gitops_sim.course.grading.names import file_names, shown
from gitops_sim.course.grading.overview import class_page
from gitops_sim.course.grading.tables import FORMAT, as_csv, as_json
from gitops_sim.errors import BadInput

_FILES = ("grades.json", "grades.csv", "index.html")
_LEARNERS = "learners"
_MEND = "name another folder, one that is empty or not there yet"
_MOST = 200_000_000


def check_out(out: Path) -> None:
    """Raises BadInput unless ``out`` is not there, is empty, or holds a former result and nothing else."""
    try:
        found = _entries(out)
    except FileNotFoundError:
        return
    except NotADirectoryError:
        raise BadInput("is not a folder", where=str(out), mend=_MEND) from None
    except OSError:
        raise BadInput("cannot be read", where=str(out), mend=_MEND) from None
    if not found:
        return
    for entry in found:
        inner = entry.name == _LEARNERS and entry.is_dir(follow_symlinks=False)
        if not inner and not (entry.name in _FILES and entry.is_file(follow_symlinks=False)):
            raise BadInput(f"holds {shown(entry.name)!r}, which is no result of grading", where=str(out), mend=_MEND)
        if inner:
            _check_learners(Path(entry.path))
    if not _is_result(out / _FILES[0]):
        raise BadInput("is not empty, and holds no former result", where=str(out), mend=_MEND)


def _check_learners(folder: Path) -> None:
    for entry in _entries(folder):
        if not entry.is_file(follow_symlinks=False) or not entry.name.endswith((".html", ".txt")):
            raise BadInput(f"holds {shown(entry.name)!r}, which is no result of grading", where=str(folder), mend=_MEND)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    """What is in the folder, but for files that were being written when a former grading was killed."""
    with os.scandir(folder) as found:
        return sorted((entry for entry in found if not entry.name.endswith(".part")), key=lambda entry: entry.name)


def _is_result(path: Path) -> bool:
    try:
        status = os.lstat(path)
        if not stat.S_ISREG(status.st_mode) or status.st_size > _MOST:
            return False
        data = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(data, dict) and data.get("format") == FORMAT


def write_result(room: Classroom, out: Path) -> None:
    """Writes ``grades.json``, ``grades.csv``, ``index.html`` and ``learners/``; takes away what a former result left there."""
    check_out(out)
    named = file_names(row.id for row in room.rows if row.id)
    try:
        out.mkdir(parents=True, exist_ok=True)
        _write(out / "grades.json", as_json(room, named))  # first: it marks the folder as ours
        learners = out / _LEARNERS
        learners.mkdir(exist_ok=True)
        written = set()
        for row in room.rows:
            if row.id:
                name = named[row.id]
                _write(learners / f"{name}.html", learner_page(row, room))
                _write(learners / f"{name}.txt", learner_text(row, room))
                written |= {f"{name}.html", f"{name}.txt"}
        for name in sorted(set(os.listdir(learners)) - written):
            os.unlink(learners / name)
        _write(out / "grades.csv", as_csv(room))
        _write(out / "index.html", class_page(room, named))
    except OSError as error:
        what = f"cannot be written: {error.strerror}"
        raise BadInput(what, where=str(out), mend="look at its permissions and the disk") from None


def _write(path: Path, text: str) -> None:
    """All of it or nothing, in UTF-8; a half of a character becomes a question mark."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.unlink(missing_ok=True)
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o644)
        with open(handle, "wb") as file:
            file.write(text.encode("utf-8", "replace"))
        os.replace(part, path)
    except OSError:
        with contextlib.suppress(OSError):
            part.unlink()
        raise
