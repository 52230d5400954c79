"""The cells of everything that runs Pods, and of what scales and guards it.

Source: k8s.io/kubernetes ``pkg/printers/internalversion/printers.go``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitops_sim.cluster.ages import age, human_duration, moment
from gitops_sim.cluster.shapes import condition, items, mapping, mappings, number, text
from gitops_sim.cluster.tables.common import age_of, at_most, containers, counts, format_labels, format_selector, name_of
from gitops_sim.objects import Object


def deployment(obj: Object, now: float) -> list[Any]:
    return [
        name_of(obj),
        f"{number(obj, 'status', 'readyReplicas')}/{number(obj, 'spec', 'replicas')}",
        *counts(obj, ("status", "updatedReplicas"), ("status", "availableReplicas")),
        age_of(obj, now),
        *containers(mapping(obj, "spec", "template")),
        format_selector(mapping(obj, "spec", "selector")),
    ]


def replica_set(obj: Object, now: float) -> list[Any]:
    return [
        name_of(obj),
        *counts(obj, ("spec", "replicas"), ("status", "replicas"), ("status", "readyReplicas")),
        age_of(obj, now),
        *containers(mapping(obj, "spec", "template")),
        format_selector(mapping(obj, "spec", "selector")) or "<none>",
    ]


def replication_controller(obj: Object, now: float) -> list[Any]:
    return [*replica_set(obj, now)[:-1], format_labels(mapping(obj, "spec", "selector"))]


def stateful_set(obj: Object, now: float) -> list[Any]:
    ready = f"{number(obj, 'status', 'readyReplicas')}/{number(obj, 'spec', 'replicas')}"
    return [name_of(obj), ready, age_of(obj, now), *containers(mapping(obj, "spec", "template"))]


def daemon_set(obj: Object, now: float) -> list[Any]:
    names = ("desiredNumberScheduled", "currentNumberScheduled", "numberReady", "updatedNumberScheduled", "numberAvailable")
    return [
        name_of(obj),
        *counts(obj, *(("status", name) for name in names)),
        format_labels(mapping(obj, "spec", "template", "spec", "nodeSelector")),
        age_of(obj, now),
        *containers(mapping(obj, "spec", "template")),
        format_selector(mapping(obj, "spec", "selector")) or "<none>",
    ]


def controller_revision(obj: Object, now: float) -> list[Any]:
    owner = next((o for o in mappings(obj, "metadata", "ownerReferences") if o.get("controller")), None)
    controller = "<none>"
    if owner is not None:
        group = text(owner, "apiVersion").rpartition("/")[0]
        controller = ".".join(filter(None, (text(owner, "kind").lower(), group))) + "/" + text(owner, "name")
    return [name_of(obj), controller, number(obj, "revision"), age_of(obj, now)]


def job(obj: Object, now: float) -> list[Any]:
    done, parallelism = number(obj, "status", "succeeded"), number(obj, "spec", "parallelism")
    wanted = mapping(obj, "spec").get("completions")
    if wanted is None:
        completions = f"{done}/1 of {parallelism}" if parallelism > 1 else f"{done}/1"
    else:
        completions = f"{done}/{number(obj, 'spec', 'completions')}"
    started, ended = moment(text(obj, "status", "startTime")), moment(text(obj, "status", "completionTime"))
    return [
        name_of(obj),
        job_status(obj),
        completions,
        "" if started is None else human_duration((now if ended is None else ended) - started),
        age_of(obj, now),
        *containers(mapping(obj, "spec", "template")),
        format_selector(mapping(obj, "spec", "selector")) or "<none>",
    ]


def job_status(obj: Object) -> str:
    def holds(kind: str) -> bool:
        return condition(obj, kind).get("status") == "True"

    if holds("Complete"):
        return "Complete"
    if holds("Failed"):
        return "Failed"
    if mapping(obj, "metadata").get("deletionTimestamp"):
        return "Terminating"
    return next((kind for kind in ("Suspended", "FailureTarget") if holds(kind)), "Running")


def cron_job(obj: Object, now: float) -> list[Any]:
    template = mapping(obj, "spec", "jobTemplate", "spec")
    suspend = mapping(obj, "spec").get("suspend")
    last = text(obj, "status", "lastScheduleTime")
    return [
        name_of(obj),
        text(obj, "spec", "schedule"),
        text(obj, "spec", "timeZone") or "<none>",
        "<unset>" if suspend is None else str(bool(suspend)),
        len(items(obj, "status", "active")),
        age(last, now) if last else "<none>",
        age_of(obj, now),
        *containers(mapping(template, "template")),
        format_selector(mapping(template, "selector")) or "<none>",
    ]


def horizontal_pod_autoscaler(obj: Object, now: float) -> list[Any]:
    current = items(obj, "status", "currentMetrics")
    targets = [_target(spec, current[i] if i < len(current) else {}) for i, spec in enumerate(mappings(obj, "spec", "metrics"))]
    return [
        name_of(obj),
        f"{text(obj, 'spec', 'scaleTargetRef', 'kind')}/{text(obj, 'spec', 'scaleTargetRef', 'name')}",
        at_most(targets, 2, empty="<none>", separator=", "),
        text(obj, "spec", "minReplicas") or "<unset>",
        *counts(obj, ("spec", "maxReplicas"), ("status", "currentReplicas")),
        age_of(obj, now),
    ]


_METRICS = {
    "Resource": "resource",
    "ContainerResource": "containerResource",
    "Pods": "pods",
    "Object": "object",
    "External": "external",
}


def _target(spec: Mapping[str, Any], status: Any) -> str:
    """``cpu: 40%/80%``: what is, and what is wanted."""
    kind = text(spec, "type")
    field = _METRICS.get(kind)
    if field is None:
        return "<unknown type>"
    wanted, now = mapping(spec, field, "target"), mapping(status, field, "current")
    name = f"{text(spec, field, 'name')}: " if kind.endswith("Resource") else ""
    if "averageValue" in wanted:
        average = " (avg)" if kind in ("Object", "External") else ""
        return f"{name}{text(now, 'averageValue') or '<unknown>'}/{text(wanted, 'averageValue')}{average}"
    if kind.endswith("Resource"):
        is_now, goal = text(now, "averageUtilization"), text(wanted, "averageUtilization")
        return f"{name}{is_now + '%' if is_now else '<unknown>'}/{goal + '%' if goal else '<auto>'}"
    return f"{text(now, 'value') or '<unknown>'}/{text(wanted, 'value')}"


def pod_disruption_budget(obj: Object, now: float) -> list[Any]:
    spec = mapping(obj, "spec")
    least, most = (text(spec, name) if name in spec else "N/A" for name in ("minAvailable", "maxUnavailable"))
    return [name_of(obj), least, most, number(obj, "status", "disruptionsAllowed"), age_of(obj, now)]
