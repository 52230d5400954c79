"""The node that every cluster has from the start, and the Service through which Pods find the API server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gitops_sim.objects import with_path

if TYPE_CHECKING:
    from gitops_sim.cluster.cluster import Cluster

VERSION = "v1.36.2"
_CAPACITY = {"cpu": "64", "ephemeral-storage": "1Ti", "memory": "256Gi", "pods": "1000"}
"""Larger than a real node, so that any repository fits; ``pods`` is 110 on a real one unless someone raised it."""


def register_node(cluster: Cluster, name: str = "node-1", address: str = "10.1.0.1") -> None:
    """Creates a Node that is Ready, as its kubelet would."""
    kubelet = cluster.as_component(f"system:node:{name}")
    labels = {
        "beta.kubernetes.io/arch": "amd64",
        "beta.kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
    }
    meta = {"name": name, "labels": labels}
    node = kubelet.create({"apiVersion": "v1", "kind": "Node", "metadata": meta, "spec": {"podCIDR": "10.244.0.0/16"}})
    now = cluster.clock.timestamp()
    status: dict[str, Any] = {
        "addresses": [{"type": "InternalIP", "address": address}, {"type": "Hostname", "address": name}],
        "allocatable": _CAPACITY,
        "capacity": _CAPACITY,
        "conditions": [
            _condition("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available", now),
            _condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure", now),
            _condition("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available", now),
            _condition("Ready", "True", "KubeletReady", "kubelet is posting ready status", now),
        ],
        "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
        "nodeInfo": {
            "architecture": "amd64",
            "containerRuntimeVersion": "containerd://2.1.4",
            "kernelVersion": "6.12.0",
            "kubeletVersion": VERSION,
            "operatingSystem": "linux",
            "osImage": "Simulated Linux",
        },
    }
    kubelet.update(with_path(node, ("status",), status), subresource="status")


def publish_api_server(cluster: Cluster) -> None:
    """Creates the Service ``kubernetes`` in the namespace default."""
    cluster.create(
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {
                "name": "kubernetes",
                "namespace": "default",
                "labels": {"component": "apiserver", "provider": "kubernetes"},
            },
            "spec": {
                "clusterIP": "10.96.0.1",
                "ports": [{"name": "https", "port": 443, "protocol": "TCP", "targetPort": 6443}],
                "type": "ClusterIP",
            },
        }
    )


def _condition(kind: str, status: str, reason: str, message: str, now: str) -> dict[str, str]:
    return {
        "type": kind,
        "status": status,
        "reason": reason,
        "message": message,
        "lastHeartbeatTime": now,
        "lastTransitionTime": now,
    }
