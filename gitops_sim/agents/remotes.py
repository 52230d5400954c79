"""Bases of kustomizations that are in other repositories: the world's own forge answers for those that it has."""

from __future__ import annotations

from gitops_sim.errors import BadInput
from gitops_sim.forge import Forge
from gitops_sim.manifests import Files


class ForgeRemotes:
    """Opens repositories by address, and remembers in ``opened`` which commit each was at: ``{(url, ref): commit}``."""

    def __init__(self, forge: Forge) -> None:
        self._forge = forge
        self.opened: dict[tuple[str, str], str] = {}

    def open(self, url: str, ref: str) -> tuple[Files, str] | None:
        """The tree at ``ref`` (empty: the default branch) and its id; None for a repository, or a ref, that is not there."""
        commit = self.commit(url, ref)
        self.opened[url, ref] = commit
        if not commit:
            return None
        tree = self._forge.repository(url).tree(commit)
        return tree, tree.sha

    def commit(self, url: str, ref: str) -> str:
        """The commit that is meant now; empty for none."""
        try:
            return self._forge.repository(url).resolve(ref or "HEAD")
        except BadInput:
            return ""
