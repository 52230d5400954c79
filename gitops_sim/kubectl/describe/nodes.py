"""``describe node``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from gitops_sim.cluster.ages import age
from gitops_sim.cluster.quantity import QuantityError, amount, canonical
from gitops_sim.cluster.shapes import mapping, mappings, text, texts
from gitops_sim.cluster.tables import node_roles
from gitops_sim.kubectl.describe.page import Page, rfc1123
from gitops_sim.objects import Object


def node(page: Page, obj: Object) -> None:
    name, spec, status = text(obj, "metadata", "name"), mapping(obj, "spec"), mapping(obj, "status")
    page.field("Name", name)
    page.field("Roles", ",".join(node_roles(obj)) or "<none>")
    page.labels(obj)
    page.annotations(obj)
    page.field("CreationTimestamp", rfc1123(text(obj, "metadata", "creationTimestamp")))
    taints = sorted(mappings(spec, "taints"), key=lambda taint: (text(taint, "effect"), text(taint, "key")))
    page.column("Taints", [_taint(taint) for taint in taints])
    page.field("Unschedulable", "true" if spec.get("unschedulable") is True else "false")
    _lease(page, name)
    _conditions(page, obj)
    page.line("Addresses:")
    for address in mappings(status, "addresses"):
        page.field(text(address, "type"), text(address, "address"), 1)
    for title in ("Capacity", "Allocatable"):
        amounts = mapping(status, title.lower())
        if amounts:
            page.line(f"{title}:")
        for resource in sorted(amounts):
            page.line(f"  {resource}:\t{text(amounts, resource)}")
    _system(page, mapping(status, "nodeInfo"))
    if text(spec, "podCIDR"):
        page.field("PodCIDR", text(spec, "podCIDR"))
    if cidrs := texts(spec, "podCIDRs"):
        page.field("PodCIDRs", ",".join(cidrs))
    if provider := text(spec, "providerID"):
        page.field("ProviderID", provider)
    _pods(page, obj)
    page.events(obj, kind="Node")


def _taint(taint: Mapping[str, Any]) -> str:
    key, value, effect = text(taint, "key"), text(taint, "value"), text(taint, "effect")
    return key + (f"={value}" if value else "") + (f":{effect}" if effect else "")


def _lease(page: Page, name: str) -> None:
    lease = page.cluster.find("leases", name, "kube-node-lease")
    if lease is None:
        page.field("Lease", f'Failed to get lease: leases.coordination.k8s.io "{name}" not found')
        return
    page.line("Lease:")
    page.field("HolderIdentity", text(lease, "spec", "holderIdentity") or "<unset>", 1)
    for title in ("acquireTime", "renewTime"):
        value = text(lease, "spec", title)
        page.field(title[0].upper() + title[1:], rfc1123(value) if value else "<unset>", 1)


def _conditions(page: Page, obj: Object) -> None:
    found = mappings(obj, "status", "conditions")
    if found:
        page.line("Conditions:\n  Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage")
        page.line("----\t------\t-----------------\t------------------\t------\t-------", 1)
    for condition in found:
        times = (rfc1123(text(condition, "lastHeartbeatTime")), rfc1123(text(condition, "lastTransitionTime")))
        cells = (
            text(condition, "type"),
            text(condition, "status"),
            *times,
            text(condition, "reason"),
            text(condition, "message"),
        )
        page.line(" \t".join(cells), 1)


def _system(page: Page, info: Mapping[str, Any]) -> None:
    page.line("System Info:")
    for title, field in (
        ("Machine ID", "machineID"),
        ("System UUID", "systemUUID"),
        ("Boot ID", "bootID"),
        ("Kernel Version", "kernelVersion"),
        ("OS Image", "osImage"),
        ("Operating System", "operatingSystem"),
        ("Architecture", "architecture"),
        ("Container Runtime Version", "containerRuntimeVersion"),
        ("Kubelet Version", "kubeletVersion"),
    ):
        page.line(f"  {title}:\t{text(info, field)}")


_RESOURCES = ("cpu", "memory", "ephemeral-storage")


def _pods(page: Page, obj: Object) -> None:
    """The Pods on the node and what they ask for, beside what there is."""
    name = text(obj, "metadata", "name")
    pods = [
        pod
        for pod in page.cluster.list("pods")
        if text(pod, "spec", "nodeName") == name and text(pod, "status", "phase") not in ("Succeeded", "Failed")
    ]
    room = mapping(obj, "status", "allocatable") or mapping(obj, "status", "capacity")
    page.line(f"Non-terminated Pods:\t({len(pods)} in total)")
    page.line("Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge", 1)
    page.line("---------\t----\t\t------------\t----------\t---------------\t-------------\t---", 1)
    for pod in pods:
        cells = [
            _share(_total([pod], field, resource), resource, room)
            for resource in _RESOURCES[:2]
            for field in ("requests", "limits")
        ]
        place = f"{text(pod, 'metadata', 'namespace')}\t{text(pod, 'metadata', 'name')}\t"
        page.line("\t".join([place, *cells, age(text(pod, "metadata", "creationTimestamp"), page.now)]), 1)
    page.line("Allocated resources:\n  (Total limits may be over 100 percent, i.e., overcommitted.)")
    page.line("Resource\tRequests\tLimits\n  --------\t--------\t------", 1)
    for resource in _RESOURCES:
        cells = [_share(_total(pods, field, resource), resource, room) for field in ("requests", "limits")]
        page.line("\t".join([resource, *cells]), 1)


def _total(pods: Sequence[Object], field: str, resource: str) -> Fraction:
    """The sum over the containers, or the largest init container where that is more."""
    total = Fraction(0)
    for pod in pods:
        running = sum((_amount(c, field, resource) for c in mappings(pod, "spec", "containers")), Fraction(0))
        initial = (_amount(c, field, resource) for c in mappings(pod, "spec", "initContainers"))
        total += max([running, *initial])
    return total


def _amount(container: Mapping[str, Any], field: str, resource: str) -> Fraction:
    try:
        return amount(text(container, "resources", field, resource) or "0")
    except QuantityError:
        return Fraction(0)


def _share(total: Fraction, resource: str, room: Mapping[str, Any]) -> str:
    try:
        available = amount(text(room, resource) or "0")
    except QuantityError:
        available = Fraction(0)
    percent = int(total / available * 100) if available else 0
    return f"{_shown(total, resource)} ({percent}%)"


def _shown(total: Fraction, resource: str) -> str:
    if resource == "cpu":
        return canonical(f"{int(total * 1000)}m")
    for size, suffix in ((1024**3, "Gi"), (1024**2, "Mi"), (1024, "Ki")):
        if total and total % size == 0:
            return f"{int(total // size)}{suffix}"
    return str(int(total))
