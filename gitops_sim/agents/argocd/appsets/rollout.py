"""Progressive syncs: the Applications of a RollingSync are synced step by step, by the set and not by themselves.

Source: ``applicationset/progressivesync/progressive_sync.go`` (PerformProgressiveSyncs, SyncDesiredApplications).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from gitops_sim.agents.argocd.appsets.progress import (
    Limited,
    Standing,
    Turn,
    by_name,
    condition,
    looked_at,
    moves,
    promoted,
    standings,
    turn,
    worth_writing,
)
from gitops_sim.agents.argocd.appsets.reporting import Reporter
from gitops_sim.agents.argocd.appsets.strategy import Groups, Strategy, grouped, oddities
from gitops_sim.agents.argocd.operation import AUTOMATED_RETRIES
from gitops_sim.clock import Clock, parse_timestamp
from gitops_sim.objects import Object, get_path, with_path

USER = "applicationset-controller"
_REASON = "ApplicationSet RollingSync triggered a sync of this Application resource"
_RULE = "all Applications of a step must be Healthy before the next one's turn comes"
LOOK_AGAIN = 1.0
"""Seconds after a change of where Applications are. A sync counts when it began after its Application became Pending, and times
in Kubernetes are whole seconds."""

Operations = dict[str, dict[str, Any]]
"""By the name of the Application."""


class Rollouts:
    """Moves sets with the strategy RollingSync on."""

    def __init__(self, clock: Clock, reporter: Reporter) -> None:
        self._clock, self._reporter = clock, reporter
        self._held: dict[str, str] = {}

    def stop(self, appset: Object) -> None:
        """Nothing is rolled out: nothing of it stays."""
        if standings(appset):
            self._reporter.rolled(appset, [], None)

    def advance(
        self,
        appset: Object,
        strategy: Strategy,
        applications: Sequence[Object],
        desired: Sequence[dict[str, Any]],
        changed: Collection[str],
    ) -> Operations:
        """One look at the Applications that are there, of those that are ``desired``. Answers with the operation of each whose
        sync is to begin now; ``changed`` names those whose spec is about to change."""
        groups = grouped(strategy.steps, desired)
        for text in oddities(strategy, groups):
            self._reporter.once("RolloutConfigInvalid", appset, text)
        before, now = standings(appset), self._clock.timestamp()
        limited: list[Limited] = []
        found, whose = [], turn(groups, ())
        if strategy.steps:
            found = worth_writing(before, looked_at(before, applications, groups, changed, now))
            whose = turn(groups, found)
            moved, limited = promoted(found, strategy.steps, groups, whose.names, now)
            found = worth_writing(found, moved)
        rollout = condition(strategy, found)
        self._reporter.rolled(appset, found, rollout)
        self._tell(appset, before, found, limited)
        self._tell_progress(appset, rollout)
        live = {app["metadata"]["name"]: app for app in applications}
        self._tell_held(appset, groups, whose, found, live)
        self._tell_left(appset, found, live)
        return self._due(before, found, whose, desired)

    def _due(
        self, before: Sequence[Standing], found: Sequence[Standing], whose: Turn, desired: Sequence[dict[str, Any]]
    ) -> Operations:
        known, due = by_name(before), set[str]()
        for entry in found:
            old = known.get(entry["application"], {})
            pending = old.get("status") == entry["status"] == "Pending" and entry["application"] in whose.names
            if pending and self._clock.now >= parse_timestamp(entry["lastTransitionTime"]) + LOOK_AGAIN:
                due.add(entry["application"])
        return {name: operation(app) for app in desired if (name := app["metadata"]["name"]) in due}

    # ------------------------------------------------------------------ the trace

    def _tell(self, appset: Object, before: Sequence[Standing], found: Sequence[Standing], limited: Sequence[Limited]) -> None:
        own = appset["metadata"]["name"]
        for old, entry in moves(before, found):
            name, step, to = entry["application"], entry["step"], entry["status"]
            place = f"step {step} of ApplicationSet {own}" if step != "-1" else f"no step of ApplicationSet {own}"
            text = f"counts {name}, in {place}, as {to}"
            self._reporter.tell(
                "RolloutMoved", appset, text, reason=entry["message"], story=False, app=name, step=step, old=old, new=to
            )
        for one in limited:
            if one.limit <= 0:
                text = f"does not sync {one.name}, in step {one.step} of ApplicationSet {own}: its maxUpdate is {one.limit}"
                self._reporter.once("RolloutLimited", appset, text, reason="somebody has to sync it by hand", app=one.name)
            else:
                text = f"lets {one.name} wait: {one.busy} of step {one.step} of ApplicationSet {own} are being synced"
                why = f"its maxUpdate allows {one.limit} at the same time"
                self._reporter.once("RolloutLimited", appset, text, reason=why, story=False, app=one.name)

    def _tell_progress(self, appset: Object, rollout: tuple[str, str, str]) -> None:
        known = {c["type"]: c["message"] for c in get_path(appset, ("status", "conditions")) or ()}.get("RolloutProgressing")
        if known not in (None, rollout[2]):
            own, step = appset["metadata"]["name"], rollout[2].rpartition(" ")[2]
            done = rollout[0] == "False"
            text = (
                f"has rolled out all steps of ApplicationSet {own}" if done else f"rolls out step {step} of ApplicationSet {own}"
            )
            self._reporter.tell("RolloutChanged", appset, text, reason=rollout[2])

    def _tell_held(
        self, appset: Object, groups: Groups, whose: Turn, found: Sequence[Standing], applications: Mapping[str, Object]
    ) -> None:
        """What keeps a step back in which somebody waits, or has been Pending since before its turn was over."""
        key, own = appset["metadata"]["uid"], appset["metadata"]["name"]
        unsynced = [entry["application"] for entry in found if entry["status"] in ("Waiting", "Pending")]
        waiting = [name for name in unsynced if name in groups.step and name not in whose.names]
        if not waiting or not whose.missing:
            self._held.pop(key, None)
            return
        blockers = ", ".join(_shown(name, applications.get(name)) for name in whose.missing)
        text = f"holds {', '.join(waiting)} of ApplicationSet {own} back: step {whose.step} is not done, {blockers}"
        if self._held.get(key) != text:
            self._held[key] = text
            degraded = any(_health(applications.get(name)) == "Degraded" for name in whose.missing)
            self._reporter.tell(
                "RolloutHeld", appset, text, reason=_RULE, story=degraded, apps=waiting, missing=list(whose.missing)
            )

    def _tell_left(self, appset: Object, found: Sequence[Standing], applications: Mapping[str, Object]) -> None:
        """What nobody syncs: drift, and a change of the template that came while all was well, which the real one misses too."""
        for entry in found:
            name = entry["application"]
            if entry["status"] == "Healthy" and get_path(applications[name], ("status", "sync", "status")) == "OutOfSync":
                revisions = ", ".join(revision[:7] for revision in entry["targetRevisions"])
                text = f"leaves {name} OutOfSync: it is at {revisions} and counts as Healthy"
                why = "a RollingSync begins with another revision, not with drift"
                self._reporter.once("RolloutSkipped", appset, text, reason=why, app=name)


def without_auto_sync(app: dict[str, Any]) -> Any:
    """As it is written: the set syncs it, and not Argo CD by itself."""
    automated = get_path(app, ("spec", "syncPolicy", "automated"))
    return app if automated is None else with_path(app, ("spec", "syncPolicy", "automated", "enabled"), False)


def operation(app: dict[str, Any]) -> dict[str, Any]:
    """A sync of an Application, which prunes when its auto-sync would."""
    policy = get_path(app, ("spec", "syncPolicy"))
    sync: dict[str, Any] = {}
    if policy is not None:
        automated = policy.get("automated") or {}
        if automated.get("prune") is True and automated.get("enabled") is not False:
            sync["prune"] = True
        if policy.get("syncOptions"):
            sync["syncOptions"] = list(policy["syncOptions"])
    return {
        "info": [{"name": "Reason", "value": _REASON}],
        "initiatedBy": {"automated": True, "username": USER},
        "retry": dict((policy or {}).get("retry") or {"limit": AUTOMATED_RETRIES}),
        "sync": sync,
    }


def _health(app: Object | None) -> str:
    return str(get_path(app, ("status", "health", "status")) or "Unknown")


def _shown(name: str, app: Object | None) -> str:
    if app is None:
        return f"{name} is not there"
    return f"{name} is {get_path(app, ('status', 'sync', 'status')) or 'Unknown'} and {_health(app)}"
