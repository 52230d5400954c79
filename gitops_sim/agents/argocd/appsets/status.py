"""The ``status`` of an ApplicationSet. Source: ``applicationset/controllers/applicationset_controller.go``
(setApplicationSetStatusCondition) and ``applicationset_types.go`` (SetConditions, CalculateHealth)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gitops_sim.objects import Object, get_path

UP_TO_DATE = ("ApplicationSetUpToDate", "All applications have been generated successfully")
_GENERATED = ("ParametersGenerated", "Successfully generated parameters for all Applications")


def conditions(
    before: Iterable[Mapping[str, Any]], error: tuple[str, str] | None, *, generated: bool, complete: bool, now: str
) -> list[dict[str, Any]]:
    """``error``: a reason and a message; ``generated``: the parameters could be made; ``complete``: all went well. What did not
    change keeps its time; what is not known any better stays as it was."""
    old = {condition["type"]: dict(condition) for condition in before}
    fresh: dict[str, tuple[str, str, str]] = {}
    reason, message = ("", "") if error is None else error
    fresh["ParametersGenerated"] = ("True", *_GENERATED) if generated else ("False", "ErrorOccurred", message)
    if error is not None:
        fresh["ErrorOccurred"] = ("True", reason, message)
        fresh["ResourcesUpToDate"] = ("False", "ErrorOccurred", message)
    elif complete:
        fresh["ErrorOccurred"] = ("False", *UP_TO_DATE)
        fresh["ResourcesUpToDate"] = ("True", *UP_TO_DATE)
    for type_, (status, why, text) in fresh.items():
        known = old.get(type_)
        if known is None or (known["status"], known["reason"], known["message"]) != (status, why, text):
            old[type_] = {"lastTransitionTime": now, "message": text, "reason": why, "status": status, "type": type_}
    return [old[type_] for type_ in sorted(old)]


def health(conditions: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """What the conditions make of the whole."""
    true = {condition["type"]: condition["message"] for condition in conditions if condition["status"] == "True"}
    for type_, word in (("ErrorOccurred", "Degraded"), ("ResourcesUpToDate", "Healthy")):
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
