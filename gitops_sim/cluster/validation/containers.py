"""One container of a Pod."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gitops_sim.cluster.names import config_key_problems, dns_label_problems, port_name_problems
from gitops_sim.cluster.quantity import amount
from gitops_sim.cluster.validation.causes import (
    at_least_zero,
    duplicate,
    forbidden,
    not_found,
    one_of,
    port_number,
    required,
    wrong,
    wrong_for,
)
from gitops_sim.errors import Cause

_Map = Mapping[str, Any]
_PROTOCOLS = ("SCTP", "TCP", "UDP")
_ENV_NAME = re.compile(r"[ -<>-~]+")
_FIELD_PATHS = re.compile(
    r"metadata\.(name|namespace|uid|labels\['.*'\]|annotations\['.*'\])"
    r"|spec\.(nodeName|serviceAccountName)|status\.(hostIPs?|podIPs?)"
)
_HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc")


def container(field: str, found: _Map, volumes: frozenset[str]) -> list[Cause]:
    causes = _common(field, found, volumes)
    for name in ("livenessProbe", "readinessProbe", "startupProbe"):
        if name in found:
            causes += _probe(f"{field}.{name}", found[name], once=name != "readinessProbe")
    return causes


def init_container(field: str, found: _Map, volumes: frozenset[str]) -> list[Cause]:
    """Probes and hooks are for those that run beside the main containers: ``restartPolicy: Always``."""
    if found.get("restartPolicy") == "Always":
        return container(field, found, volumes)
    causes = _common(field, found, volumes)
    causes += [
        forbidden(f"{field}.{name}", "may not be set for init containers without restartPolicy=Always")
        for name in ("lifecycle", "livenessProbe", "readinessProbe", "startupProbe")
        if name in found
    ]
    return causes


def _common(field: str, found: _Map, volumes: frozenset[str]) -> list[Cause]:
    causes: list[Cause] = []
    if not found["name"]:
        causes.append(required(f"{field}.name"))
    else:
        causes += wrong_for(f"{field}.name", found["name"], dns_label_problems(found["name"]))
    image = found.get("image") or ""
    if not image:
        causes.append(required(f"{field}.image"))
    elif image != image.strip():
        causes.append(wrong(f"{field}.image", image, "must not have leading or trailing whitespace"))
    causes += one_of(f"{field}.terminationMessagePolicy", found["terminationMessagePolicy"], ("File", "FallbackToLogsOnError"))
    causes += _ports(f"{field}.ports", found.get("ports") or ())
    for index, item in enumerate(found.get("env") or ()):
        causes += _env(f"{field}.env[{index}]", item)
    for index, item in enumerate(found.get("envFrom") or ()):
        causes += _env_from(f"{field}.envFrom[{index}]", item)
    causes += _mounts(f"{field}.volumeMounts", found.get("volumeMounts") or (), volumes)
    causes += one_of(f"{field}.imagePullPolicy", found["imagePullPolicy"], ("Always", "IfNotPresent", "Never"))
    return causes + _resources(f"{field}.resources", found["resources"])


def _ports(field: str, ports: Any) -> list[Cause]:
    causes: list[Cause] = []
    names: set[str] = set()
    for index, port in enumerate(ports):
        place = f"{field}[{index}]"
        name = port.get("name")
        if name:
            problems = port_name_problems(name)
            causes += wrong_for(f"{place}.name", name, problems)
            if not problems and name in names:
                causes.append(duplicate(f"{place}.name", name))
            names.add(name)
        if port["containerPort"] == 0:
            causes.append(required(f"{place}.containerPort"))
        else:
            causes += port_number(f"{place}.containerPort", port["containerPort"])
        if port.get("hostPort"):
            causes += port_number(f"{place}.hostPort", port["hostPort"])
        causes += one_of(f"{place}.protocol", port["protocol"], _PROTOCOLS)
    return causes


def _env(field: str, found: _Map) -> list[Cause]:
    causes: list[Cause] = []
    if not found["name"]:
        causes.append(required(f"{field}.name"))
    elif not _ENV_NAME.fullmatch(found["name"]):
        why = "a valid environment variable name must consist only of printable ASCII characters other than '='"
        causes.append(wrong(f"{field}.name", found["name"], why))
    source = found.get("valueFrom")
    if source is None:
        return causes
    place = f"{field}.valueFrom"
    if not source:
        why = "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"
        return [*causes, wrong(place, "", why)]
    if found.get("value"):
        causes.append(wrong(place, "", "may not be specified when `value` is not empty"))
    elif len(source) > 1:
        causes.append(wrong(place, "", "may not have more than one field specified at a time"))
    path = (source.get("fieldRef") or {}).get("fieldPath")
    if "fieldRef" in source:
        if not path:
            causes.append(required(f"{place}.fieldRef.fieldPath"))
        elif not _FIELD_PATHS.fullmatch(path):
            why = f"error converting fieldPath: field label not supported: {path}"
            causes.append(wrong(f"{place}.fieldRef.fieldPath", path, why))
    for name in ("configMapKeyRef", "secretKeyRef"):
        if name in source:
            key = source[name]["key"]
            where = f"{place}.{name}.key"
            causes += wrong_for(where, key, config_key_problems(key)) if key else [required(where)]
    return causes


def _env_from(field: str, found: _Map) -> list[Cause]:
    sources = [name for name in ("configMapRef", "secretRef") if name in found]
    if not sources:
        return [wrong(field, "", "must specify one of: `configMapRef` or `secretRef`")]
    causes = [required(f"{field}.{name}.name") for name in sources if not found[name].get("name")]
    if len(sources) > 1:
        causes.append(wrong(field, "", "may not have more than one field specified at a time"))
    return causes


def _mounts(field: str, mounts: Any, volumes: frozenset[str]) -> list[Cause]:
    causes: list[Cause] = []
    paths: set[str] = set()
    for index, mount in enumerate(mounts):
        place = f"{field}[{index}]"
        if not mount["name"]:
            causes.append(required(f"{place}.name"))
        elif mount["name"] not in volumes:
            causes.append(not_found(f"{place}.name", mount["name"]))
        if not mount["mountPath"]:
            causes.append(required(f"{place}.mountPath"))
        elif mount["mountPath"] in paths:
            causes.append(wrong(f"{place}.mountPath", mount["mountPath"], "must be unique"))
        paths.add(mount["mountPath"])
    return causes


def _resources(field: str, found: _Map) -> list[Cause]:
    causes: list[Cause] = []
    limits, requests = found.get("limits") or {}, found.get("requests") or {}
    for side, amounts in (("limits", limits), ("requests", requests)):
        for name, value in sorted(amounts.items()):
            place = f"{field}.{side}[{name}]"
            if amount(value) < 0:
                causes.append(wrong(place, value, "must be greater than or equal to 0"))
            if "/" not in name and name not in ("cpu", "memory", "ephemeral-storage") and not name.startswith("hugepages-"):
                causes.append(wrong(place, name, "must be a standard resource type or fully qualified"))
                causes.append(wrong(place, name, "must be a standard resource for containers"))
    for name, value in sorted(requests.items()):
        if name in limits and amount(value) > amount(limits[name]):
            why = f"must be less than or equal to {name} limit of {limits[name]}"
            causes.append(wrong(f"{field}.requests", value, why))
    return causes


def _probe(field: str, probe: _Map, *, once: bool) -> list[Cause]:
    """``once``: one success must be enough, as for liveness and start-up."""
    causes = _handler(field, probe)
    for name in ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"):
        causes += at_least_zero(f"{field}.{name}", probe.get(name))
    if once and probe["successThreshold"] != 1:
        causes.append(wrong(f"{field}.successThreshold", probe["successThreshold"], "must be 1"))
    return causes


def _handler(field: str, found: _Map) -> list[Cause]:
    handlers = [name for name in _HANDLERS if name in found]
    if not handlers:
        return [required(field, "must specify a handler type")]
    causes: list[Cause] = []
    for name in handlers[:1]:
        place, inner = f"{field}.{name}", found[name]
        if name == "exec" and not inner.get("command"):
            causes.append(required(f"{place}.command"))
        if name in ("httpGet", "tcpSocket"):
            port = inner["port"]
            causes += (
                port_number(f"{place}.port", port)
                if isinstance(port, int)
                else wrong_for(f"{place}.port", port, port_name_problems(port))
            )
        if name == "grpc":
            causes += port_number(f"{place}.port", inner["port"])
    return causes + [forbidden(f"{field}.{name}", "may not specify more than 1 handler type") for name in handlers[1:]]
