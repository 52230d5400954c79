"""The ``status`` of an ApplicationSet. Source: ``applicationset/controllers/applicationset_controller.go``
(setApplicationSetStatusCondition) and ``applicationset_types.go`` (SetConditions, CalculateHealth)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gitops_sim.objects import Object, get_path

UP_TO_DATE = ("ApplicationSetUpToDate", "All applications have been generated successfully")
_GENERATED = ("ParametersGenerated", "Successfully generated parameters for all Applications")
_ROLLOUT = "RolloutProgressing"

Status = Mapping[str, Any]
Fresh = dict[str, tuple[str, str, str]]
"""Conditions by type: status, reason and message."""


def worked(
    before: Status, error: tuple[str, str] | None, *, generated: bool, complete: bool, rolling: bool, now: str
) -> dict[str, Any]:
    """The status after a turn. ``error``: a reason and a message; ``generated``: the parameters could be made; ``complete``: all
    went well; ``rolling``: the strategy is RollingSync. What did not change keeps its time; what is not known any better stays as
    it was."""
    reason, message = ("", "") if error is None else error
    fresh: Fresh = {"ParametersGenerated": ("True", *_GENERATED) if generated else ("False", "ErrorOccurred", message)}
    if error is not None:
        fresh["ErrorOccurred"] = ("True", reason, message)
        fresh["ResourcesUpToDate"] = ("False", "ErrorOccurred", message)
    elif complete:
        fresh["ErrorOccurred"] = ("False", *UP_TO_DATE)
        fresh["ResourcesUpToDate"] = ("True", *UP_TO_DATE)
    return _with(before, fresh, rolling=rolling, now=now)


def rolled(
    before: Status, found: Sequence[Mapping[str, Any]], rollout: tuple[str, str, str] | None, *, now: str
) -> dict[str, Any]:
    """The status with where each Application is; ``rollout`` is what the condition RolloutProgressing says, None where nothing is
    rolled out."""
    parts = {name: value for name, value in before.items() if name != "applicationStatus"}
    after = {**parts, "applicationStatus": list(found)} if found else parts
    if rollout is None:
        return after
    return _with(after, {"ParametersGenerated": ("True", *_GENERATED), _ROLLOUT: rollout}, rolling=True, now=now)


def _with(before: Status, fresh: Fresh, *, rolling: bool, now: str) -> dict[str, Any]:
    old = {c["type"]: dict(c) for c in before.get("conditions") or () if rolling or c["type"] != _ROLLOUT}
    for type_, (state, why, text) in fresh.items():
        known = old.get(type_)
        if known is None or (known["status"], known["reason"], known["message"]) != (state, why, text):
            old[type_] = {"lastTransitionTime": now, "message": text, "reason": why, "status": state, "type": type_}
    found = [old[type_] for type_ in sorted(old)]
    return {**before, "conditions": found, "health": health(found)}


def health(conditions: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """What the conditions make of the whole."""
    true = {condition["type"]: condition["message"] for condition in conditions if condition["status"] == "True"}
    for type_, word in (("ErrorOccurred", "Degraded"), (_ROLLOUT, "Progressing"), ("ResourcesUpToDate", "Healthy")):
        if type_ in true:
            return {"status": word, "message": true[type_]}
    return {"status": "Unknown", "message": "Waiting for health status to be determined"}


def resources(applications: Iterable[Object]) -> list[dict[str, Any]]:
    """What it made, with how that is."""
    return [
        {
            "group": "argoproj.io",
            "version": "v1alpha1",
            "kind": "Application",
            "namespace": obj["metadata"]["namespace"],
            "name": obj["metadata"]["name"],
            **({"status": sync} if (sync := get_path(obj, ("status", "sync", "status"))) else {}),
            **({"health": {"status": known}} if (known := get_path(obj, ("status", "health", "status"))) else {}),
        }
        for obj in applications
    ]
