"""HorizontalPodAutoscalers and PodDisruptionBudgets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from gitops_sim.cluster.validation.causes import forbidden, one_of, required, unsupported, wrong
from gitops_sim.cluster.validation.metadata import selector
from gitops_sim.cluster.validation.workloads import int_or_percent
from gitops_sim.errors import Cause
from gitops_sim.objects import Object

_Map = Mapping[str, Any]
_SOURCES = {
    "ContainerResource": "containerResource",
    "External": "external",
    "Object": "object",
    "Pods": "pods",
    "Resource": "resource",
}


def autoscaler(obj: Object) -> list[Cause]:
    spec = obj["spec"]
    causes: list[Cause] = []
    least, most = spec["minReplicas"], spec["maxReplicas"]
    metrics = spec.get("metrics") or ()
    if least < 1:
        causes.append(wrong("spec.minReplicas", least, "must be greater than or equal to 1"))
    if most < 1:
        causes.append(required("spec.maxReplicas", "must be set and greater than 0"))
    if most < least:
        causes.append(wrong("spec.maxReplicas", most, "must be greater than or equal to `minReplicas`"))
    target = spec["scaleTargetRef"]
    causes += [required(f"spec.scaleTargetRef.{part}") for part in ("kind", "name") if not target[part]]
    if not target.get("apiVersion"):
        causes.append(wrong("spec.scaleTargetRef.apiVersion", "", "apiVersion must specify API group"))
    for index, metric in enumerate(metrics):
        causes += _metric(f"spec.metrics[{index}]", metric)
    for name, rules in sorted((spec.get("behavior") or {}).items(), reverse=True):
        causes += _scaling(f"spec.behavior.{name}", rules)
    if least == 0 and not any(metric["type"] in ("Object", "External") for metric in metrics):
        causes.append(
            forbidden("spec.metrics", "must specify at least one Object or External metric to support scaling to zero replicas")
        )
    return causes


def _scaling(field: str, rules: _Map) -> list[Cause]:
    window, causes = rules.get("stabilizationWindowSeconds"), list[Cause]()
    if window is not None and window < 0:
        causes.append(wrong(f"{field}.stabilizationWindowSeconds", window, "must be greater than or equal to zero"))
    if window is not None and window > 3600:
        causes.append(wrong(f"{field}.stabilizationWindowSeconds", window, "must be less than or equal to 3600"))
    causes += one_of(f"{field}.selectPolicy", rules["selectPolicy"], ("Disabled", "Max", "Min"))
    policies = rules.get("policies") or ()
    if not policies:
        causes.append(required(f"{field}.policies", "must specify at least one Policy"))
    for index, policy in enumerate(policies):
        place = f"{field}.policies[{index}]"
        causes += one_of(f"{place}.type", policy["type"], ("Percent", "Pods"))
        for name in ("value", "periodSeconds"):
            if policy[name] <= 0:
                causes.append(wrong(f"{place}.{name}", policy[name], "must be greater than zero"))
        if policy["periodSeconds"] > 1800:
            causes.append(wrong(f"{place}.periodSeconds", policy["periodSeconds"], "must be less than or equal to 1800"))
    return causes


def _metric(field: str, metric: _Map) -> list[Cause]:
    source = _SOURCES.get(metric["type"])
    if source is None:
        return [unsupported(f"{field}.type", metric["type"], tuple(_SOURCES))] * 2
    if source not in metric:
        return [required(f"{field}.{source}", "must populate information for the given metric source")]
    target = metric[source]["target"]
    if source in ("resource", "containerResource"):
        if target.get("averageUtilization") is None and target.get("averageValue") is None:
            why = "must set either a target raw value or a target utilization"
            return [required(f"{field}.{source}.target.averageUtilization", why)]
    elif target.get("value") is None and target.get("averageValue") is None:
        return [required(f"{field}.{source}.target.averageValue", "must set either a target value or averageValue")]
    return []


def disruption_budget(obj: Object) -> list[Cause]:
    spec = obj["spec"]
    causes: list[Cause] = []
    least, most = spec.get("minAvailable"), spec.get("maxUnavailable")
    if least is not None and most is not None:
        quoted = {
            "MinAvailable": least,
            "Selector": spec.get("selector"),
            "MaxUnavailable": most,
            "UnhealthyPodEvictionPolicy": spec.get("unhealthyPodEvictionPolicy"),
        }
        shown = json.dumps(quoted, separators=(",", ":"))
        causes.append(Cause("spec", f"Invalid value: {shown}: minAvailable and maxUnavailable cannot be both set"))
    for name, value in (("minAvailable", least), ("maxUnavailable", most)):
        if value is not None:
            field = f"spec.{name}"
            causes += int_or_percent(field, value)
            if not causes and isinstance(value, str) and int(value[:-1]) > 100:
                causes.append(wrong(field, value, "must not be greater than 100%"))
    return causes + selector("spec.selector", spec.get("selector") or {})
