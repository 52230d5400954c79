"""Trying out one object: what a server-side apply would make of it, and whether that differs from what is there.

Source: fluxcd/pkg ``ssa/manager_diff.go``, ``ssa/manager_apply.go`` and ``ssa/errors/errors.go``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from gitops_sim.agents.flux.build import Target
from gitops_sim.agents.flux.ignore import ignored_paths, without_ignored
from gitops_sim.agents.flux.kustomization import IgnoreRule
from gitops_sim.agents.flux.managers import MANAGER
from gitops_sim.cluster.kinds import Kind
from gitops_sim.cluster.protocol import ClusterAPI
from gitops_sim.errors import ApiError
from gitops_sim.objects import Key, Object, annotations_of, labels_of, without_path

Action = Literal["created", "configured", "unchanged", "skipped", "deleted", "unknown"]
_GROUP = "kustomize.toolkit.fluxcd.io"
RECONCILE, SSA, FORCE = f"{_GROUP}/reconcile", f"{_GROUP}/ssa", f"{_GROUP}/force"
_IMMUTABLE = re.compile(r"is\simmutable|immutable\sfield")


class ApplyError(Exception):
    """``message`` as Flux reports it; ``key`` is the object."""

    def __init__(self, message: str, key: Key) -> None:
        super().__init__(message)
        self.message, self.key = message, key


@dataclass(frozen=True, slots=True)
class Trial:
    """``wanted`` is what will be applied, ``manifest`` what it was made of; ``tried`` is what the trial came to."""

    kind: Kind
    key: Key
    wanted: Object
    live: Object | None
    action: Action
    manifest: Object
    tried: Object | None = None


@dataclass(frozen=True)
class Tester:
    """Tries out as the user of ``cluster``. ``force`` allows to make an object anew."""

    cluster: ClusterAPI
    force: bool
    ignore: Sequence[IgnoreRule]

    def trial(self, target: Target) -> Trial:
        """What applying would do, with nothing changed. Raises ApplyError."""
        kind, key, wanted = self.placed(target)
        live = self.find(kind, key)
        if is_skipped(wanted, live):
            return Trial(kind, key, wanted, live, "skipped", wanted)
        try:
            tried = self.dry_run(kind, key, wanted)
        except ApiError as error:
            if live is not None and self.may_replace(wanted, live, error):
                return Trial(kind, key, wanted, live, "created", wanted)
            raise ApplyError(dry_run_text(key, error), key) from None
        if live is None:
            return Trial(kind, key, wanted, None, "created", wanted, tried)
        paths = ignored_paths(self.ignore, tried)
        action: Action = "configured" if has_drifted(live, tried, paths) else "unchanged"
        return Trial(kind, key, wanted, without_ignored(live, paths), action, wanted, without_ignored(tried, paths))

    def placed(self, target: Target) -> tuple[Kind, Key, Object]:
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

    def find(self, kind: Kind, key: Key) -> Object | None:
        """None as well for what may not be read: the trial will tell."""
        try:
            return self.cluster.find(kind, key.name, key.namespace)
        except ApiError:
            return None

    def dry_run(self, kind: Kind, key: Key, wanted: Object) -> Object:
        return self.cluster.apply(kind, key.name, key.namespace, wanted, manager=MANAGER, force=True, dry_run=True)

    def may_replace(self, wanted: Object, live: Object, error: ApiError) -> bool:
        """Whether what cannot be changed is deleted and made anew."""
        if error.reason not in ("Conflict", "Invalid") and not _IMMUTABLE.search(error.message):
            return False
        return self.force or says(wanted, FORCE, "enabled") or says(live, FORCE, "enabled")


def says(obj: Object, name: str, value: str) -> bool:
    """Whether a label or an annotation has a value, however it is spelt in capitals and small letters."""
    return any(str(held.get(name, "")).lower() == value.lower() for held in (labels_of(obj), annotations_of(obj)))


def is_skipped(wanted: Object, live: Object | None) -> bool:
    """Whether the manifest, or the live object, says that Flux is to leave it alone."""
    if _is_excluded(wanted):
        return True
    return live is not None and (_is_excluded(live) or says(wanted, SSA, "IfNotPresent"))


def _is_excluded(obj: Object) -> bool:
    return says(obj, RECONCILE, "disabled") or says(obj, SSA, "Ignore")


def has_drifted(live: Object, tried: Object, paths: Sequence[Sequence[str | int]]) -> bool:
    """Whether labels, annotations or anything else but metadata and status differ."""
    before, after = without_ignored(live, paths), without_ignored(tried, paths)
    if labels_of(before) != labels_of(after) or annotations_of(before) != annotations_of(after):
        return True
    return {k: v for k, v in before.items() if k not in ("metadata", "status")} != {
        k: v for k, v in after.items() if k not in ("metadata", "status")
    }


def dry_run_text(key: Key, error: ApiError) -> str:
    """What is reported of a trial that failed. Source: DryRunErr."""
    if error.code == 404:
        return f"{key} not found: {error.message}"
    reason = f" ({error.reason})" if error.reason else ""
    return f"{key} dry-run failed{reason}: {error.message}"
