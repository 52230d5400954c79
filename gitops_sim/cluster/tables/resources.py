"""The cells of configuration, storage, access rights and the cluster itself.

Source: k8s.io/kubernetes ``pkg/printers/internalversion/printers.go``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gitops_sim.cluster.ages import age
from gitops_sim.cluster.shapes import condition, items, mapping, mappings, number, text, texts
from gitops_sim.cluster.tables.common import age_of, name_of
from gitops_sim.objects import Object


def namespace(obj: Object, now: float) -> list[Any]:
    return [name_of(obj), text(obj, "status", "phase"), age_of(obj, now)]


def config_map(obj: Object, now: float) -> list[Any]:
    return [name_of(obj), len(mapping(obj, "data")) + len(mapping(obj, "binaryData")), age_of(obj, now)]


def secret(obj: Object, now: float) -> list[Any]:
    return [name_of(obj), text(obj, "type"), len(mapping(obj, "data")), age_of(obj, now)]


def node(obj: Object, now: float) -> list[Any]:
    ready = condition(obj, "Ready").get("status")
    status = "Unknown" if ready is None else "Ready" if ready == "True" else "NotReady"
    info = mapping(obj, "status", "nodeInfo")
    versions = (text(info, name) or "<unknown>" for name in ("osImage", "kernelVersion", "containerRuntimeVersion"))
    return [
        name_of(obj),
        status + (",SchedulingDisabled" if mapping(obj, "spec").get("unschedulable") else ""),
        ",".join(node_roles(obj)) or "<none>",
        age_of(obj, now),
        text(info, "kubeletVersion"),
        _address(obj, "InternalIP"),
        _address(obj, "ExternalIP"),
        *versions,
    ]


def node_roles(obj: Object) -> list[str]:
    labels = mapping(obj, "metadata", "labels")
    marked = {key.removeprefix("node-role.kubernetes.io/") for key in labels if key.startswith("node-role.kubernetes.io/")}
    return sorted((marked | {str(labels.get("kubernetes.io/role") or "")}) - {""})


def _address(obj: Object, kind: str) -> str:
    found = (text(entry, "address") for entry in mappings(obj, "status", "addresses") if entry.get("type") == kind)
    return next(found, "<none>")


def event(obj: Object, now: float) -> list[Any]:
    first = text(obj, "firstTimestamp") or text(obj, "eventTime")
    series = mapping(obj, "series")
    last = text(series, "lastObservedTime") if series else text(obj, "lastTimestamp") or first
    kind, target = text(obj, "involvedObject", "kind").lower(), text(obj, "involvedObject", "name")
    source = text(obj, "source", "component") or text(obj, "reportingComponent")
    instance = text(obj, "source", "host") or text(obj, "reportingInstance")
    return [
        age(last, now),
        text(obj, "type"),
        text(obj, "reason"),
        f"{kind}/{target}" if target else kind,
        text(obj, "involvedObject", "fieldPath"),
        f"{source}, {instance}" if instance else source,
        text(obj, "message").strip(),
        age(first, now),
        number(series, "count") if series else number(obj, "count") or 1,
        name_of(obj),
    ]


def persistent_volume(obj: Object, now: float) -> list[Any]:
    claim = mapping(obj, "spec", "claimRef")
    return [
        name_of(obj),
        text(obj, "spec", "capacity", "storage") or "0",
        access_modes(texts(obj, "spec", "accessModes")),
        text(obj, "spec", "persistentVolumeReclaimPolicy"),
        _phase(obj),
        f"{text(claim, 'namespace')}/{text(claim, 'name')}" if claim else "",
        text(obj, "spec", "storageClassName"),
        text(obj, "spec", "volumeAttributesClassName") or "<unset>",
        text(obj, "status", "reason"),
        age_of(obj, now),
        text(obj, "spec", "volumeMode") or "<unset>",
    ]


def persistent_volume_claim(obj: Object, now: float) -> list[Any]:
    volume = text(obj, "spec", "volumeName")
    return [
        name_of(obj),
        _phase(obj),
        volume,
        text(obj, "status", "capacity", "storage") or "0" if volume else "",
        access_modes(texts(obj, "status", "accessModes")) if volume else "",
        text(obj, "spec", "storageClassName"),
        text(obj, "spec", "volumeAttributesClassName") or "<unset>",
        age_of(obj, now),
        text(obj, "spec", "volumeMode") or "<unset>",
    ]


def _phase(obj: Object) -> str:
    return "Terminating" if mapping(obj, "metadata").get("deletionTimestamp") else text(obj, "status", "phase")


_MODES = {"ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP"}


def access_modes(modes: Iterable[str]) -> str:
    """``RWO,RWX``, in the order of the table above, each once."""
    return ",".join(short for mode, short in _MODES.items() if mode in set(modes))


def resource_quota(obj: Object, now: float) -> list[Any]:
    hard, used = mapping(obj, "status", "hard"), mapping(obj, "status", "used")
    requests: list[str] = []
    limits: list[str] = []
    for resource in sorted(hard):
        column = limits if resource.startswith("limits.") else requests
        column.append(f"{resource}: {text(used, resource) or '0'}/{text(hard, resource)}")
    return [name_of(obj), ", ".join(requests), ", ".join(limits), age_of(obj, now)]


def role_binding(obj: Object, now: float) -> list[Any]:
    subjects = mappings(obj, "subjects")

    def of(kind: str) -> str:
        names = (
            f"{text(s, 'namespace')}/{text(s, 'name')}" if kind == "ServiceAccount" else text(s, "name")
            for s in subjects
            if s.get("kind") == kind
        )
        return ", ".join(names)

    role = f"{text(obj, 'roleRef', 'kind')}/{text(obj, 'roleRef', 'name')}"
    return [name_of(obj), role, age_of(obj, now), of("User"), of("Group"), of("ServiceAccount")]


def storage_class(obj: Object, now: float) -> list[Any]:
    default = mapping(obj, "metadata", "annotations").get("storageclass.kubernetes.io/is-default-class") == "true"
    return [
        name_of(obj) + (" (default)" if default else ""),
        text(obj, "provisioner"),
        text(obj, "reclaimPolicy") or "Delete",
        text(obj, "volumeBindingMode") or "Immediate",
        bool(mapping(obj).get("allowVolumeExpansion")),
        age_of(obj, now),
    ]


def priority_class(obj: Object, now: float) -> list[Any]:
    return [
        name_of(obj),
        number(obj, "value"),
        bool(mapping(obj).get("globalDefault")),
        age_of(obj, now),
        text(obj, "preemptionPolicy"),
    ]


def lease(obj: Object, now: float) -> list[Any]:
    return [name_of(obj), text(obj, "spec", "holderIdentity"), age_of(obj, now)]


def api_service(obj: Object, now: float) -> list[Any]:
    reference, available = mapping(obj, "spec", "service"), condition(obj, "Available")
    status = text(available, "status") or "Unknown"
    return [
        name_of(obj),
        f"{text(reference, 'namespace')}/{text(reference, 'name')}" if reference else "Local",
        status if status == "True" or not available else f"{status} ({text(available, 'reason')})",
        age_of(obj, now),
    ]


def webhooks(obj: Object, now: float) -> list[Any]:
    return [name_of(obj), len(items(obj, "webhooks")), age_of(obj, now)]


def admission_policy(obj: Object, now: float) -> list[Any]:
    param = mapping(obj, "spec", "paramKind")
    shown = f"{text(param, 'apiVersion')}/{text(param, 'kind')}" if param else "<unset>"
    return [name_of(obj), len(items(obj, "spec", "validations")), shown, age_of(obj, now)]


def admission_policy_binding(obj: Object, now: float) -> list[Any]:
    param = mapping(obj, "spec", "paramRef")
    shown = f"{text(param, 'namespace') or '*'}/{text(param, 'name')}" if text(param, "name") else "<unset>"
    return [name_of(obj), text(obj, "spec", "policyName"), shown, age_of(obj, now)]
