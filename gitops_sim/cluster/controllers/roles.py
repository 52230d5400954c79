"""The controller of aggregated ClusterRoles: their rules are those of the ClusterRoles that they select.

Source: k8s.io/kubernetes ``pkg/controller/clusterroleaggregation/clusterroleaggregation_controller.go``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gitops_sim.cluster.controllers.base import ClusterController
from gitops_sim.cluster.selectors import matches
from gitops_sim.cluster.store import Change
from gitops_sim.objects import Key, labels_of


class RoleController(ClusterController):
    """Looks at all aggregated roles when any ClusterRole changes, and applies what is new with a field manager of its own."""

    name = "clusterrole-aggregation-controller"
    own = ("rbac.authorization.k8s.io", "ClusterRole")
    watches = (("rbac.authorization.k8s.io", "ClusterRole"),)

    def concerned(self, change: Change) -> Iterable[Key]:
        return [
            Key(*self.own, "", role["metadata"]["name"]) for role in self.store.list(*self.own) if role.get("aggregationRule")
        ]

    def sync(self, key: Key) -> None:
        role = self.store.get(key)
        if role is None or not role.get("aggregationRule"):
            return
        rules: list[Any] = []
        for selector in role["aggregationRule"].get("clusterRoleSelectors") or ():
            for other in self.store.list(*self.own):
                if other["metadata"]["name"] != key.name and matches(selector, labels_of(other)):
                    rules += [rule for rule in other.get("rules") or () if rule not in rules]
        if rules != (role.get("rules") or []):
            config = {"apiVersion": role["apiVersion"], "kind": role["kind"], "metadata": {"name": key.name}, "rules": rules}
            self.cluster.apply("ClusterRole", key.name, "", config, manager=self.name, force=True)
