"""What an ApplicationSet says about the order of its Applications: ``spec.strategy``.

Source: ``applicationset/progressivesync/progressive_sync.go`` of Argo CD 3.5 (buildAppDependencyList, and for ``maxUpdate``
UpdateApplicationSetApplicationStatusProgress).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gitops_sim.objects import Object, get_path, labels_of

_OPERATORS = ("In", "NotIn")
_PERCENT = re.compile(r"[-+]?\d+%")


@dataclass(frozen=True, slots=True)
class Step:
    """``max_update``: how many of its Applications are synced at the same time, as written; None for all."""

    expressions: tuple[Mapping[str, Any], ...]
    max_update: int | str | None

    def takes(self, labels: Mapping[str, str]) -> bool:
        """Whether an Application with these labels belongs to it. A label that is not there is in no list."""
        for expression in self.expressions:
            operator, label = expression.get("operator"), labels.get(str(expression.get("key") or ""))
            if label is None:
                if operator == "In":
                    return False
            elif operator not in _OPERATORS or (label in (expression.get("values") or ())) is not (operator == "In"):
                return False
        return True

    def limit(self, members: int) -> int | None:
        """How many of ``members`` Applications may be synced at the same time; None for all. A share is rounded down, but not to
        nothing; a text that is no share counts as one."""
        if not isinstance(self.max_update, str):
            return self.max_update
        share = int(self.max_update[:-1]) * members // 100 if _PERCENT.fullmatch(self.max_update) else 0
        return 0 if self.max_update == "0%" else max(share, 1)


@dataclass(frozen=True, slots=True)
class Strategy:
    """``rolling``: RollingSync is asked for; ``reverse``: the Applications of the last step are deleted first."""

    rolling: bool
    steps: tuple[Step, ...]
    reverse: bool


def read_strategy(appset: Object) -> Strategy:
    """AllAtOnce, when nothing else is said."""
    raw = get_path(appset, ("spec", "strategy")) or {}
    rolling = raw.get("type") == "RollingSync" and raw.get("rollingSync") is not None
    steps = tuple(_step(step) for step in raw["rollingSync"].get("steps") or ()) if rolling else ()
    return Strategy(rolling, steps, bool(steps) and str(raw.get("deletionOrder") or "").lower() == "reverse")


def _step(raw: Mapping[str, Any]) -> Step:
    return Step(tuple(raw.get("matchExpressions") or ()), raw.get("maxUpdate"))


@dataclass(frozen=True, slots=True)
class Groups:
    """``names``: the Applications of each step; ``step``: the first step of each Application, counted from 0."""

    names: tuple[tuple[str, ...], ...]
    step: Mapping[str, int]

    def number(self, name: str) -> str:
        """The step of an Application as people count it; ``-1`` when it is in none."""
        return str(self.step[name] + 1) if name in self.step else "-1"


def grouped(steps: Sequence[Step], applications: Sequence[Object]) -> Groups:
    names = tuple(tuple(app["metadata"]["name"] for app in applications if step.takes(labels_of(app))) for step in steps)
    first: dict[str, int] = {}
    for number, members in enumerate(names):
        for name in members:
            first.setdefault(name, number)
    return Groups(names, first)


def oddities(strategy: Strategy, groups: Groups) -> Iterator[str]:
    """What is written and cannot be meant so. The real controller only logs some of it."""
    if strategy.rolling and not strategy.steps:
        yield "RollingSync has no steps: all Applications are synced at once"
    for number, (step, members) in enumerate(zip(strategy.steps, groups.names, strict=True), 1):
        for expression in step.expressions:
            if expression.get("operator") not in _OPERATORS:
                yield f"step {number} has the operator {expression.get('operator')!r}, which fits no label: use In or NotIn"
        if isinstance(step.max_update, str) and not _PERCENT.fullmatch(step.max_update):
            yield f"maxUpdate of step {number} is {step.max_update!r}, neither a number nor a percentage: it counts as 1"
        if not members:
            yield f"step {number} takes no Application"
        for name in members:
            if groups.step[name] != number - 1:
                yield f"{name} is in step {groups.step[name] + 1} and in step {number}: it counts in both"
