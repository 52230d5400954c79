"""What the controllers log, for ``flux logs``."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

from gitops_sim.clock import EPOCH, Clock
from gitops_sim.objects import Key

Level = Literal["info", "error"]


class Line(NamedTuple):
    """``time`` is in simulated seconds; ``error`` is what stands behind the message."""

    time: float
    level: Level
    key: Key
    message: str
    error: str = ""


class Log:
    """Lines in the order in which they were written."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lines: list[Line] = []

    def info(self, key: Key, message: str) -> None:
        self._lines.append(Line(self._clock.now, "info", key, message))

    def error(self, key: Key, message: str, error: str) -> None:
        self._lines.append(Line(self._clock.now, "error", key, message, error))

    def __iter__(self) -> Iterator[Line]:
        return iter(self._lines)

    def __deepcopy__(self, memo: dict[int, Any]) -> Log:
        twin = Log(copy.deepcopy(self._clock, memo))
        twin._lines = list(self._lines)
        return twin


def printed(line: Line) -> str:
    """As ``flux logs`` prints it."""
    whole, part = divmod(round((EPOCH.timestamp() + line.time) * 1000), 1000)
    moment = datetime.fromtimestamp(whole, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    about = f"{line.key.kind}/{line.key.name}.{line.key.namespace}"
    return f"{moment}.{part:03d}Z {line.level} {about} - {line.message} {line.error}\n"
