"""``dependsOn``: whether a Kustomization may start, and in which order several do.

Source: kustomize-controller (checkDependencies, sortAndEnqueue) and fluxcd/pkg ``runtime/dependency``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gitops_sim.agents.flux import cel, conditions
from gitops_sim.agents.flux.kustomization import KIND, Kustomization, read_kustomization
from gitops_sim.cluster.protocol import ClusterAPI
from gitops_sim.objects import Key, Object, get_path


def unmet(cluster: ClusterAPI, obj: Object, app: Kustomization, revision: str) -> str:
    """What the first dependency that is not ready lacks; empty when all are ready. A ``readyExpr`` stands in for the built-in
    check. Raises InvalidExpressionError."""
    for key, expression in zip(app.depends_on, app.ready_exprs, strict=True):
        name = f"{key.namespace}/{key.name}"
        found = cluster.find(KIND, key.name, key.namespace)
        if found is None:
            return f"dependency '{name}' not found: {KIND} \"{key.name}\" not found"
        if expression:
            unready = cel.unready(expression, obj, found)
            if unready:
                return unready
            continue
        observed = get_path(found, ("status", "observedGeneration"))
        if observed != found["metadata"].get("generation") or not conditions.is_true(found, conditions.READY):
            return f"dependency '{name}' is not ready"
        same_source = read_kustomization(found).source == app.source
        if same_source and get_path(found, ("status", "lastAppliedRevision")) != revision:
            return f"dependency '{name}' revision is not up to date"
    return ""


def in_order(apps: Sequence[Kustomization]) -> list[Kustomization]:
    """Dependencies first, else as given; nothing at all when they depend on each other in a circle."""
    by_key = {app.key: app for app in apps}
    done: dict[Key, Kustomization] = {}
    for app in apps:
        if not _visit(app, by_key, done, ()):
            return []
    return list(done.values())


def _visit(
    app: Kustomization, by_key: Mapping[Key, Kustomization], done: dict[Key, Kustomization], path: tuple[Key, ...]
) -> bool:
    if app.key in path:
        return False
    for key in app.depends_on:
        if key in by_key and key not in done and not _visit(by_key[key], by_key, done, (*path, app.key)):
            return False
    done.setdefault(app.key, app)
    return True
