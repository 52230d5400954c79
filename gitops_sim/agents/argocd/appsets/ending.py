"""The end of an ApplicationSet: whether its Applications go with it, and in which order.

Source: ``applicationset/controllers/applicationset_controller.go`` (Reconcile) and
``applicationset/progressivesync/progressive_sync.go`` (PerformReverseDeletion) of Argo CD 3.5.
"""

from __future__ import annotations

from gitops_sim.agents.argocd.appsets.applications import deletes
from gitops_sim.agents.argocd.appsets.keeping import APPLICATIONS, current
from gitops_sim.agents.argocd.appsets.reporting import Reporter
from gitops_sim.agents.argocd.appsets.strategy import Strategy, grouped, read_strategy
from gitops_sim.agents.argocd.finalizers import FINALIZER
from gitops_sim.clock import Clock, parse_timestamp
from gitops_sim.cluster.protocol import ClusterAPI
from gitops_sim.objects import Object, with_path, without_path

_LOOK_AGAIN = 10.0
_TOO_LONG = 120.0
"""Seconds that an Application may take to go before that is an error, after which the controller looks ever less often."""


class TakesTooLongError(Exception):
    """An Application that is being deleted is still there."""


class Ending:
    def __init__(self, cluster: ClusterAPI, clock: Clock, reporter: Reporter) -> None:
        self._cluster, self._clock, self._reporter = cluster, clock, reporter

    def prepared(self, appset: Object) -> Object:
        """A set that deletes in reverse order gets the finalizer that lets it."""
        finalizers = list(appset["metadata"].get("finalizers") or ())
        if not read_strategy(appset).reverse or FINALIZER in finalizers:
            return appset
        return self._cluster.update(with_path(appset, ("metadata", "finalizers"), [*finalizers, FINALIZER]))

    def step(self, appset: Object) -> float:
        """A set that may not delete leaves its Applications behind, without an owner; one with ``deletionOrder: Reverse`` deletes
        one after the other, those of the last step first. Answers with the seconds until it wants another look, 0 when it is
        done. Raises TakesTooLongError."""
        if not deletes(appset):
            for app in current(self._cluster, appset):
                self._cluster.update(without_path(app, ("metadata", "ownerReferences")))
        strategy = read_strategy(appset)
        if strategy.reverse and self._is_left(appset, strategy):
            return _LOOK_AGAIN
        finalizers = list(appset["metadata"].get("finalizers") or ())
        if FINALIZER in finalizers:
            self._cluster.update(with_path(appset, ("metadata", "finalizers"), [f for f in finalizers if f != FINALIZER]))
        return 0.0

    def _is_left(self, appset: Object, strategy: Strategy) -> bool:
        """Whether an Application of a step is still there; the next one is deleted."""
        found = current(self._cluster, appset)
        groups = grouped(strategy.steps, found)
        mine = [app for app in found if app["metadata"]["name"] in groups.step]
        if not mine:
            return False
        app = min(mine, key=lambda app: -groups.step[app["metadata"]["name"]])
        meta = app["metadata"]
        going = meta.get("deletionTimestamp")
        if going is None:
            step, own = groups.number(meta["name"]), appset["metadata"]["name"]
            why = f"it is in step {step} of ApplicationSet {own}, which deletes the last step first"
            self._reporter.did(appset, "Deleted", meta["name"], why=why)
            self._cluster.delete(APPLICATIONS, meta["name"], meta["namespace"])
        elif self._clock.now - parse_timestamp(going) > _TOO_LONG:
            raise TakesTooLongError("application has not been deleted in over 2 minutes")
        return True
