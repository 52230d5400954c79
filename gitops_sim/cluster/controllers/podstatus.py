"""The status of a Pod as its kubelet reports it. Source: k8s.io/kubernetes ``pkg/kubelet/kubelet_pods.go``,
``status/generate.go``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gitops_sim.cluster.controllers.containers import Container
from gitops_sim.cluster.controllers.podrun import PodRun
from gitops_sim.objects import Object

_CONDITIONS = ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled")


def render(run: PodRun, pod: Object, host_ip: str, timestamp: str) -> dict[str, Any]:
    """The whole status; conditions that did not change keep their transition times, those of others stay."""
    former: Mapping[str, Any] = pod.get("status") or {}
    status: dict[str, Any] = {
        "phase": phase(run),
        "conditions": _conditions(run, pod, former.get("conditions") or (), timestamp),
        "hostIP": host_ip,
        "hostIPs": [{"ip": host_ip}],
        "qosClass": former.get("qosClass", "BestEffort"),
        "startTime": former.get("startTime") or run.timestamp(run.begun),
        "containerStatuses": [_container_status(c, run.uid) for c in sorted(run.apps, key=lambda c: c.name)],
    }
    if run.mounted:
        status |= {"podIP": run.address, "podIPs": [{"ip": run.address}]}
    if run.inits:
        status["initContainerStatuses"] = [_container_status(c, run.uid) for c in run.inits]
    return status


def phase(run: PodRun) -> str:
    if run.finished:
        return "Succeeded" if run.succeeded else "Failed"
    begun = run.initialised and all(container.runs for container in run.apps)
    return "Running" if begun else "Pending"


def _unready(run: PodRun) -> list[str]:
    return [c.name for c in run.containers if c.role != "init" and not c.ready]


def _conditions(run: PodRun, pod: Object, former: Sequence[Mapping[str, Any]], timestamp: str) -> list[Mapping[str, Any]]:
    known = {entry["type"]: entry for entry in former}
    phase_now = phase(run)
    unready = _unready(run)
    waiting = [container.name for container in run.inits if not container.passed]
    containers_ready: dict[str, Any] = {"status": "True"}
    if phase_now == "Succeeded":
        containers_ready = {"status": "False", "reason": "PodCompleted"}
    elif phase_now == "Failed":
        containers_ready = {"status": "False", "reason": "PodFailed"}
    elif unready:
        names = " ".join(unready)
        containers_ready = {
            "status": "False",
            "reason": "ContainersNotReady",
            "message": f"containers with unready status: [{names}]",
        }
    ready = containers_ready
    gates = [gate["conditionType"] for gate in pod["spec"].get("readinessGates") or ()]
    closed = [gate for gate in gates if known.get(gate, {}).get("status") != "True"]
    if containers_ready["status"] == "True" and closed:
        message = ", ".join(f'corresponding condition of pod readiness gate "{gate}" does not exist.' for gate in closed)
        ready = {"status": "False", "reason": "ReadinessGatesNotReady", "message": message}
    initialised: dict[str, Any] = {"status": "True"}
    if waiting:
        names = " ".join(waiting)
        initialised = {
            "status": "False",
            "reason": "ContainersNotInitialized",
            "message": f"containers with incomplete status: [{names}]",
        }
    elif phase_now == "Succeeded":
        initialised = {"status": "True", "reason": "PodCompleted"}
    wanted: dict[str, dict[str, Any]] = {
        "PodReadyToStartContainers": {"status": "True" if run.mounted and not run.finished else "False"},
        "Initialized": initialised,
        "Ready": ready,
        "ContainersReady": containers_ready,
        "PodScheduled": {"status": "True"},
    }
    entries = [_condition(kind, wanted[kind], known.get(kind), timestamp) for kind in _CONDITIONS]
    return [*entries, *(entry for entry in former if entry["type"] not in wanted)]


def _condition(kind: str, wanted: Mapping[str, Any], former: Mapping[str, Any] | None, timestamp: str) -> Mapping[str, Any]:
    since = former["lastTransitionTime"] if former is not None and former["status"] == wanted["status"] else timestamp
    return {"type": kind, "lastProbeTime": None, "lastTransitionTime": since, **wanted}


def _container_status(container: Container, uid: str) -> dict[str, Any]:
    status: dict[str, Any] = {
        "name": container.name,
        "image": container.reference,
        "imageID": container.image_id,
        "ready": (container.state == "done" and container.exit_code == 0) if container.role == "init" else container.ready,
        "restartCount": container.restarts,
        "started": container.started,
        "state": container.shown,
        "lastState": container.last,
    }
    if container.runs:
        status["containerID"] = container.container_id(uid)
    return status
