"""The cluster's memory: every version of every object, structure shared, with a watch."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from immutables import Map

from gitops_sim.clock import Clock
from gitops_sim.errors import BadInput
from gitops_sim.objects import Key, Object, with_path

Shelf = Map[tuple[str, str], Object]
Root = Map[tuple[str, str], Shelf]


@dataclass(eq=False, slots=True)
class Write:
    """How a version came to be, from which its ``metadata.managedFields`` are worked out when somebody asks.

    ``manager`` is the field manager that the request named, if any; ``sent`` what it asked for, read and defaulted, before the
    server added anything; ``owners`` are the managers after it, once they are known.
    """

    manager: str
    subresource: str
    sent: Object
    owners: Any = None


@dataclass(frozen=True, slots=True)
class Change:
    """One write. ``type`` is the watch event's (``ADDED``, ``MODIFIED``, ``DELETED``); ``object`` is the new version, or
    the last one
    for a deletion; ``old`` is None for an addition; ``user`` is who wrote it. Without a ``write`` nobody's ownership of
    fields changed."""

    type: Literal["ADDED", "MODIFIED", "DELETED"]
    key: Key
    object: Object
    old: Object | None
    revision: int
    time: float
    user: str
    write: Write | None = None


Changes = list[Change]
Objects = list[Object]
Watcher = Callable[[Change], object]


class Snapshot:
    """All objects as they were at one revision. Taking one costs nothing: it is a reference to an immutable map."""

    __slots__ = ("_root", "revision")

    def __init__(self, root: Root, revision: int) -> None:
        self._root, self.revision = root, revision

    def get(self, key: Key) -> Object | None:
        shelf = self._root.get((key.group, key.kind))
        return shelf.get((key.namespace, key.name)) if shelf is not None else None

    def list(self, group: str, kind: str, namespace: str = "") -> list[Object]:
        """Sorted by namespace and name, as etcd keys are; all namespaces when none is given."""
        shelf = self._root.get((group, kind))
        if shelf is None:
            return []
        keys = sorted(shelf) if not namespace else sorted(k for k in shelf if k[0] == namespace)
        return [shelf[k] for k in keys]

    def shelf(self, group: str, kind: str) -> Shelf | None:
        """All objects of one kind: the same map as long as none of them changes."""
        return self._root.get((group, kind))

    def kinds(self) -> Sequence[tuple[str, str]]:
        """``(group, kind)`` of every kind that has objects, sorted."""
        return sorted(identity for identity, shelf in self._root.items() if shelf)


class Store(Snapshot):
    """The current objects, and the log of all changes that led to them.

    ``revision`` is the cluster-wide counter behind ``metadata.resourceVersion``. Watchers are called in the order in
    which they came, during
    the write: they only note what to look at later.
    """

    __slots__ = ("_clock", "_lists", "_roots", "_times", "_watchers", "log", "tried")

    def __init__(self, clock: Clock) -> None:
        super().__init__(Map(), 0)
        self._clock = clock
        self.log: list[Change] = []
        self._lists: dict[tuple[str, str, str], tuple[Shelf, Objects]] = {}
        self._roots: list[Root] = []
        self._times: list[float] = []
        self._watchers: list[Watcher] = []
        self.tried: Change | None = None
        """What the last dry run would have written."""

    def put(self, key: Key, obj: Object, user: str, write: Write | None = None) -> Object:
        """Stores a new version under the next resourceVersion and returns it as stored."""
        old = self.get(key)
        stored: Object = with_path(obj, ("metadata", "resourceVersion"), str(self.revision + 1))
        shelf: Shelf = self._root.get((key.group, key.kind)) or Map()
        self._root = self._root.set((key.group, key.kind), shelf.set((key.namespace, key.name), stored))
        self._note("ADDED" if old is None else "MODIFIED", key, stored, old, user, write)
        return stored

    def try_out(self, key: Key, obj: Object, user: str, write: Write) -> Object:
        """Notes what a dry run would have stored."""
        old = self.get(key)
        type_: Literal["ADDED", "MODIFIED"] = "ADDED" if old is None else "MODIFIED"
        self.tried = Change(type_, key, obj, old, self.revision, self._clock.now, user, write)
        return obj

    def furnish(self, key: Key, obj: Object) -> None:
        """Puts an object where it might always have been: under no new revision, and nobody is told."""
        stored: Object = with_path(obj, ("metadata", "resourceVersion"), str(self.revision or 1))
        shelf: Shelf = self._root.get((key.group, key.kind)) or Map()
        self._root = self._root.set((key.group, key.kind), shelf.set((key.namespace, key.name), stored))
        if self._roots:
            self._roots[-1] = self._root

    def remove(self, key: Key, user: str, last: Object | None = None) -> Object:
        """Forgets the object; its last version, under the resourceVersion of the deletion, is returned and stays in the
        log. ``last``
        is what the deletion itself still changed in it."""
        old = self.get(key)
        if old is None:
            raise KeyError(key)
        last = with_path(last or old, ("metadata", "resourceVersion"), str(self.revision + 1))
        shelf = self._root[key.group, key.kind].delete((key.namespace, key.name))
        self._root = self._root.set((key.group, key.kind), shelf)
        self._note("DELETED", key, last, old, user)
        return last

    def _note(
        self,
        type_: Literal["ADDED", "MODIFIED", "DELETED"],
        key: Key,
        obj: Object,
        old: Object | None,
        user: str,
        write: Write | None = None,
    ) -> None:
        self.revision += 1
        change = Change(type_, key, obj, old, self.revision, self._clock.now, user, write)
        self.log.append(change)
        self._roots.append(self._root)
        self._times.append(change.time)
        for watcher in tuple(self._watchers):
            watcher(change)

    def watch(self, watcher: Watcher) -> None:
        self._watchers.append(watcher)

    def at(self, time: float) -> Past:
        """All objects as they were after the last change at or before ``time``."""
        count = bisect_right(self._times, time)
        return Past(self._clock, self._roots[count - 1] if count else Map(), self.log[:count])

    def at_revision(self, revision: int) -> Snapshot:
        """All objects as they were after the change of that revision, which must have been."""
        return Snapshot(self._roots[revision - 1] if revision else Map(), revision)

    def list(self, group: str, kind: str, namespace: str = "") -> Objects:
        """As of a snapshot; what was listed once is kept until something of that kind changes."""
        shelf = self._root.get((group, kind))
        if shelf is None:
            return []
        place = (group, kind, namespace)
        shown = self._lists.get(place)
        if shown is None or shown[0] is not shelf:
            shown = self._lists[place] = (shelf, super().list(group, kind, namespace))
        return shown[1].copy()

    def written(self, obj: Object) -> float:
        """When this version of an object was written (simulated seconds); 0 for what nobody wrote, and was there all the same."""
        text = str(obj["metadata"].get("resourceVersion") or "")
        revision = int(text) if text.isdecimal() else 0
        change = self.log[revision - 1] if 0 < revision <= len(self.log) else None
        return change.time if change is not None and change.object is obj else 0.0

    def history(self, key: Key) -> Changes:
        """Every change of one object, oldest first."""
        return [change for change in self.log if change.key == key]

    def __deepcopy__(self, memo: dict[int, Any]) -> Store:
        import copy

        twin = Store.__new__(Store)
        memo[id(self)] = twin
        twin._root, twin.revision, twin._lists = self._root, self.revision, {}
        twin.log, twin._roots, twin._times = list(self.log), list(self._roots), list(self._times)
        twin._clock = copy.deepcopy(self._clock, memo)
        twin._watchers = copy.deepcopy(self._watchers, memo)
        twin.tried = self.tried
        return twin


class Past(Store):
    """A store as it was at some time: it can be read like any other, and refuses to be written."""

    __slots__ = ()

    def __init__(self, clock: Clock, root: Root, log: list[Change]) -> None:
        super().__init__(clock)
        self._root, self.revision, self.log = root, len(log), log

    def put(self, key: Key, obj: Object, user: str, write: Write | None = None) -> Object:
        raise _past(key)

    def remove(self, key: Key, user: str, last: Object | None = None) -> Object:
        raise _past(key)


def _past(key: Key) -> BadInput:
    return BadInput(f"{key} cannot be changed: this is the past", mend="take world.fork() and go another way from the present")
