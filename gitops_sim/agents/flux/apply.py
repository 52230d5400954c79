"""Server-side apply of one stage of objects: tried out first, all of them, and then only what differs.

Source: fluxcd/pkg ``ssa/manager_apply.go`` (ApplyAll), ``ssa/manager_diff.go`` and ``ssa/errors/errors.go``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from gitops_sim.agents.differences import Difference, hidden
from gitops_sim.agents.flux.build import Target
from gitops_sim.agents.flux.ignore import ignored_paths, with_live_values, without_ignored
from gitops_sim.agents.flux.kustomization import IgnoreRule
from gitops_sim.agents.flux.managers import MANAGER, cleanup
from gitops_sim.cluster.kinds import Kind
from gitops_sim.cluster.protocol import ClusterAPI
from gitops_sim.errors import ApiError
from gitops_sim.objects import Key, Object, annotations_of, changes, dotted, get_path, labels_of, with_path, without_path

Action = Literal["created", "configured", "unchanged", "skipped", "deleted", "unknown"]
_GROUP = "kustomize.toolkit.fluxcd.io"
RECONCILE, SSA, FORCE = f"{_GROUP}/reconcile", f"{_GROUP}/ssa", f"{_GROUP}/force"
_IMMUTABLE = re.compile(r"is\simmutable|immutable\sfield")
_NOISE = (("metadata", "resourceVersion"), ("metadata", "generation"), ("metadata", "managedFields"), ("status",))

Seen = MutableMapping[Key, tuple[Object, str]]
"""What was compared last: the manifest and the resourceVersion of the live object, which agreed."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What was done to one object. ``fields`` are those that Flux changed in an object that was there."""

    key: Key
    version: str
    action: Action
    fields: tuple[Difference, ...] = ()

    @property
    def subject(self) -> str:
        return str(self.key)

    @property
    def changed(self) -> bool:
        return self.action not in ("unchanged", "skipped")

    def __str__(self) -> str:
        return f"{self.subject} {self.action}"


class ApplyError(Exception):
    """``message`` as Flux reports it; ``key`` is the object."""

    def __init__(self, message: str, key: Key) -> None:
        super().__init__(message)
        self.message, self.key = message, key


class StillGoingError(Exception):
    """An object that is to be made anew is not gone yet: try the stage again in a moment."""


