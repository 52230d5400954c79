"""ConfigMaps, Secrets, Events, quotas and definitions of kinds."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from gitops_sim.cluster.names import config_key_problems
from gitops_sim.cluster.quantity import amount
from gitops_sim.cluster.validation.causes import forbidden, required, too_long, wrong, wrong_for
from gitops_sim.errors import Cause
from gitops_sim.objects import Object

_Map = Mapping[str, Any]
_LIMIT = 1024 * 1024
_FROZEN = "field is immutable when `immutable` is set"


def config_map(obj: Object) -> list[Cause]:
    causes: list[Cause] = []
    data, binary = obj.get("data") or {}, obj.get("binaryData") or {}
    size = 0
    for key in sorted(data):
        causes += wrong_for(f"data[{key}]", key, config_key_problems(key))
        if key in binary:
            causes.append(wrong(f"data[{key}]", key, "duplicate of key present in binaryData"))
        size += len(data[key].encode("utf-8", "surrogatepass"))
    for key in sorted(binary):
        causes += wrong_for(f"binaryData[{key}]", key, config_key_problems(key))
        size += len(binary[key]) * 3 // 4
    return [*causes, too_long("", _LIMIT)] if size > _LIMIT else causes


def secret(obj: Object) -> list[Cause]:
    data = obj.get("data") or {}
    causes: list[Cause] = []
    for key in sorted(data):
        causes += wrong_for(f"data[{key}]", key, config_key_problems(key))
    if sum(len(value) * 3 // 4 for value in data.values()) > _LIMIT:
        causes.append(too_long("data", _LIMIT))
    return causes + _typed(obj, obj["type"], data)


def _typed(obj: Object, kind: str, data: _Map) -> list[Cause]:
    """What a Secret of a well-known type must hold."""
    if kind == "kubernetes.io/service-account-token":
        annotation = "kubernetes.io/service-account.name"
        named = (obj["metadata"].get("annotations") or {}).get(annotation)
        return [] if named else [required(f"metadata.annotations[{annotation}]")]
    if kind == "kubernetes.io/basic-auth":
        missing = "username" not in data and "password" not in data
        return [required("data[username]"), required("data[password]")] if missing else []
    if kind == "kubernetes.io/ssh-auth":
        return [] if data.get("ssh-privatekey") else [required("data[ssh-privatekey]")]
    if kind == "kubernetes.io/tls":
        return [required(f"data[{key}]") for key in ("tls.crt", "tls.key") if key not in data]
    for type_, key in (("kubernetes.io/dockerconfigjson", ".dockerconfigjson"), ("kubernetes.io/dockercfg", ".dockercfg")):
        if kind == type_:
            return _docker_config(key, data)
    return []


def _docker_config(key: str, data: _Map) -> list[Cause]:
    if key not in data:
        return [required(f"data[{key}]")]
    try:
        json.loads(base64.b64decode(data[key]))
    except ValueError:
        return [wrong(f"data[{key}]", "<secret contents redacted>", "invalid character in JSON")]
    return []


def config_map_update(new: Object, old: Object) -> list[Cause]:
    return _frozen(new, old, ("data", "binaryData"))


def secret_update(new: Object, old: Object) -> list[Cause]:
    causes = [] if new["type"] == old["type"] else [wrong("type", new["type"], "field is immutable")]
    return causes + _frozen(new, old, ("data",))


def _frozen(new: Object, old: Object, fields: tuple[str, ...]) -> list[Cause]:
    if not old.get("immutable"):
        return []
    causes = [] if new.get("immutable") else [forbidden("immutable", _FROZEN)]
    return causes + [forbidden(field, _FROZEN) for field in fields if new.get(field) != old.get(field)]


def event(obj: Object) -> list[Cause]:
    """An Event lies in the namespace of what it is about; one about a cluster-wide object in ``default``."""
    place, about = obj["metadata"].get("namespace"), obj["involvedObject"].get("namespace") or ""
    if about == place or (not about and place in ("default", "kube-system")):
        return []
    return [wrong("involvedObject.namespace", about, "does not match event.namespace")]


_COUNTED = ("pods", "services", "secrets", "configmaps", "persistentvolumeclaims", "replicationcontrollers", "resourcequotas")
_MEASURED = ("cpu", "memory", "ephemeral-storage", "storage")


def quota(obj: Object) -> list[Cause]:
    causes: list[Cause] = []
    for name, value in sorted((obj["spec"].get("hard") or {}).items()):
        field = f"spec.hard[{name}]"
        plain = name.removeprefix("requests.").removeprefix("limits.")
        known = name in _COUNTED or plain in _MEASURED or name in ("services.nodeports", "services.loadbalancers")
        if "/" not in name and not known and not name.startswith("requests.hugepages-"):
            causes.append(wrong(field, name, "must be a standard resource type or fully qualified"))
            causes.append(wrong(field, name, "must be a standard resource for quota"))
        if amount(value) < 0:
            causes.append(wrong(field, value, "must be greater than or equal to 0"))
        elif name in _COUNTED and amount(value).denominator != 1:
            causes.append(wrong(field, value, "must be an integer"))
    return causes
