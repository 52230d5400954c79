"""A repository that holds no objects of an agent, but many things to deploy: each of them gets an Application.

These are the kustomizations that no other one builds upon, and the charts. Of overlays side by side, which are the same thing for
different places, one is taken, that for production if there is one.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import Any

from gitops_sim.agents.remotes import ForgeRemotes
from gitops_sim.errors import BadInput
from gitops_sim.forge import Repository, Tree
from gitops_sim.manifests.render import render
from gitops_sim.objects import Key, Object, group_of
from gitops_sim.reconcile.attention import Attention
from gitops_sim.reconcile.kustomizations import Kustomizations, is_aside
from gitops_sim.world import World

MOST = 300
_OVERLAYS = ("overlays", "envs", "environments", "instances")
_FIRST = re.compile(r"prod|live|default|stable|latest", re.IGNORECASE)
_SHARES = "is left out, for it brings objects that another one brings already: --path tries it alone"


def catalog(tree: Tree, kustomizations: Kustomizations) -> list[str]:
    """The folders, sorted; at most :data:`MOST`."""
    charts = [file.rpartition("/")[0] for file in tree.files() if file.rpartition("/")[2] == "Chart.yaml" and not is_aside(file)]
    whole = [
        chart for chart in charts if not any(other != chart and f"{chart}/".startswith(f"{other}/charts/") for other in charts)
    ]
    return sorted([*one_of_each(kustomizations.tops), *whole])[:MOST]


def chosen(world: World, tree: Tree, folders: list[str]) -> tuple[list[str], list[Attention]]:
    """Those that do not bring objects that a larger one brings already, sorted: two Applications with one object would fight
    over it. The others are told."""
    held: dict[str, set[Key]] = {folder: _held(world, tree, folder) for folder in folders}
    taken: dict[Key, str] = {}
    kept, left = [], []
    for folder in sorted(folders, key=lambda folder: (-len(held[folder]), folder)):
        others = sorted({taken[key] for key in held[folder] if key in taken})
        if others:
            left.append(Attention(folder or ".", f"shares objects with {others[0]}", cause=_SHARES, sort="note"))
            continue
        kept.append(folder)
        taken.update(dict.fromkeys(held[folder], folder))
    return sorted(kept), sorted(left, key=lambda item: item.subject)


def _held(world: World, tree: Tree, folder: str) -> set[Key]:
    """The objects of a folder that have one place in the cluster, wherever its Application deploys to; none of what cannot be
    built: Argo CD will say why."""
    try:
        found = render(tree, folder, remotes=ForgeRemotes(world.git, helm=True)).manifests
    except BadInput:
        return set()
    kinds = world.cluster().kinds
    held = set()
    for manifest in found:
        obj = manifest.object
        kind = kinds.of(group_of(obj["apiVersion"]), obj["kind"])
        fixed = obj["metadata"].get("namespace") or (kind is not None and not kind.namespaced)
        if fixed and obj["kind"] != "Namespace" and obj["metadata"].get("name"):
            held.add(manifest.key)
    return held


def application_of(folder: str, repository: Repository) -> Object:
    """An Application for a folder, in a namespace that it may make. It does not undo what others change: some share objects."""
    name = re.sub(r"[^a-z0-9]+", "-", folder.lower()).strip("-")[:60].strip("-") or repository.name
    source: dict[str, Any] = {"repoURL": repository.url, "targetRevision": repository.default_branch, "path": folder or "."}
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": name, "namespace": "argocd"},
        "spec": {
            "project": "default",
            "source": source,
            "destination": {"server": "https://kubernetes.default.svc", "namespace": name},
            "syncPolicy": {"automated": {}, "syncOptions": ["CreateNamespace=true", "ServerSideApply=true"]},
        },
    }


def one_of_each(folders: list[str]) -> Iterator[str]:
    """Of overlays of one thing the likeliest."""
    groups: dict[str, list[str]] = {}
    for folder in folders:
        above = posixpath.dirname(folder)
        groups.setdefault(above if posixpath.basename(above) in _OVERLAYS else f"\0{folder}", []).append(folder)
    for group in groups.values():
        yield min(group, key=lambda folder: (not _FIRST.search(posixpath.basename(folder)), folder))
