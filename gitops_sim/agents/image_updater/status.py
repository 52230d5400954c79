"""The ``status`` of an ImageUpdater after a cycle. Source: argocd-image-updater ``internal/controller/status.go``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gitops_sim.agents.image_updater.templates import ImageChange
from gitops_sim.agents.image_updater.update import Result
from gitops_sim.objects import Object, get_path


def status_after(obj: Object, result: Result, applications: int, error: str, now: str) -> dict[str, Any]:
    """``error`` is why nothing could be looked at; empty when it could."""
    generation = obj["metadata"]["generation"]
    status: dict[str, Any] = {
        **(obj.get("status") or {}),
        "observedGeneration": generation,
        "lastCheckedAt": now,
        "applicationsMatched": applications,
        "imagesManaged": result.considered,
    }
    if result.updated:
        status["lastUpdatedAt"] = now
        status["recentUpdates"] = _recent(result.changes, now)
    before = {condition["type"]: condition for condition in get_path(obj, ("status", "conditions")) or ()}
    fresh = {
        "Reconciling": ("False", "Idle", "Last check completed. Awaiting next cycle."),
        "Error": _error(result, error),
        "Ready": _ready(result, applications, error),
    }
    status["conditions"] = [
        _condition(type_, fresh[type_], before.get(type_), generation, now) for type_ in ("Reconciling", "Error", "Ready")
    ]
    return status


def _error(result: Result, error: str) -> tuple[str, str, str]:
    if error:
        return "True", "ReconcileError", error
    if result.errors:
        return "True", "PartialErrors", f"{result.errors} error(s) occurred during image update checks."
    return "False", "NoErrors", "No errors during last reconciliation."


def _ready(result: Result, applications: int, error: str) -> tuple[str, str, str]:
    if error:
        return "False", "ReconcileFailed", f"Reconciliation failed: {error}"
    if result.errors:
        done = f"with {result.errors} errors, {result.updated} images updated."
        return "True", "ReconcileCompletedWithErrors", f"Reconciled {applications} applications {done}"
    return "True", "ReconcileSucceeded", f"Reconciled {applications} applications, {result.updated} images updated."


def _condition(
    type_: str, fresh: tuple[str, str, str], before: Mapping[str, Any] | None, generation: int, now: str
) -> dict[str, Any]:
    """What goes on to be so keeps its time; a cycle begins and ends with a change of ``Reconciling``."""
    status, reason, message = fresh
    kept = before is not None and before["status"] == status and type_ != "Reconciling"
    since = before["lastTransitionTime"] if before is not None and kept else now
    return {
        "lastTransitionTime": since,
        "message": message,
        "observedGeneration": generation,
        "reason": reason,
        "status": status,
        "type": type_,
    }


def _recent(changes: Sequence[ImageChange], now: str) -> list[dict[str, Any]]:
    """The same image of several Applications once, with their number."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for change in changes:
        known = found.setdefault(
            (change.alias, str(change.new)),
            {
                "alias": change.alias,
                "image": change.image.repository,
                "newVersion": str(change.new),
                "applicationsUpdated": 0,
                "updatedAt": now,
                "message": f"Updated from {change.old} to {change.new}.",
            },
        )
        known["applicationsUpdated"] += 1
    return list(found.values())
