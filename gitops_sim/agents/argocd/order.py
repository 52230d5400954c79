"""In which order the objects of one wave are applied: what others need comes first.

Source: ``gitops-engine/pkg/sync/sync_tasks.go`` (kindOrder). Kinds that are not listed, custom resources among them, come last.
"""

from __future__ import annotations

from gitops_sim.objects import Key

KIND_ORDER = (
    "Namespace",
    "NetworkPolicy",
    "ResourceQuota",
    "LimitRange",
    "PodSecurityPolicy",
    "PodDisruptionBudget",
    "ServiceAccount",
    "Secret",
    "SecretList",
    "ConfigMap",
    "StorageClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleList",
    "ClusterRoleBinding",
    "ClusterRoleBindingList",
    "Role",
    "RoleList",
    "RoleBinding",
    "RoleBindingList",
    "Service",
    "DaemonSet",
    "Pod",
    "ReplicationController",
    "ReplicaSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "StatefulSet",
    "Job",
    "CronJob",
    "IngressClass",
    "Ingress",
    "APIService",
)
_RANK = {kind: rank for rank, kind in enumerate(KIND_ORDER)}


def apply_order(key: Key) -> tuple[int, str, str, str]:
    """A sort key: kind, then name, then namespace."""
    return _RANK.get(key.kind, len(_RANK)), "" if key.kind in _RANK else key.kind, key.name, key.namespace
