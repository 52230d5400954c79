"""How a world's virtual time follows the wall's."""

from __future__ import annotations

import time
from collections.abc import Callable

from gitops_sim.clock import Clock


class Pace:
    """One real second is ``speed`` simulated ones, from now on. People act before what else happens at an instant, so that the
    clock stands right before its next event."""

    def __init__(self, clock: Clock, speed: float, read: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._speed, self._read = clock, speed, read
        self._began, self._since = clock.now, read()

    @property
    def wall(self) -> float:
        """The simulated time that it should be."""
        return self._began + (self._read() - self._since) * self._speed

    def advance(self) -> None:
        """Runs what is due. Somebody else may have moved the clock further: then it stands until the wall is there."""
        if self.wall > self._clock.now:
            self._clock.run_before(self.wall)

    def wait(self, most: float) -> float:
        """Real seconds until something is due, at most ``most``."""
        upcoming = self._clock.next_event
        if upcoming is None or not self._speed:
            return most
        return min(most, max(0.0, (upcoming - self.wall) / self._speed + 1e-3))
