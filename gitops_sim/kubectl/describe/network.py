"""Descriptions of what connects Pods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gitops_sim.cluster.shapes import mapping, mappings, number, text, texts
from gitops_sim.cluster.tables import format_labels, format_selector
from gitops_sim.errors import ApiError
from gitops_sim.kubectl.describe.page import Page
from gitops_sim.objects import Object


def service(page: Page, obj: Object) -> None:
    spec, namespace = mapping(obj, "spec"), text(obj, "metadata", "namespace")
    page.field("Name", text(obj, "metadata", "name"))
    page.field("Namespace", namespace)
    page.labels(obj)
    page.annotations(obj)
    page.field("Selector", format_labels(mapping(spec, "selector")))
    page.field("Type", text(spec, "type"))
    if "ipFamilyPolicy" in spec:
        page.field("IP Family Policy", text(spec, "ipFamilyPolicy"))
    page.field("IP Families", ",".join(texts(spec, "ipFamilies")) or "<none>")
    page.field("IP", text(spec, "clusterIP"))
    page.field("IPs", ",".join(texts(spec, "clusterIPs")) or "<none>")
    if external := texts(spec, "externalIPs"):
        page.field("External IPs", ",".join(external))
    for title, field in (("Desired LoadBalancer IP", "loadBalancerIP"), ("External Name", "externalName")):
        if value := text(spec, field):
            page.field(title, value)
    if ingress := mappings(obj, "status", "loadBalancer", "ingress"):
        page.field("LoadBalancer Ingress", ", ".join(_ingress_point(point) for point in ingress))
    slices = _slices(page, namespace, text(obj, "metadata", "name"))
    for port in mappings(spec, "ports"):
        _port(page, port, slices)
    page.field("Session Affinity", text(spec, "sessionAffinity"))
    for title, field in (
        ("External Traffic Policy", "externalTrafficPolicy"),
        ("Internal Traffic Policy", "internalTrafficPolicy"),
        ("HealthCheck NodePort", "healthCheckNodePort"),
    ):
        if value := text(spec, field):
            page.field(title, value)
    if ranges := texts(spec, "loadBalancerSourceRanges"):
        page.field("LoadBalancer Source Ranges", ",".join(ranges))
    if distribution := text(spec, "trafficDistribution"):
        page.field("Traffic Distribution", distribution)
    page.events(obj, kind="Service")


def _ingress_point(point: Mapping[str, Any]) -> str:
    mode = text(point, "ipMode")
    return text(point, "ip") + (f" ({mode})" if mode else "") if text(point, "ip") else text(point, "hostname")


def _port(page: Page, port: Mapping[str, Any], slices: Sequence[Object]) -> None:
    name, protocol = text(port, "name") or "<unset>", text(port, "protocol")
    page.field("Port", f"{name}\t{number(port, 'port')}/{protocol}")
    page.field("TargetPort", f"{text(port, 'targetPort') or '0'}/{protocol}")
    if "appProtocol" in port:
        page.field("AppProtocol", text(port, "appProtocol"))
    if number(port, "nodePort"):
        page.field("NodePort", f"{name}\t{number(port, 'nodePort')}/{protocol}")
    page.field("Endpoints", _endpoints(slices, text(port, "name")))


def _slices(page: Page, namespace: str, service_name: str) -> list[Object]:
    return [
        found
        for found in page.cluster.list("endpointslices", namespace)
        if mapping(found, "metadata", "labels").get("kubernetes.io/service-name") == service_name
    ]


def _endpoints(slices: Sequence[Object], port_name: str) -> str:
    """The first three ready addresses, and how many more there are."""
    if not slices:
        return "<none>"
    shown: list[str] = []
    for found in slices:
        ready = [
            texts(endpoint, "addresses")[:1]
            for endpoint in mappings(found, "endpoints")
            if mapping(endpoint, "conditions").get("ready") is not False
        ]
        addresses = [address for first in ready for address in first]
        ports = mappings(found, "ports")
        if not ports:
            shown += addresses
        for port in ports:
            if text(port, "name") == port_name:
                shown += [f"{address}:{number(port, 'port')}" for address in addresses]
    return ",".join(shown[:3]) + (f" + {len(shown) - 3} more..." if len(shown) > 3 else "")


def ingress(page: Page, obj: Object) -> None:
    spec, namespace = mapping(obj, "spec"), text(obj, "metadata", "namespace")
    page.field("Name", text(obj, "metadata", "name"))
    page.labels(obj)
    page.field("Namespace", namespace)
    points = mappings(obj, "status", "loadBalancer", "ingress")
    page.field("Address", ",".join(sorted({text(point, "ip") or text(point, "hostname") for point in points} - {""})))
    page.field("Ingress Class", text(spec, "ingressClassName") or "<none>")
    default = _backend(page, namespace, mapping(spec, "defaultBackend")) if "defaultBackend" in spec else "<default>"
    page.field("Default backend", default)
    tls = mappings(spec, "tls")
    if tls:
        page.line("TLS:")
    for entry in tls:
        hosts, secret = ",".join(texts(entry, "hosts")), text(entry, "secretName")
        page.line(f"{secret} terminates {hosts}" if secret else f"SNI routes {hosts}", 1)
    page.line("Rules:\n  Host\tPath\tBackends\n  ----\t----\t--------")
    rules = [rule for rule in mappings(spec, "rules") if "http" in rule]
    for rule in rules:
        page.line(f"{text(rule, 'host') or '*'}\t", 1)
        for path in mappings(rule, "http", "paths"):
            page.line(f"\t{text(path, 'path')} \t{_backend(page, namespace, mapping(path, 'backend'))}", 2)
    if not rules:
        page.line(f"*\t*\t{default}", 1)
    page.annotations(obj)
    page.events(obj, kind="Ingress")


def _backend(page: Page, namespace: str, backend: Mapping[str, Any]) -> str:
    if "resource" in backend:
        part = mapping(backend, "resource")
        return f"APIGroup: {text(part, 'apiGroup') or '<none>'}, Kind: {text(part, 'kind')}, Name: {text(part, 'name')}"
    part = mapping(backend, "service")
    if not part:
        return ""
    name, port = text(part, "name"), mapping(part, "port")
    shown = f"{name}:{text(port, 'number') or text(port, 'name')}"
    try:
        target = page.cluster.get("services", name, namespace)
    except ApiError as error:
        return f"{shown} (<error: {error}>)"
    port_name = ""
    for candidate in mappings(target, "spec", "ports"):
        same_number = number(port, "number") and number(port, "number") == number(candidate, "port")
        if same_number or (text(port, "name") and text(port, "name") == text(candidate, "name")):
            port_name = text(candidate, "name")
    return f"{shown} ({_endpoints(_slices(page, namespace, name), port_name)})"


def network_policy(page: Page, obj: Object) -> None:
    spec = mapping(obj, "spec")
    page.field("Name", text(obj, "metadata", "name"))
    page.field("Namespace", text(obj, "metadata", "namespace"))
    created = text(obj, "metadata", "creationTimestamp")
    page.field("Created on", created.replace("T", " ").replace("Z", " +0000 UTC"))
    page.labels(obj)
    page.annotations(obj)
    page.line("Spec:")
    selector = format_selector(mapping(spec, "podSelector"))
    everything = "<none> (Allowing the specific traffic to all pods in this namespace)"
    page.line(f"PodSelector:     {selector or everything}", 1)
    types = texts(spec, "policyTypes")
    for name, field, peers in (("ingress", "ingress", "from"), ("egress", "egress", "to")):
        if name.capitalize() in types:
            page.line(f"Allowing {name} traffic:", 1)
            _rules(page, mappings(spec, field), name, peers)
        else:
            page.line(f"Not affecting {name} traffic", 1)
    page.line(f"Policy Types: {', '.join(types)}", 1)


def _rules(page: Page, rules: Sequence[Mapping[str, Any]], name: str, peers: str) -> None:
    if not rules:
        page.line(f"<none> (Selected pods are isolated for {name} connectivity)", 2)
    end = "source" if peers == "from" else "destination"
    for index, rule in enumerate(rules):
        ports = mappings(rule, "ports")
        for port in ports:
            protocol, first, last = text(port, "protocol") or "TCP", text(port, "port"), text(port, "endPort")
            page.line(f"To Port Range: {first}-{last}/{protocol}" if last else f"To Port: {first}/{protocol}", 2)
        if not ports:
            page.line("To Port: <any> (traffic allowed to all ports)", 2)
        others = mappings(rule, peers)
        for other in others:
            page.line(f"{peers.capitalize()}:", 2)
            _peer(page, other)
        if not others:
            page.line(f"{peers.capitalize()}: <any> (traffic not restricted by {end})", 2)
        if index != len(rules) - 1:
            page.line("----------", 2)


def _peer(page: Page, peer: Mapping[str, Any]) -> None:
    for title, field in (("NamespaceSelector", "namespaceSelector"), ("PodSelector", "podSelector")):
        if field in peer:
            page.line(f"{title}: {format_selector(mapping(peer, field)) or '<none>'}", 3)
    if "ipBlock" in peer and "podSelector" not in peer and "namespaceSelector" not in peer:
        page.line("IPBlock:", 3)
        page.line(f"CIDR: {text(peer, 'ipBlock', 'cidr')}", 4)
        page.line(f"Except: {', '.join(texts(peer, 'ipBlock', 'except'))}", 4)
