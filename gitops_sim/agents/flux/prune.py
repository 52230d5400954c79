"""Garbage collection: deleting what a Kustomization applied and no longer has.

Only what still carries its labels is deleted, kinds in reverse order, what depends on it in the background. Source: fluxcd/pkg
``ssa/manager_delete.go`` and deleteObjects of kustomize-controller.
"""

from __future__ import annotations

from collections.abc import Iterable

from gitops_sim.agents.flux.apply import Entry
from gitops_sim.agents.flux.normalize import NAME_LABEL, NAMESPACE_LABEL
from gitops_sim.agents.flux.order import rank
from gitops_sim.agents.flux.trial import RECONCILE, SSA, says
from gitops_sim.cluster.protocol import ClusterAPI
from gitops_sim.errors import ApiError
from gitops_sim.objects import Key, labels_of

PRUNE = "kustomize.toolkit.fluxcd.io/prune"


def delete_all(cluster: ClusterAPI, stale: Iterable[tuple[Key, str]], owner: Key) -> tuple[list[Entry], str]:
    """What became of each of them, and the error of those that could not be deleted; empty when there was none."""
    entries: list[Entry] = []
    errors: list[str] = []
    for key, version in sorted(stale, key=lambda item: rank(item[0]), reverse=True):
        try:
            entries.append(_delete(cluster, key, version, owner))
        except ApiError as error:
            entries.append(Entry(key, version, "unknown"))
            errors.append(f"{key} delete failed: {error.message};")
    return entries, f"delete failed, errors: {''.join(errors)}" if errors else ""


def _delete(cluster: ClusterAPI, key: Key, version: str, owner: Key) -> Entry:
    kind = cluster.kinds.of(key.group, key.kind)
    live = cluster.find(kind, key.name, key.namespace) if kind is not None else None
    if kind is None or live is None:
        return Entry(key, version, "deleted")
    labels = labels_of(live)
    if (labels.get(NAME_LABEL), labels.get(NAMESPACE_LABEL)) != (owner.name, owner.namespace):
        return Entry(key, version, "skipped")
    if says(live, PRUNE, "disabled") or says(live, RECONCILE, "disabled") or says(live, SSA, "Ignore"):
        return Entry(key, version, "skipped")
    cluster.delete(kind, key.name, key.namespace)
    return Entry(key, version, "deleted")
