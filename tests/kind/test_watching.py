"""A watch goes on through broken connections and forgotten versions, and reports each change once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from queue import SimpleQueue
from typing import Any, cast

from gitops_sim.cluster.kinds import Kinds
from gitops_sim.kind.door import Answer, Door, Query
from gitops_sim.kind.watching import Seen, Watching

KIND = Kinds().find("configmaps")
assert KIND is not None


def item(name: str, version: int) -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": "here", "resourceVersion": str(version)}}


def event(kind: str, name: str, version: int) -> dict[str, Any]:
    return {"type": kind, "object": {"apiVersion": "v1", "kind": "ConfigMap", **item(name, version)}}


GONE = {"type": "ERROR", "object": {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old resource version"}}


class Steps:
    """The events of one stream."""

    def __init__(self, steps: Iterator[Any]) -> None:
        self._steps = steps

    def __iter__(self) -> Iterator[Any]:
        return self._steps

    def stop(self) -> None:
        """Nothing to end: the script does."""


class Scripted:
    """Lists and streams in turn; what ``streams`` runs out of, ends the test."""

    def __init__(self, lists: list[tuple[list[dict[str, Any]], int]], streams: list[list[Any]]) -> None:
        self.lists, self.streams = lists, streams
        self.versions: list[str] = []
        self.finished = threading.Event()
        self.watching: Watching | None = None

    def ask(self, method: str, path: str) -> Answer:
        items, version = self.lists.pop(0)
        return Answer(200, {"items": items, "metadata": {"resourceVersion": str(version)}})

    def stream(self, path: str, query: Query) -> Steps:
        return Steps(self._steps(query))

    def _steps(self, query: Query) -> Iterator[Any]:
        self.versions.append(query["resourceVersion"])
        if not self.streams:
            self.finished.set()
            self.stopped.wait(10)
            return
        for step in self.streams.pop(0):
            if isinstance(step, Exception):
                raise step
            yield step

    stopped = threading.Event()


def watched(lists: list[tuple[list[dict[str, Any]], int]], *streams: list[Any]) -> tuple[list[tuple[str, str, str]], list[str]]:
    """What was reported, and from which versions the streams began."""
    server = Scripted(lists, list(streams))
    server.stopped = threading.Event()
    queue: SimpleQueue[Seen] = SimpleQueue()
    assert KIND is not None
    watching = Watching(cast(Door, server), KIND, "here", queue)
    assert server.finished.wait(20)
    watching.stop()
    server.stopped.set()
    watching.join()
    told = []
    while not queue.empty():
        seen = queue.get_nowait()
        told.append((seen.type, seen.key.name, seen.object["metadata"]["resourceVersion"]))
    return told, server.versions


def test_it_begins_with_what_is_there_and_follows_from_there() -> None:
    told, versions = watched([([item("a", 3)], 5)], [event("ADDED", "b", 6), event("MODIFIED", "a", 7), event("DELETED", "b", 8)])
    assert told == [("ADDED", "a", "3"), ("ADDED", "b", "6"), ("MODIFIED", "a", "7"), ("DELETED", "b", "8")]
    assert versions == ["5", "8"]


def test_a_broken_connection_goes_on_from_the_last_version() -> None:
    told, versions = watched([([], 5)], [event("ADDED", "a", 6), ConnectionError("reset")], [event("MODIFIED", "a", 7)])
    assert told == [("ADDED", "a", "6"), ("MODIFIED", "a", "7")]
    assert versions == ["5", "6", "7"]


def test_a_bookmark_moves_the_version_and_is_not_reported() -> None:
    told, versions = watched([([], 5)], [event("BOOKMARK", "", 40)])
    assert (told, versions) == ([], ["5", "40"])


def test_after_a_forgotten_version_the_gap_is_reported_once() -> None:
    told, versions = watched(
        [
            ([item("stays", 1), item("changes", 2), item("goes", 3)], 5),
            ([item("stays", 1), item("changes", 8), item("new", 9)], 10),
        ],
        [GONE],
    )
    assert told[3:] == [("DELETED", "goes", "3"), ("MODIFIED", "changes", "8"), ("ADDED", "new", "9")]
    assert versions == ["5", "10"]
