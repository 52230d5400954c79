"""What Flux's controllers have in common: how an object is taken on, asked about, written back and let go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gitops_sim.agents.flux.log import Log
from gitops_sim.clock import Clock
from gitops_sim.cluster.protocol import ClusterAPI
from gitops_sim.cluster.store import Change
from gitops_sim.objects import Object, annotations_of, get_path, with_path

NAMESPACE = "flux-system"
FINALIZER = "finalizers.fluxcd.io"
SOURCES: Mapping[str, str] = {
    "GitRepository": "gitrepositories",
    "OCIRepository": "ocirepositories",
    "Bucket": "buckets",
    "ExternalArtifact": "externalartifacts",
}
"""The kinds of sources whose artifacts are folders of manifests, with the names of their resources. Controllers here make those
of GitRepositories; who makes others (``Flux.storage``, ``Flux.shelf``) is free to."""
REQUESTED = "reconcile.fluxcd.io/requestedAt"
DEPENDENCY_WAIT = 30.0
"""Seconds; the flag ``--requeue-dependency``."""
_FIRST_RETRY, _LAST_RETRY = 0.75, 900.0
"""Seconds; the flags ``--min-retry-delay`` and ``--max-retry-delay``."""


def wants_look(change: Change) -> bool:
    """Whether a change of an object is one that its controller reconciles for: a new one, a new generation (a deletion is one,
    too), or a new request. Source: the predicates GenerationChanged and ReconcileRequested."""
    old, new = change.old, change.object
    if change.type == "DELETED" or old is None:
        return True
    before, after = old["metadata"], new["metadata"]
    if before.get("generation") != after.get("generation") or before.get("deletionTimestamp") != after.get("deletionTimestamp"):
        return True
    return annotations_of(old).get(REQUESTED) != annotations_of(new).get(REQUESTED)


def backoff(failures: int) -> float:
    """Seconds until a failed reconciliation is tried again, after so many failures in a row: twice as long each time."""
    wait: float = min(_FIRST_RETRY * 2 ** min(failures, 32), _LAST_RETRY)
    return wait


def requested(obj: Object) -> str:
    """When somebody last asked for a reconciliation; empty for never."""
    return str(annotations_of(obj).get(REQUESTED) or "")


def is_settled(obj: Object) -> bool:
    """Whether the last reconciliation was of this generation, and of the last request."""
    status: Mapping[str, Any] = obj.get("status") or {}
    observed = status.get("observedGeneration") == obj["metadata"].get("generation")
    return bool(observed) and status.get("lastHandledReconcileAt", "") == requested(obj)


@dataclass(frozen=True, slots=True)
class Desk:
    """How one controller works on its own objects, of one ``kind``: as the ServiceAccount of ``cluster``."""

    cluster: ClusterAPI
    clock: Clock
    kind: str
    manager: str
    log: Log

    @property
    def now(self) -> str:
        return self.clock.timestamp()

    def adopt(self, obj: Object) -> Object:
        """The object with the finalizer that lets the controller clean up."""
        finalizers = obj["metadata"].get("finalizers") or []
        if FINALIZER in finalizers:
            return obj
        return self.cluster.update(with_path(obj, ("metadata", "finalizers"), [*finalizers, FINALIZER]), manager=self.manager)

    def release(self, obj: Object) -> None:
        """Takes the finalizer off: the object may go."""
        left = [name for name in obj["metadata"].get("finalizers") or () if name != FINALIZER]
        current = self.current(obj)
        if current is not None and FINALIZER in (current["metadata"].get("finalizers") or ()):
            self.cluster.update(with_path(current, ("metadata", "finalizers"), left), manager=self.manager)

    def current(self, obj: Object) -> Object | None:
        """The object as it is now; None when it is gone, or another one of its name is there."""
        meta = obj["metadata"]
        found = self.cluster.find(self.kind, meta["name"], meta["namespace"])
        return found if found is not None and found["metadata"]["uid"] == meta["uid"] else None

    def store(self, obj: Object) -> Object:
        """Writes the status of ``obj`` onto the object as it is now; nothing when it says the same already."""
        current = self.current(obj)
        if current is None:
            return obj
        status = get_path(obj, ("status",)) or {}
        if current.get("status") == status:
            return current
        return self.cluster.update({**current, "status": status}, subresource="status", manager=f"gotk-{self.manager}")
