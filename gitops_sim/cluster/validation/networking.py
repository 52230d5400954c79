"""Ingresses and NetworkPolicies."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

from gitops_sim.cluster.names import dns_1035_problems, dns_subdomain_problems, port_name_problems
from gitops_sim.cluster.validation.causes import forbidden, one_of, port_number, required, unsupported, wrong, wrong_for
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
    for index, secured in enumerate(spec.get("tls") or ()):
        for place, host in enumerate(secured.get("hosts") or ()):
            causes += _host(f"spec.tls[{index}].hosts[{place}]", host)
        secret = secured.get("secretName")
        if secret:
            causes += wrong_for(f"spec.tls[{index}].secretName", secret, dns_subdomain_problems(secret))
    name = spec.get("ingressClassName")
    if name is not None:
        causes += wrong_for("spec.ingressClassName", name, dns_subdomain_problems(name))
    return causes


def _host(field: str, host: str) -> list[Cause]:
    """A name, or one with a star in place of its first part."""
    if "*" not in host:
        return wrong_for(field, host, dns_subdomain_problems(host))
    if host.startswith("*.") and not dns_subdomain_problems(host[2:]):
        return []
    why = (
        "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case"
        " alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for"
        " validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
    )
    return [wrong(field, host, why)]


def _ingress_rule(field: str, rule: _Map) -> list[Cause]:
    causes: list[Cause] = []
    host = rule.get("host")
    if host:
        if is_address(host):
            causes.append(wrong(f"{field}.host", host, "must be a DNS name, not an IP address"))
        else:
            causes += _host(f"{field}.host", host)
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
            parts = ("//", "/./", "/../", "%2f", "%2F")
            causes += [wrong(f"{field}.path", text, f"must not contain '{part}'") for part in parts if part in text]
            ends = ("/..", "/.")
            causes += [wrong(f"{field}.path", text, f"cannot end with '{end}'") for end in ends if text.endswith(end)]
    return causes + _backend(f"{field}.backend", path["backend"])


def _backend(field: str, backend: _Map) -> list[Cause]:
    service: Any = backend.get("service")
    resource: Any = backend.get("resource")
    if service is None and resource is None:
        return [wrong(field, "", "resource or service backend is required")]
    if service is None:
        return [required(f"{field}.resource.{part}") for part in ("kind", "name") if not resource[part]]
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
            for place, port in enumerate(rule.get("ports") or ()):
                causes += _policy_port(f"spec.{way}[{index}].ports[{place}]", port)
            for place, peer in enumerate(rule.get(side) or ()):
                causes += _peer(f"spec.{way}[{index}].{side}[{place}]", peer)
    types = spec.get("policyTypes") or []
    if len(types) > 2:
        return [*causes, wrong("spec.policyTypes", types, "may not specify more than two policyTypes")]
    for index, kind in enumerate(types):
        causes += one_of(f"spec.policyTypes[{index}]", kind, ("Ingress", "Egress"))
    return causes


def _policy_port(field: str, port: _Map) -> list[Cause]:
    causes = one_of(f"{field}.protocol", port["protocol"], ("TCP", "UDP", "SCTP"))
    number, last = port.get("port"), port.get("endPort")
    if number is None:
        why = "may not be specified when `port` is not specified"
        return causes if last is None else [*causes, wrong(f"{field}.endPort", last, why)]
    if isinstance(number, int):
        causes += port_number(f"{field}.port", number)
        if last is not None:
            causes += [wrong(f"{field}.endPort", last, "must be greater than or equal to `port`")] if last < number else []
            causes += port_number(f"{field}.endPort", last)
        return causes
    if last is not None:
        causes.append(wrong(f"{field}.endPort", last, "may not be specified when `port` is non-numeric"))
    return causes + wrong_for(f"{field}.port", number, port_name_problems(number))


def _peer(field: str, peer: _Map) -> list[Cause]:
    if not peer:
        return [required(field, "must specify a peer")]
    causes: list[Cause] = []
    for name in ("podSelector", "namespaceSelector"):
        causes += selector(f"{field}.{name}", peer.get(name) or {})
    block = peer.get("ipBlock")
    if block is not None:
        causes += _block(f"{field}.ipBlock", block)
        if len(peer) > 1:
            causes.append(forbidden(field, "may not specify both ipBlock and another peer"))
    return causes


_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _block(field: str, block: _Map) -> list[Cause]:
    if not block["cidr"]:
        return [required(f"{field}.cidr")]
    whole = _network(block["cidr"])
    if whole is None:
        return [wrong(f"{field}.cidr", block["cidr"], _NO_NETWORK)]
    causes: list[Cause] = []
    for index, text in enumerate(block.get("except") or ()):
        part = _network(text)
        if part is None:
            causes.append(wrong(f"{field}.except[{index}]", text, _NO_NETWORK))
        elif part.prefixlen <= whole.prefixlen or part.network_address not in whole:
            causes.append(wrong(f"{field}.except[{index}]", text, "must be a strict subset of `cidr`"))
    return causes


_NO_NETWORK = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"


def _network(text: str) -> _Network | None:
    address, slash, length = text.partition("/")
    try:
        return ipaddress.ip_network(f"{ipaddress.ip_address(address)}/{int(length)}", strict=False) if slash else None
    except ValueError:
        return None
