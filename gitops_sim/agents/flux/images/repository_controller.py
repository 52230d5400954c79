"""image-reflector-controller, for ImageRepositories: lists the tags of a repository of images, at its interval.

Source: image-reflector-controller ``internal/controller/imagerepository_controller.go``. The registry lets everybody read.
"""

from __future__ import annotations

from dataclasses import dataclass

from gitops_sim.agents.flux.cause import Cause
from gitops_sim.agents.flux.conditions import READY
from gitops_sim.agents.flux.durations import go_duration
from gitops_sim.agents.flux.events import Recorder
from gitops_sim.agents.flux.images.database import TagDatabase
from gitops_sim.agents.flux.images.imagerepository import (
    GROUP,
    IMAGE_REPOSITORIES,
    ImageRepository,
    read_image_repository,
)
from gitops_sim.agents.flux.images.journal import ImageJournal
from gitops_sim.agents.flux.images.names import BadName, ImageName, image_name
from gitops_sim.agents.flux.images.reports import Reports
from gitops_sim.agents.flux.toolkit import Desk, backoff, requested, wants_look
from gitops_sim.clock import Priority, parse_timestamp
from gitops_sim.cluster.controller import WorkQueue
from gitops_sim.cluster.custom.patterns import PatternError, pattern
from gitops_sim.cluster.store import Change
from gitops_sim.objects import Key, Object, condition_of, get_path, key_of, with_path
from gitops_sim.registry import Registry

_LATEST = 10
_SOON = 1.0
"""Seconds; what is due sooner is done now."""


@dataclass(slots=True)
class Memory:
    failures: int = 0
    cause: Cause = "poll"


class _Failed(Exception):
    def __init__(self, reason: str, message: str, mend: str) -> None:
        super().__init__(message)
        self.reason, self.message, self.mend = reason, message, mend


