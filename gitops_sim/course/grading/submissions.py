"""Finding and reading what was handed in. Nothing is followed, unpacked or run; nothing is read beyond what a log may hold."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gitops_sim.actions import LIMITS
from gitops_sim.course.grading.names import natural, shown
from gitops_sim.errors import BadInput

MOST_FILES = 20_000
MOST_DEPTH = 12
ENDINGS = (".yaml", ".yml", ".json")
_HAND_IN = "hand in the file that 'submit' wrote"
_KINDS = (
    (stat.S_ISLNK, "is a link to another file"),
    (stat.S_ISFIFO, "is a named pipe, not a file"),
    (stat.S_ISSOCK, "is a socket, not a file"),
    (stat.S_ISCHR, "is a device, not a file"),
    (stat.S_ISBLK, "is a device, not a file"),
    (stat.S_ISDIR, "is a folder"),
)
_MAGIC = (
    (b"PK\x03\x04", "is a zip archive (or an office document)"),
    (b"\x1f\x8b", "is a gzip archive"),
    (b"BZh", "is a bzip2 archive"),
    (b"\xfd7zXZ", "is an xz archive"),
    (b"\x28\xb5\x2f\xfd", "is a zstd archive"),
    (b"7z\xbc\xaf", "is a 7z archive"),
    (b"%PDF", "is a PDF"),
    (b"\x89PNG", "is a picture"),
    (b"\x7fELF", "is a program"),
    (b"MZ", "is a program"),
)


@dataclass(frozen=True, slots=True)
class Submission:
    """One file as it was handed in. ``label`` is its path below the folder that was named, so that it says nothing about the
    machine; ``content`` is None where ``refused`` says why it was not read."""

    label: str
    content: bytes | None
    refused: str = ""


def read_submissions(paths: Sequence[Path], *, leave_out: Sequence[Path] = ()) -> list[Submission]:
    """Every file that is named, and every file in the folders that are named, in the order of their labels.

    Hidden files and what lies in ``leave_out`` are passed over; everything else is a submission, if only a refused one. Raises
    BadInput when there is nothing of that name, and when there is too much.
    """
    skipped = {_real(path) for path in leave_out}
    found: dict[str, Submission] = {}
    for path in paths:
        for label, file in _files(path, skipped):
            name = label
            number = 2
            while name in found:
                name, number = f"{label} ({number})", number + 1
            if len(found) == MOST_FILES:
                raise BadInput(f"more than {MOST_FILES} files", where=str(path), mend="grade the class in parts")
            found[name] = _submission(name, file)
    return [found[label] for label in sorted(found, key=_order)]


def _order(label: str) -> tuple[object, ...]:
    """As people order: ``ana``, ``ana-2``, ``ana-10``, whatever the endings."""
    *folders, name = label.split("/")
    return [*map(natural, folders)], natural(name.rpartition(".")[0] or name), label


def _files(path: Path, skipped: set[str]) -> Iterator[tuple[str, Path]]:
    try:
        mode = os.lstat(path).st_mode
    except (OSError, ValueError) as error:
        raise BadInput(_why(error), where=shown(str(path)), mend="name files and folders that are there") from None
    if stat.S_ISDIR(mode) or (stat.S_ISLNK(mode) and path.is_dir()):
        yield from _below(path, "", skipped, 0)
    else:
        yield path.name, path


def _below(folder: Path, label: str, skipped: set[str], depth: int) -> Iterator[tuple[str, Path]]:
    if _real(folder) in skipped:
        return
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        raise BadInput(f"cannot be read: {_why(error)}", where=shown(str(folder)), mend="change its permissions") from None
    for entry in entries:
        if entry.name.startswith("."):
            continue
        inner = f"{label}{entry.name}"
        if entry.is_dir(follow_symlinks=False):
            if depth == MOST_DEPTH or entry.name.lower().endswith(ENDINGS):
                yield inner, Path(entry.path)
            else:
                yield from _below(Path(entry.path), inner + "/", skipped, depth + 1)
        elif _real(Path(entry.path)) not in skipped:
            yield inner, Path(entry.path)


def _real(path: Path) -> str:
    return os.path.realpath(path)


def _submission(label: str, path: Path) -> Submission:
    content, refused = read_bytes(path, LIMITS.bytes)
    if content is None:
        return Submission(label, None, f"{refused}; {_HAND_IN}")
    kind = next((what for magic, what in _MAGIC if content.startswith(magic)), "")
    if kind:
        return Submission(label, None, f"{kind}; {_HAND_IN}, as it is")
    if not label.lower().endswith(ENDINGS):
        return Submission(label, None, f"is not a submission: its name does not end in .yaml; {_HAND_IN}")
    if b"\0" in content and content[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        return Submission(label, None, f"is not a text file; {_HAND_IN}")
    if not content.strip():
        return Submission(label, None, f"is empty; {_HAND_IN}")
    return Submission(label, content)


def read_bytes(path: Path, most: int, *, links: bool = False) -> tuple[bytes | None, str]:
    """The content of a regular file of at most ``most`` bytes; otherwise None, and why. Never waits for a pipe, and follows a
    link only where ``links`` says so."""
    try:
        mode = (os.stat if links else os.lstat)(path).st_mode
        kind = next((what for is_kind, what in _KINDS if is_kind(mode)), "")
        if kind:
            return None, kind
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
        handle = os.open(path, flags | (0 if links else getattr(os, "O_NOFOLLOW", 0)))
        with open(handle, "rb") as file:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                return None, "is not a file"
            if status.st_size > most:
                return None, _too_large(status.st_size, most)
            content = file.read(most + 1)
    except (OSError, ValueError) as error:
        return None, f"cannot be read: {_why(error)}"
    return (content, "") if len(content) <= most else (None, _too_large(len(content), most))


def _too_large(size: int, most: int) -> str:
    return f"is {size / 1e6:.1f} MB large; the limit is {most / 1e6:g} MB"


def _why(error: OSError | ValueError) -> str:
    """Without the path, which is told beside it."""
    if not isinstance(error, OSError):
        return "no such name"
    known = {errno.ENOENT: "no such file or folder", errno.EACCES: "no permission", errno.ELOOP: "is a link to another file"}
    return known.get(error.errno or 0, "the operating system refuses")
