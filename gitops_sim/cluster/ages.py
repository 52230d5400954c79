"""How Kubernetes words a span of time for people.

Source: k8s.io/apimachinery ``pkg/util/duration`` (HumanDuration).
"""

from __future__ import annotations

from typing import Any

from gitops_sim.clock import parse_timestamp

_MINUTE, _HOUR, _DAY, _YEAR = 60, 3600, 86400, 86400 * 365


def human_duration(seconds: float) -> str:
    """At most two units, fewer the longer it is: ``45s``, ``3m20s``, ``25m``, ``4h5m``, ``3d2h``, ``40d``, ``2y30d``."""
    if seconds <= -2:
        return "<invalid>"
    whole = max(0, int(seconds))
    if whole < 2 * _MINUTE:
        return f"{whole}s"
    if whole < 10 * _MINUTE:
        return _two(whole, _MINUTE, "m", 1, "s")
    if whole < 3 * _HOUR:
        return f"{whole // _MINUTE}m"
    if whole < 8 * _HOUR:
        return _two(whole, _HOUR, "h", _MINUTE, "m")
    if whole < 2 * _DAY:
        return f"{whole // _HOUR}h"
    if whole < 8 * _DAY:
        return _two(whole, _DAY, "d", _HOUR, "h")
    if whole < 2 * _YEAR:
        return f"{whole // _DAY}d"
    if whole < 8 * _YEAR:
        return _two(whole, _YEAR, "y", _DAY, "d")
    return f"{whole // _YEAR}y"


def _two(whole: int, size: int, unit: str, smaller: int, small: str) -> str:
    rest = whole % size // smaller
    return f"{whole // size}{unit}" + (f"{rest}{small}" if rest else "")


def moment(timestamp: Any) -> float | None:
    """Seconds since the world began of an RFC 3339 time; None for anything else."""
    if not isinstance(timestamp, str):
        return None
    try:
        return parse_timestamp(timestamp)
    except (ValueError, TypeError):
        return None


def age(timestamp: Any, now: float) -> str:
    """The time from ``timestamp`` (RFC 3339) until ``now`` (simulated seconds); ``<unknown>`` without one."""
    then = moment(timestamp)
    return "<unknown>" if then is None else human_duration(now - then)
