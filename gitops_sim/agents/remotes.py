"""Bases that a kustomization names by an address: the forge answers for the repositories that it has."""

from __future__ import annotations

from gitops_sim.errors import BadInput
from gitops_sim.forge import Forge
from gitops_sim.manifests import Files


class ForgeRemotes:
    """What :class:`gitops_sim.manifests.kustomize.Remotes` asks for."""

    def __init__(self, forge: Forge) -> None:
        self._forge = forge

    def open(self, url: str, ref: str) -> tuple[Files, str] | None:
        """The tree of a repository at ``ref``, and its id; None for a repository or a revision that is not there."""
        try:
            repository = self._forge.repository(url)
            tree = repository.tree(repository.resolve(ref or "HEAD"))
        except BadInput:
            return None
        return tree, tree.sha
