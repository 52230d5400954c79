"""source-controller: asks Git what a GitRepository's reference means, and keeps an artifact of the files.

A fetch that fails leaves the last artifact where it is. Source: source-controller
``internal/controller/gitrepository_controller.go`` and ``internal/reconcile/summarize``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gitops_sim.agents.flux import artifact as artifacts
from gitops_sim.agents.flux import conditions
from gitops_sim.agents.flux.artifact import Artifact, Storage
from gitops_sim.agents.flux.cause import Cause
from gitops_sim.agents.flux.conditions import READY, RECONCILING, STALLED
from gitops_sim.agents.flux.events import Recorder
from gitops_sim.agents.flux.fetch import FetchError, Head, head_of
from gitops_sim.agents.flux.gitrepository import GROUP, KIND, GitRepository, read_git_repository
from gitops_sim.agents.flux.journal import Journal
from gitops_sim.agents.flux.toolkit import Desk, backoff, is_settled, requested, wants_look
from gitops_sim.clock import Priority
from gitops_sim.cluster.controller import WorkQueue
from gitops_sim.cluster.store import Change
from gitops_sim.forge import Forge
from gitops_sim.objects import Key, Object, get_path, with_path

_FETCH_FAILED, _IN_STORAGE = "FetchFailed", "ArtifactInStorage"


@dataclass(slots=True)
class Memory:
    """``source`` is the spec as read last from ``seen``; ``failures`` counts those since the last success."""

    source: GitRepository | None = None
    seen: Object | None = None
    failures: int = 0
    cause: Cause = "poll"
    next_look: float | None = None

    def read(self, obj: Object) -> GitRepository:
        if self.source is None or self.seen is None or self.seen.get("spec") is not obj.get("spec"):
            self.source = read_git_repository(obj)
        self.seen = obj
        return self.source


class SourceController:
    """Works on all GitRepositories of a cluster."""

    def __init__(self, desk: Desk, forge: Forge, storage: Storage, events: Recorder, journal: Journal) -> None:
        self._desk, self._forge, self._storage, self._events, self._journal = desk, forge, storage, events, journal
        self._memory: dict[Key, Memory] = {}
        self._queue = WorkQueue(desk.clock, self.reconcile, priority=Priority.AGENT)
        desk.cluster.watch(self._on_change)
        for obj in desk.cluster.list(KIND):
            self._ask(artifacts_key(obj), "new")

    def next_look(self, key: Key) -> float | None:
        """When Git is asked next (simulated seconds); None when it is not, because of suspend."""
        memory = self._memory.get(key)
        return memory.next_look if memory else None

    # ------------------------------------------------------------------ inside

    def _on_change(self, change: Change) -> None:
        if (change.key.group, change.key.kind) == (GROUP, "GitRepository") and wants_look(change):
            asked = change.old is not None and requested(change.old) != requested(change.object)
            cause: Cause = "new" if change.old is None else "request" if asked else "spec"
            self._ask(change.key, cause)

    def _ask(self, key: Key, cause: Cause) -> None:
        self._memory.setdefault(key, Memory()).cause = cause
        self._queue.add(key)

    def reconcile(self, key: Key) -> None:
        memory = self._memory.setdefault(key, Memory())
        memory.next_look = None
        obj = self._desk.cluster.find(KIND, key.name, key.namespace)
        if obj is None or obj["metadata"].get("deletionTimestamp"):
            self._let_go(key, obj)
            return
        obj = self._desk.adopt(obj)
        source = memory.read(obj)
        if source.suspended:
            self._journal.suspended(key)
            self._desk.log.info(key, "reconciliation is suspended for this object")
            return
        self._journal.unsupported(key, source.unsupported)
        cause, memory.cause = memory.cause, "poll"
        try:
            self._check_secret(source)
            head = head_of(self._forge, source, known=self._storage.get(key) is not None)
        except FetchError as error:
            self._fail(obj, key, memory, error)
            return
        if not self._is_known(obj, key, source, head):
            self._take(obj, key, source, head, cause)
        elif not is_settled(obj) or not conditions.is_true(obj, READY):
            self._keep(obj, key, source, head, cause)
        memory.failures = 0
        self._again(key, memory, source.interval)

    def _let_go(self, key: Key, obj: Object | None) -> None:
        self._storage.drop(key)
        self._memory.pop(key, None)
        self._queue.forget(key)
        if obj is not None:
            self._desk.release(obj)

    def _check_secret(self, source: GitRepository) -> None:
        """Whether the credentials are there; what is in them is not looked at: the forge lets everybody read."""
        if source.secret and self._desk.cluster.find("secrets", source.secret, source.key.namespace) is None:
            what = f"failed to get secret '{source.key.namespace}/{source.secret}'"
            raise FetchError(
                f'{what}: {what}: secrets "{source.secret}" not found',
                reason="AuthenticationFailed",
                mend="create the Secret, or take secretRef out of the spec",
            )

    def _is_known(self, obj: Object, key: Key, source: GitRepository, head: Head) -> bool:
        """One comparison: what Git says now, and what is in storage."""
        kept = self._storage.get(key)
        same = kept is not None and kept.revision == head.revision and kept.repository == source.url
        return same and get_path(obj, ("status", "observedIgnore")) == source.ignore

    def _take(self, obj: Object, key: Key, source: GitRepository, head: Head, cause: Cause) -> None:
        tree = self._forge.repository(source.url).tree(head.commit)
        made = artifacts.pack(tree, key, source.url, head.commit, head.revision, source.ignore)
        before = self._storage.get(key)
        recovered = conditions.find(obj, _FETCH_FAILED) is not None
        self._storage.put(key, made)
        obj = with_path(obj, ("status", "artifact"), made.status(self._desk.now))
        obj = _observed(obj, source)
        stored = self._desk.store(self._succeeded(obj, made))
        message = f"stored artifact for commit '{_subject(self._forge, source, head)}'"
        metadata = {f"{GROUP}/revision": made.revision, f"{GROUP}/digest": made.digest}
        if before is None or before.digest != made.digest:
            self._events.normal(stored, "NewArtifact", message, metadata)
        elif recovered:
            self._events.normal(stored, "Succeeded", message, metadata)
        self._desk.log.info(key, message)
        same_files = before is not None and before.digest == made.digest
        self._journal.fetched(key, made.revision, before.revision if before else "", cause, source.interval, same_files)

    def _keep(self, obj: Object, key: Key, source: GitRepository, head: Head, cause: Cause) -> None:
        """Nothing new in Git: a request, a new spec or a failure before is answered all the same."""
        made = self._storage.get(key)
        assert made is not None
        recovered = conditions.find(obj, _FETCH_FAILED) is not None
        stored = self._desk.store(self._succeeded(obj, made))
        message = f"no changes since last reconciliation: observed revision '{head.revision}'"
        self._events.trace(stored, "GitOperationSucceeded", message)
        self._desk.log.info(key, message)
        self._journal.nothing_new(key, head.revision, cause, recovered)

    def _succeeded(self, obj: Object, made: Artifact) -> Object:
        now, message = self._desk.now, f"stored artifact for revision '{made.revision}'"
        obj = conditions.drop(obj, RECONCILING, STALLED, _FETCH_FAILED)
        for type_ in (_IN_STORAGE, READY):
            obj = conditions.mark(obj, type_, "True", "Succeeded", message, now)
        return _handled(with_path(obj, ("status", "observedGeneration"), obj["metadata"]["generation"]))

    def _fail(self, obj: Object, key: Key, memory: Memory, error: FetchError) -> None:
        now, wait = self._desk.now, backoff(memory.failures)
        memory.failures += 1
        generation, observed = obj["metadata"]["generation"], get_path(obj, ("status", "observedGeneration"), -1)
        if self._storage.get(key) is None:
            progress = "building artifact"
        elif observed != generation:
            progress = f"processing object: new generation {observed} -> {generation}"
        else:
            progress = "reconciliation in progress"
        obj = conditions.reconciling(obj, "ProgressingWithRetry", progress, now)
        obj = conditions.mark(obj, _FETCH_FAILED, "True", error.reason, error.message, now)
        obj = conditions.mark(obj, READY, "False", error.reason, error.message, now)
        stored = self._desk.store(_handled(obj))
        self._events.warning(stored, error.reason, error.message)
        self._desk.log.error(key, "Reconciler error", error.message)
        kept = self._storage.get(key)
        self._journal.fetch_failed(key, error.message, error.mend, wait, kept.revision if kept else "")
        self._again(key, memory, wait)

    def _again(self, key: Key, memory: Memory, delay: float) -> None:
        if delay > 0:
            memory.next_look = self._desk.clock.now + delay
            self._queue.add(key, delay)


def artifacts_key(obj: Object) -> Key:
    """The key under which the artifact of a source is stored: that of the object."""
    meta = obj["metadata"]
    return Key(GROUP, obj["kind"], meta["namespace"], meta["name"])


def _handled(obj: Object) -> Object:
    asked = requested(obj)
    done: Object = with_path(obj, ("status", "lastHandledReconcileAt"), asked) if asked else obj
    return done


def _observed(obj: Object, source: GitRepository) -> Object:
    status: dict[str, Any] = {k: v for k, v in obj["status"].items() if k != "observedIgnore"}
    if source.ignore is not None:
        status["observedIgnore"] = source.ignore
    return {**obj, "status": status}


def _subject(forge: Forge, source: GitRepository, head: Head) -> str:
    """The first 50 characters of a commit's subject."""
    subject = forge.repository(source.url).commit_at(head.commit).subject
    return subject if len(subject) <= 50 else f"{subject[:50]}..."
