"""source-controller: asks Git what a GitRepository's reference means, and keeps an artifact of the files.

A fetch that fails leaves the last artifact where it is. Source: source-controller
``internal/controller/gitrepository_controller.go`` and ``internal/reconcile/summarize``.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from gitops_sim.agents.flux import artifact as artifacts
from gitops_sim.agents.flux import conditions, include, source_status
from gitops_sim.agents.flux.artifact import Artifact, Storage
from gitops_sim.agents.flux.cause import Cause
from gitops_sim.agents.flux.conditions import READY
from gitops_sim.agents.flux.events import Recorder
from gitops_sim.agents.flux.fetch import FetchError, Head, check_folders, head_of, short
from gitops_sim.agents.flux.gitrepository import GROUP, KIND, GitRepository, Verification, read_git_repository
from gitops_sim.agents.flux.journal import Journal
from gitops_sim.agents.flux.source_status import SOURCE_VERIFIED
from gitops_sim.agents.flux.toolkit import DEPENDENCY_WAIT, Desk, backoff, is_settled, requested, wants_look
from gitops_sim.agents.flux.verification import Verifier, refused
from gitops_sim.clock import Priority
from gitops_sim.cluster.controller import WorkQueue
from gitops_sim.cluster.store import Change
from gitops_sim.forge import Forge
from gitops_sim.objects import Key, Object, get_path, with_path


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


@dataclass(frozen=True, slots=True)
class Fetched:
    """What there is now: what Git has, and what is ``lent`` by other GitRepositories (their ``status.artifact``), with their
    ``artifacts``. ``is_known``: an artifact of just that is in storage. ``verified`` is what was found out about signatures;
    empty if nobody asked."""

    head: Head
    is_known: bool
    verified: str
    lent: Sequence[Mapping[str, Any]]
    artifacts: Sequence[Artifact]


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
        if self._journal.rests(key, source):
            self._desk.log.info(key, "reconciliation is suspended for this object")
            return
        cause, memory.cause = memory.cause, "poll"
        try:
            fetched = self._fetch(obj, source)
            if fetched.is_known:
                if fetched.verified or not is_settled(obj) or not conditions.is_true(obj, READY):
                    self._keep(obj, key, source, fetched, cause)
            else:
                self._take(obj, key, source, fetched, cause)
        except FetchError as error:
            self._fail(obj, key, memory, error)
            return
        memory.failures = 0
        self._again(key, memory, source.interval)

    def _let_go(self, key: Key, obj: Object | None) -> None:
        self._storage.drop(key)
        self._memory.pop(key, None)
        self._queue.forget(key)
        if obj is not None:
            self._desk.release(obj)

    def _fetch(self, obj: Object, source: GitRepository) -> Fetched:
        """What there is now. Raises FetchError."""
        self._check_secret(source)
        lenders = include.sources(self._desk.cluster, self._storage, source)
        kept = self._storage.get(source.key)
        head = head_of(self._forge, source, known=kept is not None)
        lent = [get_path(lender, ("status", "artifact")) for lender, _ in lenders]
        is_known = kept is not None and (kept.revision, kept.repository) == (head.revision, source.url)
        is_known = is_known and _is_content_settled(obj, lent)
        if source.folders and not is_known:
            check_folders(source, self._storage.composed(source.url, head.commit, (), source.folders).files())
        wanted, seen = source.verification, get_path(obj, ("status", "sourceVerificationMode"), "")
        verified = ""
        if wanted and (not is_known or wanted.is_due(seen)):
            verifier = Verifier(self._keys(source, wanted), partial(self._unchecked, source.key))
            verified = verifier.verified(self._forge.repository(source.url), wanted, head)
        return Fetched(head, is_known, verified, lent, [artifact for _, artifact in lenders])

    def _check_secret(self, source: GitRepository) -> None:
        """Whether the credentials are there; what is in them is not looked at: the forge lets everybody read."""
        if source.secret and self._desk.cluster.find("secrets", source.secret, source.key.namespace) is None:
            what = f"failed to get secret '{source.key.namespace}/{source.secret}'"
            raise FetchError(
                f'{what}: {what}: secrets "{source.secret}" not found',
                reason="AuthenticationFailed",
                mend="create the Secret, or take secretRef out of the spec",
            )
        if source.url.startswith("ssh://") and not source.secret:
            raise FetchError(
                "failed to configure authentication options: invalid 'ssh' auth option: 'identity' is required",
                reason="AuthenticationFailed",
                mend="name a Secret with identity and known_hosts in secretRef, or use an address that begins with https://",
            )

    def _keys(self, source: GitRepository, wanted: Verification) -> Mapping[str, str]:
        secret = self._desk.cluster.find("secrets", wanted.secret, source.key.namespace)
        if secret is None:
            what = f'public keys secret error: secrets "{wanted.secret}" not found'
            raise refused("VerificationError", what, "create the Secret with the public keys of those who may sign")
        return {name: base64.b64decode(text).decode("utf-8", "replace") for name, text in (secret.get("data") or {}).items()}

    def _unchecked(self, key: Key, kind: str) -> None:
        self._journal.unsupported(key, [f"whether signatures by {kind} are good (they count as such)"])

    def _take(self, obj: Object, key: Key, source: GitRepository, fetched: Fetched, cause: Cause) -> None:
        """Raises FetchError."""
        head = fetched.head
        included = include.placed(self._storage, source, head.commit, fetched.artifacts)
        folder = self._storage.composed(source.url, head.commit, included, source.folders)
        made = artifacts.pack(folder, key, source.url, head.commit, head.revision, source.ignore, included)
        before = self._storage.get(key)
        recovered = source_status.has_failed(obj)
        self._storage.put(key, made)
        obj = with_path(obj, ("status", "artifact"), made.status(self._desk.now))
        obj = _observed(obj, source, fetched)
        stored = self._desk.store(self._succeeded(obj, source, made, fetched.verified))
        message = f"stored artifact for commit '{_subject(self._forge, source, head)}'"
        self._tell(stored, made, message, recovered, is_new=before is None or before.digest != made.digest)
        self._desk.log.info(key, message)
        same_files = before is not None and before.digest == made.digest
        previous = before.revision if before else ""
        others = [
            f"{lender.name} {short(artifact.revision)}"
            for lender, artifact in zip(source.includes, fetched.artifacts, strict=True)
        ]
        self._journal.fetched(key, made.revision, previous, cause, source.interval, same_files, others)

    def _keep(self, obj: Object, key: Key, source: GitRepository, fetched: Fetched, cause: Cause) -> None:
        """Nothing new in Git: a request, a new spec or a failure before is answered all the same."""
        made = self._storage.get(key)
        assert made is not None
        recovered = source_status.has_failed(obj)
        stored = self._desk.store(self._succeeded(obj, source, made, fetched.verified))
        revision = fetched.head.revision
        reason, message = "GitOperationSucceeded", f"no changes since last reconciliation: observed revision '{revision}'"
        if fetched.verified:
            reason, message = "ArtifactUpToDate", f"artifact up-to-date with remote revision: '{revision}'"
        self._events.trace(stored, reason, message)
        self._desk.log.info(key, message)
        self._tell(stored, made, f"stored artifact for commit '{revision}'", recovered, is_new=False)
        self._journal.nothing_new(key, revision, cause, recovered)

    def _tell(self, obj: Object, made: Artifact, message: str, recovered: bool, *, is_new: bool) -> None:
        metadata = {f"{GROUP}/revision": made.revision, f"{GROUP}/digest": made.digest}
        if is_new or recovered:
            self._events.normal(obj, "NewArtifact" if is_new else "Succeeded", message, metadata)

    def _succeeded(self, obj: Object, source: GitRepository, made: Artifact, verified: str) -> Object:
        if verified and source.verification:
            self._events.trace(obj, "Succeeded", verified)
            obj = with_path(obj, ("status", "sourceVerificationMode"), source.verification.mode)
            obj = conditions.mark(obj, SOURCE_VERIFIED, "True", "Succeeded", verified, self._desk.now)
        return source_status.succeeded(obj, "Succeeded", f"stored artifact for revision '{made.revision}'", self._desk.now)

    def _fail(self, obj: Object, key: Key, memory: Memory, error: FetchError) -> None:
        now, kept = self._desk.now, self._storage.get(key)
        wait = 0.0 if error.for_good else DEPENDENCY_WAIT if error.waits else backoff(memory.failures)
        memory.failures += not error.waits
        there = kept is not None
        obj = source_status.failed(obj, error.condition, error.reason, error.message, now, for_good=error.for_good, stored=there)
        stored = self._desk.store(obj)
        if error.waits:
            self._events.trace(stored, error.reason, error.message)
            self._desk.log.info(key, "reconciliation waiting")
        else:
            self._events.warning(stored, error.reason, error.message)
            self._desk.log.error(key, "reconciliation stalled" if error.for_good else "Reconciler error", error.message)
        self._journal.fetch_failed(key, error, wait, kept.revision if kept else "")
        self._again(key, memory, wait)

    def _again(self, key: Key, memory: Memory, delay: float) -> None:
        if delay > 0:
            memory.next_look = self._desk.clock.now + delay
            self._queue.add(key, delay)


def artifacts_key(obj: Object) -> Key:
    """The key under which the artifact of a source is stored: that of the object."""
    meta = obj["metadata"]
    return Key(GROUP, obj["kind"], meta["namespace"], meta["name"])


def _is_content_settled(obj: Object, lent: Sequence[Any]) -> bool:
    """Whether the artifact was made as the spec says, of what the others have now. Source: gitContentConfigChanged."""
    spec, status = obj["spec"], obj.get("status") or {}
    if spec.get("ignore") != status.get("observedIgnore"):
        return False
    pairs = (("include", "observedInclude"), ("sparseCheckout", "observedSparseCheckout"))
    if any((spec.get(wanted) or []) != status.get(seen, []) for wanted, seen in pairs):
        return False
    seen = [(artifact["revision"], artifact["digest"]) for artifact in status.get("includedArtifacts", [])]
    return seen == [(artifact["revision"], artifact["digest"]) for artifact in lent]


def _observed(obj: Object, source: GitRepository, fetched: Fetched) -> Object:
    """The status says what the artifact was made of."""
    seen: dict[str, Any] = {
        "observedIgnore": source.ignore,
        "observedInclude": obj["spec"].get("include") or None,
        "observedSparseCheckout": obj["spec"].get("sparseCheckout") or None,
        "includedArtifacts": fetched.lent or None,
    }
    if not source.verification:
        seen["sourceVerificationMode"] = None
        obj = conditions.drop(obj, SOURCE_VERIFIED)
    status = {name: value for name, value in obj["status"].items() if name not in seen}
    return {**obj, "status": status | {name: value for name, value in seen.items() if value is not None}}


def _subject(forge: Forge, source: GitRepository, head: Head) -> str:
    """The first 50 characters of a commit's subject."""
    subject = forge.repository(source.url).commit_at(head.commit).subject
    return subject if len(subject) <= 50 else f"{subject[:50]}..."
