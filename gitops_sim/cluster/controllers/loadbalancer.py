"""A load balancer and an ingress controller that always work: they give what asks for an address one, at once. A cluster can do
without: what asks then waits, as on a cluster of one's own."""

from __future__ import annotations

import hashlib
from typing import Any

from gitops_sim.cluster.controllers.base import ClusterController
from gitops_sim.objects import Key, get_path

_INGRESS_ADDRESS = "192.0.2.1"


class LoadBalancerController(ClusterController):
    """Fills ``status.loadBalancer`` of Services of type LoadBalancer, with an address from 192.0.2.0/24 (kept for
    documentation)."""

    name = "service-controller"
    part = "loadbalancer"
    own = ("", "Service")
    watches = (("", "Service"),)

    def sync(self, key: Key) -> None:
        service = self.store.get(key)
        if service is None or "deletionTimestamp" in service["metadata"]:
            return
        status: dict[str, Any] = dict(service.get("status") or {})
        known = get_path(status, ("loadBalancer", "ingress"))
        if service["spec"].get("type") != "LoadBalancer":
            if known:
                self.set_status(service, {**status, "loadBalancer": {}})
        elif not known:
            self.events.normal(service, "EnsuringLoadBalancer", "Ensuring load balancer")
            number = 2 + int(hashlib.sha256(service["metadata"]["uid"].encode()).hexdigest(), 16) % 253
            entry = {"ip": service["spec"].get("loadBalancerIP") or f"192.0.2.{number}", "ipMode": "VIP"}
            self.set_status(service, {**status, "loadBalancer": {"ingress": [entry]}})
            self.events.normal(service, "EnsuredLoadBalancer", "Ensured load balancer")


class IngressController(ClusterController):
    """Gives every Ingress, of whatever class, the address of the one ingress controller."""

    name = "ingress-controller"
    part = "ingress"
    own = ("networking.k8s.io", "Ingress")
    watches = (("networking.k8s.io", "Ingress"),)

    def sync(self, key: Key) -> None:
        ingress = self.store.get(key)
        if ingress is None or "deletionTimestamp" in ingress["metadata"]:
            return
        if not get_path(ingress, ("status", "loadBalancer", "ingress")):
            self.set_status(ingress, {"loadBalancer": {"ingress": [{"ip": _INGRESS_ADDRESS}]}})
            self.events.normal(ingress, "Sync", "Scheduled for sync")
