"""Bases of kustomizations that are in other repositories: the world's own forge answers for those that it has."""

from __future__ import annotations

from functools import partial

from gitops_sim.errors import BadInput
from gitops_sim.forge import Forge, download
from gitops_sim.manifests import Files


class ForgeRemotes:
    """Opens repositories by address, and remembers in ``opened`` which commit each was at: ``{(url, ref): commit}``.
    ``helm`` lets kustomizations inflate charts, as ``--enable-helm`` does."""

    def __init__(self, forge: Forge, *, helm: bool = False) -> None:
        self._forge = forge
        self.charts = partial(download, forge) if helm else None
        self.opened: dict[tuple[str, str], str] = {}

    def file(self, url: str) -> bytes | None:
        """A single file that the forge serves."""
        try:
            return download(self._forge, url)
        except BadInput:
            return None

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
