"""The nodes that a cluster has from the start, and the Service through which Pods find the API server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gitops_sim.cluster.machines import Machine
from gitops_sim.objects import with_path

if TYPE_CHECKING:
    from gitops_sim.cluster.cluster import Cluster

VERSION = "v1.36.2"


def register_node(cluster: Cluster, machine: Machine) -> None:
    """Creates a Node that is Ready, as its kubelet would."""
    name, place = machine.name, cluster.machines.all.index(machine)
    kubelet = cluster.as_component(f"system:node:{name}")
    labels = {
        "beta.kubernetes.io/arch": "amd64",
        "beta.kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        **machine.labels,
    }
    meta = {"name": name, "labels": labels}
    spec: dict[str, Any] = {"podCIDR": "10.244.0.0/16"} if len(cluster.machines.all) == 1 else {}
    if machine.taints:
        spec["taints"] = list(machine.taints)
    node = kubelet.create({"apiVersion": "v1", "kind": "Node", "metadata": meta, "spec": spec})
    capacity = {"cpu": machine.cpu, "ephemeral-storage": "1Ti", "memory": machine.memory, "pods": str(machine.pods)}
    status: dict[str, Any] = {
        "addresses": [{"type": "InternalIP", "address": f"10.1.0.{place + 1}"}, {"type": "Hostname", "address": name}],
        "allocatable": capacity,
        "capacity": capacity,
        "conditions": healthy(cluster.clock.timestamp()),
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


def healthy(now: str) -> list[dict[str, str]]:
    """The conditions that a kubelet posts when all is well."""
    return [
        _condition("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available", now),
        _condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure", now),
        _condition("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available", now),
        _condition("Ready", "True", "KubeletReady", "kubelet is posting ready status", now),
    ]


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
