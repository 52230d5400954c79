"""In which order the objects of a sync are applied: by phase, by wave, and in a wave what others need comes first.

Source: ``gitops-engine/pkg/sync/sync_tasks.go``. Kinds that are not listed, custom resources among them, come last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from gitops_sim.agents.argocd.hooks import PHASES
from gitops_sim.agents.argocd.task import Task
from gitops_sim.objects import Key, get_path

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
_PHASE = {phase: rank for rank, phase in enumerate(PHASES)}


def kind_order(key: Key) -> tuple[int, str, str]:
    """A sort key for the objects of one wave: what others need first."""
    return _RANK.get(key.kind, len(_RANK)), key.name, key.namespace


def in_order(tasks: Iterable[Task], namespace: str) -> list[Task]:
    """The tasks as they are run. A Namespace or a definition of a kind that would come after something that needs it moves in
    front, into the wave and phase of what needs it. ``namespace`` is the Application's, where cluster-scoped objects count."""
    found = sorted(tasks, key=_rank)
    for provides, needs in ((_namespace, lambda task: task.key.namespace or namespace), (defined_by, _kind)):
        found = _moved_up(found, provides, needs)
    return found


def _rank(task: Task) -> tuple[int, int, tuple[int, str, str]]:
    return _PHASE[task.phase], task.wave, kind_order(task.key)


def _moved_up(tasks: list[Task], provides: Callable[[Task], Any], needs: Callable[[Task], Any]) -> list[Task]:
    found: list[Task] = []
    for task in tasks:
        provided = None if task.target is None else provides(task)
        first = None
        if provided is not None:
            wanted = (at for at, other in enumerate(found) if other.target is not None and provides(other) is None)
            first = next((at for at in wanted if needs(found[at]) == provided), None)
        if first is None:
            found.append(task)
            continue
        task.wave, task.phase = found[first].wave, found[first].phase
        found.insert(first, task)
    return found


def _namespace(task: Task) -> str | None:
    return task.key.name if (task.key.group, task.key.kind) == ("", "Namespace") else None


def defined_by(task: Task) -> tuple[str, str] | None:
    """The group and the name of the kind that a task defines, if it does."""
    if task.key.kind != "CustomResourceDefinition" or task.target is None:
        return None
    spec = ("spec", "group"), ("spec", "names", "kind")
    group, kind = (get_path(task.target.object, path) for path in spec)
    return (group, kind) if isinstance(group, str) and isinstance(kind, str) else None


def _kind(task: Task) -> tuple[str, str]:
    return task.key.group, task.key.kind
