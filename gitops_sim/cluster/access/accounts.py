"""ServiceAccounts that an installation brings along, with what is bound to them: manifests for :meth:`Cluster.furnish`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gitops_sim.cluster.access.authorizer import GROUP
from gitops_sim.objects import Object


def account(namespace: str, name: str) -> Object:
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": namespace}}


def cluster_role(name: str, rules: Sequence[Mapping[str, Any]]) -> Object:
    return {"apiVersion": f"{GROUP}/v1", "kind": "ClusterRole", "metadata": {"name": name}, "rules": list(rules)}


def role(name: str, namespace: str, rules: Sequence[Mapping[str, Any]]) -> Object:
    return {**cluster_role(name, rules), "kind": "Role", "metadata": {"name": name, "namespace": namespace}}


def binding(name: str, role: str, namespace: str, holder: str, within: str = "", kind: str = "ClusterRole") -> Object:
    """Binds a role to the ServiceAccount ``holder``: in the namespace ``within``, or everywhere when that is empty."""
    place = {"namespace": within} if within else {}
    return {
        "apiVersion": f"{GROUP}/v1",
        "kind": "RoleBinding" if within else "ClusterRoleBinding",
        "metadata": {"name": name, **place},
        "roleRef": {"apiGroup": GROUP, "kind": kind, "name": role},
        "subjects": [{"kind": "ServiceAccount", "name": holder, "namespace": namespace}],
    }


EVERYTHING: tuple[Mapping[str, Any], ...] = (
    {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]},
    {"nonResourceURLs": ["*"], "verbs": ["*"]},
)
