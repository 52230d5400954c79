"""Brings a release where its HelmRelease wants it, one action after the other.

Of every type of action there is at most one in a reconciliation, and a remediation ends it. Source: helm-controller
``internal/reconcile/atomic_release.go`` (Reconcile).
"""

from __future__ import annotations

from gitops_sim.agents.flux import conditions
from gitops_sim.agents.flux.conditions import READY, RECONCILING
from gitops_sim.agents.flux.durations import go_duration
from gitops_sim.agents.flux.events import Recorder
from gitops_sim.agents.flux.helm import drift, snapshots
from gitops_sim.agents.flux.helm.actions import Actions
from gitops_sim.agents.flux.helm.decisions import Decision, decide, drift_message, failures, stall
from gitops_sim.agents.flux.helm.helmrelease import HelmRelease
from gitops_sim.agents.flux.helm.journal import HelmJournal
from gitops_sim.agents.flux.helm.operation import ActionError, Operation
from gitops_sim.agents.flux.helm.releases import Releases
from gitops_sim.agents.flux.helm.reports import Reports
from gitops_sim.agents.flux.helm.resources import MANAGER, Resources
from gitops_sim.agents.flux.helm.run import TYPES, Ended, Move, Paused, Run
from gitops_sim.agents.flux.helm.state import State, StateError, Status, determine
from gitops_sim.agents.flux.helm.status import summarized
from gitops_sim.agents.flux.toolkit import Desk
from gitops_sim.cluster.protocol import ClusterAPI
from gitops_sim.errors import ApiError
from gitops_sim.objects import condition_of, get_path

_LOGGED: dict[Status, str] = {
    "Absent": "release not installed",
    "Drifted": "detected changes in cluster state",
    "Failed": "release is in a failed state",
    "InSync": "release in-sync with desired state",
    "Locked": "release locked",
    "OutOfSync": "release out-of-sync with desired state",
    "Unmanaged": "release not managed by controller",
    "Untested": "release has not been tested",
}


