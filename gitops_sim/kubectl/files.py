"""The working folder of a command: a few texts in memory, or whatever else can list and read."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Protocol, runtime_checkable

EXTENSIONS = (".json", ".yaml", ".yml")
"""What ``-f FOLDER`` looks at."""


@runtime_checkable
class Files(Protocol):
    """A tree of files, by paths relative to the working folder, with ``/``."""

    def read(self, path: str) -> str | bytes:
        """Raises FileNotFoundError, or BadInput with the reason why it cannot be read."""
        ...

    def list(self, folder: str) -> Sequence[str] | None:
        """The names in a folder, sorted, those of folders with a ``/`` at the end; None when there is no such folder."""
        ...


class MemoryFiles:
    """Files given as ``{path: text}``; folders are what their paths imply."""

    def __init__(self, texts: Mapping[str, str] | None = None) -> None:
        self._texts = {normal(path): text for path, text in (texts or {}).items()}

    def read(self, path: str) -> str:
        text = self._texts.get(normal(path))
        if text is None:
            raise FileNotFoundError(path)
        return text

    def list(self, folder: str) -> Sequence[str] | None:
        root = normal(folder)
        prefix = "" if root == "." else f"{root}/"
        below = [path[len(prefix) :].partition("/") for path in self._texts if path.startswith(prefix)]
        return sorted({name + slash for name, slash, _ in below}) if below or not prefix else None


def normal(path: str) -> str:
    return posixpath.normpath(path)


def is_file(files: Files, path: str) -> bool:
    folder, name = posixpath.split(normal(path))
    return name in (files.list(folder or ".") or ())


def walk(files: Files, root: str, *, recursive: bool) -> list[str]:
    """The manifests of a folder in the order of their names, with those of folders below it when asked for."""
    found = []
    for name in files.list(root) or ():
        path = posixpath.join(normal(root), name) if normal(root) != "." else name
        if name.endswith("/"):
            found += walk(files, path, recursive=True) if recursive else []
        elif posixpath.splitext(name)[1] in EXTENSIONS:
            found.append(normal(path))
    return found


def glob(files: Files, pattern: str) -> list[str]:
    """The paths that a pattern such as ``apps/*.yaml`` means; each part of a path is matched by itself."""
    found = ["/"] if pattern.startswith("/") else [""]
    for part in filter(None, normal(pattern).split("/")):
        found = [
            posixpath.join(folder, name.rstrip("/"))
            for folder in found
            for name in files.list(folder or ".") or ()
            if fnmatchcase(name.rstrip("/"), part)
        ]
    return sorted(found)
