"""The ReplicaSet controller: as many Pods as ``spec.replicas`` says.

Source: k8s.io/kubernetes ``pkg/controller/replicaset/replica_set.go`` and ``pkg/controller/controller_utils.go``
(``ActivePodsWithRanks``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gitops_sim.cluster.controllers import conditions
from gitops_sim.cluster.controllers.base import ClusterController, namespace_is_going
from gitops_sim.cluster.controllers.deployment_spec import replicas_of
from gitops_sim.cluster.controllers.pods import (
    available_at,
    from_template,
    is_active,
    is_ready,
    is_terminating,
    phase,
    ready_since,
    restarts,
)
from gitops_sim.errors import ApiError
from gitops_sim.objects import Key, Object, annotations_of, labels_of

_DELETION_COST = "controller.kubernetes.io/pod-deletion-cost"


class ReplicaSetController(ClusterController):
    """A Pod that cannot be created stops the batch: the failure shows as ReplicaFailure, and the rest waits for the next try."""

    name = "replicaset-controller"
    own = ("apps", "ReplicaSet")
    watches = (("apps", "ReplicaSet"), ("", "Pod"))

    def sync(self, key: Key) -> None:
        replica_set = self.store.get(key)
        if replica_set is None:
            return
        pods = self.claim(replica_set, "Pod")
        active = [pod for pod in pods if is_active(pod)]
        failure: ApiError | None = None
        if "deletionTimestamp" not in replica_set["metadata"]:
            failure = self._manage(replica_set, active)
        current = [pod for pod in (self.store.get(pod_key) for pod_key in self._pod_keys(replica_set)) if pod is not None]
        status = self._status(replica_set, current, failure)
        self.set_status(replica_set, status)
        self._wait_for_availability(key, replica_set, current)
        if failure is not None:
            raise failure

    def _manage(self, replica_set: Object, active: Sequence[Object]) -> ApiError | None:
        missing = replicas_of(replica_set) - len(active)
        template = replica_set["spec"]["template"]
        for _ in range(missing):
            try:
                pod = self.cluster.create(from_template(replica_set, template))
            except ApiError as error:
                if namespace_is_going(error):
                    return None
                self.events.warning(replica_set, "FailedCreate", f"Error creating: {error.message}")
                return error
            self.events.normal(replica_set, "SuccessfulCreate", f"Created pod: {pod['metadata']['name']}")
        if missing < 0:
            for pod in sorted(active, key=_dispensable)[:-missing]:
                name = pod["metadata"]["name"]
                self.cluster.delete("Pod", name, pod["metadata"]["namespace"])
                self.events.normal(replica_set, "SuccessfulDelete", f"Deleted pod: {name}")
        return None

    def _pod_keys(self, replica_set: Object) -> list[Key]:
        return [key for key in self.relations.dependents(replica_set["metadata"]["uid"]) if key.kind == "Pod"]

    def _status(self, replica_set: Object, pods: Sequence[Object], failure: ApiError | None) -> dict[str, Any]:
        spec, former = replica_set["spec"], replica_set.get("status") or {}
        min_ready = spec.get("minReadySeconds", 0)
        wanted = ((spec["template"].get("metadata") or {}).get("labels") or {}).items()
        active = [pod for pod in pods if is_active(pod)]
        counts = {
            "fullyLabeledReplicas": sum(wanted <= labels_of(pod).items() for pod in active),
            "readyReplicas": sum(is_ready(pod) for pod in active),
            "availableReplicas": sum((at := available_at(pod, min_ready)) is not None and at <= self.clock.now for pod in active),
        }
        status: dict[str, Any] = {field: count for field, count in counts.items() if count}
        status["replicas"] = len(active)
        status["terminatingReplicas"] = sum(is_terminating(pod) for pod in pods)
        status["observedGeneration"] = replica_set["metadata"].get("generation", 0)
        entries = former.get("conditions") or []
        known = conditions.find(entries, "ReplicaFailure")
        if failure is None:
            entries = conditions.without(entries, "ReplicaFailure")
        elif known is None:
            entries = [
                *entries,
                {
                    "type": "ReplicaFailure",
                    "status": "True",
                    "reason": "FailedCreate",
                    "message": failure.message,
                    "lastTransitionTime": self.clock.timestamp(),
                },
            ]
        if entries:
            status["conditions"] = entries
        return status

    def _wait_for_availability(self, key: Key, replica_set: Object, pods: Sequence[Object]) -> None:
        min_ready = replica_set["spec"].get("minReadySeconds", 0)
        if not min_ready:
            return
        due = [at for pod in pods if is_active(pod) and (at := available_at(pod, min_ready)) is not None]
        upcoming = [at for at in due if at > self.clock.now]
        if upcoming:
            self.queue.add(key, min(upcoming) - self.clock.now)


def _dispensable(pod: Object) -> tuple[Any, ...]:
    """Sorts the Pods that go first to the front: unassigned, pending, not ready, cheap, ready for a shorter time, restarted more
    often, younger. (The real controller deals those of one age at random.)"""
    cost = annotations_of(pod).get(_DELETION_COST, "0")
    since = ready_since(pod)
    return (
        bool(pod["spec"].get("nodeName")),
        {"Pending": 0, "Unknown": 1}.get(phase(pod), 2),
        is_ready(pod),
        int(cost) if cost.lstrip("+-").isdigit() else 0,
        -(since or 0.0),
        -restarts(pod),
        _reversed(pod["metadata"]["creationTimestamp"]),
        pod["metadata"]["name"],
    )


def _reversed(text: str) -> tuple[int, ...]:
    """Sorts later timestamps first."""
    return tuple(-ord(char) for char in text)
