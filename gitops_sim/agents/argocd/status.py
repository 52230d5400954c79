"""The ``status`` of an Application, as the controller writes it. Source: ``types.go`` (ApplicationStatus, SetConditions)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gitops_sim.agents.argocd.application import NAMESPACE, Application
from gitops_sim.agents.argocd.compare import Comparison, Condition, Resource
from gitops_sim.agents.argocd.operation import Request
from gitops_sim.agents.argocd.task import ENDED, Result
from gitops_sim.objects import Object, get_path

Status = Mapping[str, Any]

COMPARED_CONDITIONS = frozenset(
    {
        "ComparisonError",
        "ExcludedResourceWarning",
        "InvalidSpecError",
        "OrphanedResourceWarning",
        "RepeatedResourceWarning",
        "SharedResourceWarning",
        "SyncError",
        "UnknownError",
    }
)
"""What every comparison decides anew."""


def of(obj: Object) -> dict[str, Any]:
    """The status of an Application; empty for one that somebody spoilt, which the real one's schema would refuse."""
    found = obj.get("status")
    return found if isinstance(found, dict) else {}


def compared(
    status: Status, app: Application, comparison: Comparison, conditions: Sequence[Condition], now: str
) -> dict[str, Any]:
    """``status`` after a comparison. Equal to the one before when nothing changed but the time."""
    to: dict[str, Any] = {"destination": app.destination.raw, **app.source.entry}
    if app.ignore_raw:
        to["ignoreDifferences"] = list(app.ignore_raw)
    sync = {"comparedTo": to, **app.source.at(comparison.revision), "status": comparison.sync}
    return _without_empty(
        {
            **status,
            "conditions": set_conditions(status.get("conditions") or [], conditions, now),
            "controllerNamespace": NAMESPACE,
            "health": _health(status, comparison.health, now),
            "resourceHealthSource": "appTree",
            "resources": [_resource(resource) for resource in comparison.resources],
            "sourceType": "" if app.source.parts else "".join(comparison.tools[:1]),
            "sourceTypes": list(comparison.tools) if app.source.parts else [],
            "summary": {"images": images} if (images := comparison.images) else {},
            "sync": sync,
        },
        keep=("summary",),
    )


def unusable(status: Status, app: Application, conditions: Sequence[Condition], now: str) -> dict[str, Any]:
    """``status`` when the spec itself is wrong: sync and health are both Unknown."""
    sync = {
        **(status.get("sync") or {"comparedTo": {"destination": app.destination.raw, **app.source.entry}}),
        "status": "Unknown",
    }
    return _without_empty(
        {
            **status,
            "conditions": set_conditions(status.get("conditions") or [], conditions, now),
            "controllerNamespace": NAMESPACE,
            "health": _health(status, "Unknown", now),
            "sync": sync,
        }
    )


def set_conditions(before: Iterable[Mapping[str, Any]], found: Sequence[Condition], now: str) -> list[dict[str, Any]]:
    """Those that hold now; one that held already keeps its time."""
    old = {(c["type"], c["message"]): c for c in before}
    decided = COMPARED_CONDITIONS | {condition.type for condition in found}
    kept = [dict(c) for c in old.values() if c["type"] not in decided]
    unique = dict.fromkeys(found)
    kept += [
        dict(old.get((c.type, c.message)) or {"lastTransitionTime": now, "message": c.message, "type": c.type}) for c in unique
    ]
    return sorted(kept, key=lambda c: (c["type"], c["message"]))


def operation_state(
    operation: Mapping[str, Any],
    request: Request | None,
    app: Application,
    phase: str,
    message: str,
    *,
    results: Sequence[Result] = (),
    revision: str = "",
    started: str,
    finished: str = "",
    retries: int = 0,
) -> dict[str, Any]:
    """``status.operationState``: what was asked for, how it went, object by object. A running phase with a ``finishedAt`` is
    one that waits to be tried again."""
    state: dict[str, Any] = {"operation": operation, "phase": phase, "message": message, "startedAt": started}
    if finished:
        state["finishedAt"] = finished
    if retries:
        state["retryCount"] = retries
    if request is not None:
        state["syncResult"] = {
            "resources": [result.as_status() for result in results],
            **request.source.at(revision or request.revision),
            **request.source.entry,
        }
        if app.namespace_metadata is not None:
            state["syncResult"]["managedNamespaceMetadata"] = app.namespace_metadata
    return state


def namespace_changed(status: Status, app: Application) -> bool:
    """Whether the metadata for the namespace are not those of the last operation: nothing else would tell."""
    result = get_path(status, ("operationState", "syncResult"))
    managed = app.namespace_metadata
    return managed is not None and result is not None and result.get("managedNamespaceMetadata") != managed


def in_progress(status: Status) -> bool:
    """Whether an operation was begun and has not ended."""
    phase = (status.get("operationState") or {}).get("phase", "")
    return phase != "" and phase not in ENDED


def _health(status: Status, now_is: str, now: str) -> dict[str, Any]:
    before = status.get("health") or {}
    changed = before.get("status") != now_is
    since = now if changed else before.get("lastTransitionTime")
    return {**({"lastTransitionTime": since} if since else {}), "status": now_is}


def _resource(resource: Resource) -> dict[str, Any]:
    key = resource.key
    return _without_empty(
        {
            "group": key.group,
            "version": resource.version,
            "kind": key.kind,
            "namespace": key.namespace,
            "name": key.name,
            "status": resource.status,
            "hook": resource.hook,
            "requiresPruning": resource.requires_pruning,
            "requiresDeletionConfirmation": resource.asks,
            "syncWave": resource.wave or None,
        }
    )


def _without_empty(parts: Mapping[str, Any], keep: Sequence[str] = ()) -> dict[str, Any]:
    """Go's ``omitempty``."""
    return {name: value for name, value in parts.items() if name in keep or value not in ("", None, False, [], {})}
