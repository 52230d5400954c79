"""Ingresses and NetworkPolicies."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

from gitops_sim.cluster.names import dns_1035_problems, dns_subdomain_problems, port_name_problems
from gitops_sim.cluster.validation.causes import one_of, port_number, required, unsupported, wrong, wrong_for
from gitops_sim.cluster.validation.metadata import selector
from gitops_sim.cluster.validation.services import is_address
from gitops_sim.errors import Cause
from gitops_sim.objects import Object

_Map = Mapping[str, Any]
_PATH_TYPES = ("Exact", "ImplementationSpecific", "Prefix")


def ingress(obj: Object) -> list[Cause]:
    spec = obj["spec"]
    rules, default = spec.get("rules") or (), spec.get("defaultBackend")
    causes: list[Cause] = []
    if not rules and default is None:
        causes.append(wrong("spec", None, "either `defaultBackend` or `rules` must be specified"))
    if default is not None:
        causes += _backend("spec.defaultBackend", default)
    for index, rule in enumerate(rules):
        causes += _ingress_rule(f"spec.rules[{index}]", rule)
    name = spec.get("ingressClassName")
    if name is not None:
        causes += wrong_for("spec.ingressClassName", name, dns_subdomain_problems(name))
    return causes


def _ingress_rule(field: str, rule: _Map) -> list[Cause]:
    causes: list[Cause] = []
    host = rule.get("host")
    if host:
        if is_address(host):
            causes.append(wrong(f"{field}.host", host, "must be a DNS name, not an IP address"))
        else:
            causes += wrong_for(f"{field}.host", host, dns_subdomain_problems(host.removeprefix("*.")))
    if "http" not in rule:
        return causes
    paths = rule["http"]["paths"]
    if not paths:
        return [*causes, required(f"{field}.http.paths")]
    for index, path in enumerate(paths):
        causes += _path(f"{field}.http.paths[{index}]", path)
    return causes


def _path(field: str, path: _Map) -> list[Cause]:
    causes: list[Cause] = []
    kind, text = path["pathType"], path.get("path") or ""
    if kind is None:
        causes.append(required(f"{field}.pathType", "pathType must be specified"))
    elif kind not in _PATH_TYPES:
        causes.append(unsupported(f"{field}.pathType", kind, _PATH_TYPES))
    elif kind != "ImplementationSpecific" or text:
        if not text.startswith("/"):
            causes.append(wrong(f"{field}.path", text, "must be an absolute path"))
        if kind != "ImplementationSpecific":
            causes += [
                wrong(f"{field}.path", text, f"must not contain '{part}'") for part in ("//", "/./", "/../") if part in text
            ]
    return causes + _backend(f"{field}.backend", path["backend"])


def _backend(field: str, backend: _Map) -> list[Cause]:
    service, resource = backend.get("service"), backend.get("resource")
    if service is None and resource is None:
        return [wrong(field, "", "resource or service backend is required")]
    if service is None:
        return []
    if resource is not None:
        return [wrong(field, "", "cannot set both resource and service backends")]
    causes: list[Cause] = []
    if not service["name"]:
        causes.append(required(f"{field}.service.name"))
    else:
        causes += wrong_for(f"{field}.service.name", service["name"], dns_1035_problems(service["name"]))
    port = service.get("port") or {}
    if port.get("name") and port.get("number"):
        causes.append(wrong(field, "", "cannot set both port name & port number"))
    elif port.get("name"):
        causes += wrong_for(f"{field}.service.port.name", port["name"], port_name_problems(port["name"]))
    elif port.get("number"):
        causes += port_number(f"{field}.service.port.number", port["number"])
    else:
        causes.append(required(field, "port name or number is required"))
    return causes


def network_policy(obj: Object) -> list[Cause]:
    spec = obj["spec"]
    causes = selector("spec.podSelector", spec["podSelector"] or {})
    for way, side in (("ingress", "from"), ("egress", "to")):
        for index, rule in enumerate(spec.get(way) or ()):
            for place, peer in enumerate(rule.get(side) or ()):
                causes += _peer(f"spec.{way}[{index}].{side}[{place}]", peer)
    for index, kind in enumerate(spec.get("policyTypes") or ()):
        causes += one_of(f"spec.policyTypes[{index}]", kind, ("Ingress", "Egress"))
    return causes


def _peer(field: str, peer: _Map) -> list[Cause]:
    if not peer:
        return [required(field, "must specify a peer")]
    causes: list[Cause] = []
    for name in ("podSelector", "namespaceSelector"):
        causes += selector(f"{field}.{name}", peer.get(name) or {})
    block = peer.get("ipBlock")
    if block is None:
        return causes
    try:
        ipaddress.ip_network(block["cidr"], strict=False)
        valid = "/" in block["cidr"]
    except ValueError:
        valid = False
    if not valid:
        why = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"
        causes.append(wrong(f"{field}.ipBlock.cidr", block["cidr"], why))
    return causes
