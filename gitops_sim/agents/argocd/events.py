"""Kubernetes events on an Application: what ``kubectl describe application`` shows. Source: ``util/argo/audit_logger.go``."""

from __future__ import annotations

from typing import Any, Literal

from gitops_sim.agents.events import event
from gitops_sim.clock import Clock
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
_CONTROLLER = "argocd-application-controller"


class AuditLog:
    """Writes one event for each thing that happened; nothing is counted together."""

    def __init__(self, cluster: ClusterAPI, clock: Clock) -> None:
        self._cluster, self._clock = cluster, clock
        self._count = 0

    def write(self, app: Object, reason: Reason, message: str, *, warning: bool = False, component: str = "") -> None:
        """``component`` is the part of Argo CD that tells it; the controller when it is not given."""
        self._count += 1
        more: dict[str, Any] = {"type": "Warning" if warning else "Normal", "reason": reason, "message": message}
        try:
            self._cluster.create(event(app, self._clock, self._count, **more, component=component or _CONTROLLER))
        except ApiError:
            return  # its namespace is going: the real one only logs that
