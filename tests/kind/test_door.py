"""A server that is busy, gone for a while or no longer knows us: what is waited for is said, and nothing is lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from urllib3.exceptions import NewConnectionError, ProtocolError, ReadTimeoutError

from gitops_sim.errors import ApiError
from gitops_sim.kind import door as door_room
from gitops_sim.kind.door import Door, Unreachable
from tests.kind.doors import CONTEXT


class Said:
    """One response of the scripted server."""

    def __init__(self, status: int, body: Any, headers: dict[str, str] | None = None, lines: list[bytes] | None = None) -> None:
        self.status, self._body, self._headers, self._lines = status, body, headers or {}, lines or []
        self.response = self

    def read(self) -> bytes:
        return json.dumps(self._body).encode()

    def getheader(self, name: str) -> str | None:
        return self._headers.get(name)

    def stream(self, size: int) -> Any:
        return iter(self._lines)

    def close(self) -> None:
        """Nothing is open."""


class Server:
    """Answers as scripted; an exception in the script is raised in place of an answer."""

    def __init__(self, *script: Said | Exception) -> None:
        self.script, self.asked, self.connects = list(script), list[tuple[str, str]](), 0

    def connect(self, context: object) -> Server:
        self.connects += 1
        return self

    def close(self) -> None:
        """Nothing is open."""

    def param_serialize(self, method: str, path: str, **more: Any) -> tuple[str, str]:
        return method, path

    def call_api(self, method: str, path: str, _request_timeout: object = None) -> Said:
        self.asked.append((method, path))
        turn = self.script.pop(0)
        if isinstance(turn, Exception):
            raise turn
        return turn


OK = Said(200, {"kind": "Status"})
REFUSED = NewConnectionError(None, "Failed to establish a new connection: [Errno 111] Connection refused")  # type: ignore[arg-type]
BROKEN = ProtocolError("Connection broken: reset by peer")
SLOW = ReadTimeoutError(None, "/", "Read timed out.")  # type: ignore[arg-type]

Open = Callable[..., tuple[Door, list[str], list[float]]]


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Open:
    def make(server: Server, patience: float = 900) -> tuple[Door, list[str], list[float]]:
        monkeypatch.setattr(door_room, "_connect", server.connect)
        told: list[str] = []
        waits: list[float] = []
        made = Door(CONTEXT, told.append, patience=patience, pause=waits.append, now=lambda: sum(waits))
        return made, told, waits

    return make


def test_a_server_that_is_gone_for_a_minute_is_waited_for_and_said_once(opened: Open) -> None:
    server = Server(*[REFUSED] * 7, OK)
    door, told, waits = opened(server)
    assert door.ask("GET", "/api").status == 200
    assert waits == [1, 2, 4, 8, 15, 15, 15]
    first, last = told
    assert first.startswith("waits: the API server at https://127.0.0.1:1 does not answer (")
    assert "Connection refused" in first
    assert last == "goes on: the API server answers again, after 60 s"


def test_patience_ends(opened: Open) -> None:
    door, _, _ = opened(Server(*[REFUSED] * 50), 100)
    with pytest.raises(Unreachable, match=r"does not answer .* gave up after \d+ s"):
        door.ask("GET", "/api")


@pytest.mark.parametrize(("error", "repeated"), [(REFUSED, False), (BROKEN, True), (SLOW, True)])
def test_a_write_whose_answer_was_lost_says_so(opened: Open, error: Exception, repeated: bool) -> None:
    door, _, _ = opened(Server(error, Said(409, {"reason": "AlreadyExists"})))
    assert door.ask("POST", "/api/v1/namespaces", body={}).repeated is repeated


def test_throttling_waits_as_long_as_the_server_asks(opened: Open) -> None:
    door, told, waits = opened(Server(Said(429, {}, {"Retry-After": "7"}), OK))
    assert door.ask("PATCH", "/x", body={}).repeated is False
    assert waits == [7]
    assert told[0] == "waits: the API server asks for patience"


def test_expired_credentials_are_read_again_and_the_way_out_is_said(opened: Open) -> None:
    server = Server(Said(401, {}), Said(401, {}), OK)
    door, told, _ = opened(server)
    assert door.ask("GET", "/api").status == 200
    assert server.connects == 3
    assert "401 Unauthorized" in told[0]
    assert "kind export kubeconfig --name test" in told[0]
    assert len(told) == 2


def test_a_stumble_is_tried_again_for_reads_only(opened: Open) -> None:
    door, _, _ = opened(Server(Said(500, {}), OK))
    assert door.ask("GET", "/x").status == 200
    door, _, waits = opened(Server(Said(500, {"message": "etcdserver: leader changed"})))
    with pytest.raises(ApiError, match="leader changed"):
        door.ask("POST", "/x", body={}).object()
    assert waits == []


def test_a_refusal_is_the_servers_own(opened: Open) -> None:
    body = {
        "reason": "Forbidden",
        "message": 'pods is forbidden: User "x" cannot list resource "pods"',
        "details": {"kind": "pods"},
    }
    door, _, _ = opened(Server(Said(403, body)))
    with pytest.raises(ApiError) as caught:
        door.ask("GET", "/x").object()
    assert (caught.value.code, caught.value.reason, caught.value.details) == (403, "Forbidden", {"kind": "pods"})


def test_a_stream_gives_whole_lines_however_they_are_cut(opened: Open) -> None:
    lines = [b'{"type":"ADD', b'ED"}\n{"type":', b'"DELETED"}\n']
    door, _, _ = opened(Server(Said(200, None, lines=lines)))
    assert [event["type"] for event in door.stream("/x", {"timeoutSeconds": "5"})] == ["ADDED", "DELETED"]


def test_a_broken_stream_is_a_broken_connection(opened: Open) -> None:
    door, _, _ = opened(Server(BROKEN))
    with pytest.raises(ConnectionError):
        list(door.stream("/x", {"timeoutSeconds": "5"}))
