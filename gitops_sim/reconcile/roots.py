"""Where Argo CD begins: what of a repository a person would apply by hand, for agents bring everything else from there."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gitops_sim.agents.argocd.glob import matches_path
from gitops_sim.forge import Tree
from gitops_sim.forge.addresses import normal
from gitops_sim.manifests import source_type
from gitops_sim.objects import get_path
from gitops_sim.reconcile.catalog import one_of_each
from gitops_sim.reconcile.finding import Findings, Found
from gitops_sim.reconcile.kustomizations import Kustomizations
from gitops_sim.reconcile.needs import of_argo

_PATH = re.compile(r"\{\{-?\s*\.?path(?:\.path)?\s*-?\}\}")
_ROOT = re.compile(r"root|bootstrap|app-?of-?apps|main", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Built:
    """A kustomization, and the objects of Argo CD that it is made of."""

    folder: str
    holds: tuple[Found, ...]


@dataclass(frozen=True, slots=True)
class Roots:
    """What Argo CD is given to begin with: ``applied`` as they are in the repository, the objects that the kustomizations
    ``built`` make, and ``charts`` as Applications of their own. ``beside`` are kustomizations that one of ``built`` was taken
    instead of."""

    applied: tuple[Found, ...]
    charts: tuple[str, ...] = ()
    built: tuple[Built, ...] = ()
    beside: tuple[str, ...] = ()

    @property
    def titles(self) -> list[str]:
        names = [found.title for found in self.applied if found.kind != "AppProject"]
        return [*names, *(f"kustomization {one.folder or '.'}" for one in self.built), *(f"chart {name}" for name in self.charts)]


@dataclass(frozen=True, slots=True)
class _Start:
    """One thing that could be applied: a file's object, a kustomization, a chart; with the objects of Argo CD in it."""

    title: str
    files: frozenset[str]
    holds: tuple[Found, ...]
    built: str | None = None
    chart: str | None = None


@dataclass(frozen=True, slots=True)
class _Folder:
    """A folder that an Application deploys, and how it is read."""

    path: str
    kind: str
    recurse: bool


def argo_roots(findings: Findings, tree: Tree, ours: Iterable[str], kustomizations: Kustomizations, path: str = "") -> Roots:
    """All that no Application of this repository deploys; of Applications that deploy each other in a circle the one that
    brings most. What a kustomization uses is applied with it: below ``path``, if one is given."""
    starts = list(_starts(findings, kustomizations, path.strip("/.")))
    own = {normal(url) for url in ours}
    deployed = {found.file: list(_folders(found, tree, own)) for found in findings.argo}
    brings: dict[str, list[str]] = {}
    for start in starts:
        folders = [where for found in start.holds for where in deployed[found.file]]
        others = [other for other in starts if any(_takes(where, other, kustomizations) for where in folders)]
        brings[start.title] = [other.title for other in others if other is not start]
    chosen = _chosen(starts, brings)
    built = {start.built: Built(start.built, start.holds) for start in chosen if start.built is not None}
    kept = list(one_of_each(list(built)))
    applied = [found for start in chosen if start.built is None for found in start.holds]
    applied.sort(key=lambda found: (("AppProject", "ApplicationSet", "Application").index(found.kind), found.file))
    charts = [start.chart for start in chosen if start.chart is not None]
    beside = tuple(folder for folder in built if folder not in kept)
    return Roots(tuple(applied), tuple(charts), tuple(built[folder] for folder in kept), beside)


def _starts(findings: Findings, kustomizations: Kustomizations, folder: str) -> Iterator[_Start]:
    inside = [top for top in kustomizations.folders if not folder or f"{top}/".startswith(f"{folder}/")]
    used = {name for top in inside for name in kustomizations.reach(top)}
    tops = [top for top in inside if top not in used and kustomizations.folders[top].get("kind") != "Component"]
    taken = set()
    for top in tops:
        reached = kustomizations.reach(top)
        holds = tuple(found for found in findings.argo if found.file in reached)
        if holds:
            taken |= {found.file for found in holds}
            yield _Start(f"kustomization {top}", frozenset(found.file for found in holds), holds, built=top)
    for found in findings.argo:
        if found.file not in taken:
            yield _Start(f"{found.title} of {found.file}", frozenset([found.file]), (found,))
    for chart in findings.charts:
        yield _Start(f"chart {chart}", frozenset([f"{chart}/Chart.yaml"]), (), chart=chart)


def _folders(found: Found, tree: Tree, own: set[str]) -> Iterator[_Folder]:
    """The folders of this repository that an Application, or those of an ApplicationSet, deploy."""
    recurse = get_path(found.object, ("spec", "source", "directory", "recurse")) is True
    matched = list(_matched(get_path(found.object, ("spec", "generators")), tree, own))
    for need in of_argo(found.object):
        if not need.path or ("{{" not in need.url and normal(need.url) not in own):
            continue
        paths = [folder.join(_PATH.split(need.path)) for folder in matched] if "{{" in need.path else [need.path]
        for path in paths:
            place = posixpath.normpath(path).strip("/.")
            yield _Folder(place, source_type(tree, place), recurse)


def _matched(value: Any, tree: Tree, own: set[str]) -> Iterator[str]:
    """The folders that Git generators find in this repository, wherever they are nested."""
    if isinstance(value, list):
        for inner in value:
            yield from _matched(inner, tree, own)
    elif isinstance(value, Mapping):
        git = value.get("git")
        if isinstance(git, Mapping) and isinstance(git.get("directories"), list) and normal(str(git.get("repoURL") or "")) in own:
            wanted = [item for item in git["directories"] if isinstance(item, Mapping)]
            for folder in tree.folders():
                fitting = [item for item in wanted if matches_path(str(item.get("path") or ""), folder)]
                if fitting and not any(item.get("exclude") is True for item in fitting):
                    yield folder
        for inner in value.values():
            yield from _matched(inner, tree, own)


def _takes(where: _Folder, start: _Start, kustomizations: Kustomizations) -> bool:
    """Whether a deployed folder brings what would be applied otherwise."""
    if start.built is not None and where.path == start.built:
        return True
    if where.kind == "kustomize":
        return bool(kustomizations.reach(where.path) & start.files)
    return any(_inside(where, file) for file in start.files)


def _inside(where: _Folder, file: str) -> bool:
    inside = file.removeprefix(f"{where.path}/") if where.path else file
    if where.path and inside == file:
        return False
    return where.kind != "directory" or where.recurse or "/" not in inside


def _chosen(starts: Sequence[_Start], brings: Mapping[str, Sequence[str]]) -> list[_Start]:
    """What nothing brings, and of what is left in circles the likeliest to begin with, until all is brought."""
    brought = {title for titles in brings.values() for title in titles}
    chosen = [start for start in starts if start.title not in brought]
    done = _closure([start.title for start in chosen], brings)
    while left := [start for start in starts if start.title not in done]:
        first = min(left, key=lambda start: (-len(_closure([start.title], brings)), not _ROOT.search(start.title), start.title))
        chosen.append(first)
        done |= _closure([first.title], brings)
    return chosen


def _closure(titles: Sequence[str], brings: Mapping[str, Sequence[str]]) -> set[str]:
    done, waiting = set(titles), list(titles)
    while waiting:
        for title in brings[waiting.pop()]:
            if title not in done:
                done.add(title)
                waiting.append(title)
    return done
