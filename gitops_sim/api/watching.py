"""Watches: what changed since a version, as a client goes on asking.

A watch holds a place in the store's log and nothing else. It is not registered anywhere, so that a client that vanished or is
slow costs nothing; whoever serves it asks it for more when the revision moved on.

Source: k8s.io/apiserver ``pkg/storage/cacher`` and ``pkg/endpoints/handlers/watch.go``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from gitops_sim.api import forms, lists
from gitops_sim.api.accept import Form
from gitops_sim.api.options import ListOptions, no_number, revision_of
from gitops_sim.api.response import encoded
from gitops_sim.api.route import Target
from gitops_sim.cluster import versions
from gitops_sim.cluster.cluster import Cluster
from gitops_sim.cluster.store import Change
from gitops_sim.errors import ApiError
from gitops_sim.objects import Object, with_path

LONGEST = 1800.0
"""Real seconds that a watch lasts when the client names none."""
Type = Literal["ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR"]


class Watch:
    """``timeout`` is in real seconds. ``ended`` is true after an error: nothing more will come."""

    def __init__(self, cluster: Cluster, target: Target, options: ListOptions, form: Form, include: str) -> None:
        self._cluster, self._target, self._form, self._include = cluster, target, form, include
        self._selected = lists.selection(target.kind, options, target.name)
        self.timeout = options.timeout or LONGEST
        self.bookmarks = options.bookmarks
        self.ended = False
        self._headed = False
        self._waiting: list[tuple[Type, Any]] = []
        self._place = cluster.store.revision
        self._begin(options)

    def _begin(self, options: ListOptions) -> None:
        initial = options.version in ("", "0") if options.initial is None else options.initial
        if options.version not in ("", "0"):
            wanted = revision_of(options.version)
            if wanted is None:
                raise ApiError(500, "", no_number(options.version))
            if not initial:
                self._resume(wanted)
        if initial:
            found = self._cluster.list(self._target.kind, self._target.namespace)
            self._waiting += [("ADDED", obj) for obj in found if self._selected(obj)]
            if options.initial and options.bookmarks:
                last = max((int(obj["metadata"]["resourceVersion"]) for _, obj in self._waiting), default=self._place)
                self._waiting.append(("BOOKMARK", self._mark(last, {"k8s.io/initial-events-end": "true"})))

    def _resume(self, wanted: int) -> None:
        oldest = lists.oldest(self._cluster)
        if wanted < oldest:
            error = ApiError(410, "Expired", f"too old resource version: {wanted} ({oldest})")
            self._waiting.append(("ERROR", error.status()))
            self.ended = True
            return
        self._place = wanted

    def take(self) -> list[bytes]:
        """The events since the last call, one line of JSON each."""
        events = self._waiting
        self._waiting = []
        if not self.ended:
            log = self._cluster.store.log
            for change in log[self._place :]:
                events.extend(self._events(change))
            self._place = max(self._place, len(log))
        return [encoded({"type": type_, "object": self._formed(type_, obj)}) for type_, obj in events]

    def bookmark(self) -> list[bytes]:
        """Where the watch stands, for a client that wants to know; empty for others."""
        if not self.bookmarks or self.ended:
            return []
        return [encoded({"type": "BOOKMARK", "object": self._formed("BOOKMARK", self._mark(self._place, {}))})]

    def _events(self, change: Change) -> Iterator[tuple[Type, Object]]:
        key, kind = change.key, self._target.kind
        stored = kind.stored or kind
        if (key.group, key.kind) != (stored.group, stored.kind) or self._target.namespace not in ("", key.namespace):
            return
        old, new = self._seen(change.old), self._seen(None if change.type == "DELETED" else change.object)
        if new is not None:
            yield ("MODIFIED" if old is not None else "ADDED"), new
        elif old is not None:
            yield "DELETED", with_path(old, ("metadata", "resourceVersion"), str(change.revision))

    def _seen(self, obj: Object | None) -> Object | None:
        """The object in the version that is watched; None where it is not selected."""
        if obj is not None and self._target.kind.stored:
            obj = versions.seen(self._target.kind, obj)
        return obj if obj is not None and self._selected(obj) else None

    def _mark(self, revision: int, annotations: dict[str, str]) -> Object:
        kind = self._target.kind
        meta: dict[str, Any] = {"resourceVersion": str(revision), **({"annotations": annotations} if annotations else {})}
        return {"kind": kind.kind, "apiVersion": kind.api_version, "metadata": meta}

    def _formed(self, type_: Type, obj: Object) -> Any:
        if type_ == "ERROR" or (type_ == "BOOKMARK" and not self._form.shape):
            return obj
        if self._form.shape != "Table":
            return forms.one(self._cluster, self._target.kind, obj, self._form, self._include)
        header, self._headed = not self._headed, True
        meta = {"resourceVersion": obj["metadata"]["resourceVersion"]}
        rows = [] if type_ == "BOOKMARK" else [obj]
        return forms.table(self._cluster, self._target.kind, rows, meta, self._form, self._include, header=header)
