"""Warnings that the API server sends along with an answer."""

from __future__ import annotations

from collections.abc import Iterator

from gitops_sim.cluster.custom.expressions import available
from gitops_sim.cluster.custom.rules import RULES
from gitops_sim.cluster.go_text import json_text
from gitops_sim.cluster.kinds import Kind
from gitops_sim.cluster.shapes import mapping, mappings, text, texts
from gitops_sim.cluster.validation.pods import SECCOMP_CONTAINER, SECCOMP_POD
from gitops_sim.objects import Object

_DEPRECATED = {
    ("", "Endpoints"): "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
}


def deprecation(kind: Kind) -> str:
    """What the server says about the use of a kind that is on its way out; empty for all others."""
    return kind.deprecation or _DEPRECATED.get((kind.group, kind.kind), "")


def of_object(kind: Kind, obj: Object) -> list[str]:
    """What the server says about an object that it takes all the same. ``obj`` is as a client sent it.

    Source: ``pkg/api/pod/warnings.go``, ``pkg/api/service/warnings.go`` and the strategies of Ingress and Secret
    in kubernetes/kubernetes.
    """
    if kind.custom:
        return []
    if kind.kind == "CustomResourceDefinition" and RULES in json_text(obj) and not available():
        return [f"{RULES}: rules in CEL are stored, but not evaluated without the extra: pip install 'gitops-sim[cel]'"]
    if (kind.group, kind.kind) == ("", "Service") and texts(obj, "spec", "externalIPs"):
        return ["spec.externalIPs is deprecated and may no longer be implemented in some clusters"]
    if kind.kind == "Ingress" and "kubernetes.io/ingress.class" in mapping(obj, "metadata", "annotations"):
        return ["annotation \"kubernetes.io/ingress.class\" is deprecated, please use 'spec.ingressClassName' instead"]
    if kind.kind == "Secret" and text(obj, "type") == "kubernetes.io/tls" and not text(obj, "data", "tls.crt"):
        return ["tls: failed to find any PEM data in certificate input"] if "tls.crt" in mapping(obj, "data") else []
    where = _POD_SPECS.get(kind.kind)
    return list(_of_pod(obj, where)) if where is not None else []


_POD_SPECS: dict[str, tuple[str, ...]] = {
    "Pod": ("spec",),
    "CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
    **dict.fromkeys(
        ("Deployment", "DaemonSet", "StatefulSet", "ReplicaSet", "ReplicationController", "Job"), ("spec", "template", "spec")
    ),
}
_OLD_LABELS = {
    f"beta.kubernetes.io/{name}": f'deprecated since v1.14; use "kubernetes.io/{name}" instead' for name in ("arch", "os")
}


_APPARMOR = "container.apparmor.security.beta.kubernetes.io/"


def _of_annotations(obj: Object, where: tuple[str, ...]) -> Iterator[str]:
    at = ".".join((*where[:-1], "metadata", "annotations"))
    for key in mapping(obj, *where[:-1], "metadata", "annotations"):
        if key == SECCOMP_POD or key.startswith(SECCOMP_CONTAINER):
            yield f'{at}[{key}]: non-functional in v1.27+; use the "seccompProfile" field instead'
        elif key.startswith(_APPARMOR):
            yield f'{at}[{key}]: deprecated since v1.30; use the "appArmorProfile" field instead'


def _of_pod(obj: Object, where: tuple[str, ...]) -> Iterator[str]:
    at = ".".join(where)
    yield from _of_annotations(obj, where)
    for key in mapping(obj, *where, "nodeSelector"):
        if key in _OLD_LABELS:
            yield f"{at}.nodeSelector[{key}]: {_OLD_LABELS[key]}"
    for index, secret in enumerate(mappings(obj, *where, "imagePullSecrets")):
        if not text(secret, "name"):
            yield f'{at}.imagePullSecrets[{index}].name: invalid empty name ""'
    for number, container in enumerate(mappings(obj, *where, "containers")):
        names: set[str] = set()
        for index, variable in enumerate(mappings(container, "env")):
            name = text(variable, "name")
            if name in names:
                hidden = f'hides previous definition of "{name}", which may be dropped when using apply'
                yield f"{at}.containers[{number}].env[{index}]: {hidden}"
            names.add(name)
        ports: dict[tuple[object, object, object, object], int] = {}
        for index, port in enumerate(mappings(container, "ports")):
            same = (port.get("containerPort"), port.get("protocol", "TCP"), port.get("hostIP"), port.get("hostPort"))
            if same in ports:
                first = f"{at}.containers[{number}].ports[{ports[same]}]"
                yield f"{at}.containers[{number}].ports[{index}]: duplicate port definition with {first}"
            ports.setdefault(same, index)
