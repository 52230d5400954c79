"""Networking, access, scaling, storage classes, webhooks and definitions of kinds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitops_sim.cluster.defaults.filling import each, fill, within
from gitops_sim.objects import Object

_Map = Mapping[str, Any]
_RBAC = "rbac.authorization.k8s.io"


def network_policy(obj: Object) -> Object:
    return within(obj, "spec", _network_policy_spec)


def _network_policy_spec(obj: _Map) -> _Map:
    obj = fill(obj, policyTypes=["Ingress", "Egress"] if obj.get("egress") else ["Ingress"])
    return each(each(obj, "ingress", _rule), "egress", _rule)


def _rule(obj: _Map) -> _Map:
    return each(obj, "ports", _tcp)


def _tcp(obj: _Map) -> _Map:
    return fill(obj, protocol="TCP")


def ingress_class(obj: Object) -> Object:
    return within(obj, "spec", lambda spec: within(spec, "parameters", lambda parameters: fill(parameters, scope="Cluster")))


def endpoints(obj: Object) -> Object:
    return each(obj, "subsets", _rule)


def endpoint_slice(obj: Object) -> Object:
    return each(obj, "ports", lambda port: fill(port, name="", protocol="TCP"))


def role_binding(obj: Object) -> Object:
    obj = within(obj, "roleRef", lambda ref: ref if ref.get("apiGroup") else {**ref, "apiGroup": _RBAC})
    return each(obj, "subjects", _subject)


def _subject(obj: _Map) -> _Map:
    return fill(obj, apiGroup=_RBAC) if obj["kind"] in ("User", "Group") else obj


def storage_class(obj: Object) -> Object:
    return fill(obj, reclaimPolicy="Delete", volumeBindingMode="Immediate")


def priority_class(obj: Object) -> Object:
    return fill(obj, preemptionPolicy="PreemptLowerPriority")


def autoscaler(obj: Object) -> Object:
    return within(obj, "spec", _autoscaler_spec)


_CPU = {"resource": {"name": "cpu", "target": {"averageUtilization": 80, "type": "Utilization"}}, "type": "Resource"}
_UP = {
    "policies": [
        {"periodSeconds": 15, "type": "Pods", "value": 4},
        {"periodSeconds": 15, "type": "Percent", "value": 100},
    ],
    "selectPolicy": "Max",
    "stabilizationWindowSeconds": 0,
}
_DOWN = {"policies": [{"periodSeconds": 15, "type": "Percent", "value": 100}], "selectPolicy": "Max"}


def _autoscaler_spec(obj: _Map) -> _Map:
    obj = fill(obj, minReplicas=1, metrics=[_CPU])
    if "behavior" not in obj:
        return obj
    behavior = fill(obj["behavior"], scaleUp={}, scaleDown={})
    behavior = within(behavior, "scaleUp", lambda rules: fill(rules, **_UP))
    behavior = within(behavior, "scaleDown", lambda rules: fill(rules, **_DOWN))
    return {**obj, "behavior": behavior}


def definition(obj: Object) -> Object:
    return within(obj, "spec", _definition_spec)


def _definition_spec(obj: _Map) -> _Map:
    names = obj["names"]
    names = fill(names, singular=names["kind"].lower(), listKind=f"{names['kind']}List")
    return fill(obj if names is obj["names"] else {**obj, "names": names}, conversion={"strategy": "None"})


def webhooks(obj: Object) -> Object:
    filler = _mutating_webhook if obj["kind"].startswith("Mutating") else _webhook
    return each(obj, "webhooks", filler)


def _mutating_webhook(obj: _Map) -> _Map:
    return fill(_webhook(obj), reinvocationPolicy="Never")


def _webhook(obj: _Map) -> _Map:
    obj = fill(obj, failurePolicy="Fail", matchPolicy="Equivalent", namespaceSelector={}, objectSelector={}, timeoutSeconds=10)
    obj = within(obj, "clientConfig", lambda config: within(config, "service", lambda service: fill(service, port=443)))
    return each(obj, "rules", lambda rule: fill(rule, scope="*"))
