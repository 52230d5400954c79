"""image-reflector-controller, for ImagePolicies: chooses one of the tags that were found, as soon as there are others.

Source: image-reflector-controller ``internal/controller/imagepolicy_controller.go``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gitops_sim.agents.flux.events import Recorder
from gitops_sim.agents.flux.images.choosing import Choice, InvalidPolicy, NoChoice, check, chosen
from gitops_sim.agents.flux.images.database import TagDatabase
from gitops_sim.agents.flux.images.imagepolicy import IMAGE_POLICIES, ImagePolicy, image_text, read_image_policy
from gitops_sim.agents.flux.images.imagerepository import GROUP, IMAGE_REPOSITORIES, read_image_repository
from gitops_sim.agents.flux.images.journal import ImageJournal
from gitops_sim.agents.flux.images.names import BadName, image_name
from gitops_sim.agents.flux.images.reports import Reports
from gitops_sim.agents.flux.toolkit import Desk, backoff, wants_look
from gitops_sim.clock import Priority
from gitops_sim.cluster.controller import WorkQueue
from gitops_sim.cluster.store import Change
from gitops_sim.objects import Key, Object, get_path, key_of, labels_of, with_path
from gitops_sim.registry import Registry

_NO_TAGS = "no tags in database"
_FIRST_LOOKS = (1.0, 1.5, 2.25)
"""Seconds between looks at a database that has no tags yet."""
_LATER = 30.0
"""Seconds until the next look, then; the flag ``--requeue-dependency``."""


@dataclass(slots=True)
class Memory:
    failures: int = 0
    looks: int = 0


class _Failed(Exception):
    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason, self.message = reason, message


class ImagePolicyController:
    """Works on all ImagePolicies of a cluster."""

    def __init__(self, desk: Desk, registry: Registry, database: TagDatabase, events: Recorder, journal: ImageJournal) -> None:
        self._desk, self._registry, self._database, self._journal = desk, registry, database, journal
        self._reports = Reports(desk, events)
        self._memory: dict[Key, Memory] = {}
        self._queue = WorkQueue(desk.clock, self.reconcile, priority=Priority.AGENT)
        desk.cluster.watch(self._on_change)
        for obj in desk.cluster.list(IMAGE_POLICIES):
            self._queue.add(key_of(obj))

    # ------------------------------------------------------------------ inside

    def _on_change(self, change: Change) -> None:
        key = change.key
        if key.group != GROUP:
            return
        if key.kind == "ImagePolicy" and wants_look(change):
            self._queue.add(key)
        elif key.kind == "ImageRepository" and _has_other_tags(change):
            for obj in self._desk.cluster.list(IMAGE_POLICIES):
                if read_image_policy(obj).repository == key:
                    self._queue.add(key_of(obj))

    def reconcile(self, key: Key) -> None:
        obj = self._desk.cluster.find(IMAGE_POLICIES, key.name, key.namespace)
        if obj is None or obj["metadata"].get("deletionTimestamp"):
            self._memory.pop(key, None)
            self._queue.forget(key)
            if obj is not None:
                self._desk.release(obj)
            return
        obj, policy = self._desk.adopt(obj), read_image_policy(obj)
        if policy.suspended:
            self._journal.suspended(key)
            self._reports.suspended(obj)
            return
        memory = self._memory.setdefault(key, Memory())
        try:
            self._work(obj, policy, memory)
        except _Failed as error:
            wait = backoff(memory.failures)
            memory.failures += 1
            self._reports.failed(obj, error.reason, error.message)
            self._journal.no_choice(key, error.message, wait)
            self._queue.add(key, wait)

    def _work(self, obj: Object, policy: ImagePolicy, memory: Memory) -> None:
        if policy.digests == "Always" and not policy.has_interval:
            what = "spec.interval must be set when spec.digestReflectionPolicy is set to 'Always'"
            self._stall(obj, "IntervalNotConfigured", what)
            return
        repository = self._repository(policy)
        try:
            image_name(repository["spec"]["image"])
            check(policy)
            tags = self._database.tags(get_path(repository, ("status", "canonicalImageName"), ""))
            if not tags:
                self._wait_for_tags(obj, policy, memory)
                return
            memory.looks = 0
            choice = chosen(policy, tags)
        except BadName as error:
            self._stall(obj, "ImageURLInvalid", str(error))
            return
        except InvalidPolicy as error:
            self._stall(obj, "InvalidPolicy", str(error))
            return
        except NoChoice as error:
            raise _Failed("Failure", str(error)) from None
        self._take(obj, policy, repository["spec"]["image"], choice)
        memory.failures = 0
        if policy.refresh:
            self._queue.add(policy.key, policy.refresh)

    def _stall(self, obj: Object, reason: str, message: str) -> None:
        self._reports.stalled(obj, reason, message)
        self._journal.stalled(key_of(obj), message, "mend the spec: nothing is tried before it changes")

    def _repository(self, policy: ImagePolicy) -> Object:
        """Raises _Failed."""
        key = policy.repository
        found = self._desk.cluster.find(IMAGE_REPOSITORIES, key.name, key.namespace)
        begin = "failed to get the referred ImageRepository: "
        if found is None:
            what = f'referenced ImageRepository does not exist: ImageRepository.{GROUP} "{key.name}" not found'
            raise _Failed("DependencyNotReady", begin + what)
        lets_in = read_image_repository(found).lets_in
        if key.namespace == policy.key.namespace:
            return found
        denied = f"{begin}access denied: '{key.namespace}/{key.name}' can't be accessed due to "
        if lets_in is None:
            raise _Failed("AccessDenied", f"{denied}missing ACL labels on 'accessFrom'")
        labels = dict(labels_of(self._desk.cluster.get("namespaces", policy.key.namespace, "")))
        if not any(wanted.items() <= labels.items() for wanted in lets_in):
            raise _Failed("AccessDenied", f"{denied}ACL labels mismatch on namespace '{policy.key.namespace}'")
        return found

    def _wait_for_tags(self, obj: Object, policy: ImagePolicy, memory: Memory) -> None:
        """The ImageRepository may be scanning just now; a scan that finds tags ends the wait at once."""
        if memory.looks < len(_FIRST_LOOKS):
            self._reports.under_way(obj)
            self._queue.add(policy.key, _FIRST_LOOKS[memory.looks])
            memory.looks += 1
            return
        memory.looks = 0
        message = f"retrying in {_LATER:.0f}s error: {_NO_TAGS}"
        self._reports.failed(obj, "DependencyNotReady", message, error=False)
        self._journal.no_choice(policy.key, message, _LATER)
        self._queue.add(policy.key, _LATER)

    def _take(self, obj: Object, policy: ImagePolicy, image: str, choice: Choice) -> None:
        last = get_path(obj, ("status", "latestRef"))
        latest = {"name": image, "tag": choice.tag}
        digest = self._digest(policy, latest, last or {})
        if digest:
            latest["digest"] = digest
        done = obj
        if latest != last:
            done = with_path(done, ("status", "latestRef"), latest)
            if last is not None:
                done = with_path(done, ("status", "observedPreviousRef"), last)
        self._reports.succeeded(obj, done, _message(latest, get_path(done, ("status", "observedPreviousRef"))))
        self._journal.chosen(policy, latest, last, choice)

    def _digest(self, policy: ImagePolicy, latest: dict[str, str], last: dict[str, Any]) -> str:
        """What the tag means now, or what it meant when it was chosen; empty when nobody wants to know. Raises _Failed."""
        if policy.digests == "Never":
            return ""
        same = (last.get("name"), last.get("tag")) == (latest["name"], latest["tag"])
        if policy.digests == "IfNotPresent" and same and last.get("digest"):
            return str(last["digest"])
        found = next((tag for tag in self._registry.tags(latest["name"]) or () if tag.name == latest["tag"]), None)
        if found is None:
            name, text = image_name(latest["name"]), image_text(latest)
            what = f"HEAD https://{name.registry}/v2/{name.repository}/manifests/{latest['tag']}: unexpected status code"
            what += " 404 Not Found (HEAD responses have no body, use GET for details)"
            raise _Failed("Failed", f'failed fetching digest of {text}: failed fetching descriptor for "{text}": {what}')
        return found.digest


def _has_other_tags(change: Change) -> bool:
    """Whether a change of an ImageRepository is one that its policies choose again for."""
    if change.type == "DELETED" or change.old is None:
        return True
    path = ("status", "lastScanResult", "revision")
    now = get_path(change.object, path)
    return now is not None and now != get_path(change.old, path)


def _message(latest: dict[str, str], previous: dict[str, str] | None) -> str:
    digest = latest.get("digest")
    text = f"Latest image tag for {latest['name']} resolved to {latest['tag']}" + (f" with digest {digest}" if digest else "")
    return text + (f" (previously {image_text(previous)})" if previous and previous != latest else "")
