"""kustomize-controller: when each Kustomization is reconciled, and what it leaves when it is deleted.

Source: kustomize-controller ``internal/controller/kustomization_manager.go``, ``kustomization_indexers.go`` and finalize.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from gitops_sim.agents.flux import conditions, dependencies, inventory
from gitops_sim.agents.flux.artifact import Storage
from gitops_sim.agents.flux.build import Builder
from gitops_sim.agents.flux.cause import Cause
from gitops_sim.agents.flux.events import Recorder
from gitops_sim.agents.flux.journal import Journal
from gitops_sim.agents.flux.kustomization import GROUP, KIND, Kustomization, read_kustomization
from gitops_sim.agents.flux.prune import delete_all
from gitops_sim.agents.flux.reconcile import Later, Reconciler
from gitops_sim.agents.flux.run import Run
from gitops_sim.agents.flux.toolkit import SOURCES, Desk, requested, wants_look
from gitops_sim.clock import Priority, Timer
from gitops_sim.cluster.controller import WorkQueue
from gitops_sim.cluster.store import Change
from gitops_sim.forge import Forge
from gitops_sim.objects import Key, Object, condition_of, get_path, labels_of

_TERMINATION_POLL = 2.0
_WATCHED = "reconcile.fluxcd.io/watch"
_CHANGES_RIGHTS = ("rbac.authorization.k8s.io", "apiextensions.k8s.io")


@dataclass(slots=True)
class Memory:
    """``app`` is the spec as read last from ``read_from``; ``seen`` what was compared last; ``run`` goes on at the moment, and
    ``again`` says that a reconciliation was asked for meanwhile; ``terminating`` are deleted objects that are waited for since
    ``deleted_at``."""

    app: Kustomization | None = None
    read_from: Object | None = None
    seen: dict[Key, tuple[Object, str]] = field(default_factory=dict)
    run: Run | None = None
    again: Cause | None = None
    cause: Cause = "interval"
    next_run: float | None = None
    failing: bool = False
    deleted_at: float | None = None
    terminating: tuple[Key, ...] = ()

    def read(self, obj: Object) -> Kustomization:
        """The wishes, read again when they changed: then nothing that was compared before counts."""
        if self.app is None or self.read_from is None or self.read_from.get("spec") is not obj.get("spec"):
            self.app = read_kustomization(obj)
            self.seen.clear()
        self.read_from = obj
        return self.app


class KustomizeController:
    """Works on all Kustomizations of a cluster."""

    def __init__(self, desk: Desk, forge: Forge, storage: Storage, events: Recorder, journal: Journal) -> None:
        self._desk, self._events, self._journal = desk, events, journal
        self.builder = Builder(forge, storage, desk.cluster)
        self.reconciler = Reconciler(desk, storage, self.builder, events, journal)
        self._memory: dict[Key, Memory] = {}
        self._pauses: dict[Key, Timer] = {}
        self._queue = WorkQueue(desk.clock, self.reconcile, priority=Priority.AGENT)
        desk.cluster.watch(self._on_change)
        for obj in desk.cluster.list(KIND):
            self._ask(_key(obj), "new")

    def next_run(self, key: Key) -> float | None:
        """When it is reconciled next by itself (simulated seconds); None while it is suspended, or at work."""
        memory = self._memory.get(key)
        return memory.next_run if memory else None

    # ------------------------------------------------------------------ what it is told

    def _on_change(self, change: Change) -> None:
        group, kind = change.key.group, change.key.kind
        if (group, kind) == (GROUP, "Kustomization"):
            if wants_look(change):
                asked = change.old is not None and requested(change.old) != requested(change.object)
                self._ask(change.key, "new" if change.old is None else "request" if asked else "spec")
        elif kind in SOURCES and group == "source.toolkit.fluxcd.io":
            self._source_changed(change)
        elif kind in ("ConfigMap", "Secret") and not group:
            if str(labels_of(change.object).get(_WATCHED, "")).lower() == "enabled":
                self._config_changed(change.key)
        elif group in _CHANGES_RIGHTS:
            for memory in self._memory.values():
                memory.seen.clear()  # who may do it, and what comes of it, is another question now

    def _source_changed(self, change: Change) -> None:
        """A new artifact is applied at once, by all who wait for it, dependencies first."""
        revision = get_path(change.object, ("status", "artifact", "revision"))
        before = get_path(change.old, ("status", "artifact", "revision")) if change.old is not None else None
        if change.type == "DELETED" or not revision or revision == before:
            return
        apps = []
        for obj in self._desk.cluster.list(KIND):
            app = self._recall(_key(obj)).read(obj)
            busy = conditions.is_true(obj, "Ready") or conditions.is_true(obj, "Reconciling")
            if app.source == change.key and not (busy and get_path(obj, ("status", "lastAttemptedRevision")) == revision):
                apps.append(app)
        for app in dependencies.in_order(apps):
            self._ask(app.key, "source")

    def _config_changed(self, key: Key) -> None:
        apps = [self._recall(_key(obj)).read(obj) for obj in self._desk.cluster.list(KIND, key.namespace)]
        used = [app for app in apps if (key.kind, key.name) in app.configuration]
        for app in dependencies.in_order(used):
            self._ask(app.key, "config")

    def _ask(self, key: Key, cause: Cause) -> None:
        self._recall(key).cause = cause
        self._queue.add(key)

    # ------------------------------------------------------------------ its turns

    def reconcile(self, key: Key) -> None:
        memory = self._recall(key)
        cause, memory.cause = memory.cause, "retry" if memory.failing else "interval"
        memory.next_run = None
        if memory.run is not None:
            memory.again = cause
            return
        obj = self._desk.cluster.find(KIND, key.name, key.namespace)
        if obj is None:
            self._forget(key)
            return
        if obj["metadata"].get("deletionTimestamp"):
            self._finalize(obj, memory)
            return
        obj = self._desk.adopt(obj)
        app = memory.read(obj)
        if self._journal.rests(key, app):
            self._desk.log.info(key, "Reconciliation is suspended for this object")
            return
        self._go_on(key, memory, self.reconciler.begin(obj, app, cause, memory.seen))

    def _continue(self, key: Key) -> None:
        del self._pauses[key]
        memory = self._recall(key)
        if memory.run is not None:
            self._go_on(key, memory, self.reconciler.advance(memory.run, memory.seen))

    def _go_on(self, key: Key, memory: Memory, later: Later) -> None:
        memory.run = later.run
        if later.run is not None:
            self._pauses[key] = self._desk.clock.after(later.delay, self._continue, key, priority=Priority.AGENT)
            return
        memory.failing = later.failed
        memory.cause = "retry" if later.failed else "interval"
        if memory.again is not None:
            cause, memory.again = memory.again, None
            self._ask(key, cause)
        elif later.delay:
            memory.next_run = self._desk.clock.now + later.delay
            self._queue.add(key, later.delay)

    # ------------------------------------------------------------------ deletion

    def _finalize(self, obj: Object, memory: Memory) -> None:
        """Deletes what was applied, as the deletion policy says, and lets the object go."""
        app, key = memory.read(obj), _key(obj)
        prunes = memory.deleted_at is None and not app.suspended and app.deletes and bool(inventory.read(obj))
        if prunes and not self._collect(obj, app, memory):
            return
        if memory.deleted_at is not None and self._terminating(app, memory, obj):
            self._queue.add(key, _TERMINATION_POLL)
            return
        self._journal.deleted(app, kept=app.suspended or not app.deletes)
        self._desk.release(obj)
        self._forget(key)

    def _collect(self, obj: Object, app: Kustomization, memory: Memory) -> bool:
        """Whether all of it could be asked for; otherwise it is tried again."""
        stale = list(inventory.read(obj).items())
        accounts = (
            self._desk.cluster.find("serviceaccounts", app.service_account, app.key.namespace) if app.service_account else obj
        )
        if accounts is None:
            listed = "\n".join(str(key) for key, _ in stale)
            self._events.warning(obj, _reason(obj), f"unable to prune objects: \n{listed}")
            return True
        entries, error = delete_all(self.reconciler.cluster_of(app), stale, app.key)
        self._journal.collected(app, entries)
        if error:
            self._events.warning(obj, _reason(obj), "pruning for deleted resource failed")
            self._queue.retry(app.key)
            return False
        self._events.normal(obj, _reason(obj), "\n".join(map(str, entries)))
        if app.deletion_policy == "WaitForTermination":
            memory.deleted_at = self._desk.clock.now
            memory.terminating = tuple(entry.key for entry in entries if entry.action == "deleted")
        return True

    def _terminating(self, app: Kustomization, memory: Memory, obj: Object) -> bool:
        """Whether something that was deleted is still there, and there is time left to wait for it."""
        assert memory.deleted_at is not None
        cluster = self.reconciler.cluster_of(app)
        kinds = ((cluster.kinds.of(key.group, key.kind), key) for key in memory.terminating)
        left = [key for kind, key in kinds if kind is not None and cluster.find(kind, key.name, key.namespace) is not None]
        if left and self._desk.clock.now - memory.deleted_at >= app.timeout:
            self._events.warning(obj, _reason(obj), "failed to wait for resources termination")
            return False
        return bool(left)

    # ------------------------------------------------------------------ inside

    def _recall(self, key: Key) -> Memory:
        return self._memory.setdefault(key, Memory())

    def _forget(self, key: Key) -> None:
        self._memory.pop(key, None)
        self.builder.forget(key)
        self._queue.forget(key)
        timer = self._pauses.pop(key, None)
        if timer is not None:
            timer.cancel()


def _key(obj: Object) -> Key:
    meta = obj["metadata"]
    return Key(GROUP, "Kustomization", meta["namespace"], meta["name"])


def _reason(obj: Object) -> str:
    return str((condition_of(obj, "Ready") or {}).get("reason") or "info")