class Releaser:
    """``desk`` is the controller's own; what it does to releases, it does as the user that a HelmRelease names."""

    def __init__(self, desk: Desk, events: Recorder, journal: HelmJournal) -> None:
        self._desk, self._journal = desk, journal
        self._reports = Reports(desk, events)

    def cluster_of(self, app: HelmRelease) -> ClusterAPI:
        """The cluster as the user whose rights count."""
        if not app.service_account:
            return self._desk.cluster
        return self._desk.cluster.as_user(f"system:serviceaccount:{app.key.namespace}:{app.service_account}")

    def actions_of(self, app: HelmRelease, storage_namespace: str = "") -> Actions:
        cluster = self.cluster_of(app)
        namespace = storage_namespace or app.storage_namespace
        return Actions(app, cluster, Releases(cluster, self._desk.clock, namespace, MANAGER), self._desk.clock)

    def advance(self, run: Run) -> Paused | Ended:
        """Goes on with a run, until it has to wait or is at its end. The object is written when it waits, not at the end."""
        actions = self.actions_of(run.app)
        while True:
            if run.move is None:
                ended = self._choose(run, actions)
                if ended is not None:
                    return ended
            if run.operation is not None:
                ended_or_paused = self._go_on(run, run.operation, actions)
                if ended_or_paused is not None:
                    return ended_or_paused
            assert run.move is not None
            move, run.move, run.operation = run.move, None, None
            run.previous.append(TYPES[move])
            run.moved = True
            run.obj = self._desk.store(run.obj)
            if TYPES[move] == "remediate":
                return self._after_remediation(run)

    # ------------------------------------------------------------------ inside

    def _choose(self, run: Run, actions: Actions) -> Ended | None:
        """What is done next; the end when there is nothing to be done, or nothing may be."""
        now = self._desk.now
        try:
            state = determine(run.app, run.obj, run.filed, run.values, actions.releases, run.seen)
            decision = decide(run.app, run.obj, state, actions.releases, now)
        except (StateError, ApiError) as error:
            text = error.message
            run.obj = conditions.mark(run.obj, READY, "False", "StateError", f"Could not determine release state: {text}", now)
            self._journal.state_error(run, text)
            return Ended("error")
        run.obj = decision.obj
        self._desk.log.info(run.app.key, f"{_LOGGED[state.status]}{f': {state.reason}' if state.reason else ''}")
        if state.status == "Drifted":
            self._reports.tell_drift(run, drift_message(run.obj, state))
            self._journal.drifted(run, state.drift)
        if decision.stalled:
            run.obj = conditions.stalled(run.obj, *decision.stalled, now)
            self._journal.stalled(run, decision.stalled)
            return Ended("final")
        if decision.move is None:
            run.obj = summarized(conditions.drop(run.obj, RECONCILING), run.app, now)
            self._journal.settled(run, state)
            return Ended("done")
        if TYPES[decision.move] in run.previous:
            return self._stopped(run)
        try:
            self._begin(run, decision.move, decision, state, actions)
        except (ActionError, ApiError) as error:
            run.move = None
            run.obj = conditions.mark(run.obj, READY, "False", "ReconcileError", error.message, now)
            self._journal.state_error(run, error.message)
            return Ended("error")
        return None

    def _begin(self, run: Run, move: Move, decision: Decision, state: State, actions: Actions) -> None:
        now, timeout = self._desk.now, run.app.timeout
        if move in ("install", "upgrade", "rollback", "uninstall", "test"):
            timeout = run.app.settings(move).timeout
        told = f"Running '{move}' action with timeout of {go_duration(timeout)}"
        run.obj = conditions.reconciling(run.obj, "Progressing", told, now)
        if TYPES[move] == "release":
            run.obj = conditions.mark(run.obj, READY, "Unknown", "Progressing", told, now)
        run.obj = self._desk.store(run.obj)
        self._desk.log.info(run.app.key, told[0].lower() + told[1:])
        run.move, run.since, run.target, run.drift = move, self._desk.clock.now, decision.target, state.drift
        self._reports.begins(run)
        if move == "unlock":
            self._unlock(run, actions)
        elif move == "correct cluster drift":
            self._correct(run, actions)
        else:
            self._journal.begins(run, state)
            run.operation = self._operation(run, move, actions)

    def _operation(self, run: Run, move: Move, actions: Actions) -> Operation:
        if move == "install":
            return actions.install(run.filed, run.values)
        if move == "upgrade":
            return actions.upgrade(run.filed, run.values)
        if move == "rollback":
            assert run.target is not None
            return actions.rollback(int(run.target["version"]))
        return actions.uninstall() if move == "uninstall" else actions.test()

    def _go_on(self, run: Run, operation: Operation, actions: Actions) -> Paused | Ended | None:
        """None when the operation is through, well or not."""
        before = snapshots.latest(run.obj)
        error: ActionError | None = None
        try:
            delay = actions.advance(operation)
            if delay is not None:
                run.obj = self._desk.store(run.obj)
                return Paused(delay)
        except ActionError as failed:
            error = failed
        self._reports.ended(run, operation, error, actions.cluster)
        self._journal.ended(run, operation, error, self._desk.clock.now - run.since)
        unchanged = snapshots.latest(run.obj) == before if run.move != "test" else not operation.stored
        if error is None or (operation.stored and not (TYPES[run.move or "test"] == "remediate" and unchanged)):
            return None
        run.move, run.operation = None, None
        interval = self._retry_interval(run)
        if interval is not None:
            return self._later(run, interval)
        if conditions.is_true(run.obj, READY):
            run.obj = conditions.mark(run.obj, READY, "False", "ReconcileError", error.message, self._desk.now)
        return Ended("error")

    def _stopped(self, run: Run) -> Ended:
        """What is to be done next was done already in this reconciliation."""
        interval = self._retry_interval(run)
        if interval is not None:
            return self._later(run, interval)
        last = self._last(run)
        remediation = run.app.remediation(last)
        if remediation is None or not remediation.is_exhausted(failures(run.obj, last)):
            return self._requeue(run)
        run.obj = conditions.drop(run.obj, RECONCILING)
        return Ended("done")

    def _after_remediation(self, run: Run) -> Ended:
        interval = self._retry_interval(run)
        if interval is not None:
            return self._later(run, interval)
        last = self._last(run)
        remediation = run.app.remediation(last)
        reinstalls = remediation is not None and last == "upgrade" and remediation.strategy == "uninstall"
        if remediation is None or not remediation.is_exhausted(failures(run.obj, last)) or reinstalls:
            return self._requeue(run)
        stalled = stall(run.app, run.obj, last)
        run.obj = conditions.stalled(run.obj, *stalled, self._desk.now)
        self._journal.stalled(run, stalled)
        return Ended("final")

    def _later(self, run: Run, interval: float) -> Ended:
        told = f"retrying after {go_duration(interval)}"
        run.obj = conditions.reconciling(run.obj, "ProgressingWithRetry", told, self._desk.now)
        return Ended("later", interval)

    def _requeue(self, run: Run) -> Ended:
        told = str((condition_of(run.obj, READY) or {}).get("message", ""))
        run.obj = conditions.reconciling(run.obj, "ProgressingWithRetry", told, self._desk.now)
        return Ended("requeue")

    def _retry_interval(self, run: Run) -> float | None:
        return run.app.retry_interval(self._last(run))

    def _last(self, run: Run) -> str:
        return str(get_path(run.obj, ("status", "lastAttemptedReleaseAction"), ""))

    # ------------------------------------------------------------------ moves that are no actions of Helm

    def _unlock(self, run: Run, actions: Actions) -> None:
        """A revision that is pending was left by somebody who is gone."""
        last = actions.releases.last(run.app.release_name)
        if last is None or not last.is_pending:
            return
        made = last.with_info("failed", f"Release unlocked from stale '{last.status}' state")
        actions.releases.update(made)
        cur = snapshots.snapshot(made, "")
        history = [
            {**cur, "action": known.get("action", "")} if known["version"] == cur["version"] else known
            for known in snapshots.history_of(run.obj)
        ]
        run.obj = snapshots.with_history(run.obj, history)
        self._reports.unlocked(run, cur, last.status)
        self._journal.unlocked(run, last)

    def _correct(self, run: Run, actions: Actions) -> None:
        run.obj = conditions.mark(run.obj, READY, "Unknown", "Progressing", "correcting cluster drift", self._desk.now)
        resources = Resources(actions.cluster, run.app.release_name, run.app.namespace)
        done, errors = drift.correct(resources, run.drift)
        self._reports.corrected(run, done, errors)
        self._journal.corrected(run, done, errors)
