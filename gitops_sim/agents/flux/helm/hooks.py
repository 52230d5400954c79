"""Hooks of a chart: Jobs, Pods and others that run before and after an action, the lighter ones first.

Source: helm ``pkg/action/hooks.go`` (execHook, deleteHookByPolicy).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gitops_sim.agents.flux.helm.helmrelease import TestFilters
from gitops_sim.agents.flux.helm.operation import ActionError, Operation
from gitops_sim.agents.flux.helm.rendering import objects_in
from gitops_sim.agents.flux.helm.resources import Placed, Resources
from gitops_sim.clock import Clock

_POLL = 5.0
_BEFORE = "before-hook-creation"


@dataclass(frozen=True, slots=True)
class Hooks:
    """Runs those of a release, one after the other; of its tests those that are selected."""

    resources: Resources
    clock: Clock
    filters: TestFilters

    def run(self, operation: Operation, event: str) -> float | None:
        """Goes on with a step of hooks: the seconds to wait, or None at its end. Raises ActionError when one fails."""
        if not operation.entered:
            operation.entered = True
            operation.hooks = _order(operation, event, self.filters)
            operation.done = []
            operation.keys = ()
        while operation.hooks:
            index = operation.hooks[0]
            placed = self._placed(operation, index)
            if not operation.keys and not self._created(operation, index, placed, event):
                return _POLL
            found = self.resources.look_at_hook(placed)
            elapsed = self.clock.now - operation.since
            timed_out = elapsed >= operation.settings.timeout
            if not found.ready and not timed_out and not found.is_over(fail_fast=False):
                return min(_POLL, operation.settings.timeout - elapsed)
            operation.hooks.pop(0)
            operation.keys = ()
            operation.since = self.clock.now
            now = self.clock.timestamp()
            if not found.ready:
                operation.release = operation.about.with_hook(index, completed_at=now, phase="Failed")
                self._delete(operation, index, "hook-failed")
                self._clean_up(operation)
                raise ActionError(found.failure(timed_out=timed_out))
            operation.release = operation.about.with_hook(index, completed_at=now, phase="Succeeded")
            operation.done.append(index)
        self._clean_up(operation)
        return None

    # ------------------------------------------------------------------ inside

    def _created(self, operation: Operation, index: int, placed: Placed, event: str) -> bool:
        """Creates a hook once the one of an earlier run is gone; False while that one is still going."""
        policies = _hook(operation, index).get("delete_policies") or [_BEFORE]
        if _BEFORE in policies and self.resources.find(placed) is not None:
            self.resources.delete(placed)
            if self.resources.find(placed) is not None:
                return False
        operation.release = operation.about.with_hook(index, started_at=self.clock.timestamp(), phase="Running")
        try:
            self.resources.create(placed)
        except ActionError as error:
            operation.release = operation.about.with_hook(index, completed_at=self.clock.timestamp(), phase="Failed")
            path = _hook(operation, index)["path"]
            raise ActionError(f"warning: hook {event} {path} failed: {error.message}", error.mend) from None
        operation.keys = (placed.key,)
        operation.since = self.clock.now
        return True

    def _clean_up(self, operation: Operation) -> None:
        for index in reversed(operation.done):
            self._delete(operation, index, "hook-succeeded")

    def _delete(self, operation: Operation, index: int, policy: str) -> None:
        hook = _hook(operation, index)
        if policy in (hook.get("delete_policies") or ()) and hook["kind"] != "CustomResourceDefinition":
            self.resources.delete(self._placed(operation, index))

    def _placed(self, operation: Operation, index: int) -> Placed:
        (placed,) = self.resources.placed(objects_in(_hook(operation, index)["manifest"]))
        return placed


def _hook(operation: Operation, index: int) -> Mapping[str, Any]:
    return operation.about.hooks[index]


def _order(operation: Operation, event: str, filters: TestFilters) -> list[int]:
    """The places of an event's hooks, the lighter ones first, then by name."""
    found = [
        (int(hook.get("weight") or 0), str(hook["name"]), index)
        for index, hook in enumerate(operation.about.hooks)
        if event in hook["events"] and (event != "test" or filters.selects(hook["name"]))
    ]
    return [index for *_, index in sorted(found)]
