"""In which order Flux applies: stages that wait for each other, and an order of kinds within a stage.

Source: fluxcd/pkg ``ssa/manager_apply.go`` (ApplyAllStaged), ``ssa/sort.go`` and ``ssa/utils/is.go``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from gitops_sim.objects import Key

T = TypeVar("T")

_FIRST = (
    *("CustomResourceDefinition", "Namespace", "ClusterRole", "ClusterClass", "RuntimeClass", "PriorityClass", "StorageClass"),
    *("VolumeSnapshotClass", "IngressClass", "GatewayClass", "ClusterRoleBinding", "ResourceQuota", "ServiceAccount", "Role"),
    *("RoleBinding", "ConfigMap", "Secret", "Service", "LimitRange", "Deployment", "StatefulSet", "CronJob"),
    "PodDisruptionBudget",
)
_LAST = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
_RANKS = {
    **{kind: index - len(_FIRST) for index, kind in enumerate(_FIRST)},
    **{kind: index for index, kind in enumerate(_LAST, 1)},
}
_DEFINITIONS = {
    ("apiextensions.k8s.io", "CustomResourceDefinition"),
    ("", "Namespace"),
    ("rbac.authorization.k8s.io", "ClusterRole"),
}


def rank(key: Key) -> tuple[int, str, str, str, str]:
    """What comes first is applied first, and deleted last."""
    return _RANKS.get(key.kind, 0), key.group, key.kind, key.namespace, key.name


def stages(keys: Iterable[Key]) -> list[list[Key]]:
    """The keys in the order in which they are applied. Every stage but the last one must be ready before the next begins:
    definitions and namespaces first, then classes, then all the rest."""
    found: list[list[Key]] = [[], [], []]
    for key in sorted(keys, key=rank):
        found[0 if (key.group, key.kind) in _DEFINITIONS else 1 if key.kind.endswith("Class") else 2].append(key)
    return [*(stage for stage in found[:2] if stage), found[2]]
