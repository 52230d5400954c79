"""Kinds of which a PUT makes an object that is not there.

Source: ``AllowCreateOnUpdate`` of the strategies in kubernetes/kubernetes.
"""

from __future__ import annotations

from gitops_sim.cluster.kinds import Kind

_RBAC = ("Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding")
_CREATED_BY_UPDATE = {
    *(("", kind) for kind in ("Service", "Endpoints", "Event", "LimitRange", "ResourceQuota")),
    *(("rbac.authorization.k8s.io", kind) for kind in _RBAC),
    ("coordination.k8s.io", "Lease"),
}


def created_by_update(kind: Kind) -> bool:
    return (kind.group, kind.kind) in _CREATED_BY_UPDATE
