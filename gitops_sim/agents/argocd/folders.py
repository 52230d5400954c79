"""The repositories of sources, and what is remembered of their folders: one at a commit never changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gitops_sim.agents.argocd.application import Source
from gitops_sim.agents.argocd.desired import LoadFailedError
from gitops_sim.agents.argocd.overrides import has_overrides
from gitops_sim.agents.frozen import Frozen
from gitops_sim.errors import BadInput
from gitops_sim.forge import Forge, Repository, Tree
from gitops_sim.manifests import source_type

_SYMLINK = 0o120000
_MOST = 1024
"""Folders at a commit that are remembered."""


@dataclass(frozen=True, slots=True)
class Folder(Frozen):
    """What is remembered of one. ``linked``: it has symbolic links, so that it may hold what is not in it; ``overridden``: files
    lay settings of their own over the source."""

    sha: str
    type: str
    linked: bool
    overridden: bool


class Folders:
    """Reads Git through the forge. Methods raise LoadFailedError."""

    def __init__(self, forge: Forge) -> None:
        self._forge = forge
        self._seen: dict[tuple[str, str, str], Folder] = {}

    def repository(self, source: Source) -> Repository:
        if source.raw.get("plugin"):
            raise LoadFailedError(
                "Unimplemented desc = sources of type plugin are not supported by this simulator yet",
                mend="point the Application at plain manifests, a kustomization or a chart",
            )
        try:
            return self._forge.repository(source.repo_url)
        except BadInput as error:
            raise LoadFailedError(f"Unknown desc = failed to list refs: {error.what}", mend=error.mend) from None

    def look(self, repository: Repository, source: Source, revision: str) -> Folder:
        """A folder at a commit, which never changes: all Applications that are deployed from it look at it once."""
        known = (repository.name, revision, source.path)
        if known not in self._seen:
            tree = self.tree(repository, source, revision)
            linked = any(tree.mode(file) == _SYMLINK for file in tree.files())
            make_room(self._seen)
            self._seen[known] = Folder(tree.sha, source_type(tree), linked, has_overrides(tree))
        return self._seen[known]

    def tree(self, repository: Repository, source: Source, revision: str) -> Tree:
        try:
            return repository.tree(revision, source.path)
        except BadInput as error:
            if source.path.startswith("/"):
                text = f"{source.path}: app path is absolute"
            elif "leads out of the repository" in error.what:
                text = f"{source.path}: app path outside root"
            elif "is a file" in error.what:
                text = f"{source.path}: app path is not a directory"
            else:
                text = f"{source.path}: app path does not exist"
            raise LoadFailedError(f"Unknown desc = {text}", mend=error.mend) from None


def make_room(kept: dict[Any, Any]) -> None:
    """Forgets what was kept first."""
    if len(kept) >= _MOST:
        del kept[next(iter(kept))]
