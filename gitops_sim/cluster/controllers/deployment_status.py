"""The status of a Deployment: its counts, its conditions, and whether a rollout is complete, in progress or out of time.

Source: k8s.io/kubernetes ``pkg/controller/deployment/progress.go``, ``sync.go`` and ``util/deployment_util.go``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gitops_sim.clock import parse_timestamp
from gitops_sim.cluster.controllers import conditions
from gitops_sim.cluster.controllers.conditions import Condition
from gitops_sim.cluster.controllers.deployment_spec import deadline, limits, replicas_of, status_number, total
from gitops_sim.objects import Object

COMPLETE = "NewReplicaSetAvailable"
TIMED_OUT = "ProgressDeadlineExceeded"
PAUSED = "DeploymentPaused"
_OMITTED_WHEN_ZERO = ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas", "unavailableReplicas")


def progressing(status: str, reason: str, message: str, timestamp: str) -> Condition:
    return _condition("Progressing", status, reason, message, timestamp)


def counted(deployment: Object, new: Object | None, sets: Sequence[Object], timestamp: str) -> dict[str, Any]:
    """The status with fresh counts and the Available condition; all other conditions as they were."""
    former: Mapping[str, Any] = deployment.get("status") or {}
    available = total(sets, "availableReplicas")
    counts = {
        "replicas": total(sets, "replicas"),
        "updatedReplicas": status_number(new, "replicas") if new is not None else 0,
        "readyReplicas": total(sets, "readyReplicas"),
        "availableReplicas": available,
        "unavailableReplicas": max(0, sum(replicas_of(rs) for rs in sets) - available),
    }
    status: dict[str, Any] = {field: counts[field] for field in _OMITTED_WHEN_ZERO if counts[field]}
    status["observedGeneration"] = deployment["metadata"].get("generation", 0)
    status["terminatingReplicas"] = total(sets, "terminatingReplicas")
    if former.get("collisionCount"):
        status["collisionCount"] = former["collisionCount"]
    if available >= replicas_of(deployment) - limits(deployment)[1]:
        now = _condition("Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.", timestamp)
    else:
        now = _condition(
            "Available", "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.", timestamp
        )
    status["conditions"] = conditions.put(former.get("conditions") or [], now)
    return status


def judged(
    deployment: Object, new: Object | None, sets: Sequence[Object], status: dict[str, Any], now: float, timestamp: str
) -> dict[str, Any]:
    """``status`` (fresh from :func:`counted`) with what it says about the rollout: Progressing, and ReplicaFailure."""
    former: Mapping[str, Any] = deployment.get("status") or {}
    entries: list[Condition] = status["conditions"]
    current = conditions.find(former.get("conditions") or [], "Progressing")
    limit = deadline(deployment)
    if limit is None:
        entries = conditions.without(entries, "Progressing")
    elif not _settled(status, current):
        who = f'ReplicaSet "{new["metadata"]["name"]}"' if new is not None else f'Deployment "{deployment["metadata"]["name"]}"'
        if is_complete(deployment, status):
            entries = conditions.put(entries, progressing("True", COMPLETE, f"{who} has successfully progressed.", timestamp))
        elif _progressed(former, status):
            step = progressing("True", "ReplicaSetUpdated", f"{who} is progressing.", timestamp)
            if current is not None and current["status"] == "True":
                step["lastTransitionTime"] = current["lastTransitionTime"]
            # Put even when nothing but the time changes: lastUpdateTime is what the deadline counts from.
            entries = [*conditions.without(entries, "Progressing"), step]
        elif _out_of_time(conditions.find(entries, "Progressing"), limit, now):
            entries = conditions.put(entries, progressing("False", TIMED_OUT, f"{who} has timed out progressing.", timestamp))
    failure = _failure(new, sets)
    entries = conditions.put(entries, failure) if failure else conditions.without(entries, "ReplicaFailure")
    return {**status, "conditions": entries}


def is_complete(deployment: Object, status: Mapping[str, Any]) -> bool:
    """All replicas are of the new template and available, and none of an old one is left."""
    wanted = replicas_of(deployment)
    counts = [status.get(field, 0) for field in ("updatedReplicas", "replicas", "availableReplicas")]
    seen: int = status.get("observedGeneration", 0)
    return counts == [wanted] * 3 and seen >= deployment["metadata"].get("generation", 0)


def deadline_at(deployment: Object) -> float | None:
    """When the rollout runs out of time unless something happens; None when no clock is ticking."""
    status: Mapping[str, Any] = deployment.get("status") or {}
    current = conditions.find(status.get("conditions") or [], "Progressing")
    limit = deadline(deployment)
    if limit is None or current is None or current["reason"] in (TIMED_OUT, COMPLETE) or is_complete(deployment, status):
        return None
    return parse_timestamp(current["lastUpdateTime"]) + limit


def _settled(status: Mapping[str, Any], current: Condition | None) -> bool:
    """A rollout that was complete before stays so while no other template comes: losing a Pod starts no deadline."""
    same = status.get("replicas", 0) == status.get("updatedReplicas", 0)
    return same and current is not None and current["reason"] == COMPLETE


def _progressed(former: Mapping[str, Any], status: Mapping[str, Any]) -> bool:
    old_before = former.get("replicas", 0) - former.get("updatedReplicas", 0)
    old_now = status.get("replicas", 0) - status.get("updatedReplicas", 0)
    return old_now < old_before or any(
        status.get(field, 0) > former.get(field, 0) for field in ("updatedReplicas", "readyReplicas", "availableReplicas")
    )


def _out_of_time(current: Condition | None, limit: float, now: float) -> bool:
    if current is None or current["reason"] == COMPLETE:
        return False
    return current["reason"] == TIMED_OUT or parse_timestamp(current["lastUpdateTime"]) + limit <= now


def _failure(new: Object | None, sets: Sequence[Object]) -> Condition | None:
    """The first ReplicaFailure among the ReplicaSets, the new one asked first."""
    for replica_set in ([new] if new is not None else []) + list(sets):
        found = conditions.find((replica_set.get("status") or {}).get("conditions") or [], "ReplicaFailure")
        if found is not None:
            return {**found, "lastUpdateTime": found["lastTransitionTime"]}
    return None


def _condition(kind: str, status: str, reason: str, message: str, timestamp: str) -> Condition:
    return {
        "type": kind,
        "status": status,
        "reason": reason,
        "message": message,
        "lastUpdateTime": timestamp,
        "lastTransitionTime": timestamp,
    }
