"""The disruption controller: how many Pods of a PodDisruptionBudget may be taken away right now.

Source: k8s.io/kubernetes ``pkg/controller/disruption``.
"""

from __future__ import annotations

from collections.abc import Iterable

from gitops_sim.cluster.controllers import rolling
from gitops_sim.cluster.controllers.base import ClusterController
from gitops_sim.cluster.controllers.pods import is_active, is_ready
from gitops_sim.cluster.selectors import matches
from gitops_sim.cluster.store import Change
from gitops_sim.objects import Key, Object, controller_of, key_of, labels_of


class DisruptionController(ClusterController):
    """Budgets in Pods count those that match; budgets in per cent count what the Pods' owners should have."""

    name = "controllermanager"
    account = "disruption-controller"
    own = ("policy", "PodDisruptionBudget")
    watches = (("policy", "PodDisruptionBudget"), ("", "Pod"))

    def concerned(self, change: Change) -> Iterable[Key]:
        if change.key.kind == "PodDisruptionBudget":
            return [change.key]
        budgets = self.store.list("policy", "PodDisruptionBudget", change.key.namespace)
        return [key_of(b) for b in budgets if matches(b["spec"].get("selector"), labels_of(change.object))]

    def sync(self, key: Key) -> None:
        budget = self.store.get(key)
        if budget is None:
            return
        spec = budget["spec"]
        pods = [
            pod
            for pod in self.store.list("", "Pod", key.namespace)
            if matches(spec.get("selector"), labels_of(pod)) and is_active(pod)
        ]
        if not pods:
            self.events.normal(budget, "NoPods", "No matching pods found")
        expected = self._expected(spec, pods)
        if "maxUnavailable" in spec:
            desired = max(0, expected - rolling.scaled(spec["maxUnavailable"], expected, up=True))
        else:
            desired = rolling.scaled(spec.get("minAvailable", 1), expected, up=True)
        healthy = sum(is_ready(pod) for pod in pods)
        allowed = max(0, healthy - desired) if expected else 0
        generation = budget["metadata"].get("generation", 0)
        status, reason = ("True", "SufficientPods") if allowed else ("False", "InsufficientPods")
        former = next(iter((budget.get("status") or {}).get("conditions") or ()), None)
        kept = former is not None and former["status"] == status
        entry = {
            "type": "DisruptionAllowed",
            "status": status,
            "reason": reason,
            "message": "",
            "observedGeneration": generation,
            "lastTransitionTime": former["lastTransitionTime"] if former is not None and kept else self.clock.timestamp(),
        }
        self.set_status(
            budget,
            {
                "conditions": [entry],
                "currentHealthy": healthy,
                "desiredHealthy": desired,
                "disruptionsAllowed": allowed,
                "expectedPods": expected,
                "observedGeneration": generation,
            },
        )

    def _expected(self, spec: Object, pods: list[Object]) -> int:
        """A plain ``minAvailable`` counts the Pods there are, everything else the replicas that their owners should have."""
        if isinstance(spec.get("minAvailable", 1), int) and "maxUnavailable" not in spec:
            return len(pods)
        total, seen = 0, set[str]()
        for pod in pods:
            reference = controller_of(pod)
            if reference is None or reference["uid"] in seen:
                continue
            seen.add(reference["uid"])
            key = self.relations.key_of(reference["uid"])
            owner = self.store.get(key) if key is not None else None
            total += owner["spec"].get("replicas", 1) if owner is not None else 0
        return total
