"""Who owns whom: the one index that all controllers share, so that none of them searches the whole store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitops_sim.cluster.store import Change
from gitops_sim.objects import Key, Object

_ADOPTABLE = ("Pod", "ReplicaSet", "ControllerRevision")


class Relations:
    """Owners and dependents of all objects, kept current change by change.

    Holds keys only, never objects: the store has those.
    """

    def __init__(self) -> None:
        self._keys: dict[str, Key] = {}
        self._dependents: dict[str, dict[Key, None]] = {}
        self._loose: dict[tuple[str, str], dict[Key, None]] = {}

    def update(self, change: Change) -> None:
        meta = change.object["metadata"]
        if change.type == "MODIFIED" and change.old is not None:
            before, after = change.old["metadata"].get("ownerReferences"), meta.get("ownerReferences")
            if before is not after and before != after:
                self._unlink(change.key, before)
                self._link(change.key, after)
        elif change.type == "ADDED":
            self.add(change.key, change.object)
        else:
            self._keys.pop(meta["uid"], None)
            self._unlink(change.key, meta.get("ownerReferences"))
            if (change.key.kind, change.key.namespace) in self._loose:
                self._loose[change.key.kind, change.key.namespace].pop(change.key, None)

    def add(self, key: Key, obj: Object) -> None:
        self._keys[obj["metadata"]["uid"]] = key
        self._link(key, obj["metadata"].get("ownerReferences"))

    def key_of(self, uid: str) -> Key | None:
        """The object with this uid; None when it is gone or never was."""
        return self._keys.get(uid)

    def dependents(self, uid: str) -> list[Key]:
        """The objects that name ``uid`` among their owners, in the order in which they came."""
        return list(self._dependents.get(uid, ()))

    def loose(self, kind: str, namespace: str) -> list[Key]:
        """Pods, ReplicaSets or ControllerRevisions that no controller owns, which a controller may adopt."""
        return list(self._loose.get((kind, namespace), ()))

    def _link(self, key: Key, owners: Any) -> None:
        controlled = False
        for owner in owners or ():
            self._dependents.setdefault(owner["uid"], {})[key] = None
            controlled = controlled or bool(owner.get("controller"))
        if key.kind in _ADOPTABLE and not controlled:
            self._loose.setdefault((key.kind, key.namespace), {})[key] = None

    def _unlink(self, key: Key, owners: Any) -> None:
        for owner in owners or ():
            siblings = self._dependents.get(owner["uid"], {})
            siblings.pop(key, None)
            if not siblings:
                self._dependents.pop(owner["uid"], None)
        if key.kind in _ADOPTABLE:
            self._loose.get((key.kind, key.namespace), {}).pop(key, None)

    def __deepcopy__(self, memo: dict[int, Any]) -> Relations:
        twin = Relations()
        memo[id(self)] = twin
        twin._keys = dict(self._keys)
        twin._dependents = _copied(self._dependents)
        twin._loose = _copied(self._loose)
        return twin


def _copied(index: Mapping[Any, dict[Key, None]]) -> dict[Any, dict[Key, None]]:
    return {name: dict(keys) for name, keys in index.items()}
