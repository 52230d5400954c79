"""Descriptions of the addresses behind a Service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitops_sim.cluster.go_text import plain
from gitops_sim.cluster.shapes import mapping, mappings, number, text, texts
from gitops_sim.kubectl.describe.page import Page
from gitops_sim.objects import Object

_UNSET = "<unset>"


def endpoints(page: Page, obj: Object) -> None:
    _head(page, obj)
    page.line("Subsets:")
    for subset in mappings(obj, "subsets"):
        for title, field in (("Addresses", "addresses"), ("NotReadyAddresses", "notReadyAddresses")):
            page.field(title, ",".join(text(address, "ip") for address in mappings(subset, field)) or "<none>", 1)
        ports = mappings(subset, "ports")
        if ports:
            page.line("Ports:", 1)
            page.line("Name\tPort\tProtocol", 2)
            page.line("----\t----\t--------", 2)
        for port in ports:
            page.line(f"{text(port, 'name') or _UNSET}\t{number(port, 'port')}\t{text(port, 'protocol')}", 2)
        page.line("")
    page.events(obj)


def endpoint_slice(page: Page, obj: Object) -> None:
    _head(page, obj)
    page.field("AddressType", text(obj, "addressType"))
    ports = mappings(obj, "ports")
    page.line("Ports:" if ports else f"Ports: {_UNSET}")
    if ports:
        page.line("Name\tPort\tProtocol", 1)
        page.line("----\t----\t--------", 1)
    for port in ports:
        page.line(f"{text(port, 'name') or _UNSET}\t{text(port, 'port') or _UNSET}\t{text(port, 'protocol')}", 1)
    found = mappings(obj, "endpoints")
    page.line("Endpoints:" if found else "Endpoints: <none>")
    for endpoint in found:
        _endpoint(page, endpoint)
    page.events(obj)


def _endpoint(page: Page, endpoint: Mapping[str, Any]) -> None:
    page.field("- Addresses", ", ".join(texts(endpoint, "addresses")) or "<none>", 1)
    page.line("Conditions:", 2)
    ready = mapping(endpoint, "conditions").get("ready")
    page.field("Ready", _UNSET if ready is None else plain(ready), 3)
    page.field("Hostname", text(endpoint, "hostname") or _UNSET, 2)
    target = mapping(endpoint, "targetRef")
    if target:
        page.field("TargetRef", f"{text(target, 'kind')}/{text(target, 'name')}", 2)
    page.field("NodeName", text(endpoint, "nodeName") or _UNSET, 2)
    page.field("Zone", text(endpoint, "zone") or _UNSET, 2)


def _head(page: Page, obj: Object) -> None:
    page.field("Name", text(obj, "metadata", "name"))
    page.field("Namespace", text(obj, "metadata", "namespace"))
    page.labels(obj)
    page.annotations(obj)
