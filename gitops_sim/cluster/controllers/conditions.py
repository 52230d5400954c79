"""Status conditions of workloads, with the upstream rules of what counts as a change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Condition = dict[str, Any]


def find(conditions: Sequence[Condition], kind: str) -> Condition | None:
    return next((entry for entry in conditions if entry["type"] == kind), None)


def put(conditions: Sequence[Condition], new: Condition) -> list[Condition]:
    """With ``new`` at the end, in place of the former one of its type.

    The same status and reason is no change: then the former condition stays, message, times and all. The same status with another
    reason keeps its ``lastTransitionTime``. Source: ``SetDeploymentCondition``.
    """
    old = find(conditions, new["type"])
    if old is not None and old["status"] == new["status"]:
        if old["reason"] == new["reason"]:
            return list(conditions)
        new = {**new, "lastTransitionTime": old["lastTransitionTime"]}
    return [*without(conditions, new["type"]), new]


def without(conditions: Sequence[Condition], kind: str) -> list[Condition]:
    return [entry for entry in conditions if entry["type"] != kind]
