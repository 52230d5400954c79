"""Columns of each kind, and rows made of objects.

Source: k8s.io/kubernetes ``pkg/printers/internalversion`` for built-in kinds, k8s.io/apiextensions-apiserver ``tableconvertor``
for custom ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from gitops_sim.cluster.ages import age, moment
from gitops_sim.cluster.jsonpath import JSONPath, JSONPathError, result_text
from gitops_sim.cluster.kinds import Kind
from gitops_sim.cluster.shapes import mappings, number, text
from gitops_sim.cluster.tables import network, pods, resources, workloads
from gitops_sim.cluster.tables.common import age_of, name_of
from gitops_sim.objects import Object

Cells = Callable[[Object, float], list[Any]]
"""The cells of one object at a time in simulated seconds."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``priority`` above 0: only in wide output. ``format`` is ``name`` for the column that holds the name."""

    name: str
    type: str = "string"
    format: str = ""
    priority: int = 0
    description: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one object (text, numbers, booleans or None) and the object itself."""

    cells: tuple[Any, ...]
    object: Object


@dataclass(frozen=True, slots=True)
class Table:
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


def make_table(kind: Kind, objects: Sequence[Object], now: float, definition: Object | None = None) -> Table:
    """The objects of one kind, in the order given, at a time in simulated seconds.

    ``definition`` is the CustomResourceDefinition of a custom kind, if it has one.
    """
    columns, cells = _printer(kind, definition)
    return Table(columns, tuple(Row(tuple(cells(obj, now)), obj) for obj in objects))


def scale_table(scale: Object, now: float) -> Table:
    """A ``Scale``: what ``--subresource=scale`` shows."""
    columns = (Column("Name"), Column("Desired", "integer"), Column("Available", "integer"), Column("Age"))
    replicas = (number(scale, "spec", "replicas"), number(scale, "status", "replicas"))
    cells = (name_of(scale), *replicas, age_of(scale, now))
    return Table(columns, (Row(cells, scale),))


def _printer(kind: Kind, definition: Object | None) -> tuple[tuple[Column, ...], Cells]:
    identity = (kind.group, kind.kind)
    if definition is not None:
        return _custom(_declared(kind, definition))
    if identity in _KNOWN_CUSTOM:
        return _custom(_KNOWN_CUSTOM[identity])
    if identity in _BUILT_IN:
        header, cells = _BUILT_IN[identity]
        return _columns(header), cells
    if kind.custom:
        return (_NAME, Column("Age", "date")), _name_and_age
    return (_NAME, Column("Created At", "date")), _name_and_creation


_NAME = Column("Name", format="name")


def _columns(header: str) -> tuple[Column, ...]:
    """From ``Ready, Restarts:i, +IP``: a plus is a wide column, ``:i`` an integer, ``:b`` a boolean. A ``Name`` is put in front
    unless one is there."""
    found: list[Column] = []
    for spec in header.split(", "):
        name, _, code = spec.removeprefix("+").partition(":")
        kind = {"": "string", "i": "integer", "b": "boolean"}[code]
        found.append(Column(name, kind, "name" if name == "Name" else "", int(spec.startswith("+"))))
    return tuple(found) if any(column.name == "Name" for column in found) else (_NAME, *found)


def _name_and_age(obj: Object, now: float) -> list[Any]:
    return [name_of(obj), age_of(obj, now)]


def _name_and_creation(obj: Object, now: float) -> list[Any]:
    return [name_of(obj), text(obj, "metadata", "creationTimestamp")]


# ---------------------------------------------------------------------- custom kinds


_Declared = list[tuple[Column, str]]
"""Printer columns, each with its JSON path."""


def _declared(kind: Kind, definition: Object) -> _Declared:
    """``additionalPrinterColumns`` of the version that is shown; the age when there are none."""
    for version in mappings(definition, "spec", "versions"):
        columns = mappings(version, "additionalPrinterColumns")
        if version.get("name") == kind.version and columns:
            return [
                (Column(text(c, "name"), text(c, "type"), "", number(c, "priority"), text(c, "description")), text(c, "jsonPath"))
                for c in columns
            ]
    return [(Column("Age", "date"), ".metadata.creationTimestamp")]


def _custom(declared: _Declared) -> tuple[tuple[Column, ...], Cells]:
    paths = [(column.type, _path(path)) for column, path in declared]

    def cells(obj: Object, now: float) -> list[Any]:
        return [name_of(obj), *(_cell(obj, kind, path, now) for kind, path in paths)]

    return (_NAME, *(column for column, _ in declared)), cells


def _path(expression: str) -> JSONPath | None:
    try:
        return JSONPath("{" + expression + "}")
    except JSONPathError:
        return None


def _cell(obj: Object, kind: str, path: JSONPath | None, now: float) -> Any:
    """None where the path leads nowhere or to a value of another type."""
    try:
        found = path.find(obj) if path is not None else []
    except JSONPathError:
        return None
    if not found or not found[0] or found[0][0] is None:
        return None
    value = found[0][0]
    if kind == "string":
        return result_text(value)
    if kind == "date" and isinstance(value, str):
        return age(value, now) if moment(value) is not None else "<invalid>"
    if kind == "boolean":
        return value if isinstance(value, bool) else None
    if kind in ("integer", "number") and isinstance(value, int | float) and not isinstance(value, bool):
        return int(value) if kind == "integer" else value
    return None


_KNOWN_CUSTOM: dict[tuple[str, str], _Declared] = {
    ("argoproj.io", "Application"): [
        (Column("Sync Status"), ".status.sync.status"),
        (Column("Health Status"), ".status.health.status"),
        (Column("Revision", priority=10), ".status.sync.revision"),
        (Column("Project", priority=10), ".spec.project"),
    ],
}
"""Printer columns of custom kinds that are known without their definition being installed."""


# ---------------------------------------------------------------------- built-in kinds

_WORKLOAD = "+Containers, +Images, +Selector"
_ADMISSION = "admissionregistration.k8s.io"
_RBAC = "rbac.authorization.k8s.io"
_BUILT_IN: dict[tuple[str, str], tuple[str, Cells]] = {
    ("", "Pod"): (
        "Ready, Status, Restarts, Age, +IP, +Node, +Nominated Node, +Readiness Gates",
        pods.pod,
    ),
    ("", "Namespace"): ("Status, Age", resources.namespace),
    ("", "Node"): (
        "Status, Roles, Age, Version, +Internal-IP, +External-IP, +OS-Image, +Kernel-Version, +Container-Runtime",
        resources.node,
    ),
    ("", "Service"): ("Type, Cluster-IP, External-IP, Port(s), Age, +Selector", network.service),
    ("", "ConfigMap"): ("Data, Age", resources.config_map),
    ("", "Secret"): ("Type, Data, Age", resources.secret),
    ("", "ServiceAccount"): ("Age", _name_and_age),
    ("", "Endpoints"): ("Endpoints, Age", network.endpoints),
    ("", "Event"): (
        "Last Seen, Type, Reason, Object, +Subobject, +Source, Message, +First Seen, +Count, +Name",
        resources.event,
    ),
    ("", "PersistentVolume"): (
        "Capacity, Access Modes, Reclaim Policy, Status, Claim, StorageClass, VolumeAttributesClass, Reason, Age, +VolumeMode",
        resources.persistent_volume,
    ),
    ("", "PersistentVolumeClaim"): (
        "Status, Volume, Capacity, Access Modes, StorageClass, VolumeAttributesClass, Age, +VolumeMode",
        resources.persistent_volume_claim,
    ),
    ("", "ReplicationController"): (f"Desired:i, Current:i, Ready:i, Age, {_WORKLOAD}", workloads.replication_controller),
    ("", "ResourceQuota"): ("Request, Limit, Age", resources.resource_quota),
    ("apps", "Deployment"): (f"Ready, Up-to-date, Available, Age, {_WORKLOAD}", workloads.deployment),
    ("apps", "ReplicaSet"): (f"Desired:i, Current:i, Ready:i, Age, {_WORKLOAD}", workloads.replica_set),
    ("apps", "StatefulSet"): ("Ready, Age, +Containers, +Images", workloads.stateful_set),
    ("apps", "DaemonSet"): (
        f"Desired:i, Current:i, Ready:i, Up-to-date:i, Available:i, Node Selector, Age, {_WORKLOAD}",
        workloads.daemon_set,
    ),
    ("apps", "ControllerRevision"): ("Controller, Revision, Age", workloads.controller_revision),
    ("batch", "Job"): (f"Status, Completions, Duration, Age, {_WORKLOAD}", workloads.job),
    ("batch", "CronJob"): (
        f"Schedule, Timezone, Suspend:b, Active:i, Last Schedule, Age, {_WORKLOAD}",
        workloads.cron_job,
    ),
    ("autoscaling", "HorizontalPodAutoscaler"): (
        "Reference, Targets, MinPods, MaxPods, Replicas, Age",
        workloads.horizontal_pod_autoscaler,
    ),
    ("networking.k8s.io", "Ingress"): ("Class, Hosts, Address, Ports, Age", network.ingress),
    ("networking.k8s.io", "IngressClass"): ("Controller, Parameters, Age", network.ingress_class),
    ("networking.k8s.io", "NetworkPolicy"): ("Pod-Selector, Age", network.network_policy),
    ("policy", "PodDisruptionBudget"): (
        "Min Available, Max Unavailable, Allowed Disruptions:i, Age",
        workloads.pod_disruption_budget,
    ),
    (_RBAC, "RoleBinding"): ("Role, Age, +Users, +Groups, +ServiceAccounts", resources.role_binding),
    (_RBAC, "ClusterRoleBinding"): ("Role, Age, +Users, +Groups, +ServiceAccounts", resources.role_binding),
    ("discovery.k8s.io", "EndpointSlice"): ("AddressType, Ports, Endpoints, Age", network.endpoint_slice),
    ("storage.k8s.io", "StorageClass"): (
        "Provisioner, ReclaimPolicy, VolumeBindingMode, AllowVolumeExpansion, Age",
        resources.storage_class,
    ),
    ("scheduling.k8s.io", "PriorityClass"): ("Value:i, Global-Default:b, Age, PreemptionPolicy", resources.priority_class),
    ("coordination.k8s.io", "Lease"): ("Holder, Age", resources.lease),
    ("apiregistration.k8s.io", "APIService"): ("Service, Available, Age", resources.api_service),
    (_ADMISSION, "MutatingWebhookConfiguration"): ("Webhooks:i, Age", resources.webhooks),
    (_ADMISSION, "ValidatingWebhookConfiguration"): ("Webhooks:i, Age", resources.webhooks),
    (_ADMISSION, "ValidatingAdmissionPolicy"): ("Validations:i, ParamKind, Age", resources.admission_policy),
    (_ADMISSION, "ValidatingAdmissionPolicyBinding"): ("PolicyName, ParamRef, Age", resources.admission_policy_binding),
}
