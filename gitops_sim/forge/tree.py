"""The files of one revision, read straight from the object store: nothing is checked out."""

from __future__ import annotations

import posixpath
from collections import deque
from difflib import get_close_matches

from gitops_sim.errors import BadInput
from gitops_sim.forge.objects import ObjectStore
from gitops_sim.forge.raw import SUBMODULE, SYMLINK, TREE, Entry

_MOST_HOPS = 40
"""Symbolic links followed before it counts as a loop, as in Linux."""


class Tree:
    """A folder of a repository at one revision.

    Paths are relative to the folder, with ``/``; ``..`` may lead to other folders of the repository, never out of it. Symbolic
    links are followed inside the repository; one that leads out of it raises BadInput.

    ``sha`` is Git's id of the folder: equal ids mean equal content, so whatever is computed from a tree can be kept by it.
    """

    def __init__(self, store: ObjectStore, root: str, path: str = "", *, where: str = "") -> None:
        self._store, self._root, self._where = store, root, where
        self.path, entry = self._find(path, "")
        if not entry.is_tree:
            raise BadInput(f"{path!r} is a file", where=where, mend="name the folder that it is in")
        self.sha = entry.sha

    def __repr__(self) -> str:
        return f"Tree({self._where}:{self.path or '.'})"

    def files(self) -> list[str]:
        """Every file and symbolic link below this folder, sorted; submodules are left out."""
        return list(self._store.listing(self.sha))

    def folders(self) -> list[str]:
        """Every folder below this one, sorted."""
        return sorted({parent for file in self.files() for parent in _parents(file)})

    def folder(self, path: str) -> Tree:
        """The folder at ``path``. Raises BadInput when there is none."""
        return Tree(self._store, self._root, posixpath.join(self.path, path), where=self._where)

    def look(self, path: str) -> str:
        """``file``, ``folder`` or ``link`` (not followed); nothing for what is not there."""
        entry = self._entry(path)
        if entry is None or entry.mode == SUBMODULE:
            return ""
        return "link" if entry.mode == SYMLINK else "folder" if entry.is_tree else "file"

    def link(self, path: str) -> str:
        """What a symbolic link holds. Raises BadInput when there is nothing."""
        entry = self._entry(path)
        if entry is None:
            raise self._not_there(path, path)
        return self._store.blob(entry.sha).decode("utf-8", "surrogateescape")

    def exists(self, path: str) -> bool:
        try:
            self._find(path, self.path)
        except BadInput:
            return False
        return True

    def read(self, path: str) -> bytes:
        """A file's content. Raises BadInput when there is none, or when it is a folder."""
        return self._store.blob(self.blob_id(path))

    def size(self, path: str) -> int:
        """Bytes of a file, without reading it."""
        return self._store.size(self.blob_id(path))

    def blob_id(self, path: str) -> str:
        """Git's id of a file's content: equal ids mean equal bytes."""
        _, entry = self._find(path, self.path)
        if entry.mode in (TREE, SUBMODULE):
            raise BadInput(f"{path!r} is a {'folder' if entry.is_tree else 'submodule'}, not a file", where=self._where)
        return entry.sha

    def mode(self, path: str) -> int:
        """Git's mode of ``path`` itself, a link not followed: ``0o100644``, ``0o100755``, ``0o120000`` or ``0o040000``."""
        entry = self._entry(path)
        if entry is None:
            raise self._not_there(path, posixpath.normpath(posixpath.join(self.path, path)))
        return entry.mode

    def _entry(self, path: str) -> Entry | None:
        full = posixpath.normpath(posixpath.join(self.path, path))
        return self._store.entry(self._root, "" if full == "." else full)

    def _find(self, path: str, base: str) -> tuple[str, Entry]:
        """``(path from the root, entry)`` of what a path leads to, links followed."""
        if path.startswith("/"):
            raise BadInput(f"{path!r} is an absolute path", where=self._where, mend="write it relative to the repository")
        parts = deque(posixpath.join(base, path).split("/"))
        done: list[str] = []
        stack = [Entry(TREE, self._root)]
        link, hops = "", 0
        while parts:
            part = parts.popleft()
            if part in ("", "."):
                continue
            if part == "..":
                if not done:
                    raise self._outside(path, link)
                done.pop()
                stack.pop()
                continue
            entry = self._store.tree(stack[-1].sha).get(part) if stack[-1].is_tree else None
            if entry is None:
                raise self._not_there(path, "/".join([*done, part, *parts]), link)
            if entry.mode != SYMLINK:
                done.append(part)
                stack.append(entry)
                continue
            link, hops = "/".join([*done, part]), hops + 1
            if hops > _MOST_HOPS:
                mend = "replace one of them by the file"
                raise BadInput(f"symbolic links run in a circle: {link!r}", where=self._where, mend=mend)
            target = self._store.blob(entry.sha).decode("utf-8", "surrogateescape")
            if target.startswith("/"):
                raise self._outside(path, link)
            parts.extendleft(reversed(target.split("/")))
        return "/".join(done), stack[-1]

    def _outside(self, path: str, link: str) -> BadInput:
        if link:
            return BadInput(
                f"symbolic link {link!r} leads out of the repository",
                where=self._where,
                mend="link to a file of the repository, or replace the link by the file",
            )
        return BadInput(f"{path!r} leads out of the repository", where=self._where, mend="name a path inside it")

    def _not_there(self, path: str, full: str, link: str = "") -> BadInput:
        names = [*self._store.listing(self._root)]
        folders = sorted({parent for name in names for parent in _parents(name)})
        near = get_close_matches(full, names + folders, n=1)
        what = f"symbolic link {link!r} leads to {full!r}, which is not there" if link else f"no path {path!r}"
        if near:
            mend = f"did you mean {near[0]!r}?"
        else:
            top = sorted({name.partition("/")[0] for name in names})
            mend = "the top level holds " + (", ".join(top[:8]) + (", ..." if len(top) > 8 else "") if top else "nothing")
        return BadInput(what, where=self._where, mend=mend)


def _parents(path: str) -> list[str]:
    parts = path.split("/")[:-1]
    return ["/".join(parts[: n + 1]) for n in range(len(parts))]
