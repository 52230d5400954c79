"""The kustomizations of a repository, and what each of them uses: files and other kustomizations, and those of these."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from gitops_sim.errors import BadInput
from gitops_sim.forge import Tree
from gitops_sim.manifests import KUSTOMIZATION_NAMES
from gitops_sim.reconcile.needs import Need
from gitops_sim.yaml_in import load_document

_USED = ("resources", "bases", "components", "crds")
_ASIDE = frozenset({"testdata", "test", "tests", "e2e", "fixtures", "node_modules", "vendor"})
"""Folders whose manifests try something out."""


def is_aside(file: str) -> bool:
    """Whether a file lies in a folder of tests, or in a hidden one."""
    folders = file.split("/")[:-1]
    return bool(_ASIDE.intersection(folders)) or any(folder.startswith(".") for folder in folders)


@dataclass(frozen=True, slots=True)
class Remote:
    """Something elsewhere that a kustomization uses: a file, or a folder of a repository."""

    name: str
    component: bool


class Kustomizations:
    """``folders`` are the kustomizations by their folder, with what their files say; one that cannot be read says nothing. Those
    in folders of tests are left out, unless ``prefix`` names the folder."""

    def __init__(self, tree: Tree, prefix: str = "") -> None:
        self._files = frozenset(tree.files())
        self.folders: dict[str, dict[str, Any]] = {}
        for file in sorted(self._files):
            folder, _, name = file.rpartition("/")
            if name in KUSTOMIZATION_NAMES and not is_aside(file.removeprefix(prefix)):
                self.folders[folder] = _read(tree, file)
        self._uses = {folder: dict.fromkeys(self._used(folder)) for folder in self.folders}
        self._reached: dict[str, frozenset[str]] = {}

    def reach(self, folder: str) -> frozenset[str]:
        """The files and the folders that a kustomization uses, through others as well."""
        if folder not in self._reached:
            found: dict[str, None] = {}
            waiting = [folder]
            while waiting:
                for used in self._uses.get(waiting.pop(), ()):
                    if used not in found:
                        found[used] = None
                        waiting.append(used)
            self._reached[folder] = frozenset(found)
        return self._reached[folder]

    @cached_property
    def tops(self) -> list[str]:
        """Those that no other one uses; a Component is none."""
        used = {name for names in self._uses.values() for name in names}
        return [folder for folder, said in self.folders.items() if folder not in used and said.get("kind") != "Component"]

    def remote(self) -> Iterator[Remote]:
        """What they use that is not in this repository."""
        for folder, said in self.folders.items():
            for field in _USED:
                for name in _names(said, field):
                    if self._place(folder, name) is None:
                        yield Remote(name, component=field == "components")

    def charts(self) -> Iterator[Need]:
        """The charts that they inflate."""
        for said in self.folders.values():
            for field in ("helmCharts", "helmChartInflationGenerator"):
                entries = said.get(field)
                for entry in entries if isinstance(entries, list) else ():
                    yield from _chart(entry)

    def _used(self, folder: str) -> Iterator[str]:
        for field in _USED:
            for name in _names(self.folders[folder], field):
                place = self._place(folder, name)
                if place is not None:
                    yield place

    def _place(self, folder: str, name: str) -> str | None:
        """The file or the kustomization that a name means; None for one that is not in this repository."""
        place = posixpath.normpath(posixpath.join(folder, name))
        place = "" if place == "." else place
        return place if place in self._files or place in self.folders else None


def _read(tree: Tree, file: str) -> dict[str, Any]:
    try:
        value = load_document(tree.read(file), where=file)
    except BadInput:
        return {}
    return value if isinstance(value, dict) else {}


def _names(said: dict[str, Any], field: str) -> Iterator[str]:
    names = said.get(field)
    yield from (name for name in names if isinstance(name, str)) if isinstance(names, list) else ()


def _chart(entry: Any) -> Iterator[Need]:
    if not isinstance(entry, dict):
        return
    name, repo, version = (
        entry.get(new) or entry.get(old)
        for new, old in (("name", "chartName"), ("repo", "chartRepoUrl"), ("version", "chartVersion"))
    )
    if name and repo:
        yield Need(str(repo), chart=str(name), version=str(version or ""))
