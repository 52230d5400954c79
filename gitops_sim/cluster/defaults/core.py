"""Services, Secrets, Namespaces and volumes."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from gitops_sim.cluster.defaults.filling import each, fill, within
from gitops_sim.cluster.defaults.pods import claim_spec
from gitops_sim.objects import Object, with_path, without_path

_Map = Mapping[str, Any]


def service(obj: Object) -> Object:
    """All but the addresses, which :mod:`gitops_sim.cluster.addresses` gives out."""
    return within(obj, "spec", _service_spec)


def _service_spec(obj: _Map) -> _Map:
    obj = fill(obj, sessionAffinity="None", type="ClusterIP")
    if obj["sessionAffinity"] == "ClientIP":
        obj = fill(obj, sessionAffinityConfig={})
        obj = within(obj, "sessionAffinityConfig", lambda config: fill(config, clientIP={"timeoutSeconds": 10800}))
    if obj["type"] in ("NodePort", "LoadBalancer") or (obj["type"] == "ClusterIP" and obj.get("externalIPs")):
        obj = fill(obj, externalTrafficPolicy="Cluster")
    if obj["type"] == "LoadBalancer":
        obj = fill(obj, allocateLoadBalancerNodePorts=True)
    if obj["type"] != "ExternalName":
        obj = fill(obj, internalTrafficPolicy="Cluster")
    return each(obj, "ports", _service_port)


def _service_port(obj: _Map) -> _Map:
    obj = fill(obj, protocol="TCP")
    return obj if obj.get("targetPort") not in (0, "", None) else {**obj, "targetPort": obj["port"]}


def secret(obj: Object) -> Object:
    """``stringData`` is folded into ``data``; it wins and is not kept."""
    obj = fill(obj, type="Opaque")
    texts = obj.get("stringData")
    if texts is None:
        return obj
    encoded = {key: base64.b64encode(text.encode()).decode() for key, text in texts.items()}
    obj = {**obj, "data": {**(obj.get("data") or {}), **encoded}}
    folded: Object = without_path(obj, ("stringData",))
    return folded


def namespace(obj: Object) -> Object:
    """The label that no one can take away. ``spec.finalizers`` and the phase are only given to a new one."""
    name = obj["metadata"].get("name")
    if name and (obj["metadata"].get("labels") or {}).get("kubernetes.io/metadata.name") != name:
        obj = with_path(obj, ("metadata", "labels", "kubernetes.io/metadata.name"), name)
    return within(obj, "status", lambda status: fill(status, phase="Active"))


def claim(obj: Object) -> Object:
    return within(within(obj, "spec", claim_spec), "status", lambda status: fill(status, phase="Pending"))


def volume(obj: Object) -> Object:
    obj = within(obj, "spec", lambda spec: fill(spec, persistentVolumeReclaimPolicy="Retain", volumeMode="Filesystem"))
    obj = within(obj, "spec", lambda spec: within(spec, "hostPath", lambda path: fill(path, type="")))
    return within(obj, "status", lambda status: fill(status, phase="Pending"))


def limit_range(obj: Object) -> Object:
    return within(obj, "spec", lambda spec: each(spec, "limits", _limit))


def _limit(obj: _Map) -> _Map:
    if obj["type"] != "Container":
        return obj
    default = {**(obj.get("max") or {}), **(obj.get("default") or {})}
    request = {**(obj.get("min") or {}), **default, **(obj.get("defaultRequest") or {})}
    filled = {**obj, **({"default": default} if default else {}), **({"defaultRequest": request} if request else {})}
    return obj if filled == obj else filled
