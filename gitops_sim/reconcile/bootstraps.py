"""Where Flux begins: what ``flux bootstrap``, or the Flux Operator, was pointed at."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gitops_sim.agents.flux.toolkit import NAMESPACE
from gitops_sim.forge import Tree
from gitops_sim.objects import get_path
from gitops_sim.reconcile.finding import Findings, Found
from gitops_sim.reconcile.kustomizations import Kustomizations

_FIRST = re.compile(r"prod|prd|live", re.IGNORECASE)
_OF_GIT = ("GitRepository", "OCIRepository", "Bucket")


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """``paths`` are the folders that Flux may have been pointed at, the likeliest first; ``source`` is how the repository is
    called in the cluster; ``why`` says how that is known."""

    paths: tuple[str, ...]
    source: str
    why: str


def flux_bootstrap(findings: Findings, tree: Tree, kustomizations: Kustomizations) -> Bootstrap:
    """In this order: what the Flux Operator is told; the path of the Kustomization ``flux-system`` that ``flux bootstrap``
    commits; the folders of Kustomizations that no other Kustomization takes. Those for production come before others."""
    source = _source(findings, tree)
    told = [place for sync in findings.syncs if (place := _place(sync.get("path"))) is not None and _is_folder(tree, place)]
    if told:
        return Bootstrap(_sorted(told), source, "as the Flux Operator is told")
    committed = [found for found in findings.of("Kustomization") if found.name == found.namespace == NAMESPACE]
    pointed = [place for found in committed if (place := _path(found)) is not None and _is_folder(tree, place)]
    if pointed:
        return Bootstrap(_sorted(pointed), source, "as its Kustomization flux-system says")
    return Bootstrap(_sorted(_free(findings, kustomizations)), source, "for no other Kustomization takes what is there")


def _free(findings: Findings, kustomizations: Kustomizations) -> list[str]:
    found = findings.of("Kustomization")
    if not found:
        return sorted({item.folder for item in findings.flux})[:1]
    takers = [(item, _path(item)) for item in found if get_path(item.object, ("spec", "sourceRef", "kind")) in _OF_GIT]
    paths = [(item, path) for item, path in takers if path]
    loops = [path for item, path in paths if _takes(path, item.file, kustomizations)]
    free = [
        item.file
        for item in found
        if not any(other is not item and _takes(path, item.file, kustomizations) for other, path in paths)
    ]
    return [*loops, *_carriers(free, kustomizations)]


def _takes(path: str, file: str, kustomizations: Kustomizations) -> bool:
    if path in kustomizations.folders:
        return file in kustomizations.reach(path)
    return file.startswith(f"{path}/")


def _carriers(files: Sequence[str], kustomizations: Kustomizations) -> Iterator[str]:
    """The folders that bring files: those of kustomizations that use them, or their own."""
    for file in files:
        tops = [top for top in kustomizations.tops if file in kustomizations.reach(top)]
        yield from tops or [posixpath.dirname(file)]


def _source(findings: Findings, tree: Tree) -> str:
    """What most Kustomizations call the source of folders that are in this repository."""
    refs = [(found, get_path(found.object, ("spec", "sourceRef")) or {}) for found in findings.of("Kustomization")]
    names = Counter(
        str(ref.get("name"))
        for found, ref in refs
        if ref.get("kind") == "GitRepository" and _path(found) and _is_folder(tree, _path(found) or "")
    )
    if not names or NAMESPACE in names:
        return NAMESPACE
    return names.most_common(1)[0][0]


def _path(found: Found) -> str | None:
    return _place(get_path(found.object, ("spec", "path")) or "")


def _place(path: object) -> str | None:
    """A folder as trees name it."""
    return posixpath.normpath(f"/{path}").strip("/") if isinstance(path, str) else None


def _is_folder(tree: Tree, path: str) -> bool:
    return not path or tree.look(path) == "folder"


def _sorted(folders: Sequence[str]) -> tuple[str, ...]:
    """The outermost of them, each once."""
    found = list(dict.fromkeys(folders))
    outer = [folder for folder in found if not any(other != folder and _inside(folder, other) for other in found)]
    return tuple(sorted(outer, key=lambda folder: (not _FIRST.search(folder), folder)))


def _inside(folder: str, other: str) -> bool:
    return not other or f"{folder}/".startswith(f"{other}/")
