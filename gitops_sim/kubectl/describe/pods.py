"""``describe pod``."""

from __future__ import annotations

from gitops_sim.cluster.ages import age
from gitops_sim.cluster.shapes import items, mapping, mappings, number, text
from gitops_sim.kubectl.describe.containers import containers, spread, volumes
from gitops_sim.kubectl.describe.page import Page, rfc1123
from gitops_sim.objects import Object


def pod(page: Page, obj: Object) -> None:
    spec, status = mapping(obj, "spec"), mapping(obj, "status")
    page.field("Name", text(obj, "metadata", "name"))
    page.field("Namespace", text(obj, "metadata", "namespace"))
    if spec.get("priority") is not None:
        page.field("Priority", number(spec, "priority"))
    for title, field in (
        ("Priority Class Name", "priorityClassName"),
        ("Runtime Class Name", "runtimeClassName"),
        ("Service Account", "serviceAccountName"),
    ):
        if value := text(spec, field):
            page.field(title, value)
    node = text(spec, "nodeName")
    page.field("Node", f"{node}/{text(status, 'hostIP')}" if node else "<none>")
    if started := text(status, "startTime"):
        page.field("Start Time", rfc1123(started))
    page.labels(obj)
    page.annotations(obj)
    _state(page, obj)
    page.field("IP", text(status, "podIP"))
    addresses = mappings(status, "podIPs")
    page.line("IPs:" + ("" if addresses else "\t<none>"))
    for address in addresses:
        page.field("IP", text(address, "ip"), 1)
    page.controlled_by(obj)
    if nominated := text(status, "nominatedNodeName"):
        page.field("NominatedNodeName", nominated)

    def resolve(path: str) -> str:
        return _field_value(obj, path)

    if items(spec, "initContainers"):
        initial = mappings(status, "initContainerStatuses")
        containers(page, "Init Containers", spec, "initContainers", statuses=initial, resolve=resolve)
    running = mappings(status, "containerStatuses")
    containers(page, "Containers", spec, "containers", statuses=running, resolve=resolve)
    _conditions(page, obj)
    volumes(page, spec)
    page.field("QoS Class", text(status, "qosClass") or "BestEffort")
    page.pairs("Node-Selectors", mapping(spec, "nodeSelector"))
    page.tolerations(mappings(spec, "tolerations"))
    spread(page, spec)
    page.events(obj)


def _state(page: Page, obj: Object) -> None:
    phase, deleted = text(obj, "status", "phase"), text(obj, "metadata", "deletionTimestamp")
    if deleted and phase not in ("Failed", "Succeeded"):
        page.field("Status", f"Terminating (lasts {age(deleted, page.now)})")
        page.field("Termination Grace Period", f"{number(obj, 'metadata', 'deletionGracePeriodSeconds')}s")
    else:
        page.field("Status", phase)
    for title, field in (("Reason", "reason"), ("Message", "message")):
        if value := text(obj, "status", field):
            page.field(title, value)


def _conditions(page: Page, obj: Object) -> None:
    found = mappings(obj, "status", "conditions")
    gates = mappings(obj, "spec", "readinessGates")
    if gates:
        page.line("Readiness Gates:\n  Type\tStatus")
        by_type = {text(condition, "type"): text(condition, "status") for condition in found}
        for gate in gates:
            kind = text(gate, "conditionType")
            page.line(f"{kind} \t{by_type.get(kind, '<none>')} ", 1)
    if found:
        page.line("Conditions:\n  Type\tStatus")
        for condition in found:
            page.line(f"{text(condition, 'type')} \t{text(condition, 'status')} ", 1)


def _field_value(obj: Object, path: str) -> str:
    """What the downward API would put there. kubectl itself knows but two of the fields."""
    return text(obj, *path.split(".")) if path in ("metadata.name", "metadata.namespace") else ""
