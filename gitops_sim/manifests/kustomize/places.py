"""A tree of files, asked path by path; symbolic links are followed, as a file system does it.

Source: kyaml ``filesys/fsondisk.go``, Go's ``filepath.EvalSymlinks``.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable

from gitops_sim.manifests.directory import Files
from gitops_sim.manifests.kustomize.errors import KustomizeError

_MOST_LINKS = 255


class Place:
    """A tree of files, and how its paths are shown.

    Files that offer ``look(path)`` (``file``, ``folder``, ``link`` or nothing) and ``link(path)`` (what a link holds) are not
    listed. ``anywhere`` lets a kustomization read files that are not in or below its own directory.
    """

    def __init__(self, files: Files, shown: str, anywhere: bool = False) -> None:
        self.files, self.anywhere = files, anywhere
        self.shown = shown.rstrip("/")
        self._known: dict[str, str] = {"": "folder"}
        self._look: Callable[[str], str] = getattr(files, "look", None) or _Listed(files).look

    def show(self, path: str) -> str:
        return f"{self.shown}/{path}".rstrip("/") or "/"

    def look(self, path: str) -> str:
        """``file``, ``folder``, ``link``, or nothing."""
        found = self._known.get(path)
        if found is None:
            found = self._known[path] = self._look(path)
        return found

    def evaluate(self, full: str) -> tuple[str, str]:
        """Where a path really leads, and ``file`` or ``folder``. Raises KustomizeError when that is nowhere."""
        done: list[str] = []
        left = full.split("/") if full else []
        kind, hops = "folder", 0
        while left:
            part = left.pop(0)
            if part in ("", "."):
                continue
            if part == "..":
                done, kind = done[:-1], "folder"
                continue
            here = "/".join([*done, part])
            kind = self.look(here)
            if not kind:
                what = f"lstat {self.show(here)}: no such file or directory"
                raise self._lost(full, what, "create it, or mend the path in the kustomization")
            if kind == "link":
                hops += 1
                if hops > _MOST_LINKS:
                    raise self._lost(full, "EvalSymlinks: too many links", "replace one of the links by the file")
                done, left = self._through(here, done, left, full)
                kind = "folder"
                continue
            done.append(part)
            if kind == "file" and left:
                raise self._lost(full, "not a directory", f"{here} is a file")
        return "/".join(done), kind

    def _through(self, link: str, done: list[str], left: list[str], full: str) -> tuple[list[str], list[str]]:
        """The way on behind a link."""
        read: Callable[[str], str] | None = getattr(self.files, "link", None)
        target = read(link) if read is not None else ""
        inside = posixpath.normpath(target if target.startswith("/") else "/".join([*done, target]))
        outside = inside.startswith("../") or (target.startswith("/") and not f"{inside}/".startswith(f"{self.shown}/"))
        if outside:
            raise self._lost(full, f"{target} is outside of the repository", "link to a file of the repository")
        if target.startswith("/"):
            return [], [*inside.removeprefix(self.shown).split("/"), *left]
        return done, [*target.split("/"), *left]

    def _lost(self, full: str, why: str, mend: str) -> KustomizeError:
        return KustomizeError(f"evalsymlink failure on '{self.show(full)}' : {why}", mend=mend)


class _Listed:
    """Looks at files that can only be listed."""

    def __init__(self, files: Files) -> None:
        self._files = frozenset(files.files())
        self._folders = {""}
        for name in self._files:
            while (name := name.rpartition("/")[0]) not in self._folders:
                self._folders.add(name)

    def look(self, path: str) -> str:
        return "file" if path in self._files else "folder" if path in self._folders else ""
