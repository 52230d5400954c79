"""The roles and bindings that every cluster has from the start, for people and their tools.

Source of the facts: k8s.io/kubernetes ``plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go``. The roles of
the control plane's own components are left out: those are not held to roles here.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from gitops_sim.cluster.access.authorizer import GROUP
from gitops_sim.objects import Object

READ = ("get", "list", "watch")
WRITE = ("create", "delete", "deletecollection", "patch", "update")
_AGGREGATE = "rbac.authorization.k8s.io/aggregate-to-"

# verbs: group, resources
_Table = tuple[tuple[tuple[str, ...], str, str], ...]
_WORKLOADS = "daemonsets deployments deployments/scale replicasets replicasets/scale statefulsets statefulsets/scale"
_VIEW: _Table = (
    (
        READ,
        "",
        "configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods replicationcontrollers"
        " replicationcontrollers/scale serviceaccounts services services/status",
    ),
    (
        READ,
        "",
        "bindings events limitranges namespaces/status pods/log pods/status replicationcontrollers/status resourcequotas"
        " resourcequotas/status",
    ),
    (READ, "", "namespaces"),
    (READ, "discovery.k8s.io", "endpointslices"),
    (
        READ,
        "apps",
        "controllerrevisions daemonsets daemonsets/status deployments deployments/scale deployments/status replicasets"
        " replicasets/scale replicasets/status statefulsets statefulsets/scale statefulsets/status",
    ),
    (READ, "autoscaling", "horizontalpodautoscalers horizontalpodautoscalers/status"),
    (READ, "batch", "cronjobs cronjobs/status jobs jobs/status"),
    (READ, "policy", "poddisruptionbudgets poddisruptionbudgets/status"),
    (READ, "networking.k8s.io", "ingresses ingresses/status networkpolicies"),
)
_EDIT: _Table = (
    (READ, "", "pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy"),
    (("impersonate",), "", "serviceaccounts"),
    (WRITE, "", "pods pods/attach pods/exec pods/portforward pods/proxy"),
    (("create",), "", "pods/eviction"),
    (
        WRITE,
        "",
        "configmaps events persistentvolumeclaims replicationcontrollers replicationcontrollers/scale secrets serviceaccounts"
        " services services/proxy",
    ),
    (("create",), "", "serviceaccounts/token"),
    (WRITE, "apps", f"{_WORKLOADS} deployments/rollback"),
    (WRITE, "autoscaling", "horizontalpodautoscalers"),
    (WRITE, "batch", "cronjobs jobs"),
    (WRITE, "policy", "poddisruptionbudgets"),
    (WRITE, "networking.k8s.io", "ingresses networkpolicies"),
    ((*READ, *WRITE), "coordination.k8s.io", "leases"),
)
_ADMIN: _Table = (
    (("create",), "authorization.k8s.io", "localsubjectaccessreviews"),
    ((*READ, *WRITE), GROUP, "rolebindings roles"),
)
_BASIC: _Table = (
    (("create",), "authorization.k8s.io", "selfsubjectaccessreviews selfsubjectrulesreviews"),
    (("create",), "authentication.k8s.io", "selfsubjectreviews"),
)
_HEALTH = ("/healthz", "/livez", "/readyz", "/version", "/version/")
_DISCOVERY = (
    *("/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/openapi", "/openapi/*", "/readyz", "/version", "/version/"),
)
_ISSUER = (*("/.well-known/openid-configuration", "/.well-known/openid-configuration/", "/openid/v1/jwks", "/openid/v1/jwks/"),)
_MONITORING = ("/healthz", "/healthz/*", "/livez", "/livez/*", "/metrics", "/metrics/slis", "/readyz", "/readyz/*")
_ALL: list[dict[str, Any]] = [
    {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]},
    {"nonResourceURLs": ["*"], "verbs": ["*"]},
]


def _rules(table: _Table) -> list[dict[str, Any]]:
    return [
        {"apiGroups": [group], "resources": sorted(set(resources.split())), "verbs": sorted(verbs)}
        for verbs, group, resources in table
    ]


def _urls(paths: tuple[str, ...]) -> list[dict[str, Any]]:
    return [{"nonResourceURLs": list(paths), "verbs": ["get"]}]


@cache
def objects() -> tuple[Object, ...]:
    """All of them, as manifests."""
    return (*_roles(), *_bindings(), *_controllers())


def _roles() -> Iterator[Object]:
    view, edit, admin = _rules(_VIEW), _rules(_EDIT), _rules(_ADMIN)
    yield _role("cluster-admin", _ALL)
    yield _role("system:aggregate-to-admin", admin, to="admin")
    yield _role("system:aggregate-to-edit", edit, to="edit")
    yield _role("system:aggregate-to-view", view, to="view")
    yield _aggregated("admin", [*edit, *view, *admin])
    yield _aggregated("edit", [*edit, *view], to="admin")
    yield _aggregated("view", view, to="edit")
    yield _role("system:basic-user", _rules(_BASIC))
    yield _role("system:discovery", _urls(_DISCOVERY))
    yield _role("system:monitoring", _urls(_MONITORING))
    yield _role("system:public-info-viewer", _urls(_HEALTH))
    yield _role("system:service-account-issuer-discovery", _urls(_ISSUER))


def _role(name: str, rules: list[dict[str, Any]], to: str = "") -> Object:
    return {
        "apiVersion": f"{GROUP}/v1",
        "kind": "ClusterRole",
        "metadata": _meta(name, {f"{_AGGREGATE}{to}": "true"} if to else {}),
        "rules": rules,
    }


def _aggregated(name: str, rules: list[dict[str, Any]], to: str = "") -> Object:
    selector = {"matchLabels": {f"{_AGGREGATE}{name}": "true"}}
    return {**_role(name, rules, to), "aggregationRule": {"clusterRoleSelectors": [selector]}}


def _meta(name: str, more: dict[str, str] | None = None) -> dict[str, Any]:
    return {
        "name": name,
        "annotations": {"rbac.authorization.kubernetes.io/autoupdate": "true"},
        "labels": {"kubernetes.io/bootstrapping": "rbac-defaults", **(more or {})},
    }


_EVERYBODY, _UNKNOWN = "system:authenticated", "system:unauthenticated"


def _bindings() -> Iterator[Object]:
    for role, groups in (
        ("cluster-admin", ("system:masters",)),
        ("system:basic-user", (_EVERYBODY,)),
        ("system:discovery", (_EVERYBODY,)),
        ("system:monitoring", ("system:monitoring",)),
        ("system:public-info-viewer", (_EVERYBODY, _UNKNOWN)),
        ("system:service-account-issuer-discovery", ("system:serviceaccounts",)),
    ):
        yield {
            "apiVersion": f"{GROUP}/v1",
            "kind": "ClusterRoleBinding",
            "metadata": _meta(role),
            "roleRef": {"apiGroup": GROUP, "kind": "ClusterRole", "name": role},
            "subjects": [{"apiGroup": GROUP, "kind": "Group", "name": group} for group in groups],
        }


def _controllers() -> Iterator[Object]:
    """What a controller needs that grants rights: only this one is asked for its own."""
    account = "clusterrole-aggregation-controller"
    role = _role(
        f"system:controller:{account}",
        _rules(((("escalate", "get", "list", "patch", "update", "watch"), GROUP, "clusterroles"),)),
    )
    yield role
    yield {
        "apiVersion": f"{GROUP}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": role["metadata"],
        "roleRef": {"apiGroup": GROUP, "kind": "ClusterRole", "name": role["metadata"]["name"]},
        "subjects": [{"kind": "ServiceAccount", "name": account, "namespace": "kube-system"}],
    }
