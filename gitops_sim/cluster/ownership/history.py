"""The managers of an object, worked out from its versions when somebody asks, and remembered with the version."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gitops_sim.cluster.kinds import Kind
from gitops_sim.cluster.ownership.managers import Owners, manager, updated
from gitops_sim.cluster.ownership.paths import NONE, Fields
from gitops_sim.cluster.ownership.shapes import Shape
from gitops_sim.cluster.schema import struct_of
from gitops_sim.cluster.store import Change, Store, Write
from gitops_sim.objects import Object

_STATUS: Fields = frozenset({("f:status",)})
_NOT_STATUS: Fields = frozenset({("f:spec",), ("f:metadata", "f:labels")})
_ONLY_STATUS: Fields = frozenset({("f:spec",), ("f:metadata",)})
_ACCOUNTS = "system:serviceaccount:"


def owners_of(store: Store, change: Change, kind: Kind, shape: Callable[[], Shape], timestamp: Callable[[float], str]) -> Owners:
    """The managers after ``change``."""
    waiting: list[tuple[Change, Write]] = []
    at: Change | None = change
    known: Owners = {}
    while at is not None:
        if at.write is not None:
            if at.write.owners is not None:
                known = at.write.owners
                break
            waiting.append((at, at.write))
        at = _before(store, at)
    for item, write in reversed(waiting):
        name = write.manager or default_manager(item.user)
        known = write.owners = after_update(kind, shape(), known, item.old, write, name, timestamp(item.time))
    return known


def after_update(kind: Kind, shape: Shape, owners: Owners, old: Object | None, write: Write, name: str, time: str) -> Owners:
    """An object whose managers were taken away is followed again from its next apply on."""
    if old is not None and not owners:
        return owners
    version = write.sent["apiVersion"]
    who = manager(name, "Update", version, write.subresource)
    live = empty(kind) if old is None else old
    ignored = ignored_by(kind, write.subresource)
    return updated(owners, shape, live, write.sent, who, version, "" if write.subresource == "scale" else time, ignored)


def ignored_by(kind: Kind, subresource: str) -> Fields:
    """What a request through this endpoint cannot change."""
    if subresource == "status":
        return _ONLY_STATUS if kind.custom else _NOT_STATUS
    return _STATUS if kind.status else NONE


def empty(kind: Kind) -> Any:
    """An object of the kind of which nothing was said yet."""
    struct = struct_of(kind)
    return {} if struct is None else struct.zero()


def default_manager(user: str) -> str:
    """The field manager of a request that names none: what the real component of that user says."""
    if user.startswith("system:node:"):
        return "kubelet"
    if user == "system:kube-scheduler":
        return "kube-scheduler"
    if user.startswith(f"{_ACCOUNTS}kube-system:"):
        name = user.rpartition(":")[2]
        return name if name.startswith("kube-scheduler") else "kube-controller-manager"
    if "argocd" in user:
        return "argocd-controller"
    return user.removeprefix(_ACCOUNTS).rpartition(":")[2] or "unknown"


def _before(store: Store, change: Change) -> Change | None:
    """The write that made the version before."""
    if change.old is None:
        return None
    return store.log[int(change.old["metadata"]["resourceVersion"]) - 1]
