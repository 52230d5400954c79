"""Doors that lead to the in-memory cluster, through the same requests that a real server would get."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from gitops_sim.api import Request, handle
from gitops_sim.cluster import Cluster
from gitops_sim.kind.context import KindContext
from gitops_sim.kind.door import Answer, Query

CONTEXT = KindContext("kind-test", "https://127.0.0.1:1", Path("config"))


class MemoryDoor:
    """Asks the pure function of the API. ``between(method, path)`` is called before each request: what others do meanwhile."""

    context = CONTEXT

    def __init__(self, cluster: Cluster, between: Callable[[str, str], object] | None = None) -> None:
        self.cluster, self.between = cluster, between
        self.writes: list[tuple[str, str]] = []

    def ask(self, method: str, path: str, query: Query | None = None, body: Any = None, content_type: str = "") -> Answer:
        if self.between is not None:
            self.between(method, path)
        if method != "GET":
            self.writes.append((method, path))
        target = f"{path}?{urlencode(query)}" if query else path
        headers = {"accept": "application/json", "content-type": content_type or "application/json", "user-agent": "gitops-sim"}
        text = b"" if body is None else json.dumps(body).encode()
        response = handle(self.cluster, Request(method, target, headers, text))
        self.cluster.clock.settle()
        return Answer(response.status, response.json())

    def stream(self, path: str, query: Query) -> Iterator[Any]:
        return iter(())

    def close(self) -> None:
        return None
