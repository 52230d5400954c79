"""What the ApplicationSet controller leaves: the status of a set, events on it, and records in the trace."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from gitops_sim.agents.argocd.appsets import status
from gitops_sim.agents.argocd.appsets.keeping import KIND, REFRESH, current
from gitops_sim.agents.argocd.appsets.making import Failure
from gitops_sim.agents.argocd.appsets.progress import Standing
from gitops_sim.agents.argocd.appsets.strategy import read_strategy
from gitops_sim.agents.argocd.events import AuditLog
from gitops_sim.clock import Clock
from gitops_sim.cluster.protocol import ClusterAPI
from gitops_sim.objects import Object, annotations_of, key_of, without_path
from gitops_sim.trace import Trace

Verb = Literal["created", "updated", "Deleted"]
_COMPONENT = "applicationset-controller"


class Reporter:
    """``actor`` is the name in the trace."""

    def __init__(self, cluster: ClusterAPI, clock: Clock, trace: Trace, actor: str) -> None:
        self._cluster, self._clock, self._trace, self._actor = cluster, clock, trace, actor
        self._audit = AuditLog(cluster, clock)
        self._told: set[str] = set()

    # ------------------------------------------------------------------ the status

    def failed(self, appset: Object, failure: Failure, *, generated: bool) -> None:
        """``generated``: the parameters could be made."""
        reason, message = failure
        if self._write(appset, failure, generated=generated, complete=False):
            name = appset["metadata"]["name"]
            text = f"cannot make all Applications of ApplicationSet {name}: {message}"
            self.tell("ApplicationSetFailed", appset, text, reason=reason, error=message)

    def finished(self, appset: Object, *, complete: bool) -> None:
        latest = self._latest(appset)
        if latest is None:
            return
        if REFRESH in annotations_of(latest):
            latest = self._cluster.update(without_path(latest, ("metadata", "annotations", REFRESH), prune_empty=True))
        if complete:
            self._write(latest, None, generated=True, complete=True)

    def rolled(self, appset: Object, found: Sequence[Standing], rollout: tuple[str, str, str] | None) -> None:
        """Where each Application of a RollingSync is, and what that makes of the condition RolloutProgressing."""
        latest = self._latest(appset)
        if latest is not None:
            self._store(latest, status.rolled(latest.get("status") or {}, found, rollout, now=self._clock.timestamp()))

    def _write(self, appset: Object, failure: Failure | None, *, generated: bool, complete: bool) -> bool:
        """The new status; says whether the conditions changed."""
        latest = self._latest(appset)
        if latest is None:
            return False
        before = latest.get("status") or {}
        now, rolling = self._clock.timestamp(), read_strategy(latest).rolling
        after = status.worked(before, failure, generated=generated, complete=complete, rolling=rolling, now=now)
        made = status.resources(current(self._cluster, latest))
        self._store(latest, {**after, "resources": made, "resourcesCount": len(made)})
        return bool(after["conditions"] != before.get("conditions"))

    def _latest(self, appset: Object) -> Object | None:
        return self._cluster.find(KIND, appset["metadata"]["name"], appset["metadata"]["namespace"])

    def _store(self, appset: Object, after: dict[str, Any]) -> None:
        if after != (appset.get("status") or {}):
            self._cluster.update({**appset, "status": after}, subresource="status")

    # ------------------------------------------------------------------ events and the trace

    def did(self, appset: Object, verb: Verb, name: str, what: str = "", *, why: str = "") -> None:
        """Something was done to an Application: ``what`` changed of it, ``why`` it was deleted."""
        self._write_event(appset, verb, name)
        own = appset["metadata"]["name"]
        text = {
            "created": f"makes Application {name}, as ApplicationSet {own} says",
            "updated": f"puts {what} of Application {name} back to what ApplicationSet {own} says",
            "Deleted": f"deletes Application {name}: {why or f'ApplicationSet {own} does not make it any more'}",
        }[verb]
        event = {"created": "ApplicationGenerated", "updated": "ApplicationMended", "Deleted": "ApplicationDeleted"}[verb]
        self.tell(event, appset, text, app=name)

    def begun(self, appset: Object, name: str) -> None:
        """The sync of an Application that a RollingSync has come to."""
        self._write_event(appset, "updated", name)
        text = f"has Application {name} synced: its turn in ApplicationSet {appset['metadata']['name']} has come"
        self.tell("RolloutSyncStarted", appset, text, story=False, app=name)

    def _write_event(self, appset: Object, verb: Verb, name: str) -> None:
        self._audit.write(appset, verb, f'{verb} Application "{name}"', component=_COMPONENT)

    def tell(self, event: str, appset: Object, text: str, *, reason: str = "", story: bool = True, **data: Any) -> None:
        where = {"appset": appset["metadata"]["name"], "cluster": self._cluster.name}
        self._trace.add(self._actor, event, str(key_of(appset)), text, reason=reason, story=story, **where, **data)

    def once(self, event: str, appset: Object, text: str, *, reason: str = "", story: bool = True, **data: Any) -> None:
        """Told the first time only."""
        if (known := f"{appset['metadata']['uid']} {event} {text}") not in self._told:
            self._told.add(known)
            self.tell(event, appset, text, reason=reason, story=story, **data)
