"""Containers, volumes and Pod templates."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from gitops_sim.cluster.go_text import quoted
from gitops_sim.cluster.quantity import QuantityError, amount
from gitops_sim.cluster.shapes import items, mapping, mappings, number, text, texts
from gitops_sim.cluster.tables import format_selector
from gitops_sim.kubectl.describe.page import Page, rfc1123

_Part = Mapping[str, Any]
Resolve = Callable[[str], str]
"""The value of a field of the Pod that a container runs in, by its path."""


def pod_template(page: Page, template: _Part) -> None:
    page.line("Pod Template:")
    page.pairs("  Labels", mapping(template, "metadata", "labels"))
    if mapping(template, "metadata", "annotations"):
        page.annotations(template, "  Annotations")
    spec = mapping(template, "spec")
    if account := text(spec, "serviceAccountName"):
        page.field("Service Account", account, 1)
    if items(spec, "initContainers"):
        containers(page, "Init Containers", spec, "initContainers", space="  ")
    containers(page, "Containers", spec, "containers", space="  ")
    volumes(page, spec, "  ")
    spread(page, spec, "  ")
    if priority := text(spec, "priorityClassName"):
        page.field("Priority Class Name", priority, 1)
    page.pairs("  Node-Selectors", mapping(spec, "nodeSelector"))
    page.tolerations(mappings(spec, "tolerations"), "  Tolerations")


def containers(
    page: Page,
    title: str,
    spec: _Part,
    field: str,
    *,
    statuses: list[_Part] | None = None,
    resolve: Resolve | None = None,
    space: str = "",
) -> None:
    """Every container of one list; with its state when ``statuses`` are given."""
    by_name = {text(status, "name"): status for status in statuses or ()}
    found = mappings(spec, field)
    page.line(f"{space}{title}:" + ("" if found else " <none>"))
    for container in found:
        status = by_name.get(text(container, "name"))
        page.line(f"{' ' if space else ''}{text(container, 'name')}:", 1)
        _basics(page, container, status)
        _words(page, "Command", texts(container, "command"))
        _words(page, "Args", texts(container, "args"))
        if status is not None:
            _state(page, status)
        resources(page, mapping(container, "resources"), 2)
        for name, probe_field in (("Liveness", "livenessProbe"), ("Readiness", "readinessProbe"), ("Startup", "startupProbe")):
            if mapping(container, probe_field):
                page.field(name, _probe(mapping(container, probe_field)), 2)
        _env_from(page, container)
        _env(page, container, resolve)
        _mounts(page, container)


def _basics(page: Page, container: _Part, status: _Part | None) -> None:
    if status is not None:
        page.field("Container ID", text(status, "containerID"), 2)
    page.field("Image", text(container, "image"), 2)
    if status is not None:
        page.field("Image ID", text(status, "imageID"), 2)
    for title, field in (("Port", "containerPort"), ("Host Port", "hostPort")):
        ports = []
        for port in mappings(container, "ports"):
            name = text(port, "name")
            ports.append(f"{number(port, field)}/{text(port, 'protocol')}" + (f" ({name})" if name else ""))
        page.field(title + ("s" if len(ports) > 1 else ""), ", ".join(ports) or "<none>", 2)


def _words(page: Page, title: str, words: list[str]) -> None:
    if words:
        page.line(f"{title}:", 2)
        for word in words:
            for part in word.split("\n"):
                page.line(part, 3)


def _state(page: Page, status: _Part) -> None:
    _one_state(page, "State", mapping(status, "state"))
    if "terminated" in mapping(status, "lastState"):
        _one_state(page, "Last State", mapping(status, "lastState"))
    page.field("Ready", bool(status.get("ready")), 2)
    page.field("Restart Count", number(status, "restartCount"), 2)


def _one_state(page: Page, title: str, state: _Part) -> None:
    if "running" in state:
        page.field(title, "Running", 2)
        page.field("Started", rfc1123(text(state, "running", "startedAt")), 3)
    elif "terminated" in state:
        ended = mapping(state, "terminated")
        page.field(title, "Terminated", 2)
        for name in ("reason", "message"):
            if value := text(ended, name):
                page.field(name.capitalize(), value, 3)
        page.field("Exit Code", number(ended, "exitCode"), 3)
        if number(ended, "signal") > 0:
            page.field("Signal", number(ended, "signal"), 3)
        page.field("Started", rfc1123(text(ended, "startedAt")), 3)
        page.field("Finished", rfc1123(text(ended, "finishedAt")), 3)
    else:
        page.field(title, "Waiting", 2)
        if reason := text(state, "waiting", "reason"):
            page.field("Reason", reason, 3)


def resources(page: Page, found: _Part, level: int) -> None:
    for title, field in (("Limits", "limits"), ("Requests", "requests")):
        amounts = mapping(found, field)
        if amounts:
            page.line(f"{title}:", level)
        for name in sorted(amounts):
            page.field(name, text(amounts, name), level + 1)


def _probe(probe: _Part) -> str:
    traits = (
        f"delay={number(probe, 'initialDelaySeconds')}s timeout={number(probe, 'timeoutSeconds')}s "
        f"period={number(probe, 'periodSeconds')}s successThreshold={number(probe, 'successThreshold')} "
        f"failureThreshold={number(probe, 'failureThreshold')}"
    )
    if "exec" in probe:
        return f"exec [{' '.join(texts(probe, 'exec', 'command'))}] {traits}"
    if "httpGet" in probe:
        ask = mapping(probe, "httpGet")
        return f"http-get {text(ask, 'scheme').lower()}://{text(ask, 'host')}:{text(ask, 'port')}{text(ask, 'path')} {traits}"
    if "tcpSocket" in probe:
        return f"tcp-socket {text(probe, 'tcpSocket', 'host')}:{text(probe, 'tcpSocket', 'port')} {traits}"
    if "grpc" in probe:
        return f"grpc <pod>:{text(probe, 'grpc', 'port')} {text(probe, 'grpc', 'service')} {traits}"
    return f"unknown {traits}"


def _optional(part: _Part) -> str:
    return "true" if part.get("optional") is True else "false"


def _env_from(page: Page, container: _Part) -> None:
    sources = mappings(container, "envFrom")
    if sources:
        page.line("Environment Variables from:", 2)
    for source in sources:
        kind, field = ("ConfigMap", "configMapRef") if "configMapRef" in source else ("Secret", "secretRef")
        part, prefix = mapping(source, field), text(source, "prefix")
        shown = kind + (f" with prefix '{prefix}'" if prefix else "")
        page.line(f"{text(part, 'name')}\t{shown}\tOptional: {_optional(part)}", 3)


def _env(page: Page, container: _Part, resolve: Resolve | None) -> None:
    variables = mappings(container, "env")
    page.line("Environment:" + ("" if variables else "\t<none>"), 2)
    for variable in variables:
        name, source = text(variable, "name"), mapping(variable, "valueFrom")
        if not source:
            first, *others = text(variable, "value").split("\n")
            page.field(name, first, 3)
            for other in others:
                page.line(f"\t{other}", 3)
        elif "fieldRef" in source:
            path = text(source, "fieldRef", "fieldPath")
            value = resolve(path) if resolve else ""
            page.field(name, f"{value} ({text(source, 'fieldRef', 'apiVersion')}:{path})", 3)
        elif "resourceFieldRef" in source:
            part = mapping(source, "resourceFieldRef")
            page.field(name, f"{_resource_value(container, part)} ({text(part, 'resource')})", 3)
        elif "secretKeyRef" in source:
            part = mapping(source, "secretKeyRef")
            where = f"<set to the key '{text(part, 'key')}' in secret '{text(part, 'name')}'>"
            page.field(name, f"{where}\tOptional: {_optional(part)}", 3)
        elif "configMapKeyRef" in source:
            part = mapping(source, "configMapKeyRef")
            where = f"<set to the key '{text(part, 'key')}' of config map '{text(part, 'name')}'>"
            page.field(name, f"{where}\tOptional: {_optional(part)}", 3)


def _resource_value(container: _Part, source: _Part) -> str:
    """How often the divisor fits, rounded up."""
    resource = text(source, "resource")
    field, _, name = resource.partition(".")
    try:
        value, divisor = amount(text(container, "resources", field, name) or "0"), amount(text(source, "divisor") or "1")
    except QuantityError:
        return ""
    count = math.ceil(value / (divisor or 1))
    return "node allocatable" if not count and resource in ("limits.cpu", "limits.memory") else str(count)


def _mounts(page: Page, container: _Part) -> None:
    mounts = sorted(mappings(container, "volumeMounts"), key=lambda mount: text(mount, "mountPath"))
    page.line("Mounts:" + ("" if mounts else "\t<none>"), 2)
    for mount in mounts:
        flags = "ro" if mount.get("readOnly") is True else "rw"
        part = text(mount, "subPath")
        page.line(f"{text(mount, 'mountPath')} from {text(mount, 'name')} ({flags}{f',path={quoted(part)}' if part else ''})", 3)
    devices = sorted(mappings(container, "volumeDevices"), key=lambda device: text(device, "devicePath"))
    if devices:
        page.line("Devices:" + ("" if mounts else "\t<none>"), 2)
    for device in devices:
        page.line(f"{text(device, 'devicePath')} from {text(device, 'name')}", 3)


def spread(page: Page, spec: _Part, space: str = "") -> None:
    found = sorted(mappings(spec, "topologySpreadConstraints"), key=lambda item: text(item, "topologyKey"))
    for index, item in enumerate(found):
        selector = mapping(item, "labelSelector")
        shown = f" for selector {format_selector(selector) or '<none>'}" if "labelSelector" in item else ""
        skew = (
            f"{text(item, 'topologyKey')}:{text(item, 'whenUnsatisfiable')} when max skew {number(item, 'maxSkew')} is exceeded"
        )
        page.line(f"{space}{'' if index else 'Topology Spread Constraints:'}\t{skew}{shown}")


# ---------------------------------------------------------------------- volumes


def volumes(page: Page, spec: _Part, space: str = "") -> None:
    found = mappings(spec, "volumes")
    page.line(f"{space}Volumes:" + ("" if found else "\t<none>"))
    for volume in found:
        page.line(f"{' ' if space else ''}{text(volume, 'name')}:", 1)
        for field, describe in _VOLUMES.items():
            if field in volume:
                describe(page, mapping(volume, field))
                break
        else:
            page.line("<unknown>", 1)


def _typed(title: str, *fields: tuple[str, str, str]) -> Callable[[Page, _Part], None]:
    """A volume whose description is its type and some of its fields: (title, name of the field, shown when it is empty)."""

    def describe(page: Page, volume: _Part) -> None:
        page.field("Type", title, 2)
        for shown, name, empty in fields:
            page.field(shown, text(volume, name) or empty, 2)

    return describe


def _projected(page: Page, volume: _Part) -> None:
    page.field("Type", "Projected (a volume that contains injected data from multiple sources)", 2)
    for source in mappings(volume, "sources"):
        if "secret" in source:
            page.field("SecretName", text(source, "secret", "name"), 2)
            page.field("Optional", _optional(mapping(source, "secret")), 2)
        elif "downwardAPI" in source:
            page.field("DownwardAPI", "true", 2)
        elif "configMap" in source:
            page.field("ConfigMapName", text(source, "configMap", "name"), 2)
            page.field("Optional", _optional(mapping(source, "configMap")), 2)
        elif "serviceAccountToken" in source:
            page.field("TokenExpirationSeconds", number(source, "serviceAccountToken", "expirationSeconds"), 2)


def _downward(page: Page, volume: _Part) -> None:
    page.field("Type", "DownwardAPI (a volume populated by information about the pod)", 2)
    page.line("Items:", 2)
    for item in mappings(volume, "items"):
        source = text(item, "fieldRef", "fieldPath") or text(item, "resourceFieldRef", "resource")
        page.line(f"{source} -> {text(item, 'path')}", 3)


_VOLUMES: dict[str, Callable[[Page, _Part], None]] = {
    "hostPath": _typed("HostPath (bare host directory volume)", ("Path", "path", ""), ("HostPathType", "type", "<none>")),
    "emptyDir": _typed(
        "EmptyDir (a temporary directory that shares a pod's lifetime)",
        ("Medium", "medium", ""),
        ("SizeLimit", "sizeLimit", "<unset>"),
    ),
    "secret": _typed(
        "Secret (a volume populated by a Secret)", ("SecretName", "secretName", ""), ("Optional", "optional", "false")
    ),
    "configMap": _typed("ConfigMap (a volume populated by a ConfigMap)", ("Name", "name", ""), ("Optional", "optional", "false")),
    "nfs": _typed(
        "NFS (an NFS mount that lasts the lifetime of a pod)",
        ("Server", "server", ""),
        ("Path", "path", ""),
        ("ReadOnly", "readOnly", "false"),
    ),
    "persistentVolumeClaim": _typed(
        "PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)",
        ("ClaimName", "claimName", ""),
        ("ReadOnly", "readOnly", "false"),
    ),
    "downwardAPI": _downward,
    "projected": _projected,
}
