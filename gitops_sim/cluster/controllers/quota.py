"""The quota controller: keeps ``status.used`` of ResourceQuotas current.

Source: k8s.io/kubernetes ``pkg/controller/resourcequota``.
"""

from __future__ import annotations

from collections.abc import Iterable

from gitops_sim.cluster import quotas
from gitops_sim.cluster.amounts import shown
from gitops_sim.cluster.controllers.base import ClusterController
from gitops_sim.cluster.store import Change
from gitops_sim.objects import Key, key_of


class QuotaController(ClusterController):
    """Sees all changes; only those that add or remove something in a namespace with quotas make it look."""

    name = "resourcequota-controller"
    own = ("", "ResourceQuota")
    watches = ()

    def concerned(self, change: Change) -> Iterable[Key]:
        key = change.key
        if key.kind == "ResourceQuota" and not key.group:
            return [key]
        if not key.namespace or (change.type == "MODIFIED" and key.kind != "Pod"):
            return []
        return [key_of(quota) for quota in self.store.list("", "ResourceQuota", key.namespace)]

    def sync(self, key: Key) -> None:
        quota = self.store.get(key)
        if quota is None:
            return
        hard = quota["spec"].get("hard") or {}
        taken = quotas.used(self.store, quota, self.cluster.kinds)
        used = {name: shown(taken[name]) if name in taken else "0" for name in hard}
        self.set_status(quota, {"hard": dict(hard), "used": used} if hard else {})
