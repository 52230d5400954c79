"""Where to begin: what of a repository a person would apply by hand, for everything else is brought by agents from there."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gitops_sim.forge import Tree
from gitops_sim.forge.addresses import normal
from gitops_sim.manifests import source_type
from gitops_sim.objects import get_path
from gitops_sim.reconcile.finding import Findings, Found
from gitops_sim.reconcile.needs import Need, of_argo

_FIRST = re.compile(r"prod|prd|live", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Roots:
    """What Argo CD is given to begin with: ``applied`` as they are in the repository, ``charts`` as Applications of their own."""

    applied: tuple[Found, ...]
    charts: tuple[str, ...]


def argo_roots(findings: Findings, tree: Tree, ours: Iterable[str]) -> Roots:
    """All that no Application of this repository deploys. An Application does not count for its own file."""
    own = {normal(url) for url in ours}
    sources = [
        (found, need) for found in findings.argo for need in of_argo(found.object) if normal(need.url) in own and need.path
    ]
    kinds = {need.path: source_type(tree, need.path) for _, need in sources}
    folders = [(found, need, kinds[need.path]) for found, need in sources]

    def deployed(file: str, itself: Found | None) -> bool:
        return any(other is not itself and _takes(other, need, kind, file) for other, need, kind in folders)

    applied = [found for found in findings.argo if not deployed(found.file, found)]
    applied.sort(key=lambda found: (("AppProject", "ApplicationSet", "Application").index(found.kind), found.file))
    return Roots(tuple(applied), tuple(chart for chart in findings.charts if not deployed(f"{chart}/Chart.yaml", None)))


def _takes(owner: Found, need: Need, kind: str, file: str) -> bool:
    """Whether a source of an Application brings what is in a file."""
    folder = posixpath.normpath(need.path).strip("/.")
    inside = file.removeprefix(f"{folder}/") if folder else file
    if folder and inside == file:
        return False
    recurse = get_path(owner.object, ("spec", "source", "directory", "recurse")) is True
    return kind != "directory" or recurse or "/" not in inside


def flux_roots(findings: Findings) -> list[str]:
    """The folders that ``flux bootstrap`` may have been pointed at, the likeliest first: those of Kustomizations that lie in no
    folder that another Kustomization takes. Those for production come before others."""
    kustomizations = [found for found in findings.flux if found.kind == "Kustomization"]
    if not kustomizations:
        return sorted({found.folder for found in findings.flux})[:1]
    taken = [(found, _path(found)) for found in kustomizations if get_path(found.object, ("spec", "sourceRef", "kind")) in _TAKE]
    loops = [path for found, path in taken if _inside(found.file, path)]
    free = [
        found.folder
        for found in kustomizations
        if not any(other is not found and path and _inside(found.file, path) for other, path in taken)
    ]
    return sorted(_outermost([*loops, *free]), key=lambda folder: (not _FIRST.search(folder), folder))


_TAKE = ("GitRepository", "OCIRepository", "Bucket")


def _path(found: Found) -> str:
    return posixpath.normpath(f"/{get_path(found.object, ('spec', 'path')) or ''}").strip("/")


def _inside(file: str, folder: str) -> bool:
    return not folder or file.startswith(f"{folder}/")


def _outermost(folders: Sequence[str]) -> list[str]:
    found = list(dict.fromkeys(folders))
    return [folder for folder in found if not any(other != folder and _inside(f"{folder}/", other) for other in found)]
