"""The arithmetic of a rolling update, on plain numbers.

Source: k8s.io/kubernetes ``pkg/controller/deployment/rolling.go``, ``sync.go`` and ``util/deployment_util.go``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """One ReplicaSet of a Deployment: the Pods it should have and the Pods of it that are available."""

    name: str
    replicas: int
    available: int = 0

    @property
    def serving(self) -> int:
        """Available Pods that it may keep: a status that lags behind the spec must not count a Pod that is about to go."""
        return min(self.available, self.replicas)


def scaled(value: int | str, total: int, *, up: bool) -> int:
    """``"25%"`` of ``total`` rounded up or down; a plain number as it is."""
    if isinstance(value, int):
        return value
    share = int(value.removesuffix("%")) * total / 100
    return math.ceil(share) if up else math.floor(share)


def limits(replicas: int, max_surge: int | str, max_unavailable: int | str) -> tuple[int, int]:
    """``(surge, unavailable)`` in Pods: surge rounded up, unavailable rounded down, and one unavailable when both come to
    nothing, for an update that may neither add nor remove could not start."""
    surge = scaled(max_surge, replicas, up=True)
    unavailable = scaled(max_unavailable, replicas, up=False)
    if surge == 0 and unavailable == 0:
        unavailable = 1
    return surge, min(unavailable, replicas)


def grown_new(new: int, total: int, replicas: int, surge: int) -> int:
    """The size that the new ReplicaSet may grow to, ``total`` being all Pods that the Deployment's ReplicaSets should have."""
    room = replicas + surge - total
    return new if room <= 0 else new + min(room, replicas - new)


def shrunk_old(old: Sequence[Part], new: Part, replicas: int, unavailable: int) -> dict[str, int]:
    """New sizes of the old ReplicaSets (oldest first) that may shrink now: first by Pods that do not serve anyway, then by what
    the available Pods allow."""
    floor = replicas - unavailable
    budget = sum(part.replicas for part in old) + new.replicas - floor - (new.replicas - new.serving)
    if budget <= 0:
        return {}
    sizes = {part.name: part.replicas for part in old}
    for part in old:
        step = min(budget, part.replicas - part.serving)
        sizes[part.name] -= step
        budget -= step
    spare = new.serving + sum(part.serving for part in old) - floor
    for part in old:
        step = max(0, min(spare, sizes[part.name]))
        sizes[part.name] -= step
        spare -= step
    return {part.name: sizes[part.name] for part in old if sizes[part.name] != part.replicas}


def proportional(parts: Sequence[tuple[Part, int]], replicas: int, surge: int) -> dict[str, int]:
    """Sizes after the Deployment was scaled in the middle of a rolling update: each ReplicaSet gets its share of the change.

    ``parts``: active ReplicaSets, newest first, each with the number of Pods (surge included) that its Deployment could have had
    when the ReplicaSet was last scaled. The largest one takes what rounding leaves over.
    """
    allowed = replicas + surge if replicas > 0 else 0
    change = allowed - sum(part.replicas for part, _ in parts)
    ordered = list(parts) if change >= 0 else list(reversed(parts))
    ordered.sort(key=lambda entry: -entry[0].replicas)
    sizes: dict[str, int] = {}
    spent = 0
    for part, former in ordered:
        step = 0
        if change and part.replicas and spent != change:
            if replicas == 0:
                share = -part.replicas
            else:
                share = _rounded(part.replicas * (replicas + surge) / former) - part.replicas if former else 0
            step = min(share, change - spent) if change > 0 else max(share, change - spent)
        sizes[part.name] = part.replicas + step
        spent += step
    if ordered and change:
        first = ordered[0][0].name
        sizes[first] = max(0, sizes[first] + change - spent)
    return sizes


def _rounded(value: float) -> int:
    """To the nearest whole number, halves away from zero."""
    return int(value + 0.5) if value >= 0 else int(value - 0.5)
