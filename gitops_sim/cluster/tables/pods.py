"""The line that the API server prints for a Pod, above all its STATUS, which is a digest of phase, conditions and containers.

Source: k8s.io/kubernetes ``pkg/printers/internalversion/printers.go`` (printPod).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gitops_sim.cluster.ages import human_duration, moment
from gitops_sim.cluster.shapes import condition, mapping, mappings, number, text
from gitops_sim.objects import Object

_Status = Mapping[str, Any]


def pod(obj: Object, now: float) -> list[Any]:
    """The cells of a Pod, wide ones included."""
    status, ready, restarts, last_restart = _digest(obj)
    sidecars = [c for c in mappings(obj, "spec", "initContainers") if c.get("restartPolicy") == "Always"]
    total = len(mappings(obj, "spec", "containers")) + len(sidecars)
    ago = f" ({human_duration(now - last_restart)} ago)" if restarts and last_restart is not None else ""
    created = moment(text(obj, "metadata", "creationTimestamp"))
    return [
        text(obj, "metadata", "name"),
        f"{ready}/{total}",
        status,
        f"{restarts}{ago}",
        "<unknown>" if created is None else human_duration(now - created),
        text(obj, "status", "podIPs", 0, "ip") or "<none>",
        text(obj, "spec", "nodeName") or "<none>",
        text(obj, "status", "nominatedNodeName") or "<none>",
        _readiness_gates(obj),
    ]


def _digest(obj: Object) -> tuple[str, int, int, float | None]:
    """The status, the number of ready containers, the restarts, and the moment of the last one."""
    phase = text(obj, "status", "phase")
    reason = text(obj, "status", "reason") or phase
    if condition(obj, "PodScheduled").get("reason") == "SchedulingGated":
        reason = "SchedulingGated"
    ready = 0
    initial = mappings(obj, "status", "initContainerStatuses")
    sidecar_names = {c.get("name") for c in mappings(obj, "spec", "initContainers") if c.get("restartPolicy") == "Always"}
    counted: Sequence[_Status] = initial
    initializing = False
    for index, container in enumerate(initial):
        sidecar = container.get("name") in sidecar_names
        if "terminated" in mapping(container, "state") and number(container, "state", "terminated", "exitCode") == 0:
            continue
        if sidecar and container.get("started"):
            ready += bool(container.get("ready"))
            continue
        reason, initializing = _init_reason(obj, container, index), True
        counted = initial[: index + 1]
        break
    if not initializing or condition(obj, "Initialized").get("status") == "True":
        running = mappings(obj, "status", "containerStatuses")
        counted = [*(c for c in initial if c.get("name") in sidecar_names), *running]
        ready_main = 0
        for container in reversed(running):
            reason = _main_reason(container) or reason
            ready_main += _is_ready(container)
        if reason == "Completed" and ready_main:
            reason = "Running" if condition(obj, "Ready").get("status") == "True" else "NotReady"
        ready += ready_main
    if mapping(obj, "metadata").get("deletionTimestamp"):
        if text(obj, "status", "reason") == "NodeLost":
            reason = "Unknown"
        elif phase not in ("Succeeded", "Failed"):
            reason = "Terminating"
    return reason, ready, sum(number(c, "restartCount") for c in counted), _last_restart(counted)


def _init_reason(obj: Object, container: _Status, index: int) -> str:
    state = mapping(container, "state")
    if "terminated" in state:
        return "Init:" + _end_of(mapping(state, "terminated"))
    waiting = text(state, "waiting", "reason")
    if waiting and waiting != "PodInitializing":
        return f"Init:{waiting}"
    return f"Init:{index}/{len(mappings(obj, 'spec', 'initContainers'))}"


def _main_reason(container: _Status) -> str:
    state = mapping(container, "state")
    if waiting := text(state, "waiting", "reason"):
        return waiting
    return _end_of(mapping(state, "terminated")) if "terminated" in state else ""


def _end_of(terminated: _Status) -> str:
    signal = number(terminated, "signal")
    how = f"Signal:{signal}" if signal else f"ExitCode:{number(terminated, 'exitCode')}"
    return text(terminated, "reason") or how


def _is_ready(container: _Status) -> bool:
    return not _main_reason(container) and bool(container.get("ready")) and "running" in mapping(container, "state")


def _last_restart(containers: Sequence[_Status]) -> float | None:
    ends = [moment(text(c, "lastState", "terminated", "finishedAt")) for c in containers]
    return max((end for end in ends if end is not None), default=None)


def _readiness_gates(obj: Object) -> str:
    gates = [text(gate, "conditionType") for gate in mappings(obj, "spec", "readinessGates")]
    if not gates:
        return "<none>"
    return f"{sum(condition(obj, gate).get('status') == 'True' for gate in gates)}/{len(gates)}"