@dataclass(frozen=True, slots=True)
class Applier:
    """Applies as the user of ``cluster``, what is compared remembered in ``seen``."""

    cluster: ClusterAPI
    force: bool
    ignore: Sequence[IgnoreRule]
    seen: Seen

    def stage(self, targets: Sequence[Target]) -> list[Entry]:
        """Raises ApplyError, with nothing applied when a trial failed."""
        trials = [self._try(target) for target in targets]
        return [self._apply(trial) for trial in trials]

    # ------------------------------------------------------------------ inside

    def _try(self, target: Target) -> _Trial:
        kind, key, wanted = self._placed(target)
        live = self._find(kind, key)
        if _excluded(wanted) or (live is not None and (_excluded(live) or says(wanted, SSA, "IfNotPresent"))):
            return _Trial(kind, key, wanted, live, "skipped")
        if live is not None and self.seen.get(key) == (wanted, live["metadata"]["resourceVersion"]):
            return _Trial(kind, key, wanted, live, "unchanged")
        live, tried = self._dry_run(kind, key, wanted, live)
        if live is None:
            return _Trial(kind, key, wanted, None, "created")
        entries = self._managers(live)
        paths = ignored_paths(self.ignore, tried)
        patch = [] if says(wanted, SSA, "Merge") or says(live, SSA, "Merge") else cleanup(live, entries)
        if not patch and not _drifted(live, tried, paths):
            self.seen[key] = (wanted, live["metadata"]["resourceVersion"])
            return _Trial(kind, key, wanted, live, "unchanged")
        if patch:
            try:
                self.cluster.patch(kind, key.name, key.namespace, patch, type="json", manager=MANAGER)
            except ApiError as error:
                raise ApplyError(f"{key} metadata.managedFields cleanup failed: {error.message}", key) from None
        applied = with_live_values(wanted, live, paths, entries)
        return _Trial(kind, key, applied, live, "configured", wanted)

    def _apply(self, trial: _Trial) -> Entry:
        kind, key = trial.kind, trial.key
        fields: tuple[Difference, ...] = ()
        if trial.action in ("created", "configured"):
            try:
                made = self.cluster.apply(kind, key.name, key.namespace, trial.wanted, manager=MANAGER, force=True)
            except ApiError as error:
                raise ApplyError(f"{key} apply failed: {error.message}", key) from None
            self.seen[key] = (trial.manifest or trial.wanted, made["metadata"]["resourceVersion"])
            fields = _fields(trial.live, made) if trial.live is not None else ()
        return Entry(key, kind.version, trial.action, fields)

    def _placed(self, target: Target) -> tuple[Kind, Key, Object]:
        """The kind, and the manifest without a namespace that its kind does not have. Raises ApplyError for what the cluster
        does not know."""
        obj, key = target.object, target.key
        kind = self.cluster.kinds.of(key.group, key.kind)
        if kind is None or kind.guessed:
            raise ApplyError(f'{key} dry-run failed: no matches for kind "{key.kind}" in version "{obj["apiVersion"]}"', key)
        if obj["apiVersion"] != kind.api_version:
            kind = self.cluster.kind_of(obj)
        if not kind.namespaced:
            return kind, key._replace(namespace=""), without_path(obj, ("metadata", "namespace"))
        if not key.namespace:
            text = f"{key} namespace not specified: the server could not find the requested resource"
            raise ApplyError(text, key)
        return kind, key, obj

    def _find(self, kind: Kind, key: Key) -> Object | None:
        """None as well for what may not be read: the trial will tell."""
        try:
            return self.cluster.find(kind, key.name, key.namespace)
        except ApiError:
            return None

    def _managers(self, live: Object) -> Sequence[Mapping[str, Any]]:
        return get_path(self.cluster.with_managed_fields(live), ("metadata", "managedFields")) or ()

    def _dry_run(self, kind: Kind, key: Key, wanted: Object, live: Object | None) -> tuple[Object | None, Object]:
        """The live object, and what applying would make of it. What cannot be changed is deleted, if that is allowed, and made
        anew."""
        try:
            return live, self._tried(kind, key, wanted)
        except ApiError as error:
            if live is None or not (self.force or says(wanted, FORCE, "enabled") or says(live, FORCE, "enabled")):
                raise ApplyError(_dry_run_text(key, error), key) from None
            if error.reason not in ("Conflict", "Invalid") and not _IMMUTABLE.search(error.message):
                raise ApplyError(_dry_run_text(key, error), key) from None
        if not live["metadata"].get("deletionTimestamp"):
            try:
                self.cluster.delete(kind, key.name, key.namespace)
            except ApiError as error:
                what = f"{key} immutable field detected, failed to delete object: {error.message}"
                raise ApplyError(what, key) from None
        if self._find(kind, key) is not None:
            raise StillGoingError
        try:
            return None, self._tried(kind, key, wanted)
        except ApiError as error:
            raise ApplyError(_dry_run_text(key, error), key) from None

    def _tried(self, kind: Kind, key: Key, wanted: Object) -> Object:
        return self.cluster.apply(kind, key.name, key.namespace, wanted, manager=MANAGER, force=True, dry_run=True)


@dataclass(frozen=True, slots=True)
class _Trial:
    """``wanted`` is what will be applied; ``manifest`` what it is made of, where that is something else."""

    kind: Kind
    key: Key
    wanted: Object
    live: Object | None
    action: Action
    manifest: Object | None = None


def says(obj: Object, name: str, value: str) -> bool:
    """Whether a label or an annotation has a value, however it is spelt in capitals and small letters."""
    return any(str(held.get(name, "")).lower() == value.lower() for held in (labels_of(obj), annotations_of(obj)))


def _excluded(obj: Object) -> bool:
    return says(obj, RECONCILE, "disabled") or says(obj, SSA, "Ignore")


def _drifted(live: Object, tried: Object, paths: Sequence[Sequence[str | int]]) -> bool:
    """Whether labels, annotations or anything else but metadata and status differ."""
    before, after = without_ignored(live, paths), without_ignored(tried, paths)
    if labels_of(before) != labels_of(after) or annotations_of(before) != annotations_of(after):
        return True
    return {k: v for k, v in before.items() if k not in ("metadata", "status")} != {
        k: v for k, v in after.items() if k not in ("metadata", "status")
    }


def _fields(live: Object, made: Object) -> tuple[Difference, ...]:
    """What applying changed: what Git wants, and what was there."""
    for path in _NOISE:
        live, made = without_path(live, path), without_path(made, path)
    live = with_path(live, ("metadata", "annotations"), annotations_of(live))
    made = with_path(made, ("metadata", "annotations"), annotations_of(made))
    found = tuple(Difference(dotted(path), new, old) for path, old, new in changes(live, made))
    return tuple(map(hidden, found)) if made["kind"] == "Secret" else found


def _dry_run_text(key: Key, error: ApiError) -> str:
    """Source: DryRunErr."""
    if error.code == 404:
        return f"{key} not found: {error.message}"
    reason = f" ({error.reason})" if error.reason else ""
    return f"{key} dry-run failed{reason}: {error.message}"
