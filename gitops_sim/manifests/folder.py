"""A folder on disk, seen as a tree of files: what ``kubectl apply -f folder`` and ``render`` read."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from gitops_sim.errors import BadInput


class Folder:
    """The files below ``root``. Symbolic links are followed inside it; one that leads out of it raises BadInput when read.

    Raises BadInput when ``root`` is no folder.
    """

    def __init__(self, root: str | Path) -> None:
        self.root = Path(root)
        if not self.root.is_dir():
            what = "is a file, not a folder" if self.root.exists() else "no such folder"
            raise BadInput(what, where=str(root), mend="name a folder that holds manifests")
        self._prefix = os.path.join(os.path.realpath(self.root), "")

    def files(self) -> list[str]:
        """Every file and symbolic link, sorted, by its path relative to the folder; ``.git`` is left out."""
        found: list[str] = []
        for folder, folders, names in os.walk(self.root):
            folders[:] = [name for name in folders if name != ".git" and not os.path.islink(os.path.join(folder, name))]
            at = os.path.relpath(folder, self.root).replace(os.sep, "/")
            found += (name if at == "." else f"{at}/{name}" for name in names)
        return sorted(found)

    def look(self, path: str) -> str:
        """``file``, ``folder`` or ``link`` (not followed); nothing for what is not there."""
        try:
            mode = os.lstat(f"{self.root}/{path}").st_mode
        except (OSError, ValueError):
            return ""
        return "link" if stat.S_ISLNK(mode) else "folder" if stat.S_ISDIR(mode) else "file"

    def link(self, path: str) -> str:
        """What a symbolic link holds."""
        return os.readlink(f"{self.root}/{path}").replace(os.sep, "/")

    def read(self, path: str) -> bytes:
        with open(self._inside(path), "rb") as file:
            return file.read()

    def size(self, path: str) -> int:
        return os.stat(self._inside(path)).st_size

    def _inside(self, path: str) -> str:
        where = f"{self.root}/{path}"
        try:
            real = os.path.realpath(where, strict=True)
        except (OSError, ValueError):
            raise BadInput("is not there, or a link to nothing", where=where, mend="mend the link or remove it") from None
        if not f"{real}/".startswith(self._prefix):
            raise BadInput("leads out of the folder", where=where, mend="put the file itself into the folder")
        if not os.path.isfile(real):
            raise BadInput("is not a file", where=where, mend="name a file")
        return real
