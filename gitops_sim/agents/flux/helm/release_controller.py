"""helm-controller: when each HelmRelease is reconciled, and what it leaves when it is deleted.

Source: helm-controller ``internal/controller`` (``helmrelease_controller.go``, ``helmrelease_manager.go``,
``helmrelease_indexers.go``).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from gitops_sim.agents.flux import conditions
from gitops_sim.agents.flux.cause import Cause
from gitops_sim.agents.flux.cel import FOR_GOOD, InvalidExpressionError
from gitops_sim.agents.flux.conditions import READY
from gitops_sim.agents.flux.events import Recorder
from gitops_sim.agents.flux.helm import snapshots
from gitops_sim.agents.flux.helm import values as composing
from gitops_sim.agents.flux.helm.helmrelease import GROUP, KIND, HelmRelease, read_helm_release
from gitops_sim.agents.flux.helm.journal import HelmJournal
from gitops_sim.agents.flux.helm.prerequisites import Blocked, Prerequisites, blocked_log, stalled
from gitops_sim.agents.flux.helm.releaser import Releaser
from gitops_sim.agents.flux.helm.removal import Removal
from gitops_sim.agents.flux.helm.run import Ended, Paused, Run
from gitops_sim.agents.flux.helm.shelf import FiledChart, Shelf
from gitops_sim.agents.flux.helm.sources import CHART_SOURCES
from gitops_sim.agents.flux.helm.sources import GROUP as SOURCES
from gitops_sim.agents.flux.helm.status import RESET_AT, asked_for, attempted, put, without_failures
from gitops_sim.agents.flux.toolkit import Desk, backoff, requested, wants_look
from gitops_sim.agents.flux.trial import says
from gitops_sim.clock import Priority, Timer
from gitops_sim.cluster.controller import WorkQueue
from gitops_sim.cluster.store import Change
from gitops_sim.errors import ApiError
from gitops_sim.manifests.helm import Values
from gitops_sim.objects import Key, Object, condition_of, get_path, key_of, with_path

_WATCHED = "reconcile.fluxcd.io/watch"


@dataclass(slots=True)
class Memory:
    """``run`` goes on at the moment, and ``again`` says that a reconciliation was asked for meanwhile; ``removal`` uninstalls.
    ``failures`` counts those in a row; ``app`` is the spec as read last from ``read_from``, ``seen`` what agreed with the
    cluster."""

    run: Run | None = None
    removal: Removal | None = None
    again: Cause | None = None
    cause: Cause = "interval"
    failures: int = 0
    app: HelmRelease | None = None
    read_from: Object | None = None
    seen: dict[Key, tuple[Object, str]] = field(default_factory=dict)

    def read(self, obj: Object) -> HelmRelease:
        """The wishes, read again when they changed: then nothing that was compared before counts."""
        if self.app is None or self.read_from is None or self.read_from.get("spec") is not obj.get("spec"):
            self.app = read_helm_release(obj)
            self.seen.clear()
        self.read_from = obj
        return self.app


class ReleaseController:
    """Works on all HelmReleases of a cluster."""

    def __init__(self, desk: Desk, shelf: Shelf, events: Recorder, journal: HelmJournal) -> None:
        self._desk, self._events, self._journal = desk, events, journal
        self._prerequisites = Prerequisites(desk, shelf, events)
        self._releaser = Releaser(desk, events, journal)
        self._memory: dict[Key, Memory] = {}
        self._pauses: dict[Key, Timer] = {}
        self._queue = WorkQueue(desk.clock, self.reconcile, priority=Priority.AGENT)
        desk.cluster.watch(self._on_change)
        for obj in desk.cluster.list(KIND):
            self._ask(key_of(obj), "new")

    # ------------------------------------------------------------------ what it is told

    def _on_change(self, change: Change) -> None:
        group, kind = change.key.group, change.key.kind
        if (group, kind) == (GROUP, "HelmRelease"):
            if wants_look(change):
                asked = change.old is not None and requested(change.old) != requested(change.object)
                self._ask(change.key, "new" if change.old is None else "request" if asked else "spec")
        elif group == SOURCES and kind in CHART_SOURCES:
            self._chart_changed(change)
        elif kind in ("ConfigMap", "Secret") and not group and says(change.object, _WATCHED, "enabled"):
            self._config_changed(change.key)

    def _chart_changed(self, change: Change) -> None:
        """A new chart is released at once by all who use it."""
        revision = get_path(change.object, ("status", "artifact", "revision"))
        before = get_path(change.old, ("status", "artifact", "revision")) if change.old is not None else None
        if change.type == "DELETED" or not revision or revision == before:
            return
        for obj in self._desk.cluster.list(KIND):
            busy = conditions.is_true(obj, READY) or conditions.is_true(obj, "Reconciling")
            tried = get_path(obj, ("status", "lastAttemptedRevision"))
            if self._recall(key_of(obj)).read(obj).chart_source == change.key and not (busy and tried == revision):
                self._ask(key_of(obj), "source")

    def _config_changed(self, key: Key) -> None:
        for obj in self._desk.cluster.list(KIND, key.namespace):
            used = {(source.kind, source.name) for source in self._recall(key_of(obj)).read(obj).values_from}
            if (key.kind, key.name) in used:
                self._ask(key_of(obj), "config")

    def _ask(self, key: Key, cause: Cause) -> None:
        self._recall(key).cause = cause
        self._queue.add(key)

    # ------------------------------------------------------------------ its turns

    def reconcile(self, key: Key) -> None:
        memory = self._recall(key)
        cause, memory.cause = memory.cause, "retry" if memory.failures else "interval"
        if key in self._pauses:
            memory.again = cause
            return
        obj = self._desk.cluster.find(KIND, key.name, key.namespace)
        if obj is None:
            self._forget(key)
            return
        if obj["metadata"].get("deletionTimestamp"):
            self._remove(obj, memory)
            return
        obj = self._desk.adopt(obj)
        app = memory.read(obj)
        if self._journal.rests(key, app):
            self._desk.log.info(key, "reconciliation is suspended for this object")
            return
        self._begin(obj, app, memory, cause)

    def _begin(self, obj: Object, app: HelmRelease, memory: Memory, cause: Cause) -> None:
        now = self._desk.now
        try:
            app.health_exprs.check()
        except InvalidExpressionError as error:
            self._block(obj, app, memory, stalled(error))
            return
        try:
            obj = self._prerequisites.own_chart(obj, app)
        except ApiError as error:
            self._block(obj, app, memory, Blocked("HelmChartSyncErr", error.message, "SyncFailed", warns=True))
            return
        obj = conditions.reconciling(obj, "Progressing", "Fulfilling prerequisites", now)
        found = self._prerequisites.gathered(obj, app)
        if isinstance(found, Blocked):
            self._block(obj, app, memory, found)
            return
        if (condition_of(obj, READY) or {}).get("reason") in _TRANSIENT:
            obj = conditions.mark(obj, READY, "Unknown", "Progressing", "reconciliation in progress", now)
        moved = _moved(obj, app, found[0])
        if moved:
            self._journal.moved(app, moved)
            memory.removal = Removal(self._desk.store(obj), app)
            self._go_on_removing(app.key, memory)
            return
        memory.run = Run(_attempted(obj, app, *found), app, *found, cause, memory.seen)
        self._go_on(app.key, memory)

    def _block(self, obj: Object, app: HelmRelease, memory: Memory, blocked: Blocked) -> None:
        text = f"{FOR_GOOD}: {blocked.message}" if blocked.stalls else blocked.message
        obj = conditions.mark(obj, READY, "False", blocked.reason, text, self._desk.now)
        if blocked.stalls:
            obj = conditions.stalled(obj, blocked.reason, text, self._desk.now)
            obj = with_path(obj, ("status", "observedGeneration"), obj["metadata"]["generation"])
        stored = self._store(obj)
        if blocked.warns:
            self._events.warning(stored, blocked.reason, blocked.message)
        elif blocked.tells:
            self._events.normal(stored, blocked.reason, blocked.message)
        self._desk.log.info(app.key, blocked_log(blocked))
        wait = 0.0 if blocked.stalls else blocked.wait or self._failed(memory)
        first = blocked.event != "SourceMissing" or blocked.reason == "ArtifactFailed"
        self._journal.blocked(app, blocked.event, blocked.message, wait, mend=blocked.mend, story=first)
        self._next(app.key, memory, wait)

    def _go_on(self, key: Key, memory: Memory) -> None:
        run = memory.run
        assert run is not None
        outcome = self._releaser.advance(run)
        if isinstance(outcome, Paused):
            self._pauses[key] = self._desk.clock.after(outcome.delay, self._continue, key, priority=Priority.AGENT)
            return
        memory.run = None
        self._end(run, memory, outcome)

    def _continue(self, key: Key) -> None:
        del self._pauses[key]
        memory = self._recall(key)
        if memory.removal is not None:
            self._go_on_removing(key, memory)
        elif memory.run is not None:
            self._go_on(key, memory)

    def _end(self, run: Run, memory: Memory, ended: Ended) -> None:
        obj, key = run.obj, run.app.key
        if ended.how in ("done", "later", "final"):
            obj = attempted(obj)
        if ended.how in ("final", "error"):
            message = str((condition_of(obj, READY) or {}).get("message", ""))
            self._desk.log.error(key, "Reconciler error", message)
        self._store(obj)
        wait = {"done": run.app.interval, "later": ended.delay, "final": 0.0}.get(ended.how)
        if wait is None:
            wait = self._failed(memory)
        else:
            memory.failures = 0
        if memory.again is not None:
            cause, memory.again = memory.again, None
            self._ask(key, cause)
            return
        self._next(key, memory, wait)

    def _failed(self, memory: Memory) -> float:
        wait = backoff(memory.failures)
        memory.failures += 1
        return wait

    def _next(self, key: Key, memory: Memory, wait: float) -> None:
        memory.cause = "retry" if memory.failures else "interval"
        self._queue.requeue(key, wait)

    def _store(self, obj: Object) -> Object:
        """Writes the status at the end of a reconciliation."""
        asked = requested(obj)
        return self._desk.store(put(obj, lastHandledReconcileAt=asked) if asked else obj)

    # ------------------------------------------------------------------ deletion

    def _remove(self, obj: Object, memory: Memory) -> None:
        app, key = read_helm_release(obj), key_of(obj)
        there = bool(get_path(obj, ("status", "storageNamespace")))
        account = app.service_account
        missing = bool(account) and self._desk.cluster.find("serviceaccounts", account, key.namespace) is None
        if app.suspended or not there or missing:
            self._let_go(obj, app)
            return
        memory.removal = Removal(obj, app)
        self._go_on_removing(key, memory)

    def _go_on_removing(self, key: Key, memory: Memory) -> None:
        removal = memory.removal
        assert removal is not None
        outcome = removal.advance(self._releaser, self._desk, self._events)
        if isinstance(outcome, Paused):
            self._pauses[key] = self._desk.clock.after(outcome.delay, self._continue, key, priority=Priority.AGENT)
            return
        memory.removal = None
        if outcome.how == "error":
            self._store(removal.obj)
            self._next(key, memory, self._failed(memory))
            return
        if removal.obj["metadata"].get("deletionTimestamp"):
            self._let_go(removal.obj, removal.app)
            return
        memory.again = None
        self._desk.store(put(without_failures(snapshots.with_history(removal.obj, [])), storageNamespace=""))
        self._ask(key, "spec")

    def _let_go(self, obj: Object, app: HelmRelease) -> None:
        if not app.suspended:
            try:
                self._prerequisites.delete_chart(obj)
            except ApiError:
                self._queue.retry(app.key)
                return
        self._journal.let_go(app, kept=app.suspended)
        self._desk.release(obj)
        self._forget(app.key)

    # ------------------------------------------------------------------ inside

    def _recall(self, key: Key) -> Memory:
        return self._memory.setdefault(key, Memory())

    def _forget(self, key: Key) -> None:
        self._memory.pop(key, None)
        self._queue.forget(key)
        timer = self._pauses.pop(key, None)
        if timer is not None:
            timer.cancel()


_TRANSIENT = ("DependencyNotReady", "ArtifactFailed", "SourceNotReady", "ValuesError", "HelmChartSyncErr")


def _moved(obj: Object, app: HelmRelease, filed: FiledChart) -> str:
    """What of a release was changed that cannot be: it must be uninstalled first. Source: helm-controller
    ``internal/action/verify.go`` (ReleaseTargetChanged)."""
    cur, storage = snapshots.latest(obj), get_path(obj, ("status", "storageNamespace"), "")
    if cur is None or not storage:
        return ""
    found = {
        "storage namespace": (app.storage_namespace, storage),
        "release namespace": (app.namespace, cur["namespace"]),
        "release name": (app.release_name, cur["name"]),
    }
    if app.reinstalls_for_another_chart:
        found["chart name"] = (filed.chart.name, cur["chartName"])
    return next((what for what, (wanted, there) in found.items() if wanted != there), "")


def _attempted(obj: Object, app: HelmRelease, filed: FiledChart, values: Values) -> Object:
    """The object with what is tried now; what failed before does not count when that is something else. Source: helm-controller
    ``internal/action/reset.go`` (MustResetFailures)."""
    status, digest = obj.get("status") or {}, composing.digest(values)
    reset, obj = asked_for(obj, RESET_AT, "lastHandledResetAt")
    generation = obj["metadata"]["generation"]
    tried = (status.get("lastAttemptedGeneration"), status.get("lastAttemptedRevision"))
    known = status.get("lastAttemptedConfigDigest", digest)
    if reset or tried != (generation, filed.revision) or known != digest:
        obj = without_failures(obj)
    return put(
        obj,
        storageNamespace=app.storage_namespace,
        lastAttemptedGeneration=generation,
        lastAttemptedRevision=filed.revision,
        lastAttemptedConfigDigest=digest,
    )
