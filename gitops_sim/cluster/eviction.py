"""Evictions: a Pod is deleted unless the budget over it forbids it.

Source: k8s.io/kubernetes ``pkg/registry/core/pod/storage/eviction.go``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitops_sim.cluster.selectors import matches
from gitops_sim.cluster.shapes import mapping, mappings, number, text
from gitops_sim.cluster.store import Snapshot
from gitops_sim.errors import ApiError, forbidden
from gitops_sim.objects import Object, get_path, labels_of, with_path


def budget_of(store: Snapshot, pod: Object) -> Object | None:
    """The budget that pays for the eviction of this Pod; None when none is asked. Raises ApiError 429 when it has nothing left,
    and 500 when there are several budgets."""
    if text(pod, "status", "phase") in ("Succeeded", "Failed", "Pending") or "deletionTimestamp" in pod["metadata"]:
        return None
    budgets = [
        budget
        for budget in store.list("policy", "PodDisruptionBudget", pod["metadata"]["namespace"])
        if matches(get_path(budget, ("spec", "selector")), labels_of(pod))
    ]
    if len(budgets) > 1:
        raise ApiError(
            500,
            "InternalError",
            "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
        )
    if not budgets:
        return None
    budget, status = budgets[0], mapping(budgets[0], "status")
    name, needs, has = budget["metadata"]["name"], number(status, "desiredHealthy"), number(status, "currentHealthy")
    if not any(entry.get("type") == "Ready" and entry.get("status") == "True" for entry in mappings(pod, "status", "conditions")):
        always = text(budget, "spec", "unhealthyPodEvictionPolicy") == "AlwaysAllow"
        if always or (has >= needs and needs > 0):
            return None
    if number(status, "observedGeneration") < number(budget, "metadata", "generation"):
        raise _too_many(f"The disruption budget {name} is still being processed by the server.", {"retryAfterSeconds": 10})
    allowed = number(status, "disruptionsAllowed")
    if allowed < 0:
        raise forbidden("poddisruptionbudgets", name, "policy", why="pdb disruptions allowed is negative")
    if allowed == 0:
        raise _too_many(f"The disruption budget {name} needs {needs} healthy pods and has {has} currently", {})
    return budget


def spent(budget: Object) -> Object:
    """The budget with one disruption less."""
    left = number(budget, "status", "disruptionsAllowed") - 1
    after: Object = with_path(budget, ("status", "disruptionsAllowed"), left)
    return after


def marked(pod: Object, now: str, reason: str = "EvictionByEvictionAPI", message: str = "Eviction API: evicting") -> Object:
    """The Pod with the condition of one that is deleted for the sake of its node."""
    entry = {
        "type": "DisruptionTarget",
        "status": "True",
        "reason": reason,
        "message": message,
        "observedGeneration": pod["metadata"].get("generation", 1),
        "lastProbeTime": None,
        "lastTransitionTime": now,
    }
    others = [c for c in get_path(pod, ("status", "conditions")) or () if c["type"] != "DisruptionTarget"]
    after: Object = with_path(pod, ("status", "conditions"), [*others, entry])
    return after


def _too_many(why: str, more: Mapping[str, Any]) -> ApiError:
    return ApiError(
        429,
        "TooManyRequests",
        "Cannot evict pod as it would violate the pod's disruption budget.",
        details={"causes": [{"reason": "DisruptionBudget", "message": why}], **more},
    )
