"""Waiting for objects to be as wanted. Source: fluxcd/pkg ``ssa/manager_wait.go`` (WaitForSet)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from gitops_sim.agents.flux.cel import BUILT_IN, HealthCheckExpressions, UnclearError
from gitops_sim.agents.flux.kstatus import Status, kstatus
from gitops_sim.cluster.protocol import ClusterAPI
from gitops_sim.errors import ApiError
from gitops_sim.objects import Key


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at some objects found: a status for each, with an error for those that could not be read; ``why`` says of
    those that are not current what they wait for. ``passing`` are Jobs that may go when they are done."""

    found: dict[Key, tuple[Status, str]]
    why: dict[Key, str]
    passing: Collection[Key] = ()

    @property
    def ready(self) -> bool:
        return all(self._effective(key) == "Current" for key in self.found)

    @property
    def waiting(self) -> list[Key]:
        return [key for key in self.found if self._effective(key) != "Current"]

    def is_over(self, *, fail_fast: bool) -> bool:
        """Whether more waiting would not help: something failed, and nothing else (or, failing fast, anything else) is on its
        way."""
        failed = any(status == "Failed" for status, _ in self.found.values())
        return failed and (fail_fast or all(self._effective(key) in ("Failed", "Current") for key in self.found))

    def failure(self, *, timed_out: bool) -> str:
        """What Flux reports when it gives up."""
        errors = []
        for key, (status, error) in self.found.items():
            if status == "Failed" or (timed_out and self._effective(key) != "Current"):
                errors.append(f"{key} status: '{status}'" + (f": {error}" if error else ""))
        return f"{'timeout waiting for' if timed_out else 'failed early due to stalled resources'}: [{', '.join(errors)}]"

    def _effective(self, key: Key) -> Status:
        status = self.found[key][0]
        return "Current" if status == "NotFound" and key in self.passing else status


def look(
    cluster: ClusterAPI,
    keys: Iterable[Key],
    passing: Collection[Key] = (),
    expressions: HealthCheckExpressions = BUILT_IN,
) -> Look:
    """How some objects are now. ``expressions`` come before the built-in rules."""
    found: dict[Key, tuple[Status, str]] = {}
    why: dict[Key, str] = {}
    for key in keys:
        kind = cluster.kinds.of(key.group, key.kind)
        try:
            obj = cluster.find(kind, key.name, key.namespace) if kind is not None else None
        except ApiError as error:
            found[key] = "Unknown", error.message
            continue
        try:
            own = expressions.status(key, obj) if obj is not None else None
        except UnclearError as error:
            found[key], why[key] = ("Unknown", str(error)), str(error)
            continue
        status, message = own or kstatus(obj)
        found[key] = status, ""
        if status != "Current":
            why[key] = message
    return Look(found, why, passing)
