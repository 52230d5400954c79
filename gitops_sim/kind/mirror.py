"""What is known of a real cluster, kept as the in-memory cluster keeps its own: pictures, trees and time travel read it."""

from __future__ import annotations

from immutables import Map

from gitops_sim.cluster.store import Shelf, Store
from gitops_sim.kind.watching import Seen


class Mirror(Store):
    """A store that is told what happened elsewhere: objects keep the resourceVersions of their server."""

    __slots__ = ()

    def take(self, seen: Seen, user: str) -> None:
        """Keeps one change and tells the watchers. What is known already changes nothing."""
        key, old = seen.key, self.get(seen.key)
        shelf: Shelf = self._root.get((key.group, key.kind)) or Map()
        place = (key.namespace, key.name)
        if seen.type == "DELETED":
            if old is None:
                return
            self._root = self._root.set((key.group, key.kind), shelf.delete(place))
            self._note("DELETED", key, seen.object, old, user)
            return
        if old is not None and old["metadata"]["resourceVersion"] == seen.object["metadata"]["resourceVersion"]:
            return
        self._root = self._root.set((key.group, key.kind), shelf.set(place, seen.object))
        self._note("ADDED" if old is None else "MODIFIED", key, seen.object, old, user)
