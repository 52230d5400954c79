"""The virtual clock at the pace of the wall, for what is real: a served cluster, a kind cluster."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

from gitops_sim.clock import EPOCH, Clock

_INSTANT = 1e-6
"""Simulated seconds that nobody waits for."""
_SOON = 0.2
"""Real seconds after which somebody who waits for what others do looks again."""


class WallClock(Clock):
    """The same clock, with another way to get to the next event: it waits, one real second for ``speed`` simulated ones.

    It starts at ``start``, in simulated seconds. ``read()`` gives real seconds from any origin. ``pause(seconds)`` waits at
    most so many real seconds; it may come back early, when something from outside has put an event on the clock.
    """

    def __init__(
        self,
        *,
        speed: float = 1.0,
        start: float = 0.0,
        read: Callable[[], float] = time.monotonic,
        pause: Callable[[float], object] = time.sleep,
    ) -> None:
        super().__init__(start=start)
        self._start = self.now
        self.speed, self.pause = speed, pause
        self._read = read
        self._since = read()

    @property
    def wall(self) -> float:
        """The simulated time that the wall shows."""
        return round(self._start + (self._read() - self._since) * self.speed, 6)

    @property
    def next_look(self) -> float:
        """Something from outside may change at any time."""
        upcoming, soon = self.next_event, max(self.now, self.wall) + _SOON * self.speed
        return soon if upcoming is None else min(upcoming, soon)

    def catch_up(self) -> None:
        """Runs everything that is due by the wall, without waiting."""
        super().run_until(self.wall)

    def run_until(self, end: float) -> None:
        """Runs every event up to and including ``end``, each when the wall has come to it."""
        self._wait_for(end)
        super().run_until(end)

    def run_before(self, end: float) -> None:
        self._wait_for(end)
        super().run_before(end)

    def _wait_for(self, end: float) -> None:
        """Until the wall has come to ``end``, running on the way what is due before it."""
        while True:
            upcoming = self.next_event
            due = end if upcoming is None else min(upcoming, end)
            if due - self.wall > _INSTANT:
                self.pause((due - self.wall) / self.speed)
            wall = round(self.wall + _INSTANT, 6)
            if wall >= end:
                return
            super().run_until(max(self.now, wall))


def real_now() -> float:
    """The present, in simulated seconds: where a clock starts that shows the true time."""
    return (datetime.now(UTC) - EPOCH).total_seconds()
