"""The two back-offs of the kubelet, for restarts and for image pulls: 10 s, doubling to 300 s."""

from __future__ import annotations

from dataclasses import dataclass

FIRST, LONGEST = 10.0, 300.0
"""Seconds. ``MaxContainerBackOff`` and the image back-off of ``pkg/kubelet/kubelet.go``."""


@dataclass
class Backoff:
    """``wait`` is the current wait in seconds, 0 before the first failure."""

    wait: float = 0.0
    _since: float = 0.0

    def failed(self, now: float) -> float:
        """The wait before the next attempt, for attempts that wait from the first failure on (image pulls)."""
        self.wait = min(self.wait * 2, LONGEST) if self.wait else FIRST
        self._since = now
        return self.wait

    def exited(self, now: float) -> float:
        """The wait before a restart. The first restart is at once, and again the first one after 10 minutes without trouble.

        As in client-go's ``flowcontrol.Backoff``: a wait is doubled when it is over, not when it begins.
        """
        if not self.wait or now - self._since > 2 * LONGEST:
            self.wait, self._since = FIRST, now
            return 0.0
        wait = self.wait
        self.wait, self._since = min(wait * 2, LONGEST), now + wait
        return wait


def go_duration(seconds: float) -> str:
    """As Go prints a duration: ``10s``, ``1m20s``, ``5m0s``, ``1.5s``, ``250ms``."""
    if seconds < 1:
        return f"{round(seconds * 1000, 3):g}ms" if seconds else "0s"
    minutes, rest = divmod(round(seconds, 6), 60)
    hours, minutes = divmod(int(minutes), 60)
    text = f"{round(rest, 6):g}s"
    if hours:
        return f"{hours}h{minutes}m{text}"
    return f"{minutes}m{text}" if minutes else text
