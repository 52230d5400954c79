"""How many replicas a HorizontalPodAutoscaler wants: the mathematics, without a cluster.

Source: k8s.io/kubernetes ``pkg/controller/podautoscaler``: ``replica_calculator.go``, ``metrics/utilization.go``,
``horizontal.go``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

TOLERANCE = 0.1
Rules = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Group:
    """The Pods of a workload: ``metrics`` of those that serve (thousandths of a unit by name), ``unready`` ones, whose metrics
    do not count, and ``missing`` ones, of which there are none. ``requests`` are those of all."""

    metrics: Mapping[str, int]
    unready: Sequence[str]
    missing: Sequence[str]
    requests: Mapping[str, int]


def proposal(group: Group, current: int, target: int, *, utilization: bool) -> tuple[int, int | None, int]:
    """``(replicas, per cent of the requests, average)``. ``target`` is in per cent of the requests, or a plain value a Pod.

    On the way up, Pods that do not serve yet count as idle, on the way down those without metrics as fully used, and nothing
    happens when that would turn the direction.
    """

    def ratio(metrics: Mapping[str, int]) -> float:
        if not utilization:
            return sum(metrics.values()) / len(metrics) / target
        return _per_cent(metrics, group.requests) / target

    metrics = dict(group.metrics)
    per_cent = _per_cent(metrics, group.requests) if utilization else None
    average, first = sum(metrics.values()) // len(metrics), ratio(metrics)
    idle = group.unready if first > 1 else ()
    if not idle and not group.missing:
        return (current if abs(1 - first) <= TOLERANCE else math.ceil(first * len(metrics))), per_cent, average
    if first != 1:
        metrics |= {name: (group.requests[name] if utilization else target) if first < 1 else 0 for name in group.missing}
    metrics |= dict.fromkeys(idle, 0)
    second = ratio(metrics)
    wanted = math.ceil(second * len(metrics))
    turned = (first - 1) * (second - 1) < 0 or (second - 1) * (wanted - current) < 0
    return (current if abs(1 - second) <= TOLERANCE or turned else wanted), per_cent, average


def _per_cent(metrics: Mapping[str, int], requests: Mapping[str, int]) -> int:
    return sum(metrics.values()) * 100 // max(1, sum(requests[name] for name in metrics))


@dataclass(slots=True)
class Memory:
    """What a controller remembers of one autoscaler: recommendations and changes, each with its time."""

    wanted: list[tuple[float, int]] = field(default_factory=list)
    changes: list[tuple[float, int]] = field(default_factory=list)


Verdict = tuple[int, tuple[str, str, str], tuple[str, str, str]]
"""The replicas, and status, reason and message of AbleToScale and of ScalingLimited."""
_DOWN_WINDOW = 300
_FITS = ("False", "DesiredWithinRange", "the desired count is within the acceptable range")
_READY = ("True", "ReadyForNewScale", "recommended size matches current size")


def settle(memory: Memory, now: float, current: int, wanted: int, low: int, high: int, behavior: Rules | None) -> Verdict:
    """What becomes of a recommendation: it is held back by recent other ones, by the rate and by the bounds."""
    up, down = (behavior or {}).get("scaleUp", {}), (behavior or {}).get("scaleDown", {})
    up_window, down_window = up.get("stabilizationWindowSeconds", 0), down.get("stabilizationWindowSeconds", _DOWN_WINDOW)
    rising = behavior is not None and wanted >= current
    window = up_window if rising else down_window
    recent = [count for at, count in memory.wanted if at > now - window or (behavior is None and at == now - window)]
    calm = (min if rising else max)([wanted, *recent])
    longest = max(up_window, down_window)
    memory.wanted = [*(entry for entry in memory.wanted if entry[0] >= now - longest), (now, wanted)]
    able = _READY
    if calm != wanted:
        way, other, best = ("Up", "lower", "lowest") if rising else ("Down", "higher", "highest")
        why = f"recent recommendations were {other} than current one, applying the {best} recent recommendation"
        able = ("True", f"Scale{way}Stabilized", why)
    least, most = low, high
    up_limit = max(2 * current, 4) if behavior is None else max(current, _limit(memory, now, current, up, 1))
    down_limit = 0 if behavior is None else min(current, _limit(memory, now, current, down, -1))
    if calm > current or behavior is None:
        most = min(high, up_limit)
    if calm < current:
        least = max(low, down_limit)
    if calm > most:
        fast = most < high
        return most, able, _limited("ScaleUpLimit" if fast else "TooManyReplicas")
    if calm < least:
        return least, able, _limited("ScaleDownLimit" if least > low else "TooFewReplicas")
    return calm, able, _FITS


def _limit(memory: Memory, now: float, current: int, rules: Rules, sign: int) -> int:
    """As far as the policies of one direction go, measured from what there was when the period of each began."""
    choice = rules.get("selectPolicy", "Max")
    if choice == "Disabled":
        return current
    proposals: list[int] = []
    for policy in rules.get("policies") or ():
        changed = sum(n for at, n in memory.changes if at > now - policy["periodSeconds"] and n * sign > 0)
        start, value = current - changed, policy["value"]
        if policy["type"] == "Pods":
            proposals.append(start + sign * value)
        else:
            share = start * (100 + sign * value) / 100
            proposals.append(math.ceil(share) if sign > 0 else int(share))
    if not proposals:
        return current
    return max(proposals) if (choice == "Max") == (sign > 0) else min(proposals)


_LIMITS = {
    "ScaleUpLimit": "the desired replica count is increasing faster than the maximum scale rate",
    "ScaleDownLimit": "the desired replica count is decreasing faster than the maximum scale rate",
    "TooManyReplicas": "the desired replica count is more than the maximum replica count",
    "TooFewReplicas": "the desired replica count is less than the minimum replica count",
}


def _limited(reason: str) -> tuple[str, str, str]:
    return "True", reason, _LIMITS[reason]
