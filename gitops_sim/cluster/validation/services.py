"""Services."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

from gitops_sim.cluster.names import dns_label_problems, dns_subdomain_problems, port_name_problems
from gitops_sim.cluster.validation.causes import duplicate, forbidden, one_of, port_number, required, wrong, wrong_for
from gitops_sim.cluster.validation.metadata import labels
from gitops_sim.errors import Cause
from gitops_sim.objects import Object

_Map = Mapping[str, Any]
_TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")


def service(obj: Object) -> list[Cause]:
    spec = obj["spec"]
    causes: list[Cause] = []
    ports = spec.get("ports") or ()
    headless = spec.get("clusterIP") == "None"
    if not ports and not headless and spec["type"] != "ExternalName":
        causes.append(required("spec.ports"))
    if spec["type"] == "ExternalName":
        causes += _external_name(spec)
    names: set[str] = set()
    for index, port in enumerate(ports):
        causes += _port(f"spec.ports[{index}]", port, names, alone=len(ports) == 1)
    causes += labels("spec.selector", spec.get("selector"))
    causes += one_of("spec.sessionAffinity", spec["sessionAffinity"], ("ClientIP", "None"))
    causes += one_of("spec.type", spec["type"], _TYPES)
    causes += _doubles(ports)
    if spec["type"] == "ClusterIP":
        why = "may not be used when `type` is 'ClusterIP'"
        causes += [forbidden(f"spec.ports[{index}].nodePort", why) for index, port in enumerate(ports) if port.get("nodePort")]
    causes += _addresses(spec)
    return causes


def _external_name(spec: _Map) -> list[Cause]:
    causes: list[Cause] = []
    if spec.get("clusterIP"):
        causes.append(forbidden("spec.clusterIP", "may not be set for ExternalName services"))
    name = (spec.get("externalName") or "").removesuffix(".")
    if not name:
        return [*causes, required("spec.externalName")]
    return causes + wrong_for("spec.externalName", name, dns_subdomain_problems(name))


def _port(field: str, port: _Map, names: set[str], *, alone: bool) -> list[Cause]:
    causes: list[Cause] = []
    name = port.get("name")
    if not name:
        if not alone:
            causes.append(required(f"{field}.name"))
    else:
        causes += wrong_for(f"{field}.name", name, dns_label_problems(name))
        if name in names:
            causes.append(duplicate(f"{field}.name", name))
        names.add(name)
    causes += port_number(f"{field}.port", port["port"])
    causes += one_of(f"{field}.protocol", port["protocol"], ("SCTP", "TCP", "UDP"))
    target = port["targetPort"]
    if isinstance(target, int):
        return causes + port_number(f"{field}.targetPort", target)
    return causes + wrong_for(f"{field}.targetPort", target, port_name_problems(target))


def _doubles(ports: Any) -> list[Cause]:
    seen: set[tuple[str, int]] = set()
    causes: list[Cause] = []
    for index, port in enumerate(ports):
        key = (port["protocol"], port["port"])
        if key in seen:
            cause = duplicate(f"spec.ports[{index}]", "")
            shown = f'{{"Name":"","Protocol":"{key[0]}","AppProtocol":null,"Port":{key[1]},"TargetPort":0,"NodePort":0}}'
            cause.message = f"Duplicate value: {shown}"
            causes.append(cause)
        seen.add(key)
    return causes


def _addresses(spec: _Map) -> list[Cause]:
    for index, address in enumerate(spec.get("clusterIPs") or ()):
        if address != "None" and not is_address(address):
            why = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
            return [wrong(f"spec.clusterIPs[{index}]", address, why)]
    return []


def is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def service_update(new: Object, old: Object) -> list[Cause]:
    after, before = new["spec"], old["spec"]
    if "ExternalName" in (after["type"], before["type"]) or not before.get("clusterIPs"):
        return []
    if after.get("clusterIPs") and after["clusterIPs"][0] != before["clusterIPs"][0]:
        return [wrong("spec.clusterIPs[0]", after["clusterIPs"], "may not change once set")]
    return []
