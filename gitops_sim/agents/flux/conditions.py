"""Conditions as Flux keeps them on its objects.

Source: fluxcd/pkg ``runtime/conditions/setter.go``: the time of a transition moves with status, reason or message; a condition
carries the generation that it is about; Stalled, Reconciling and Ready come first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from gitops_sim.objects import Object, condition_of, conditions_of, with_path

Truth = Literal["True", "False", "Unknown"]
READY, RECONCILING, STALLED, HEALTHY = "Ready", "Reconciling", "Stalled", "Healthy"
_FIRST = (STALLED, RECONCILING, READY)
_LONGEST = 32768


def is_true(obj: Object, type_: str) -> bool:
    return (condition_of(obj, type_) or {}).get("status") == "True"


def mark(obj: Object, type_: str, status: Truth, reason: str, message: str, now: str) -> Object:
    """A copy of an object with one condition set; ``now`` is a timestamp."""
    if len(message) > _LONGEST:
        message = message[: _LONGEST - 3] + "..."
    old = condition_of(obj, type_)
    state = {"type": type_, "status": status, "reason": reason, "message": message}
    same = old is not None and all(old.get(name) == value for name, value in state.items())
    new: dict[str, Any] = {
        **state,
        "lastTransitionTime": old["lastTransitionTime"] if same and old is not None else now,
        "observedGeneration": obj["metadata"].get("generation", 0),
    }
    others = [c for c in conditions_of(obj) if c.get("type") != type_]
    changed: Object = with_path(obj, ("status", "conditions"), sorted([*others, new], key=_order))
    return changed


def drop(obj: Object, *types: str) -> Object:
    """A copy of an object without some conditions."""
    found = conditions_of(obj)
    left = [c for c in found if c.get("type") not in types]
    changed: Object = obj if len(left) == len(found) else with_path(obj, ("status", "conditions"), left)
    return changed


def reconciling(obj: Object, reason: str, message: str, now: str) -> Object:
    """On its way: what is under way is not stalled."""
    return mark(drop(obj, STALLED), RECONCILING, "True", reason, message, now)


def stalled(obj: Object, reason: str, message: str, now: str) -> Object:
    """Nothing more will be tried before the spec changes."""
    return mark(drop(obj, RECONCILING), STALLED, "True", reason, message, now)


def _order(condition: Mapping[str, Any]) -> tuple[int, int, str]:
    type_ = condition["type"]
    if type_ in _FIRST:
        return _FIRST.index(type_), 0, ""
    return len(_FIRST), -condition.get("observedGeneration", 0), type_
