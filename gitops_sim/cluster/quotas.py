"""Resource quotas on numbers of objects: what a namespace may hold, counted when something is created.

Source: k8s.io/apiserver ``pkg/admission/plugin/resourcequota``. Quotas on cpu, memory and storage are stored and not enforced.
"""

from __future__ import annotations

from gitops_sim.cluster.kinds import Kind
from gitops_sim.cluster.quantity import amount
from gitops_sim.cluster.store import Snapshot
from gitops_sim.errors import forbidden
from gitops_sim.objects import Object, get_path

_SHORT = frozenset(
    ("pods", "services", "configmaps", "secrets", "persistentvolumeclaims", "replicationcontrollers", "resourcequotas")
)
"""Kinds that a quota may also name without ``count/``."""


def names_of(kind: Kind) -> tuple[str, ...]:
    """What a quota may call the number of objects of a kind."""
    counted = f"count/{kind.resource}"
    return (kind.plural, counted) if not kind.group and kind.plural in _SHORT else (counted,)


def used(store: Snapshot, kind: Kind, namespace: str) -> int:
    """How many objects of a kind count; a Pod that has finished does not."""
    found = store.list(kind.group, kind.kind, namespace)
    if kind.kind != "Pod" or kind.group:
        return len(found)
    return sum(get_path(pod, ("status", "phase")) not in ("Succeeded", "Failed") for pod in found)


def check(store: Snapshot, kind: Kind, obj: Object) -> None:
    """Raises ApiError 403 when one more object of ``kind`` would exceed a quota of its namespace."""
    meta = obj["metadata"]
    if not kind.namespaced:
        return
    for quota in store.list("", "ResourceQuota", meta["namespace"]):
        hard = quota["spec"].get("hard") or {}
        name = next((name for name in names_of(kind) if name in hard), None)
        if name is None:
            continue
        count = used(store, kind, meta["namespace"])
        if count + 1 > amount(hard[name]):
            limits = f"requested: {name}=1, used: {name}={count}, limited: {name}={hard[name]}"
            why = f"exceeded quota: {quota['metadata']['name']}, {limits}"
            raise forbidden(kind.plural, meta["name"], kind.group, why=why)
