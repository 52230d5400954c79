"""Pods, and the templates of Pods in all workloads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitops_sim.cluster.defaults.filling import each, fill, within
from gitops_sim.cluster.quantity import amount, canonical
from gitops_sim.objects import Object

_Map = Mapping[str, Any]


def pod(obj: Object) -> Object:
    """A Pod itself: what templates get, and what is decided only when it is created."""
    obj = within(obj, "spec", _pod_spec)
    return within(obj, "status", lambda status: fill(status, phase="Pending", qosClass=qos_class(obj["spec"])))


def template(obj: _Map) -> _Map:
    """A ``PodTemplateSpec``."""
    return within(obj, "spec", spec)


def spec(obj: _Map) -> _Map:
    """The spec of a template."""
    obj = fill(
        obj,
        dnsPolicy="ClusterFirst",
        restartPolicy="Always",
        schedulerName="default-scheduler",
        securityContext={},
        terminationGracePeriodSeconds=30,
    )
    account = obj.get("serviceAccountName") or obj.get("serviceAccount")
    if account:
        obj = fill(obj, serviceAccountName=account, serviceAccount=account)
    for field in ("initContainers", "containers", "ephemeralContainers"):
        obj = each(obj, field, _host_container if obj.get("hostNetwork") else container)
    return each(obj, "volumes", volume)


def _pod_spec(obj: _Map) -> _Map:
    obj = fill(spec(obj), enableServiceLinks=True)
    for field in ("initContainers", "containers"):
        obj = each(obj, field, _requests_from_limits)
    return obj


def container(obj: _Map) -> _Map:
    obj = fill(
        obj,
        imagePullPolicy=pull_policy(obj.get("image") or ""),
        terminationMessagePath="/dev/termination-log",
        terminationMessagePolicy="File",
    )
    obj = each(obj, "ports", _port)
    if "env" in obj:
        obj = each(obj, "env", _env)
    for field in ("livenessProbe", "readinessProbe", "startupProbe"):
        if field in obj:
            obj = within(obj, field, _probe)
    if "lifecycle" in obj:
        obj = within(obj, "lifecycle", _lifecycle)
    resources = obj.get("resources")
    return within(obj, "resources", _rounded_resources) if resources else obj


def _host_container(obj: _Map) -> _Map:
    return each(container(obj), "ports", _host_port)


def pull_policy(image: str) -> str:
    """``Always`` for the tag ``latest``, said or not; ``IfNotPresent`` for every other tag and for digests."""
    if "@" in image:
        return "IfNotPresent"
    tag = image.rpartition("/")[2].partition(":")[2]
    return "Always" if tag in ("", "latest") else "IfNotPresent"


def _port(obj: _Map) -> _Map:
    return fill(obj, protocol="TCP")


def _host_port(obj: _Map) -> _Map:
    return fill(obj, hostPort=obj["containerPort"])


def _env(obj: _Map) -> _Map:
    return within(obj, "valueFrom", _field_source) if "valueFrom" in obj else obj


def _field_source(obj: _Map) -> _Map:
    return within(obj, "fieldRef", lambda ref: fill(ref, apiVersion="v1"))


def _probe(obj: _Map) -> _Map:
    obj = fill(obj, timeoutSeconds=1, periodSeconds=10, successThreshold=1, failureThreshold=3)
    return within(_handler(obj), "grpc", lambda grpc: fill(grpc, service=""))


def _handler(obj: _Map) -> _Map:
    return within(obj, "httpGet", lambda get: fill(get, path="/", scheme="HTTP"))


def _lifecycle(obj: _Map) -> _Map:
    return within(within(obj, "postStart", _handler), "preStop", _handler)


def _rounded_resources(obj: _Map) -> _Map:
    return within(within(obj, "limits", _whole_milli), "requests", _whole_milli)


def _whole_milli(amounts: _Map) -> _Map:
    """Nothing smaller than a thousandth: ``1500u`` becomes ``2m``."""
    rounded = {name: _rounded_up(value) for name, value in amounts.items()}
    return amounts if rounded == amounts else rounded


def _rounded_up(value: str) -> str:
    if not value.endswith(("n", "u")):
        return value
    thousandths = amount(value) * 1000
    return canonical(f"{-(-thousandths.numerator // thousandths.denominator)}m")


def _requests_from_limits(obj: _Map) -> _Map:
    limits = (obj.get("resources") or {}).get("limits")
    if not limits:
        return obj
    return within(obj, "resources", lambda resources: {**resources, "requests": {**limits, **(resources.get("requests") or {})}})


_SOURCES: dict[str, dict[str, Any]] = {
    "azureDisk": {"cachingMode": "ReadWrite", "fsType": "ext4", "kind": "Shared", "readOnly": False},
    "configMap": {"defaultMode": 420},
    "downwardAPI": {"defaultMode": 420},
    "hostPath": {"type": ""},
    "iscsi": {"iscsiInterface": "default"},
    "projected": {"defaultMode": 420},
    "rbd": {"keyring": "/etc/ceph/keyring", "pool": "rbd", "user": "admin"},
    "scaleIO": {"fsType": "xfs", "storageMode": "ThinProvisioned"},
    "secret": {"defaultMode": 420},
}


def volume(obj: _Map) -> _Map:
    if len(obj) == 1:
        return {**obj, "emptyDir": {}}
    for source, values in _SOURCES.items():
        if source in obj:
            obj = {**obj, source: fill(obj[source], **values)}
    obj = within(obj, "downwardAPI", _downward)
    obj = within(obj, "projected", lambda inner: each(inner, "sources", _projection))
    return within(obj, "ephemeral", lambda inner: within(inner, "volumeClaimTemplate", _claim_template))


def _claim_template(obj: _Map) -> _Map:
    return within(obj, "spec", claim_spec)


def _downward(obj: _Map) -> _Map:
    return each(obj, "items", _field_source)


def _projection(obj: _Map) -> _Map:
    obj = within(obj, "serviceAccountToken", lambda token: fill(token, expirationSeconds=3600))
    return within(obj, "downwardAPI", _downward)


def claim_spec(obj: _Map) -> _Map:
    """The spec of a PersistentVolumeClaim."""
    return fill(obj, volumeMode="Filesystem")


def qos_class(obj: _Map) -> str:
    """``Guaranteed`` when every container asks for as much CPU and memory as it may get, ``BestEffort`` when none asks."""
    containers = (*(obj.get("containers") or ()), *(obj.get("initContainers") or ()))
    all_resources = [item.get("resources") or {} for item in containers]
    asked = [
        {name: value for name, value in (resources.get(side) or {}).items() if name in ("cpu", "memory") and value != "0"}
        for resources in all_resources
        for side in ("requests", "limits")
    ]
    if not any(asked):
        return "BestEffort"
    pairs = zip(asked[::2], asked[1::2], strict=True)
    return "Guaranteed" if all(len(limits) == 2 and requests == limits for requests, limits in pairs) else "Burstable"
