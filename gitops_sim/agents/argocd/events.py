"""Kubernetes events on an Application: what ``kubectl describe application`` shows. Source: ``util/argo/audit_logger.go``."""

from __future__ import annotations

from typing import Literal

from gitops_sim.clock import EPOCH, Clock
from gitops_sim.cluster.protocol import ClusterAPI
from gitops_sim.errors import ApiError
from gitops_sim.objects import Object

Reason = Literal[
    "StatusRefreshed",
    "ResourceCreated",
    "ResourceUpdated",
    "ResourceDeleted",
    "OperationStarted",
    "OperationCompleted",
    "created",
    "updated",
    "Deleted",
]


class AuditLog:
    """Writes one event for each thing that happened; nothing is counted together."""

    def __init__(self, cluster: ClusterAPI, clock: Clock) -> None:
        self._cluster, self._clock = cluster, clock
        self._count = 0

    def write(self, app: Object, reason: Reason, message: str, *, warning: bool = False, component: str = "") -> None:
        """``component`` is the part of Argo CD that tells it; the controller when it is not given."""
        meta, now = app["metadata"], self._clock.timestamp()
        self._count += 1
        moment = int((EPOCH.timestamp() + self._clock.now) * 1e6) * 1000 + self._count
        event = {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": f"{meta['name']}.{moment:x}", "namespace": meta["namespace"]},
            "involvedObject": {
                "apiVersion": app["apiVersion"],
                "kind": app["kind"],
                "name": meta["name"],
                "namespace": meta["namespace"],
                "resourceVersion": meta["resourceVersion"],
                "uid": meta["uid"],
            },
            "count": 1,
            "firstTimestamp": now,
            "lastTimestamp": now,
            "message": message,
            "reason": reason,
            "source": {"component": component or "argocd-application-controller"},
            "type": "Warning" if warning else "Normal",
        }
        try:
            self._cluster.create(event)
        except ApiError:
            return  # its namespace is going: the real one only logs that
