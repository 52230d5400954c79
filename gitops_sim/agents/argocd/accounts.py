"""As whom Argo CD acts, with which rights, and what an installation brings along. Source: argo-cd ``manifests``."""

from __future__ import annotations

from typing import Any

from gitops_sim.agents.argocd.application import NAMESPACE
from gitops_sim.cluster.access.accounts import EVERYTHING, account, binding, cluster_role
from gitops_sim.cluster.access.accounts import role as local_role
from gitops_sim.objects import Object

CONTROLLER_USER = "system:serviceaccount:argocd:argocd-application-controller"
SERVER_USER = "system:serviceaccount:argocd:argocd-server"
SETS_USER = "system:serviceaccount:argocd:argocd-applicationset-controller"
NOTIFICATIONS_USER = "system:serviceaccount:argocd:argocd-notifications-controller"

_SERVER_RULES: tuple[dict[str, Any], ...] = (
    {"apiGroups": ["*"], "resources": ["*"], "verbs": ["delete", "get", "patch"]},
    {"apiGroups": [""], "resources": ["events"], "verbs": ["list"]},
    {"apiGroups": [""], "resources": ["pods", "pods/log"], "verbs": ["get"]},
    {"apiGroups": ["argoproj.io"], "resources": ["applications", "applicationsets"], "verbs": ["get", "list", "update", "watch"]},
    {"apiGroups": ["batch"], "resources": ["jobs"], "verbs": ["create"]},
    {
        "apiGroups": ["argoproj.io"],
        "resources": ["applications", "appprojects", "applicationsets"],
        "verbs": ["create", "get", "list", "watch", "update", "delete", "patch"],
    },
)
_SERVER_HOME_RULES: tuple[dict[str, Any], ...] = (
    {
        "apiGroups": [""],
        "resources": ["secrets", "configmaps"],
        "verbs": ["create", "get", "list", "watch", "update", "patch", "delete"],
    },
    {"apiGroups": [""], "resources": ["events"], "verbs": ["create", "list"]},
)
_SETS_RULES: tuple[dict[str, Any], ...] = (
    {
        "apiGroups": ["argoproj.io"],
        "resources": ["applications", "applicationsets", "applicationsets/finalizers"],
        "verbs": ["create", "delete", "get", "list", "patch", "update", "watch"],
    },
    {"apiGroups": ["argoproj.io"], "resources": ["appprojects"], "verbs": ["get", "list", "watch"]},
    {"apiGroups": ["argoproj.io"], "resources": ["applicationsets/status"], "verbs": ["get", "patch", "update"]},
    {"apiGroups": [""], "resources": ["events"], "verbs": ["create", "get", "list", "patch", "watch"]},
    {"apiGroups": [""], "resources": ["secrets", "configmaps"], "verbs": ["get", "list", "watch"]},
)
_NOTIFICATIONS_RULES: tuple[dict[str, Any], ...] = (
    {
        "apiGroups": ["argoproj.io"],
        "resources": ["applications", "appprojects"],
        "verbs": ["get", "list", "watch", "update", "patch"],
    },
    {"apiGroups": [""], "resources": ["configmaps", "secrets"], "verbs": ["list", "watch"]},
)
DEFAULT_PROJECT = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "AppProject",
    "metadata": {"name": "default", "namespace": NAMESPACE},
    "spec": {
        "clusterResourceWhitelist": [{"group": "*", "kind": "*"}],
        "destinations": [{"namespace": "*", "server": "*"}],
        "sourceRepos": ["*"],
    },
}


def accounts() -> list[Object]:
    """The ServiceAccounts that it acts as, with the rights that its install manifests give them.

    Source: argo-cd ``manifests/cluster-rbac``.
    """
    found = []
    for name, rules in (("argocd-application-controller", EVERYTHING), ("argocd-server", _SERVER_RULES)):
        role = cluster_role(name, rules)
        found += [account(NAMESPACE, name), role, binding(name, name, NAMESPACE, name)]
    server = "argocd-server"
    found.append(local_role(server, NAMESPACE, _SERVER_HOME_RULES))
    sets, notifications = "argocd-applicationset-controller", "argocd-notifications-controller"
    return [
        *found,
        binding(server, server, NAMESPACE, server, NAMESPACE, "Role"),
        account(NAMESPACE, sets),
        local_role(sets, NAMESPACE, _SETS_RULES),
        binding(sets, sets, NAMESPACE, sets, NAMESPACE, "Role"),
        account(NAMESPACE, notifications),
        local_role(notifications, NAMESPACE, _NOTIFICATIONS_RULES),
        binding(notifications, notifications, NAMESPACE, notifications, NAMESPACE, "Role"),
    ]
