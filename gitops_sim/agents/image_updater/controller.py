"""The controller of ImageUpdaters: looks when one changes, and every two minutes.

Source: argocd-image-updater ``internal/controller/{imageupdater_controller,reconcile}.go`` and ``cmd/run.go`` (the defaults). A
cycle takes no time here: the condition ``Reconciling`` is never seen to be true.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitops_sim.agents.argocd.application import KIND as APPLICATIONS
from gitops_sim.agents.argocd.application import NAMESPACE
from gitops_sim.agents.credentials import Credential
from gitops_sim.agents.image_updater.annotations import (
    AnnotationError,
    annotated_images,
    annotated_settings,
    annotated_write_back,
)
from gitops_sim.agents.image_updater.committing import Committer
from gitops_sim.agents.image_updater.definition import GROUP, KIND, USER, accounts, definition
from gitops_sim.agents.image_updater.journal import Journal
from gitops_sim.agents.image_updater.matching import MatchError, Ref, check_patterns, fits, most_specific_first
from gitops_sim.agents.image_updater.settings import ImageRule, image_rules, merged, merged_write_back
from gitops_sim.agents.image_updater.sources import UPDATABLE
from gitops_sim.agents.image_updater.status import status_after
from gitops_sim.agents.image_updater.templates import DEFAULT_MESSAGE
from gitops_sim.agents.image_updater.update import Result, Updates
from gitops_sim.agents.image_updater.write_back import WriteBack, WriteBackError, write_back_of
from gitops_sim.agents.image_updater.writing import Writer
from gitops_sim.clock import Clock, Priority, format_duration, parse_duration
from gitops_sim.cluster.controller import WorkQueue
from gitops_sim.cluster.protocol import ClusterAPI
from gitops_sim.cluster.store import Change
from gitops_sim.errors import ApiError, BadInput
from gitops_sim.forge import Forge
from gitops_sim.objects import Key, Object, key_of, with_path
from gitops_sim.registry import Registry
from gitops_sim.trace import Trace

FINALIZER = f"resources-finalizer.{GROUP}"
CONFIG_MAP = "argocd-image-updater-config"
_STANDARD = {"interval": "2m", "git.user": "argocd-image-updater", "git.email": "noreply@argoproj.io"}

Match = tuple[Object, list[ImageRule], WriteBack]


class ImageUpdater:
    """An image updater that runs beside the Argo CD of ``cluster``, in its namespace, and looks at ImageUpdaters and Applications
    there alone. The ConfigMap argocd-image-updater-config says how often it looks (``interval``), as whom it commits
    (``git.user``, ``git.email``) and with which message (``git.commit-message-template``)."""

    def __init__(self, cluster: ClusterAPI, forge: Forge, registry: Registry, clock: Clock, trace: Trace) -> None:
        self.name, self._clock = "image-updater", clock
        cluster.furnish([definition(), *accounts()])
        self.cluster = cluster.as_user(USER).informed()
        self.journal = Journal(trace, self.name, cluster.name)
        self._committer = Committer(forge, self.cluster)
        writer = Writer(self.cluster, self._committer, clock, self.journal)
        self._updates = Updates(self.cluster, registry, writer, self.journal, DEFAULT_MESSAGE)
        self.interval = 0.0
        self._queue = WorkQueue(clock, self.reconcile, priority=Priority.AGENT)
        self._configure(self.cluster.find("configmaps", CONFIG_MAP, NAMESPACE))
        self.cluster.watch(self._on_change)
        for obj in self.cluster.list(KIND, NAMESPACE):
            self._queue.add(key_of(obj))

    def credentials(self) -> list[Credential]:
        """Which keys it holds, and where."""
        written = [to for obj in self.cluster.list(KIND, NAMESPACE) for _, _, to in self._matched(obj)]
        urls = sorted({to.repository for to in written if to.git})
        home = f"cluster/{self.cluster.name}"
        return [
            Credential(self.name, "inside cluster", home, "write", "changes Applications"),
            Credential(self.name, "inside cluster", "registry", "read", "lists the tags of images"),
            *(Credential(self.name, "inside cluster", url, "write", "commits new images") for url in urls),
        ]

    # ------------------------------------------------------------------ what it is told

    def _on_change(self, change: Change) -> None:
        key, old = change.key, change.old
        if key == Key("", "ConfigMap", NAMESPACE, CONFIG_MAP):
            self._configure(None if change.type == "DELETED" else change.object)
        elif (key.group, key.kind, key.namespace) != (GROUP, "ImageUpdater", NAMESPACE):
            return
        elif change.type == "DELETED":
            self._queue.forget(key)
        elif old is None or change.object["metadata"]["generation"] != old["metadata"]["generation"]:
            self._queue.add(key)

    def _configure(self, config_map: Object | None) -> None:
        """The real one reads this when it starts; here a change counts at once, as if it had been restarted."""
        data: Mapping[str, str] = {**_STANDARD, **((config_map or {}).get("data") or {})}
        self._committer.sign_as(data["git.user"], data["git.email"])
        self._updates.message = data.get("git.commit-message-template") or DEFAULT_MESSAGE
        subject = f"ConfigMap/{NAMESPACE}/{CONFIG_MAP}"
        try:
            interval = parse_duration(data["interval"], where=f"{CONFIG_MAP}: interval")
        except BadInput as error:
            self.journal.tell(subject, "SettingIgnored", str(error).partition("\n")[0])
            interval = parse_duration(_STANDARD["interval"])
        if self.interval not in (0.0, interval):
            text = f"looks for new images every {format_duration(interval)} from now on"
            self.journal.tell(subject, "PollingChanged", text)
            for obj in self.cluster.list(KIND, NAMESPACE):
                self._queue.add(key_of(obj))
        if 0 < interval < 60:
            text = "Check interval is very low. It is not recommended to run below 1m0s"
            self.journal.tell(subject, "SettingWarning", text, interval=interval)
        self.interval = interval

    # ------------------------------------------------------------------ its turns

    def reconcile(self, key: Key) -> None:
        """One cycle for an ImageUpdater, and the next one planned. What the API server refuses is told, and tried again then."""
        try:
            obj = self.cluster.find(KIND, key.name, key.namespace)
            if obj is None:
                return
            self._cycle(key, obj)
        except ApiError as error:
            text = f"may not work on {key.name}: {error.message}"
            self.journal.tell(str(key), "AgentRefused", text, reason="it tries again in the next cycle", error=error.message)
        if self.interval > 0:
            self._queue.add(key, self.interval)

    def _cycle(self, key: Key, obj: Object) -> None:
        """Raises ApiError."""
        finalizers = list(obj["metadata"].get("finalizers") or ())
        if obj["metadata"].get("deletionTimestamp"):
            if FINALIZER in finalizers:
                kept = [name for name in finalizers if name != FINALIZER]
                self.cluster.update(with_path(obj, ("metadata", "finalizers"), kept))
            return
        if FINALIZER not in finalizers:
            obj = self.cluster.update(with_path(obj, ("metadata", "finalizers"), [*finalizers, FINALIZER]))
        result, matched, error = Result(), 0, ""
        self._committer.new_cycle()
        try:
            found = self._matched(obj)
            matched = len(found)
            for app, rules, to in found:
                result.add(self._updates.update(app, rules, to))
        except MatchError as failure:
            error = str(failure)
            self.journal.tell(str(key), "ImageUpdaterFailed", f"looks at nothing for {key.name}: {error}", error=error)
        status = status_after(obj, result, matched, error, self._clock.timestamp())
        self.cluster.update(with_path(obj, ("status",), status), subresource="status")

    def _matched(self, obj: Object) -> list[Match]:
        """The Applications that an ImageUpdater is about, each with its images and where new ones go. Raises MatchError."""
        refs: list[Ref] = list(obj["spec"].get("applicationRefs") or ())
        check_patterns(refs)
        return [match for app in self.cluster.list(APPLICATIONS, NAMESPACE) for match in self._match(obj, refs, app)]

    def _match(self, obj: Object, refs: list[Ref], app: Object) -> list[Match]:
        for ref in most_specific_first(refs):
            if not fits(ref, app):
                continue
            try:
                images, settings, verification, config = _said(obj["spec"], ref, app)
                to = write_back_of(app, config)
            except AnnotationError as error:
                self._pass_over(app, f"Could not create image list, skipping: {error}")
                continue
            except WriteBackError as error:
                self._pass_over(app, f"Could not create write-back config, skipping: {error}")
                continue
            if to.type not in UPDATABLE:
                name = f"{app['metadata']['namespace']}/{app['metadata']['name']}"
                text = f"skipping app '{name}' of type '{to.type}' because it's not of supported source type"
                self._pass_over(app, text, story=to.type != "")
                return []
            rules, warnings = image_rules(images, settings, verification)
            for warning in warnings:
                self.journal.warn(app, warning)
            return [(app, rules, to)] if rules else []
        return []

    def _pass_over(self, app: Object, words: str, *, story: bool = True) -> None:
        """What Argo CD has not looked at yet has no type: that is soon over."""
        name = app["metadata"]["name"]
        self.journal.app(app, "ApplicationSkipped", f"leaves {name} alone: {words}", reason=words, story=story)


def _said(spec: Mapping[str, Any], ref: Ref, app: Object) -> tuple[list[Any], dict[str, Any], Any, Mapping[str, Any]]:
    """Images, settings, verification and write-back for an Application: what the ImageUpdater says, or with ``useAnnotations``
    the Application itself, and then nothing else counts. Raises AnnotationError."""
    if ref.get("useAnnotations") is True:
        return annotated_images(app), annotated_settings(app), ref.get("imagesVerification"), annotated_write_back(app)
    verifications = [block for block in (spec.get("imagesVerification"), ref.get("imagesVerification")) if block is not None]
    return (
        list(ref.get("images") or ()),
        merged(spec.get("commonUpdateSettings"), ref.get("commonUpdateSettings")),
        merged(*verifications) if verifications else None,
        merged_write_back(spec.get("writeBackConfig"), ref.get("writeBackConfig")),
    )
