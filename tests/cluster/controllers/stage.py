"""Clusters and objects for the tests of the controllers."""

from __future__ import annotations

from random import Random
from typing import Any

from gitops_sim.clock import Clock
from gitops_sim.cluster import Cluster
from gitops_sim.cluster.controllers.pods import available_at
from gitops_sim.objects import Object, with_path
from gitops_sim.registry import Registry

SHUFFLES = [None, 1, 2, 3]
"""Orders of the events of one instant: as they came, and dealt at random."""


def cluster(images: dict[str, Any] | None = None, shuffle: int | None = None) -> Cluster:
    clock = Clock(shuffle=None if shuffle is None else Random(shuffle))
    return Cluster(clock=clock, registry=Registry(images))


def pod(name: str = "p", image: str = "nginx:1.24", **spec: Any) -> dict[str, Any]:
    """``spec`` adds to the Pod's; ``labels`` and ``container`` (fields of its only container) are taken out of it."""
    labels, container = spec.pop("labels", None), spec.pop("container", {})
    meta = {"name": name, **({"labels": labels} if labels else {})}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": meta,
        "spec": {"containers": [{"name": "web", "image": image, **container}], **spec},
    }


def template(name: str, image: str, container: dict[str, Any] | None = None, **spec: Any) -> dict[str, Any]:
    containers = [{"name": "web", "image": image, **(container or {})}]
    return {"metadata": {"labels": {"app": name}}, "spec": {"containers": containers, **spec}}


def workload(
    kind: str, name: str = "web", image: str = "nginx:1.24", *, container: dict[str, Any] | None = None, **spec: Any
) -> dict[str, Any]:
    """A Deployment, ReplicaSet, StatefulSet or DaemonSet with one container; ``spec`` goes into its own spec."""
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": name},
        "spec": {"selector": {"matchLabels": {"app": name}}, "template": template(name, image, container), **spec},
    }


def deployment(
    name: str = "web",
    replicas: int = 3,
    image: str = "nginx:1.24",
    *,
    container: dict[str, Any] | None = None,
    surge: int | str | None = None,
    unavailable: int | str | None = None,
    **spec: Any,
) -> dict[str, Any]:
    if surge is not None or unavailable is not None:
        update = {"maxSurge": 0 if surge is None else surge, "maxUnavailable": 0 if unavailable is None else unavailable}
        spec["strategy"] = {"type": "RollingUpdate", "rollingUpdate": update}
    return workload("Deployment", name, image, container=container, replicas=replicas, **spec)


READINESS = {"readinessProbe": {"httpGet": {"path": "/", "port": 80}, "periodSeconds": 1}}


def set_image(home: Cluster, image: str, kind: str = "Deployment", name: str = "web") -> Object:
    found = home.get(kind, name)
    return home.update(with_path(found, ("spec", "template", "spec", "containers", 0, "image"), image))


def scale(home: Cluster, replicas: int, kind: str = "Deployment", name: str = "web") -> Object:
    return home.update(with_path(home.get(kind, name), ("spec", "replicas"), replicas))


def status(home: Cluster, kind: str = "Deployment", name: str = "web") -> dict[str, Any]:
    return dict(home.get(kind, name)["status"])


def conditions(home: Cluster, kind: str = "Deployment", name: str = "web") -> dict[str, tuple[str, str]]:
    """Status and reason by type."""
    found = home.get(kind, name)["status"].get("conditions", [])
    return {entry["type"]: (entry["status"], entry.get("reason", "")) for entry in found}


def images(home: Cluster) -> list[str]:
    """The images of all Pods that are not on their way out, sorted."""
    return sorted(p["spec"]["containers"][0]["image"] for p in home.list("Pod") if "deletionTimestamp" not in p["metadata"])


def waiting(pod_object: Object) -> str:
    """Why the first container waits; empty when it does not."""
    state = pod_object["status"]["containerStatuses"][0]["state"]
    return str(state.get("waiting", {}).get("reason", ""))


def events(home: Cluster, kind: str = "", reason: str = "") -> list[Object]:
    return [
        event for event in home.list("Event") if kind in ("", event["involvedObject"]["kind"]) and reason in ("", event["reason"])
    ]


def available(home: Cluster, pods: list[Object], min_ready: float) -> int:
    """How many of the Pods have been ready for long enough."""
    times = [available_at(found, min_ready) for found in pods]
    return sum(time is not None and time <= home.clock.now for time in times)
