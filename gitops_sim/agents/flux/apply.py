"""Server-side apply of one stage of objects: tried out first, all of them, and then only what differs.

Source: fluxcd/pkg ``ssa/manager_apply.go`` (ApplyAll).
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gitops_sim.agents.differences import Difference, hidden
from gitops_sim.agents.flux.build import Target
from gitops_sim.agents.flux.ignore import ignored_paths, with_live_values
from gitops_sim.agents.flux.managers import MANAGER, cleanup
from gitops_sim.agents.flux.trial import SSA, Action, ApplyError, Tester, Trial, dry_run_text, has_drifted, is_skipped, says
from gitops_sim.cluster.kinds import Kind
from gitops_sim.errors import ApiError
from gitops_sim.objects import Key, Object, annotations_of, changes, dotted, get_path, with_path, without_path

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
    def changed(self) -> bool:
        return self.action not in ("unchanged", "skipped")

    def __str__(self) -> str:
        return f"{self.key} {self.action}"


class StillGoingError(Exception):
    """An object that is to be made anew is not gone yet: try the stage again in a moment."""


@dataclass(frozen=True)
class Applier(Tester):
    """Applies as the user of ``cluster``; what was compared is remembered in ``seen``."""

    seen: Seen = field(default_factory=dict)

    def stage(self, targets: Sequence[Target]) -> list[Entry]:
        """Raises ApplyError, with nothing applied when a trial failed."""
        trials = [self._try(target) for target in targets]
        return [self._apply(trial) for trial in trials]

    # ------------------------------------------------------------------ inside

    def _try(self, target: Target) -> Trial:
        kind, key, wanted = self.placed(target)
        live = self.find(kind, key)
        if is_skipped(wanted, live):
            return Trial(kind, key, wanted, live, "skipped", wanted)
        if live is not None and self.seen.get(key) == (wanted, live["metadata"]["resourceVersion"]):
            return Trial(kind, key, wanted, live, "unchanged", wanted)
        live, tried = self._dry_run(kind, key, wanted, live)
        if live is None:
            return Trial(kind, key, wanted, None, "created", wanted)
        entries = self._managers(live)
        paths = ignored_paths(self.ignore, tried)
        patch = [] if says(wanted, SSA, "Merge") or says(live, SSA, "Merge") else cleanup(live, entries)
        if not patch and not has_drifted(live, tried, paths):
            self.seen[key] = (wanted, live["metadata"]["resourceVersion"])
            return Trial(kind, key, wanted, live, "unchanged", wanted)
        if patch:
            try:
                self.cluster.patch(kind, key.name, key.namespace, patch, type="json", manager=MANAGER)
            except ApiError as error:
                raise ApplyError(f"{key} metadata.managedFields cleanup failed: {error.message}", key) from None
        return Trial(kind, key, with_live_values(wanted, live, paths, entries), live, "configured", wanted)

    def _apply(self, trial: Trial) -> Entry:
        kind, key = trial.kind, trial.key
        fields: tuple[Difference, ...] = ()
        if trial.action in ("created", "configured"):
            try:
                made = self.cluster.apply(kind, key.name, key.namespace, trial.wanted, manager=MANAGER, force=True)
            except ApiError as error:
                raise ApplyError(f"{key} apply failed: {error.message}", key) from None
            self.seen[key] = (trial.manifest, made["metadata"]["resourceVersion"])
            fields = _fields(trial.live, made) if trial.live is not None else ()
        return Entry(key, kind.version, trial.action, fields)

    def _managers(self, live: Object) -> Sequence[Mapping[str, Any]]:
        return get_path(self.cluster.with_managed_fields(live), ("metadata", "managedFields")) or ()

    def _dry_run(self, kind: Kind, key: Key, wanted: Object, live: Object | None) -> tuple[Object | None, Object]:
        """The live object, and what applying would make of it. What cannot be changed is deleted, if that is allowed, and made
        anew."""
        try:
            return live, self.dry_run(kind, key, wanted)
        except ApiError as error:
            if live is None or not self.may_replace(wanted, live, error):
                raise ApplyError(dry_run_text(key, error), key) from None
        if not live["metadata"].get("deletionTimestamp"):
            try:
                self.cluster.delete(kind, key.name, key.namespace)
            except ApiError as error:
                what = f"{key} immutable field detected, failed to delete object: {error.message}"
                raise ApplyError(what, key) from None
        if self.find(kind, key) is not None:
            raise StillGoingError
        try:
            return None, self.dry_run(kind, key, wanted)
        except ApiError as error:
            raise ApplyError(dry_run_text(key, error), key) from None


def _fields(live: Object, made: Object) -> tuple[Difference, ...]:
    """What applying changed: what Git wants, and what was there."""
    for path in _NOISE:
        live, made = without_path(live, path), without_path(made, path)
    live = with_path(live, ("metadata", "annotations"), annotations_of(live))
    made = with_path(made, ("metadata", "annotations"), annotations_of(made))
    found = tuple(Difference(dotted(path), new, old) for path, old, new in changes(live, made))
    return tuple(map(hidden, found)) if made["kind"] == "Secret" else found
