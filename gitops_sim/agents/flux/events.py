"""What Flux's controllers tell: an Event of Kubernetes for ``kubectl`` and ``flux events``, and the same for those who listen.

Source: fluxcd/pkg ``runtime/events/recorder.go`` and client-go ``tools/record``: the same words about the same object are one
Event with a higher count.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from gitops_sim.agents.events import event
from gitops_sim.clock import Clock
from gitops_sim.cluster.protocol import ClusterAPI
from gitops_sim.errors import ApiError
from gitops_sim.objects import Key, Object, key_of, with_path

Severity = Literal["info", "error"]


@dataclass(frozen=True, slots=True)
class Told:
    """One event as notification-controller gets it. ``metadata`` is what goes with it, such as the revision."""

    about: Key
    severity: Severity
    reason: str
    message: str
    metadata: Mapping[str, str]
    component: str


class Wire:
    """What all recorders share: ``listener`` hears each event, the repeated ones too; numbers tell those of one instant apart."""

    def __init__(self, listener: Callable[[Told], object]) -> None:
        self.listener = listener
        self._last = 0

    def number(self) -> int:
        self._last += 1
        return self._last


class Recorder:
    """Writes events as one controller; those that are ``aloud`` are heard by who listens, too."""

    def __init__(self, cluster: ClusterAPI, clock: Clock, component: str, wire: Wire, *, aloud: bool = True) -> None:
        self._cluster, self._clock, self._component, self._wire, self._aloud = cluster, clock, component, wire, aloud
        self._known: dict[tuple[str, str, str, str], str] = {}

    def normal(self, about: Object, reason: str, message: str, metadata: Mapping[str, str] | None = None) -> None:
        self._record(about, "info", reason, message, metadata or {})

    def warning(self, about: Object, reason: str, message: str, metadata: Mapping[str, str] | None = None) -> None:
        self._record(about, "error", reason, message, metadata or {})

    def trace(self, about: Object, reason: str, message: str) -> None:
        """An Event of Kubernetes alone: nobody is told."""
        with suppress(ApiError):
            self._write(about, "Normal", reason, message, {})

    def _record(self, about: Object, severity: Severity, reason: str, message: str, metadata: Mapping[str, str]) -> None:
        with suppress(ApiError):  # its namespace may be going: the real recorder only logs that
            self._write(about, "Warning" if severity == "error" else "Normal", reason, message, metadata)
        if self._aloud:
            self._wire.listener(Told(key_of(about), severity, reason, message, metadata, self._component))

    def _write(self, about: Object, type_: str, reason: str, message: str, metadata: Mapping[str, str]) -> None:
        meta, now = about["metadata"], self._clock.timestamp()
        words = (meta["uid"], type_, reason, message)
        known = self._known.get(words)
        current = self._cluster.find("events", known, meta["namespace"]) if known else None
        if current is not None:
            self._cluster.update({**current, "count": current["count"] + 1, "lastTimestamp": now})
            return
        more: dict[str, Any] = {"type": type_, "reason": reason, "message": message, "component": self._component}
        made = event(about, self._clock, self._wire.number(), **more) | {"reportingComponent": self._component}
        self._known[words] = made["metadata"]["name"]
        self._cluster.create(with_path(made, ("metadata", "annotations"), dict(metadata)) if metadata else made)