class ImageRepositoryController:
    """Works on all ImageRepositories of a cluster."""

    def __init__(self, desk: Desk, registry: Registry, database: TagDatabase, events: Recorder, journal: ImageJournal) -> None:
        self._desk, self._registry, self._database, self._journal = desk, registry, database, journal
        self._reports = Reports(desk, events)
        self._memory: dict[Key, Memory] = {}
        self._queue = WorkQueue(desk.clock, self.reconcile, priority=Priority.AGENT)
        desk.cluster.watch(self._on_change)
        for obj in desk.cluster.list(IMAGE_REPOSITORIES):
            self._queue.add(key_of(obj))

    # ------------------------------------------------------------------ inside

    def _on_change(self, change: Change) -> None:
        if (change.key.group, change.key.kind) == (GROUP, "ImageRepository") and wants_look(change):
            asked = change.old is not None and requested(change.old) != requested(change.object)
            cause: Cause = "new" if change.old is None else "request" if asked else "spec"
            self._memory.setdefault(change.key, Memory()).cause = cause
            self._queue.add(change.key)

    def reconcile(self, key: Key) -> None:
        obj = self._desk.cluster.find(IMAGE_REPOSITORIES, key.name, key.namespace)
        if obj is None or obj["metadata"].get("deletionTimestamp"):
            self._memory.pop(key, None)
            self._queue.forget(key)
            if obj is not None:
                self._desk.release(obj)
            return
        obj = self._desk.adopt(obj)
        wanted = read_image_repository(obj)
        if wanted.suspended:
            self._journal.suspended(key)
            self._reports.suspended(obj)
            return
        self._journal.unsupported(key, wanted.unsupported)
        memory = self._memory.setdefault(key, Memory())
        cause, memory.cause = memory.cause, "poll"
        try:
            name = image_name(wanted.image)
        except BadName as error:
            self._reports.stalled(obj, "ImageURLInvalid", str(error))
            self._journal.stalled(key, str(error), "write the name alone: shop/web")
            return
        try:
            self._check_secret(wanted)
            wait = self._work(obj, wanted, name, cause)
        except _Failed as error:
            wait = backoff(memory.failures)
            memory.failures += 1
            self._reports.failed(obj, error.reason, error.message)
            self._journal.scan_failed(key, wanted.image, error.message, error.mend, wait)
        else:
            memory.failures = 0
        self._queue.requeue(key, wait)

    def _check_secret(self, wanted: ImageRepository) -> None:
        """Whether the credentials are there; what is in them is not looked at."""
        namespace = wanted.key.namespace
        if wanted.secret and self._desk.cluster.find("secrets", wanted.secret, namespace) is None:
            what = f"failed to get secret '{namespace}/{wanted.secret}': secrets \"{wanted.secret}\" not found"
            mend = "create the Secret, or take secretRef out of the spec"
            raise _Failed("AuthenticationFailed", f"failed to configure authentication options: {what}", mend)

    def _work(self, obj: Object, wanted: ImageRepository, name: ImageName, cause: Cause) -> float:
        """Scans, if it is time; returns the seconds until then, or until it is again."""
        due = self._due(obj, wanted, name)
        if due > 0:
            quiet = f"no change in repository configuration since last scan, next scan in {go_duration(due)}"
            self._succeed(obj, obj, wanted, name, quiet)
            return due
        before = get_path(obj, ("status", "lastScanResult", "revision"))
        known = self._database.tags(str(name))
        tags = self._scanned(wanted)
        result = {"tagCount": len(tags), "scanTime": self._desk.now, "revision": self._database.put(str(name), tags)}
        if tags:
            result["latestTags"] = list(tags[:_LATEST])
        done = with_path(obj, ("status", "lastScanResult"), result)
        same = "tags did not change" if before == result["revision"] else "successful scan"
        recovered = (condition_of(obj, READY) or {}).get("status") == "False"
        self._succeed(obj, done, wanted, name, f"{same}, next scan in {go_duration(wanted.interval)}")
        self._journal.scanned(wanted, tags, known, cause, first=before is None, recovered=recovered)
        return wanted.interval

    def _succeed(self, obj: Object, done: Object, wanted: ImageRepository, name: ImageName, quiet: str) -> None:
        done = with_path(done, ("status", "canonicalImageName"), str(name))
        done = with_path(done, ("status", "observedExclusionList"), list(wanted.excluded))
        result = done["status"]["lastScanResult"]
        message = f"successful scan: found {result['tagCount']} tags with checksum {result['revision']}"
        self._reports.succeeded(obj, done, message, quiet=quiet)

    def _due(self, obj: Object, wanted: ImageRepository, name: ImageName) -> float:
        """Seconds until the next scan; 0 for now."""
        status = obj.get("status") or {}
        last = status.get("lastScanResult")
        if last is None or requested(obj) != status.get("lastHandledReconcileAt", ""):
            return 0.0
        if status.get("canonicalImageName") != str(name):
            return 0.0
        if set(status.get("observedExclusionList") or ()) != set(wanted.excluded) or not self._database.tags(str(name)):
            return 0.0
        left = wanted.interval - (self._desk.clock.now - parse_timestamp(last["scanTime"]))
        return left if left >= _SOON else 0.0

    def _scanned(self, wanted: ImageRepository) -> list[str]:
        """The tags that are not excluded, the last of the alphabet first. Raises _Failed."""
        found = self._registry.tags(wanted.image)
        if found is None:
            name = image_name(wanted.image)
            what = f"GET https://{name.registry}/v2/{name.repository}/tags/list?n=1000: NAME_UNKNOWN: repository name not known"
            what += f" to registry; map[name:{name.repository}]"
            mend = f"nobody ever pushed to {wanted.image}: look at the name"
            raise _Failed("ReadOperationFailed", f"scan failed: {what}", mend)
        excluded = []
        for expression in wanted.excluded:
            try:
                excluded.append(pattern(expression))
            except PatternError as error:
                what = f"scan failed: failed to compile regex {expression}: error parsing regexp: {error}"
                raise _Failed("ReadOperationFailed", what, "mend the expression in spec.exclusionList") from None
        tags = [tag.name for tag in found if not any(one.found(tag.name) for one in excluded)]
        return sorted(tags, reverse=True)
