"""How Argo CD recognises what is its own: an annotation on every object that it applies.

``argocd.argoproj.io/tracking-id: <app>:<group>/<Kind>:<namespace>/<name>``; annotation tracking is the default since 3.0.
Source: ``util/argo/resource_tracking.go``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from gitops_sim.cluster.protocol import ClusterAPI
from gitops_sim.cluster.store import Change
from gitops_sim.objects import Key, Object, annotations_of, key_of, with_path

TRACKING_ID = "argocd.argoproj.io/tracking-id"

Changed = Callable[[Key, Iterable[str]], object]
"""Told of a change of a managed object, with the instances that it concerns."""


def tracking_id(instance: str, key: Key, destination: str) -> str:
    """For a cluster-scoped object the namespace part is the destination's."""
    return f"{instance}:{key.group}/{key.kind}:{key.namespace or destination}/{key.name}"


def tracked(obj: Any, instance: str, key: Key, destination: str) -> Any:
    """A copy of a manifest that says whose it is."""
    return with_path(obj, ("metadata", "annotations", TRACKING_ID), tracking_id(instance, key, destination))


def owner_of(key: Key, obj: Object) -> str | None:
    """The instance that an object names as its owner. None when it names none, or when its tracking id is somebody else's:
    controllers copy annotations, so the id on a ReplicaSet may be its Deployment's. The id of a hook whose name was made up has
    none."""
    text = _mark(obj)
    if not isinstance(text, str):
        return None
    instance, _, rest = text.partition(":")
    identity, _, place = rest.partition(":")
    group, _, kind = identity.partition("/")
    namespace, _, name = place.partition("/")
    if (group, kind) != (key.group, key.kind) or name not in ("", key.name) or (key.namespace and namespace != key.namespace):
        return None
    return instance


def _mark(obj: Object) -> Any:
    return annotations_of(obj).get(TRACKING_ID)


class LiveState:
    """Which objects of the cluster belong to which instance, kept by watching, never by listing again.

    ``changed(key, instances)`` is called for every change of a managed object, with the instances that it concerns.
    """

    def __init__(self, cluster: ClusterAPI, changed: Changed) -> None:
        self._cluster, self._changed = cluster, changed
        self._owned: dict[str, set[Key]] = {}
        self._owner: dict[Key, str] = {}
        self._wanted: dict[Key, set[str]] = {}
        self._guarded: dict[str, set[str]] = {}
        for kind in cluster.kinds:
            for obj in cluster.list(kind):
                self._learn(key_of(obj), obj)
        cluster.watch(self.on_change)

    def owned(self, instance: str) -> list[Key]:
        """The objects that carry the instance's tracking id, sorted."""
        return sorted(self._owned.get(instance, ()))

    def owner(self, key: Key) -> str | None:
        return self._owner.get(key)

    def want(self, instance: str, old: Iterable[Key], new: Iterable[Key]) -> None:
        """Also watches the objects that Git mentions but that nobody tracks yet, in place of those that it mentioned before."""
        for key in old:
            wishers = self._wanted.get(key)
            if wishers:
                wishers.discard(instance)
                if not wishers:
                    del self._wanted[key]
        for key in new:
            self._wanted.setdefault(key, set()).add(instance)

    def guard(self, instance: str, namespace: str) -> None:
        """Also watches everything in a namespace that is nobody's, for an instance that looks for orphans; none when empty."""
        for watchers in self._guarded.values():
            watchers.discard(instance)
        if namespace:
            self._guarded.setdefault(namespace, set()).add(instance)

    def guards(self, instance: str) -> bool:
        return any(instance in watchers for watchers in self._guarded.values())

    def on_change(self, change: Change) -> None:
        key = change.key
        before = after = self._owner.get(key)
        if change.type != "MODIFIED" or change.old is None or _mark(change.old) != _mark(change.object):
            self._learn(key, None if change.type == "DELETED" else change.object)
            after = self._owner.get(key)
        wanted = self._wanted.get(key)
        guards = self._guarded.get(key.namespace)
        if before or after or wanted or guards:
            self._changed(key, sorted({*(wanted or ()), *(guards or ()), *filter(None, (before, after))}))

    def _learn(self, key: Key, obj: Object | None) -> None:
        old = self._owner.get(key)
        new = None if obj is None else owner_of(key, obj)
        if old == new:
            return
        if old is not None:
            self._owned[old].discard(key)
            del self._owner[key]
        if new is not None:
            self._owned.setdefault(new, set()).add(key)
            self._owner[key] = new
