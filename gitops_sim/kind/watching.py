"""Watching one kind in one place of a real cluster, in a thread, through broken connections and forgotten versions.

A watch begins where a list ended. When the connection breaks it goes on from the last version it saw; when the server no longer
knows that version (410 Gone), it lists again and reports what the gap hid.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from queue import SimpleQueue
from typing import Any, Literal, NamedTuple

from gitops_sim.cluster.kinds import Kind
from gitops_sim.errors import ApiError
from gitops_sim.kind.door import Door, Stream, Unreachable
from gitops_sim.kind.paths import collection
from gitops_sim.objects import Key, Object, key_of

SECONDS = 300
"""How long the server keeps one watch open, in seconds."""
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 15.0


class Seen(NamedTuple):
    """What happened to one object."""

    type: Literal["ADDED", "MODIFIED", "DELETED"]
    key: Key
    object: Object
    old: Object | None


class Watching:
    """Reports into ``queue`` until :meth:`stop`."""

    def __init__(self, door: Door, kind: Kind, namespace: str, queue: SimpleQueue[Seen]) -> None:
        self.kind, self.namespace = kind, namespace
        self._door, self._queue = door, queue
        self._known: dict[Key, Object] = {}
        self._version = ""
        self._stopped = threading.Event()
        self._stream: Stream | None = None
        self._thread = threading.Thread(target=self._run, name=f"watch {kind.plural}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends it: an open watch ends with its connection."""
        self._stopped.set()
        if self._stream is not None:
            self._stream.stop()

    def join(self) -> None:
        """Waits until the thread has ended, after :meth:`stop`."""
        self._thread.join(10)

    def _run(self) -> None:
        wait = _FIRST_WAIT
        while not self._stopped.is_set():
            try:
                if not self._version:
                    self._list()
                self._follow()
                wait = _FIRST_WAIT
                continue
            except ApiError as error:
                if error.code == 410:
                    self._version = ""
                    continue
            except (ConnectionError, Unreachable):
                pass
            self._stopped.wait(wait)
            wait = min(2 * wait, _LONGEST_WAIT)

    def _list(self) -> None:
        body = self._door.ask("GET", collection(self.kind, self.namespace)).object()
        now = {key_of(obj): obj for obj in listed(self.kind, body)}
        for key in self._known.keys() - now.keys():
            self._report("DELETED", key, self._known[key])
        for key, obj in now.items():
            old = self._known.get(key)
            if old is None or _version(old) != _version(obj):
                self._report("ADDED" if old is None else "MODIFIED", key, obj)
        self._version = str(body["metadata"]["resourceVersion"])

    def _follow(self) -> None:
        query = {
            "watch": "true",
            "allowWatchBookmarks": "true",
            "resourceVersion": self._version,
            "timeoutSeconds": str(SECONDS),
        }
        self._stream = self._door.stream(collection(self.kind, self.namespace), query)
        if self._stopped.is_set():
            self._stream.stop()
        for event in self._stream:
            self._take(event)

    def _take(self, event: Mapping[str, Any]) -> None:
        obj = event["object"]
        if event["type"] == "ERROR":
            raise ApiError(int(obj.get("code") or 500), str(obj.get("reason", "")), str(obj.get("message", "")))
        self._version = _version(obj)
        if event["type"] != "BOOKMARK":
            self._report(event["type"], key_of(obj), obj)

    def _report(self, type_: Literal["ADDED", "MODIFIED", "DELETED"], key: Key, obj: Object) -> None:
        old = self._known.pop(key, None)
        if type_ != "DELETED":
            self._known[key] = obj
        self._queue.put(Seen(type_, key, obj, old))


def listed(kind: Kind, body: Mapping[str, Any]) -> list[Object]:
    """The objects of a list, with the kind that the server leaves out in each."""
    return [{"apiVersion": kind.api_version, "kind": kind.kind, **item} for item in body.get("items") or ()]


def _version(obj: Object) -> str:
    return str(obj["metadata"].get("resourceVersion", ""))
