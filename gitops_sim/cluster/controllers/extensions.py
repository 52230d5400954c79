"""What extends the API: an APIService is there when its Service has somebody behind it. (The API server itself sees to
CustomResourceDefinitions: :mod:`gitops_sim.cluster.custom.establishing`.)"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gitops_sim.cluster.controllers.base import ClusterController
from gitops_sim.cluster.store import Change
from gitops_sim.objects import Key, Object, get_path


class AggregationController(ClusterController):
    """Says of every APIService whether its Service has endpoints. Source: kube-aggregator ``pkg/controllers/status``."""

    name = "apiservice-controller"
    own = ("apiregistration.k8s.io", "APIService")
    watches = (("apiregistration.k8s.io", "APIService"), ("", "Endpoints"))

    def concerned(self, change: Change) -> Iterable[Key]:
        if (change.key.group, change.key.kind) == self.own:
            return [change.key]
        return [
            Key(*self.own, "", service["metadata"]["name"])
            for service in self.store.list(*self.own)
            if _backend(service) == (change.key.namespace, change.key.name)
        ]

    def sync(self, key: Key) -> None:
        service = self.store.get(key)
        if service is None or "deletionTimestamp" in service["metadata"]:
            return
        backend = _backend(service)
        endpoints = self.store.get(Key("", "Endpoints", *backend)) if backend else None
        ready = any(subset.get("addresses") for subset in (endpoints or {}).get("subsets") or ())
        now = self.clock.timestamp()
        if backend is None:
            condition = _condition("Available", "Local", "Local APIServices are always available", now)
        elif ready:
            condition = _condition("Available", "Passed", "all checks passed", now)
        else:
            text = f'endpoints for service/{backend[1]} in "{backend[0]}" have no addresses with port name "https"'
            condition = _condition("Available", "MissingEndpoints", text, now, "False")
        known = get_path(service, ("status", "conditions", 0))
        if known is None or known["reason"] != condition["reason"]:
            self.set_status(service, {"conditions": [condition]})


def _backend(service: Object) -> tuple[str, str] | None:
    """Namespace and name of the Service behind an APIService; None for one that the API server itself serves."""
    behind = service["spec"].get("service")
    return (behind.get("namespace", ""), behind.get("name", "")) if behind else None


def _condition(type: str, reason: str, message: str, now: str, status: str = "True") -> dict[str, Any]:
    return {"type": type, "status": status, "reason": reason, "message": message, "lastTransitionTime": now}
