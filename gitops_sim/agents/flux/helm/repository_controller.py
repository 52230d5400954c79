"""source-controller, for HelmRepositories: fetches their index, and keeps it.

One of type ``oci`` is static: nothing is fetched, and nothing said. Source: source-controller
``internal/controller/helmrepository_controller.go``.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from gitops_sim.agents.flux import conditions, source_status
from gitops_sim.agents.flux.cause import Cause
from gitops_sim.agents.flux.conditions import READY
from gitops_sim.agents.flux.events import Recorder
from gitops_sim.agents.flux.helm.journal import HelmJournal
from gitops_sim.agents.flux.helm.shelf import FiledIndex, Shelf
from gitops_sim.agents.flux.helm.sources import GROUP, REPOSITORIES, HelmRepository, read_helm_repository
from gitops_sim.agents.flux.source_status import FETCH_FAILED
from gitops_sim.agents.flux.toolkit import Desk, backoff, is_settled, requested, wants_look
from gitops_sim.clock import Priority
from gitops_sim.cluster.controller import WorkQueue
from gitops_sim.cluster.store import Change
from gitops_sim.errors import BadInput
from gitops_sim.forge import Forge, download
from gitops_sim.manifests.helm import read_index
from gitops_sim.objects import Key, Object, condition_of, key_of, with_path


@dataclass(slots=True)
class Memory:
    failures: int = 0
    cause: Cause = "poll"


class RepositoryController:
    """Works on all HelmRepositories of a cluster."""

    def __init__(self, desk: Desk, forge: Forge, shelf: Shelf, events: Recorder, journal: HelmJournal) -> None:
        self._desk, self._forge, self._shelf, self._events, self._journal = desk, forge, shelf, events, journal
        self._memory: dict[Key, Memory] = {}
        self._queue = WorkQueue(desk.clock, self.reconcile, priority=Priority.AGENT)
        desk.cluster.watch(self._on_change)
        for obj in desk.cluster.list(REPOSITORIES):
            self._queue.add(key_of(obj))

    # ------------------------------------------------------------------ inside

    def _on_change(self, change: Change) -> None:
        if (change.key.group, change.key.kind) == (GROUP, "HelmRepository") and wants_look(change):
            asked = change.old is not None and requested(change.old) != requested(change.object)
            cause: Cause = "new" if change.old is None else "request" if asked else "spec"
            self._memory.setdefault(change.key, Memory()).cause = cause
            self._queue.add(change.key)

    def reconcile(self, key: Key) -> None:
        obj = self._desk.cluster.find(REPOSITORIES, key.name, key.namespace)
        if obj is None or obj["metadata"].get("deletionTimestamp"):
            self._shelf.drop(key)
            self._memory.pop(key, None)
            self._queue.forget(key)
            if obj is not None:
                self._desk.release(obj)
            return
        repository = read_helm_repository(obj)
        if repository.is_oci:
            return
        obj = self._desk.adopt(obj)
        if repository.suspended:
            self._journal.suspended(key)
            self._desk.log.info(key, "reconciliation is suspended for this object")
            return
        memory = self._memory.setdefault(key, Memory())
        cause, memory.cause = memory.cause, "poll"
        try:
            self._check(repository)
            content = self._fetched(repository)
        except BadInput as error:
            self._fail(obj, memory, error)
            return
        memory.failures = 0
        self._take(obj, repository, content, cause)
        self._queue.requeue(key, repository.interval)

    def _check(self, repository: HelmRepository) -> None:
        """Raises BadInput when the credentials are missing; what is in them is not looked at."""
        namespace = repository.key.namespace
        if repository.secret and self._desk.cluster.find("secrets", repository.secret, namespace) is None:
            what = f"failed to get authentication secret '{namespace}/{repository.secret}'"
            what += f': secrets "{repository.secret}" not found'
            raise BadInput(what, where="AuthenticationFailed", mend="create the Secret, or take secretRef out of the spec")

    def _fetched(self, repository: HelmRepository) -> bytes:
        url = repository.url.rstrip("/")
        if url.startswith("oci://"):
            what = "invalid Helm repository URL: 'oci' URL scheme cannot be used with 'default' HelmRepository type"
            raise BadInput(what, where="URLInvalid", mend="set spec.type to oci")
        try:
            content = download(self._forge, f"{url}/index.yaml")
        except BadInput as error:
            what = f"failed to fetch Helm repository index: failed to cache index to temporary file: {error.what}"
            raise BadInput(what, where="Failed", mend=error.mend) from None
        try:
            read_index(content, repository.url)
        except BadInput as error:
            what = f"failed to load Helm repository from index YAML: {error.what}"
            raise BadInput(what, where="IndexationFailed", mend=error.mend) from None
        return content

    def _take(self, obj: Object, repository: HelmRepository, content: bytes, cause: Cause) -> None:
        key, digest = repository.key, f"sha256:{hashlib.sha256(content).hexdigest()}"
        kept = self._shelf.index(key)
        fresh = kept is None or kept.revision != digest
        recovered = condition_of(obj, FETCH_FAILED) is not None
        if not fresh and not recovered and is_settled(obj) and conditions.is_true(obj, READY):
            return
        if kept is None or fresh:
            file = f"index-{digest.removeprefix('sha256:')}.yaml"
            kept = FiledIndex(digest, digest, len(content), file, read_index(content, repository.url))
            self._shelf.put_index(key, kept)
            obj = with_path(obj, ("status", "artifact"), kept.status(key, self._desk.now))
        stored = self._desk.store(
            source_status.succeeded(obj, "Succeeded", f"stored artifact: revision '{digest}'", self._desk.now)
        )
        message = f"stored fetched index of size {_human(len(content))} from '{repository.url}'"
        if fresh or recovered:
            metadata = {f"{GROUP}/revision": digest, f"{GROUP}/digest": digest}
            self._events.normal(stored, "NewArtifact" if fresh else "Succeeded", message, metadata)
            self._desk.log.info(key, message)
        self._journal.index(key, repository.interval, cause, charts=len(kept.index.charts), fresh=fresh, recovered=recovered)

    def _fail(self, obj: Object, memory: Memory, error: BadInput) -> None:
        key, reason, wait = key_of(obj), error.where, backoff(memory.failures)
        for_good = reason == "URLInvalid"
        memory.failures += 1
        there = self._shelf.index(key) is not None
        now = self._desk.now
        stored = self._desk.store(
            source_status.failed(obj, FETCH_FAILED, reason, error.what, now, for_good=for_good, stored=there)
        )
        self._events.warning(stored, reason, error.what)
        self._desk.log.error(key, "Reconciler stalled" if for_good else "Reconciler error", error.what)
        self._journal.source_failed(key, error.what, error.mend, 0.0 if for_good else wait)
        if not for_good:
            self._queue.add(key, wait)


def _human(size: int) -> str:
    """Source: docker/go-units HumanSize: four digits, powers of 1000."""
    number, unit = float(size), "B"
    for larger in ("kB", "MB", "GB"):
        if number < 1000:
            break
        number, unit = number / 1000, larger
    return f"{number:.4g}{unit}"
