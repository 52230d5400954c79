"""Reading a Deployment and its ReplicaSets: spec fields with their defaults, annotations, and the numbers the arithmetic
needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gitops_sim.cluster.controllers import rolling
from gitops_sim.cluster.controllers.pods import without_hash
from gitops_sim.cluster.controllers.rolling import Part
from gitops_sim.objects import Object, annotations_of

REVISION = "deployment.kubernetes.io/revision"
HISTORY = "deployment.kubernetes.io/revision-history"
DESIRED = "deployment.kubernetes.io/desired-replicas"
MAXIMUM = "deployment.kubernetes.io/max-replicas"
_NO_DEADLINE = 2**31 - 1
_OWN = frozenset((REVISION, HISTORY, DESIRED, MAXIMUM))
NOT_COPIED = _OWN | {"kubectl.kubernetes.io/last-applied-configuration", "deprecated.deployment.rollback.revisionNumber"}
"""Annotations of a Deployment that its ReplicaSets do not take over."""


def replicas_of(workload: Object) -> int:
    """``spec.replicas`` of a Deployment, ReplicaSet or StatefulSet; 1 when it is not set."""
    found: int = workload["spec"].get("replicas", 1)
    return found


def is_rolling(deployment: Object) -> bool:
    strategy: Mapping[str, Any] = deployment["spec"].get("strategy") or {}
    return bool(strategy.get("type", "RollingUpdate") == "RollingUpdate")


def limits(deployment: Object) -> tuple[int, int]:
    """``(surge, unavailable)`` in Pods; both 0 under Recreate."""
    if not is_rolling(deployment):
        return 0, 0
    update = (deployment["spec"].get("strategy") or {}).get("rollingUpdate") or {}
    return rolling.limits(replicas_of(deployment), update.get("maxSurge", "25%"), update.get("maxUnavailable", "25%"))


def deadline(deployment: Object) -> float | None:
    """Seconds without progress after which a rollout counts as failed; None when it never does."""
    seconds = deployment["spec"].get("progressDeadlineSeconds", 600)
    return None if seconds >= _NO_DEADLINE else float(seconds)


def revision_of(replica_set: Object) -> int:
    text = annotations_of(replica_set).get(REVISION, "0")
    return int(text) if text.isdigit() else 0


def number_in(replica_set: Object, annotation: str) -> int | None:
    text = annotations_of(replica_set).get(annotation, "")
    return int(text) if text.isdigit() else None


def status_number(replica_set: Object, field: str) -> int:
    found: int = (replica_set.get("status") or {}).get(field, 0)
    return found


def total(replica_sets: Iterable[Object], field: str) -> int:
    return sum(status_number(replica_set, field) for replica_set in replica_sets)


def part_of(replica_set: Object) -> Part:
    return Part(replica_set["metadata"]["name"], replicas_of(replica_set), status_number(replica_set, "availableReplicas"))


def by_age(replica_sets: Iterable[Object]) -> list[Object]:
    """Oldest first."""
    return sorted(replica_sets, key=lambda rs: (rs["metadata"]["creationTimestamp"], rs["metadata"]["name"]))


def active(replica_sets: Iterable[Object]) -> list[Object]:
    return [replica_set for replica_set in replica_sets if replicas_of(replica_set) > 0]


def find_new(deployment: Object, replica_sets: Sequence[Object]) -> Object | None:
    """The oldest ReplicaSet that has the Deployment's template."""
    wanted = deployment["spec"]["template"]
    return next((rs for rs in by_age(replica_sets) if without_hash(rs["spec"]["template"]) == wanted), None)


def images_of(template: Mapping[str, Any]) -> list[str]:
    return [container.get("image", "") for container in template["spec"].get("containers") or ()]
