"""Uninstalling for good: its HelmRelease is deleted, or is about another release now.

Source: helm-controller ``internal/reconcile/uninstall.go``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gitops_sim.agents.flux import conditions
from gitops_sim.agents.flux.events import Recorder
from gitops_sim.agents.flux.helm import snapshots
from gitops_sim.agents.flux.helm.helmrelease import HelmRelease
from gitops_sim.agents.flux.helm.operation import ActionError, Operation
from gitops_sim.agents.flux.helm.run import Ended, Paused
from gitops_sim.agents.flux.helm.snapshots import Snapshot, chart_name, full_name
from gitops_sim.agents.flux.helm.status import RELEASED, put, summarized, with_failure
from gitops_sim.agents.flux.toolkit import Desk
from gitops_sim.errors import ApiError
from gitops_sim.objects import Object, get_path

if TYPE_CHECKING:
    from gitops_sim.agents.flux.helm.releaser import Releaser


@dataclass(slots=True)
class Removal:
    """``operation`` is under way once it is there."""

    obj: Object
    app: HelmRelease
    operation: Operation | None = None

    def advance(self, releaser: Releaser, desk: Desk, events: Recorder) -> Paused | Ended:
        """Goes on until it has to wait, or is at its end."""
        cur = snapshots.latest(self.obj)
        if cur is None:
            return Ended("done")
        actions = releaser.actions_of(_of(self.app, cur), str(get_path(self.obj, ("status", "storageNamespace"), "")))
        try:
            if self.operation is None:
                self.operation = actions.uninstall()
            delay = actions.advance(self.operation)
        except (ActionError, ApiError) as error:
            return self._failed(desk, events, cur, error.message)
        if delay is not None:
            return Paused(delay)
        self.obj = snapshots.observed(self.obj, self.operation)
        message = f"Helm uninstall succeeded for release {full_name(cur)} with chart {chart_name(cur)}"
        self._mark(desk, "UninstallSucceeded", message)
        self.obj = put(self.obj, inventory=None)
        events.normal(self.obj, "UninstallSucceeded", message)
        return Ended("done")

    # ------------------------------------------------------------------ inside

    def _failed(self, desk: Desk, events: Recorder, cur: Snapshot, error: str) -> Ended:
        if "release: not found" in error:
            text = f"Release {full_name(cur)} was not found, assuming it is uninstalled"
            self._mark(desk, "UninstallSucceeded", text)
            return Ended("done")
        if "is already deleted" in error:
            self._mark(desk, "UninstallSucceeded", f"Release {full_name(cur)} was already uninstalled")
            return Ended("done")
        message = f"Helm uninstall failed for release {full_name(cur)} with chart {chart_name(cur)}: {error.strip()}"
        self.operation, self.obj = None, with_failure(self.obj)
        self._mark(desk, "UninstallFailed", message)
        events.warning(self.obj, "UninstallFailed", message)
        return Ended("error")

    def _mark(self, desk: Desk, reason: str, message: str) -> None:
        self.obj = conditions.mark(self.obj, RELEASED, "False", reason, message, desk.now)
        self.obj = summarized(self.obj, self.app, desk.now)


def _of(app: HelmRelease, cur: Snapshot) -> HelmRelease:
    """The wishes, about the release that is there."""
    return replace(app, release_name=str(cur["name"]), namespace=str(cur["namespace"]))
