"""The kinds that are served in more than one version, two built-in ones and custom ones: what is written in the one is kept in
the other. Versions of custom kinds differ in their name alone: nothing is converted.

Source: ``pkg/apis/autoscaling/v1/conversion.go`` and ``pkg/apis/core/v1`` (Event) of kubernetes/kubernetes. What autoscaling/v1
has no fields for stands in annotations, as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from gitops_sim.cluster import decoding
from gitops_sim.cluster.custom.resource import resource_of
from gitops_sim.cluster.kinds import Kind
from gitops_sim.errors import invalid
from gitops_sim.objects import Object

_Map = Mapping[str, Any]
_ALPHA = "autoscaling.alpha.kubernetes.io/"
_METRICS, _CURRENT, _CONDITIONS, _BEHAVIOR = (_ALPHA + name for name in ("metrics", "current-metrics", "conditions", "behavior"))
# Fields of an Event in the core group, and what events.k8s.io calls them.
_EVENT = {
    "count": "deprecatedCount",
    "firstTimestamp": "deprecatedFirstTimestamp",
    "involvedObject": "regarding",
    "lastTimestamp": "deprecatedLastTimestamp",
    "message": "note",
    "reportingComponent": "reportingController",
    "source": "deprecatedSource",
}


def asked(kind: Kind, obj: Object) -> Object:
    """``obj``, read, filled in and checked by the schema of a version of a custom kind. Raises ApiError 400 or 422."""
    resource = resource_of(kind)
    if resource is None:
        return obj
    filled = resource.defaulted(decoding.decode(kind, obj))
    causes = resource.causes(filled, None)
    if causes:
        raise invalid(kind.kind, str(filled["metadata"].get("name") or ""), causes, kind.group)
    return filled


def kept(kind: Kind, obj: Object) -> Object:
    """``obj``, a manifest in the version of ``kind``, as it is kept. Raises ApiError 400 for what the version cannot hold."""
    if kind.stored is None:
        return obj
    decoded = dict(decoding.decode(kind, obj))
    decoded["apiVersion"] = kind.stored.api_version
    if kind.custom:
        return decoded
    return _event_kept(decoded) if kind.kind == "Event" else _autoscaler_kept(decoded)


def seen(kind: Kind, obj: Object) -> Object:
    """``obj``, as it is kept, in the version of ``kind``."""
    if kind.stored is None or obj["apiVersion"] == kind.api_version:
        return obj
    shown = {**obj, "apiVersion": kind.api_version}
    if kind.custom:
        return shown
    return _event_seen(shown) if kind.kind == "Event" else _autoscaler_seen(shown)


def _event_kept(obj: _Map) -> _Map:
    old = {new: old for old, new in _EVENT.items()}
    read = {old.get(name, name): value for name, value in obj.items()}
    return {"involvedObject": {}, **read}


def _event_seen(obj: _Map) -> _Map:
    return {"eventTime": None, **{_EVENT.get(name, name): value for name, value in obj.items()}}


def _autoscaler_kept(obj: _Map) -> _Map:
    obj, notes = _without_notes(obj)
    spec, status = dict(obj.get("spec") or {}), dict(obj.get("status") or {})
    metrics = [_metric_kept(item) for item in _listed(notes.get(_METRICS))]
    target = spec.pop("targetCPUUtilizationPercentage", None)
    if target is not None:
        goal = {"averageUtilization": target, "type": "Utilization"}
        metrics.insert(0, {"resource": {"name": "cpu", "target": goal}, "type": "Resource"})
    if metrics:
        spec["metrics"] = metrics
    behavior = _parsed(notes.get(_BEHAVIOR))
    if isinstance(behavior, dict):
        spec["behavior"] = _in_json(behavior)
    status.pop("currentCPUUtilizationPercentage", None)
    return {**obj, "spec": spec, **({"status": status} if "status" in obj else {})}


def _autoscaler_seen(obj: _Map) -> _Map:
    spec, status = dict(obj.get("spec") or {}), dict(obj.get("status") or {})
    notes: dict[str, str] = {}
    others = []
    for item in spec.pop("metrics", None) or ():
        used = _cpu(item, "target")
        if used is not None:
            spec["targetCPUUtilizationPercentage"] = used
        else:
            others.append(_metric_seen(item, "target", "target"))
    current = status.pop("currentMetrics", None) or ()
    for item in current:
        used = _cpu(item, "current")
        if used is not None:
            status["currentCPUUtilizationPercentage"] = used
    behavior = spec.pop("behavior", None)
    for name, value in (
        (_METRICS, others),
        (_CURRENT, [_metric_seen(item, "current", "current") for item in current]),
        (_CONDITIONS, [_ordered(item, _CONDITION) for item in status.pop("conditions", None) or ()]),
        (_BEHAVIOR, _in_go(behavior, _BEHAVIORS) if behavior else None),
    ):
        if value:
            notes[name] = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    shown = {
        **obj,
        "spec": spec,
        **({"status": {"currentReplicas": 0, "desiredReplicas": 0, **status}} if "status" in obj else {}),
    }
    if notes:
        meta = obj["metadata"]
        shown["metadata"] = {**meta, "annotations": {**(meta.get("annotations") or {}), **notes}}
    return shown


def _cpu(metric: _Map, side: str) -> Any:
    """The part of the requested CPU that a metric is about; None for other metrics."""
    resource = metric.get("resource") or {}
    if metric.get("type") != "Resource" or resource.get("name") != "cpu":
        return None
    return (resource.get(side) or {}).get("averageUtilization")


_VALUES = {"averageUtilization": "AverageUtilization", "averageValue": "AverageValue", "value": "Value"}


def _metric_seen(metric: _Map, side: str, prefix: str) -> _Map:
    """A metric with its goal in fields of autoscaling/v1: ``targetAverageUtilization`` in place of ``target``."""
    shown: dict[str, Any] = {}
    for name, source in metric.items():
        if not isinstance(source, Mapping):
            shown[name] = source
            continue
        rest = {key: value for key, value in source.items() if key != side}
        goal = source.get(side) or {}
        rest.update({prefix + end: goal[key] for key, end in _VALUES.items() if key in goal})
        shown[name] = _ordered(rest, _SOURCE)
    return _ordered(shown, ("type",))


# The order in which Go writes the fields of its structs; what is in none of them comes last.
_CONDITION = ("type", "status", "lastTransitionTime", "reason", "message")
_SOURCE = (
    *("target", "name", "metricName", "metricSelector", "targetAverageUtilization", "targetValue", "currentAverageUtilization"),
    *("currentValue", "targetAverageValue", "currentAverageValue", "selector", "container", "averageValue"),
)
_POLICY = {"type": None, "value": None, "periodSeconds": None}
_RULES = {"stabilizationWindowSeconds": None, "selectPolicy": None, "policies": _POLICY, "tolerance": None}
_BEHAVIORS: dict[str, Any] = {"scaleUp": _RULES, "scaleDown": _RULES}


def _ordered(fields: _Map, order: Sequence[str]) -> dict[str, Any]:
    names = [*(name for name in order if name in fields), *(name for name in fields if name not in order)]
    return {name: fields[name] for name in names}


def _in_go(value: Any, order: _Map | None) -> Any:
    """A value as a struct without JSON names is written: all its fields, under their names in Go."""
    if isinstance(value, list):
        return [_in_go(item, order) for item in value]
    if not isinstance(value, Mapping) or order is None:
        return value
    return {name[0].upper() + name[1:]: _in_go(value.get(name), inner) for name, inner in order.items()}


def _in_json(value: Any) -> Any:
    """The way back; what says nothing is left out."""
    if isinstance(value, list):
        return [_in_json(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    return {name[:1].lower() + name[1:]: _in_json(inner) for name, inner in value.items() if inner is not None}


def _metric_kept(metric: _Map) -> _Map:
    found: dict[str, Any] = {}
    for name, source in metric.items():
        if not isinstance(source, Mapping):
            found[name] = source
            continue
        goal = {key: source["target" + end] for key, end in _VALUES.items() if "target" + end in source}
        kind = {"averageUtilization": "Utilization", "averageValue": "AverageValue", "value": "Value"}
        rest = {key: value for key, value in source.items() if not key.startswith("target") or key == "target"}
        found[name] = {**rest, "target": {**goal, "type": next((kind[key] for key in goal), "")}}
    return found


def _without_notes(obj: _Map) -> tuple[_Map, _Map]:
    meta = obj["metadata"]
    notes = meta.get("annotations") or {}
    if not any(name in notes for name in (_METRICS, _CURRENT, _CONDITIONS, _BEHAVIOR)):
        return obj, notes
    rest = {name: text for name, text in notes.items() if name not in (_METRICS, _CURRENT, _CONDITIONS, _BEHAVIOR)}
    bare = {name: value for name, value in meta.items() if name != "annotations"}
    return {**obj, "metadata": {**bare, **({"annotations": rest} if rest else {})}}, notes


def _parsed(text: Any) -> Any:
    try:
        return json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        return None


def _listed(text: Any) -> list[_Map]:
    found = _parsed(text)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []
