"""How a world's virtual time follows the wall's."""

from __future__ import annotations

import time
from collections.abc import Callable


class Pace:
    """One real second is ``speed`` simulated ones, from ``now`` on."""

    def __init__(self, now: float, speed: float, read: Callable[[], float] = time.monotonic) -> None:
        self._speed, self._read = speed, read
        self._began, self._since = now, read()
        self._left = now

    def due(self, now: float) -> float:
        """The simulated time that it should be, for a world that is at ``now``. Where somebody else has moved its clock since
        :meth:`left_at`, the pace goes on from there."""
        if now != self._left:
            self._began, self._since = now, self._read()
        return self._began + (self._read() - self._since) * self._speed

    def left_at(self, now: float) -> None:
        """The world was brought to ``now``."""
        self._left = now

    def wait(self, now: float, upcoming: float | None, most: float) -> float:
        """Real seconds until the ``upcoming`` event of a world at ``now`` is due, at most ``most``."""
        if upcoming is None or not self._speed:
            return most
        return min(most, max(0.0, (upcoming - self.due(now)) / self._speed + 1e-3))
