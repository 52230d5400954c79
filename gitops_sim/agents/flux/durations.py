"""Durations as Flux writes them: those of Go (``1h0m0s``, ``10m0s``, ``1.5s``)."""

from __future__ import annotations

from decimal import Decimal

from gitops_sim.clock import parse_duration


def seconds_of(text: object) -> float:
    """Simulated seconds of a duration in a spec. Its form was checked by the API server; nothing counts as none."""
    return parse_duration(text) if isinstance(text, str) and text else 0.0


def go_duration(seconds: float) -> str:
    """As ``time.Duration`` prints itself. Source: Go ``time/time.go``."""
    exact = Decimal(str(round(seconds, 6)))
    if exact == 0:
        return "0s"
    if exact < 1:
        milliseconds = (exact * 1000).normalize()
        return f"{milliseconds:f}ms" if milliseconds >= 1 else f"{(milliseconds * 1000).normalize():f}µs"
    minutes, rest = divmod(exact, 60)
    hours, left = divmod(int(minutes), 60)
    text = f"{rest.normalize():f}s" if rest else "0s"
    if hours:
        return f"{hours}h{left}m{text}"
    return f"{left}m{text}" if left else text
