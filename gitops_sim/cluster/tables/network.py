"""The cells of what connects Pods with each other and with the world.

Source: k8s.io/kubernetes ``pkg/printers/internalversion/printers.go``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gitops_sim.cluster.shapes import items, mapping, mappings, number, text, texts
from gitops_sim.cluster.tables.common import age_of, at_most, format_labels, format_selector, name_of
from gitops_sim.objects import Object


def service(obj: Object, now: float) -> list[Any]:
    ports = []
    for port in mappings(obj, "spec", "ports"):
        node_port = f":{port['nodePort']}" if number(port, "nodePort") else ""
        ports.append(f"{number(port, 'port')}{node_port}/{text(port, 'protocol')}")
    addresses = texts(obj, "spec", "clusterIPs")
    return [
        name_of(obj),
        text(obj, "spec", "type"),
        addresses[0] if addresses else "<none>",
        external_address(obj),
        ",".join(ports) or "<none>",
        age_of(obj, now),
        format_labels(mapping(obj, "spec", "selector")),
    ]


def external_address(obj: Object) -> str:
    """Where a Service can be reached from outside."""
    kind, extra = text(obj, "spec", "type"), texts(obj, "spec", "externalIPs")
    if kind in ("ClusterIP", "NodePort"):
        return ",".join(extra) or "<none>"
    if kind == "LoadBalancer":
        return ",".join([*load_balancer_addresses(obj), *extra]) or "<pending>"
    return text(obj, "spec", "externalName") if kind == "ExternalName" else "<unknown>"


def load_balancer_addresses(obj: Object) -> list[str]:
    found = mappings(obj, "status", "loadBalancer", "ingress")
    return sorted({text(entry, "ip") or text(entry, "hostname") for entry in found} - {""})


def endpoints(obj: Object, now: float) -> list[Any]:
    return [name_of(obj), format_endpoints(obj), age_of(obj, now)]


def format_endpoints(obj: Object) -> str:
    """``10.0.0.1:80,10.0.0.2:80 + 4 more...``"""
    shown = []
    for subset in mappings(obj, "subsets"):
        addresses = [text(address, "ip") for address in mappings(subset, "addresses")]
        ports = mappings(subset, "ports")
        shown += [f"{_host(ip)}:{number(port, 'port')}" for port in ports for ip in addresses] if ports else addresses
    return at_most(shown, 3, empty="<none>")


def _host(ip: str) -> str:
    return f"[{ip}]" if ":" in ip else ip


def endpoint_slice(obj: Object, now: float) -> list[Any]:
    ports = [text(port, "port") or text(port, "name") or "*" for port in mappings(obj, "ports")]
    addresses = [address for endpoint in mappings(obj, "endpoints") for address in texts(endpoint, "addresses")]
    shown = (at_most(ports, 3, empty="<unset>"), at_most(addresses, 3, empty="<unset>"))
    return [name_of(obj), text(obj, "addressType"), *shown, age_of(obj, now)]


def ingress(obj: Object, now: float) -> list[Any]:
    return [
        name_of(obj),
        text(obj, "spec", "ingressClassName") or "<none>",
        _hosts(mappings(obj, "spec", "rules")),
        ",".join(load_balancer_addresses(obj)),
        "80, 443" if items(obj, "spec", "tls") else "80",
        age_of(obj, now),
    ]


def _hosts(rules: Sequence[Mapping[str, Any]]) -> str:
    shown: list[str] = []
    for rule in rules:
        if len(shown) == 3:
            return ",".join(shown) + f" + {len(rules) - 3} more..."
        if host := text(rule, "host"):
            shown.append(host)
    return ",".join(shown) or "*"


def ingress_class(obj: Object, now: float) -> list[Any]:
    reference = mapping(obj, "spec", "parameters")
    group = text(reference, "apiGroup")
    kind = ".".join(filter(None, (text(reference, "kind"), group)))
    parameters = f"{kind}/{text(reference, 'name')}" if reference else "<none>"
    return [name_of(obj), text(obj, "spec", "controller"), parameters, age_of(obj, now)]


def network_policy(obj: Object, now: float) -> list[Any]:
    return [name_of(obj), format_selector(mapping(obj, "spec", "podSelector")) or "<none>", age_of(obj, now)]
