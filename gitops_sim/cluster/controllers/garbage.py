"""The garbage collector: what nobody owns any more goes, in the order that the deletion asked for.

Source: k8s.io/kubernetes ``pkg/controller/garbagecollector/garbagecollector.go``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gitops_sim.cluster.controllers.base import ClusterController
from gitops_sim.cluster.protocol import Propagation
from gitops_sim.cluster.store import Change
from gitops_sim.objects import Key, Object, group_of, with_path, without_path

FOREGROUND, ORPHAN = "foregroundDeletion", "orphan"


class GarbageCollector(ClusterController):
    """Watches all kinds. Background: dependents of a deleted owner are deleted. Foreground: an owner with that finalizer waits
    until no dependent with ``blockOwnerDeletion`` is left. Orphan: its dependents forget it first.
    """

    name = "generic-garbage-collector"
    own = ("", "")
    watches = ()

    def concerned(self, change: Change) -> Iterable[Key]:
        meta = change.object["metadata"]
        owners = meta.get("ownerReferences") or ()
        if change.type == "DELETED":
            yield from self.relations.dependents(meta["uid"])
            yield from self._waiting_owners(owners)
            return
        lost = owners and any(self.relations.key_of(owner["uid"]) is None for owner in owners)
        if lost or ("deletionTimestamp" in meta and _marks(meta)):
            yield change.key
        if change.old is not None and change.old["metadata"].get("ownerReferences") != meta.get("ownerReferences"):
            yield change.key
            yield from self._waiting_owners(change.old["metadata"].get("ownerReferences") or ())

    def sync(self, key: Key) -> None:
        obj = self.store.get(key)
        if obj is None:
            return
        if "deletionTimestamp" in obj["metadata"]:
            marks = _marks(obj["metadata"])
            if ORPHAN in marks:
                self._orphan_dependents(obj)
            elif FOREGROUND in marks:
                self._delete_dependents(obj)
        else:
            self._collect(key, obj)

    def _collect(self, key: Key, obj: Object) -> None:
        """Deletes an object without owners left, or takes the references to missing ones away."""
        references = obj["metadata"].get("ownerReferences") or []
        present = [owner for owner in references if self._present(key, owner) is not None]
        solid = [owner for owner in present if not self._waits_for(key, owner)]
        if not references:
            return
        if not present:
            self._delete(key, obj, _policy(obj))
        elif not solid:
            blocked = self.relations.dependents(obj["metadata"]["uid"])
            self._delete(key, obj, "Foreground" if blocked else _policy(obj))
        elif len(solid) < len(references):
            self.cluster.update(with_path(obj, ("metadata", "ownerReferences"), solid))

    def _delete_dependents(self, owner: Object) -> None:
        uid = owner["metadata"]["uid"]
        blocking = [
            (key, dependent)
            for key, dependent in self._dependents(uid)
            if any(o["uid"] == uid and o.get("blockOwnerDeletion") for o in dependent["metadata"]["ownerReferences"])
        ]
        if not blocking:
            self._remove_finalizer(owner, FOREGROUND)
        for key, dependent in blocking:
            if "deletionTimestamp" not in dependent["metadata"]:
                self._collect(key, dependent)

    def _orphan_dependents(self, owner: Object) -> None:
        uid = owner["metadata"]["uid"]
        for _, dependent in self._dependents(uid):
            left = [o for o in dependent["metadata"]["ownerReferences"] if o["uid"] != uid]
            path = ("metadata", "ownerReferences")
            self.cluster.update(with_path(dependent, path, left) if left else without_path(dependent, path))
        self._remove_finalizer(owner, ORPHAN)

    def _remove_finalizer(self, obj: Object, finalizer: str) -> None:
        left = [name for name in obj["metadata"]["finalizers"] if name != finalizer]
        path = ("metadata", "finalizers")
        self.cluster.update(with_path(obj, path, left) if left else without_path(obj, path))

    def _delete(self, key: Key, obj: Object, propagation: Propagation) -> None:
        self.cluster.delete(self.cluster.kind_of(obj), key.name, key.namespace, propagation=propagation)

    def _dependents(self, uid: str) -> list[tuple[Key, Object]]:
        found = [(key, self.store.get(key)) for key in self.relations.dependents(uid)]
        return [(key, obj) for key, obj in found if obj is not None]

    def _present(self, key: Key, reference: Mapping[str, Any]) -> Object | None:
        """The owner, if it is the very object that is meant: same kind, name, place and uid."""
        found = self.relations.key_of(reference["uid"])
        if found is None or (found.group, found.kind, found.name) != (
            group_of(reference["apiVersion"]),
            reference["kind"],
            reference["name"],
        ):
            return None
        return self.store.get(found) if found.namespace in ("", key.namespace) else None

    def _waits_for(self, key: Key, reference: Mapping[str, Any]) -> bool:
        owner = self._present(key, reference)
        return owner is not None and "deletionTimestamp" in owner["metadata"] and FOREGROUND in _marks(owner["metadata"])

    def _waiting_owners(self, owners: Iterable[Mapping[str, Any]]) -> Iterable[Key]:
        for reference in owners:
            owner_key = self.relations.key_of(reference["uid"])
            owner = self.store.get(owner_key) if owner_key is not None else None
            if owner_key is not None and owner is not None and "deletionTimestamp" in owner["metadata"]:
                yield owner_key


def _marks(meta: Mapping[str, Any]) -> list[str]:
    return [name for name in meta.get("finalizers") or () if name in (FOREGROUND, ORPHAN)]


def _policy(obj: Object) -> Propagation:
    marks = _marks(obj["metadata"])
    return "Orphan" if ORPHAN in marks else "Foreground" if FOREGROUND in marks else "Background"
