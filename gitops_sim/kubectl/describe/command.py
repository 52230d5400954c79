"""``kubectl describe``.

Source: k8s.io/kubectl ``pkg/cmd/describe`` and ``pkg/describe``.
"""

from __future__ import annotations

from collections.abc import Callable

from gitops_sim.errors import ApiError, GitOpsSimError
from gitops_sim.kubectl import common_flags as flags
from gitops_sim.kubectl import sources
from gitops_sim.kubectl.describe import endpoints, network, resources, workloads
from gitops_sim.kubectl.describe.generic import generic
from gitops_sim.kubectl.describe.nodes import node
from gitops_sim.kubectl.describe.page import Page
from gitops_sim.kubectl.describe.pods import pod
from gitops_sim.kubectl.flags import Flag
from gitops_sim.kubectl.info import Info
from gitops_sim.kubectl.invocation import Command, Invocation
from gitops_sim.kubectl.problems import KubectlError, raise_all
from gitops_sim.kubectl.resources import Query, kind_named, look_up
from gitops_sim.objects import Object

_RBAC = "rbac.authorization.k8s.io"
_DESCRIBERS: dict[tuple[str, str], Callable[[Page, Object], None]] = {
    ("", "Pod"): pod,
    ("", "Service"): network.service,
    ("", "ConfigMap"): resources.config_map,
    ("", "Secret"): resources.secret,
    ("", "Namespace"): resources.namespace,
    ("", "ServiceAccount"): resources.service_account,
    ("", "ResourceQuota"): resources.resource_quota,
    ("", "LimitRange"): resources.limit_range,
    ("", "Node"): node,
    ("", "Endpoints"): endpoints.endpoints,
    ("discovery.k8s.io", "EndpointSlice"): endpoints.endpoint_slice,
    ("apps", "Deployment"): workloads.deployment,
    ("apps", "ReplicaSet"): workloads.replica_set,
    ("apps", "StatefulSet"): workloads.stateful_set,
    ("apps", "DaemonSet"): workloads.daemon_set,
    ("batch", "Job"): workloads.job,
    ("batch", "CronJob"): workloads.cron_job,
    ("policy", "PodDisruptionBudget"): workloads.pod_disruption_budget,
    ("networking.k8s.io", "Ingress"): network.ingress,
    ("networking.k8s.io", "NetworkPolicy"): network.network_policy,
    (_RBAC, "Role"): resources.role,
    (_RBAC, "ClusterRole"): resources.role,
    (_RBAC, "RoleBinding"): resources.role_binding,
    (_RBAC, "ClusterRoleBinding"): resources.role_binding,
}
"""Every other kind is described by its fields."""


def describe(inv: Invocation) -> None:
    """Tells about objects one by one; a name that no object has is taken for the beginning of names."""
    if not inv.args and not sources.given(inv):
        raise KubectlError(f"You must specify the type of resource to describe. {flags.LIST_TYPES}\n")
    query = Query(inv.args, selector=inv["selector"], all_namespaces=inv["all-namespaces"], everything=True, fetch="lazy")
    found = look_up(inv, query)
    show_events = inv["show-events"] if inv.flags.given("show-events") else not found.errors and len(found.infos) <= 1
    missing = len(found.errors) == 1 and isinstance(found.errors[0], ApiError) and found.errors[0].reason == "NotFound"
    if missing and len(inv.args) == 2:
        _describe_matching(inv, found.errors[0], show_events)
        return
    texts: list[str] = []
    errors: list[GitOpsSimError] = list(found.errors)
    for info in found.infos:
        try:
            texts.append(_description(inv, info, show_events))
        except ApiError as error:
            errors.append(error)
    inv.say("\n\n".join(texts))
    if not found.infos and not errors:
        inv.warn("No resources found\n" if inv["all-namespaces"] else f"No resources found in {inv.namespace} namespace.\n")
    raise_all(errors)


def _description(inv: Invocation, info: Info, show_events: bool) -> str:
    obj = inv.cluster.get(info.kind, info.name, info.namespace)
    page = Page(inv.cluster, inv.now, show_events=show_events)
    _DESCRIBERS.get((info.kind.group, info.kind.kind), generic)(page, obj)
    return page.render()


def _describe_matching(inv: Invocation, not_found: GitOpsSimError, show_events: bool) -> None:
    kind = kind_named(inv, inv.args[0])
    infos = [
        Info(kind, obj["metadata"].get("namespace") or "", obj["metadata"]["name"], obj)
        for obj in inv.cluster.list(kind, inv.namespace)
        if obj["metadata"]["name"].startswith(inv.args[1])
    ]
    if not infos:
        raise not_found
    for info in infos:
        inv.say(_description(inv, info, show_events) + "\n")


COMMANDS = (
    Command(
        "describe",
        describe,
        "Show details of one or many objects, with their events",
        "(TYPE [NAME_PREFIX] | TYPE/NAME ... | -f FILE)",
        (
            *flags.FILENAME,
            flags.SELECTOR,
            flags.ALL_NAMESPACES,
            flags.CHUNK_SIZE,
            Flag("show-events", "bool", default=True, about="events of the object; on for one object, off for several"),
        ),
        example="kubectl describe deployment web",
    ),
)
