"""What all controllers of the cluster have in common: a user of their own, an event recorder, retries, and adoption."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from gitops_sim.cluster import selectors
from gitops_sim.cluster.controller import Controller
from gitops_sim.cluster.controllers.relations import Relations
from gitops_sim.cluster.events import EventRecorder
from gitops_sim.cluster.store import Change
from gitops_sim.errors import ApiError
from gitops_sim.objects import Key, Object, controller_of, labels_of, with_path, without_path

if TYPE_CHECKING:
    from gitops_sim.cluster.cluster import Cluster


class ClusterController(Controller):
    """A controller of the control plane.

    ``name`` is the component that its events show, ``account`` the service account in kube-system that it acts as (``name`` when
    empty); ``watches`` are the ``(group, kind)`` of the changes that :meth:`concerned` gets to see; ``own`` is the one whose keys
    :meth:`sync` takes. A sync that an ApiError ends is tried again, later each time.
    """

    name: ClassVar[str]
    account: ClassVar[str] = ""
    part: ClassVar[str] = ""
    """What a world calls it that does without (:data:`gitops_sim.cluster.cluster.PARTS`); empty for what every cluster has."""
    watches: ClassVar[tuple[tuple[str, str], ...]]
    own: ClassVar[tuple[str, str]]

    def __init__(self, cluster: Cluster, relations: Relations) -> None:
        super().__init__(cluster.clock)
        self.cluster = cluster.as_component(f"system:serviceaccount:kube-system:{self.account or self.name}")
        self.store = cluster.store
        self.relations = relations
        self.events = EventRecorder(self.cluster, self.name)

    def reconcile(self, key: Key) -> None:
        try:
            self.sync(key)
        except ApiError as error:
            again = self.queue.retry(key)
            self.cluster.trace.add(
                "cluster",
                "ReconcileFailed",
                str(key),
                f"{self.name} fails, tries again in {again:g}s",
                reason=error.message,
                cluster=self.cluster.name,
            )
        else:
            self.queue.succeed(key)

    def sync(self, key: Key) -> None:
        raise NotImplementedError

    # ------------------------------------------------------------------ what subclasses are built from

    def concerned(self, change: Change) -> Iterable[Key]:
        """The object itself when it is of the own kind, else the owner of the own kind, or those that could adopt it."""
        key = change.key
        if (key.group, key.kind) == self.own:
            yield key
            return
        now = self._controller_key(change.object)
        if now is not None:
            yield now
        elif controller_of(change.object) is None:
            yield from self.could_adopt(change.object)
        if change.old is not None:
            before = self._controller_key(change.old)
            if before is not None and before != now:
                yield before

    def could_adopt(self, obj: Object) -> list[Key]:
        """The objects of the own kind in this namespace whose selector matches."""
        group, kind = self.own
        labels = labels_of(obj)
        found: list[Key] = []
        for candidate in self.store.list(group, kind, obj["metadata"].get("namespace") or ""):
            if selectors.matches(candidate["spec"].get("selector"), labels):
                meta = candidate["metadata"]
                found.append(Key(group, kind, meta["namespace"], meta["name"]))
        return found

    def claim(self, owner: Object, kind: str) -> list[Object]:
        """The objects of ``kind`` that ``owner`` controls: those that match its selector are adopted when nobody controls them,
        and those that match no longer are released. Source: ``pkg/controller/controller_ref_manager.go``.
        """
        meta, selector = owner["metadata"], owner["spec"].get("selector")
        going = "deletionTimestamp" in meta
        claimed: list[Object] = []
        for key in self.relations.dependents(meta["uid"]):
            obj = self.store.get(key) if key.kind == kind else None
            controller = controller_of(obj) if obj is not None else None
            if obj is None or controller is None or controller["uid"] != meta["uid"]:
                continue
            if selectors.matches(selector, labels_of(obj)):
                claimed.append(obj)
            elif not going and "deletionTimestamp" not in obj["metadata"]:
                self._let_go(obj, meta["uid"])
        if not going:
            for key in self.relations.loose(kind, meta["namespace"]):
                obj = self.store.get(key)
                if obj is None or "deletionTimestamp" in obj["metadata"] or not selectors.matches(selector, labels_of(obj)):
                    continue
                owners = [*(obj["metadata"].get("ownerReferences") or ()), owner_reference(owner)]
                claimed.append(self.cluster.update(with_path(obj, ("metadata", "ownerReferences"), owners)))
        return claimed

    def set_status(self, obj: Object, status: dict[str, Any]) -> Object:
        """Writes the status when it differs; returns the current version."""
        if obj.get("status") == status:
            return obj
        return self.cluster.update(with_path(obj, ("status",), status), subresource="status")

    def _let_go(self, obj: Object, uid: str) -> None:
        left = [owner for owner in obj["metadata"]["ownerReferences"] if owner["uid"] != uid]
        path = ("metadata", "ownerReferences")
        self.cluster.update(with_path(obj, path, left) if left else without_path(obj, path))

    def _controller_key(self, obj: Object) -> Key | None:
        controller = controller_of(obj)
        if controller is None or controller["kind"] != self.own[1]:
            return None
        return Key(*self.own, obj["metadata"].get("namespace") or "", controller["name"])


def namespace_is_going(error: ApiError) -> bool:
    """Whether a creation failed only because the namespace is being deleted: no reason to complain or to try again."""
    return error.code == 403 and "because it is being terminated" in error.message


def owner_reference(owner: Object) -> dict[str, Any]:
    """The reference that makes ``owner`` the controller of what carries it."""
    meta = owner["metadata"]
    return {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": meta["name"],
        "uid": meta["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }
