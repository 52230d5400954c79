"""Messages between the grader and the processes that replay: a length of 8 bytes, and JSON, so that nothing can ride along."""

from __future__ import annotations

import json
import struct
from typing import IO, Any

MOST_REPLY = 20_000_000
_LENGTH = struct.Struct(">Q")


def send(stream: IO[bytes], data: dict[str, Any]) -> None:
    """Writes one message."""
    text = json.dumps(data, separators=(",", ":")).encode()
    stream.write(_LENGTH.pack(len(text)) + text)
    stream.flush()


def receive(stream: IO[bytes]) -> dict[str, Any] | None:
    """Reads one message; None when the other side has gone."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    text = stream.read(length) if length <= MOST_REPLY else b""
    if not text or len(text) < length:
        return None
    data: dict[str, Any] = json.loads(text)
    return data
