"""What Flux does to objects before it applies them.

Source: fluxcd/pkg ``ssa/normalize/normalize.go`` (ports get their protocol, for without it the merge of ports goes wrong; the
text of a Secret is encoded; a status is left out), ``ssa/utils/meta.go`` and ``ssa/owner.go``.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from gitops_sim.objects import Object, get_path, with_path, without_path

NAME_LABEL, NAMESPACE_LABEL = "kustomize.toolkit.fluxcd.io/name", "kustomize.toolkit.fluxcd.io/namespace"
_TEMPLATES = {
    "Pod": ("spec",),
    "CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
    **dict.fromkeys(("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job"), ("spec", "template", "spec")),
}


def normalized(obj: Object) -> Object:
    """A copy of a manifest as Flux applies it."""
    if obj["kind"] == "Service" and obj["apiVersion"] == "v1":
        obj = _with_protocols(obj, ("spec", "ports"))
    elif obj["kind"] in _TEMPLATES:
        pod = _TEMPLATES[obj["kind"]]
        for index, _ in enumerate(_items(obj, (*pod, "containers"))):
            obj = _with_protocols(obj, (*pod, "containers", index, "ports"))
    elif obj["kind"] == "Secret" and obj["apiVersion"] == "v1":
        obj = _encoded(obj)
    return obj if obj["kind"] == "CustomResourceDefinition" else without_path(obj, ("status",))


def with_common(obj: Object, labels: Mapping[str, str], annotations: Mapping[str, str]) -> Object:
    """A copy with ``spec.commonMetadata``, which goes before what the manifest says."""
    for field, more in (("labels", labels), ("annotations", annotations)):
        if more:
            obj = with_path(obj, ("metadata", field), {**(obj["metadata"].get(field) or {}), **more})
    return obj


def owned(obj: Object, name: str, namespace: str) -> Object:
    """A copy that says which Kustomization it belongs to."""
    return with_common(obj, {NAME_LABEL: name, NAMESPACE_LABEL: namespace}, {})


def _items(obj: Any, path: tuple[str | int, ...]) -> list[Any]:
    found = get_path(obj, path)
    return found if isinstance(found, list) else []


def _with_protocols(obj: Object, path: tuple[str | int, ...]) -> Object:
    ports = _items(obj, path)
    if not all(isinstance(port, Mapping) for port in ports) or all(port.get("protocol") for port in ports):
        return obj
    made: Object = with_path(obj, path, [port if port.get("protocol") else {**port, "protocol": "TCP"} for port in ports])
    return made


def _encoded(obj: Object) -> Object:
    texts = obj.get("stringData")
    if not isinstance(texts, Mapping) or not texts:
        return obj
    data = {name: base64.b64encode(str(text).encode()).decode() for name, text in texts.items()}
    made: Object = {**without_path(obj, ("stringData",)), "data": {**(obj.get("data") or {}), **data}}
    return made
