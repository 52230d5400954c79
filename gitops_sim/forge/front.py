"""A folder of bare repositories for the real git, in front of those of a world, which stay as they are until it is their turn."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gitops_sim.forge import history
from gitops_sim.forge.bare import borrow, make_bare, write_hook
from gitops_sim.forge.forge import Forge
from gitops_sim.forge.objects import ObjectStore
from gitops_sim.forge.refs import Refs
from gitops_sim.forge.repository import Repository
from gitops_sim.forge.transfer import export_commits

_PUSHED = "pushed"
_RECEIVED_HOOK = f"""\
#!/bin/sh
# Comes back when the push has been taken up, after 5 seconds at the latest.
dir=${{GIT_DIR:-.}}
: > "$dir/{_PUSHED}"
n=0
while [ -e "$dir/{_PUSHED}" ] && [ $n -lt 50 ]; do
    sleep 0.1
    n=$((n + 1))
done
"""


class Front:
    """``folder`` is made, and goes with :meth:`close`. ``refusals`` are the words in which pushes are refused: ``commit`` for a
    step forward, ``branch`` for a new branch or a deleted one, ``reset`` for a branch that is moved elsewhere.

    Its repositories borrow the objects of the forge's, and show their branches as they were at the last :meth:`show`. What the
    real git pushes is answered at once, and handed over by :meth:`take`."""

    def __init__(self, folder: Path, forge: Forge, refusals: Mapping[str, str]) -> None:
        self.folder = folder
        shutil.rmtree(folder, ignore_errors=True)
        self._doors = [_Door(folder / f"{repository.name}.git", repository, refusals) for repository in forge.repositories]
        self.show()

    def take(self) -> list[dict[str, Any]]:
        """What was pushed since the last time, as the fields of ``push`` actions, in the order in which they can be made."""
        return [push for door in self._doors for push in door.take()]

    def show(self) -> None:
        """Brings the branches as they are in the world now; whoever waits for a push to be taken up goes on."""
        for door in self._doors:
            door.show()

    def close(self) -> None:
        """Nobody can push any more."""
        shutil.rmtree(self.folder, ignore_errors=True)


class _Door:
    """One repository of the front."""

    def __init__(self, path: Path, repository: Repository, refusals: Mapping[str, str]) -> None:
        make_bare(path, repository.default_branch)
        write_hook(path, "post-receive", _RECEIVED_HOOK)
        borrow(path, (repository.path / "objects").resolve())
        (path / "protected-branches").write_text("".join(f"{branch}\n" for branch in repository.protected))
        for what, words in refusals.items():
            (path / f"refuse-{what}").write_text(f"{words}\n", encoding="utf-8")
        self._path, self._repository = path, repository
        self._refs = Refs(path)
        self._forward = "reset" in refusals
        self._shown: dict[str, str] = {}
        self._taken: dict[str, str] = {}

    def take(self) -> list[dict[str, Any]]:
        self._taken = now = self._refs.list("refs/heads/")
        if now == self._shown:
            return []
        store, known, pushes = ObjectStore(self._path), self._repository.branches, []
        for branch in sorted({*now, *self._shown}):
            new, old = now.get(branch), self._shown.get(branch)
            if new == old or known.get(branch) != old:  # the world went on meanwhile: show() puts the branch back
                continue
            if self._forward and new and old and not history.is_ancestor(store, old, new):  # as it did just before
                continue
            fields: dict[str, Any] = {"repo": self._repository.name, "ref": f"refs/heads/{branch}", "commits": []}
            if new is not None:
                fields |= {"commits": export_commits(store, new, [*known.values()]), "to": new}
            pushes.append(fields)
        return pushes

    def show(self) -> None:
        """What was pushed since :meth:`take` stays for the next one."""
        self._shown, late = self._repository.branches, False
        if self._shown != self._taken:
            for branch in {**self._taken, **self._shown}:
                ref, wanted = f"refs/heads/{branch}", self._shown.get(branch)
                there = self._refs.read(ref)
                if there != self._taken.get(branch):
                    late = True
                elif wanted is None:
                    self._refs.delete(ref)
                elif wanted != there:
                    self._refs.write(ref, wanted)
        if not late:
            (self._path / _PUSHED).unlink(missing_ok=True)
