"""Sync windows: when the Applications of a project may be synced.

No window that fits: always. Some allow window fits: only while one is open. An open deny window beats them. ``manualSync`` lets
a person through, ``syncOverrun`` lets what began in time go on. Source: ``pkg/apis/application/v1alpha1/types.go``
(SyncWindows). What cannot be read lets nothing through, and says why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from gitops_sim.agents.argocd.application import Application
from gitops_sim.agents.argocd.glob import matches
from gitops_sim.clock import EPOCH, parse_duration
from gitops_sim.cluster import schedules
from gitops_sim.errors import BadInput

WindowState = Literal["Sync Allowed", "Manual Allowed", "Sync Denied"]


class WindowError(ValueError):
    """A window that cannot be read, in the real words."""


@dataclass(frozen=True, slots=True)
class Window:
    """One window of a project. It is open from each time of ``schedule`` for ``duration``, the end not included."""

    kind: str
    schedule: str
    duration: str
    applications: tuple[str, ...]
    namespaces: tuple[str, ...]
    clusters: tuple[str, ...]
    manual_sync: bool
    overrun: bool
    time_zone: str
    use_and: bool

    def open_at(self, time: float) -> bool:
        """At a time of the world (simulated seconds). Raises WindowError."""
        now = EPOCH + timedelta(seconds=time)
        began = self._schedule().after(now - timedelta(seconds=self._seconds()))
        return began is not None and began <= now

    def fits(self, app: Application) -> bool:
        """Whether it is about an Application: any of its three lists names it, or with ``andOperator`` each that is there."""
        destination = app.destination
        tests = (
            (self.applications, (app.name,)),
            (self.clusters, tuple(filter(None, (destination.name, destination.server)))),
            (self.namespaces, (destination.namespace,)),
        )
        found = [any(_matches(p, text) for p in patterns for text in texts) for patterns, texts in tests if patterns]
        return bool(found) and (all(found) if self.use_and else any(found))

    @property
    def label(self) -> str:
        return f"{self.kind}:{self.schedule}:{self.duration}"

    def _schedule(self) -> schedules.Schedule:
        try:
            zone = self.time_zone
            schedules.zone_of(zone)
        except schedules.ScheduleError:
            zone = ""  # the real one warns in its log, and takes UTC
        try:
            return schedules.parse(self.schedule, zone)
        except schedules.ScheduleError as error:
            raise WindowError(f"cannot parse schedule '{self.schedule}': {error}") from None

    def _seconds(self) -> float:
        """Less than nothing is a duration of Go's as well; such a window never opens."""
        try:
            if "d" in self.duration or not self.duration[-1:].isalpha():
                raise BadInput("no duration of Go's")
            plain = self.duration.removeprefix("-")
            return parse_duration(plain) * (1 if plain == self.duration else -1)
        except BadInput:
            text = f'time: invalid duration "{self.duration}"'
            raise WindowError(f"cannot parse duration '{self.duration}': {text}") from None


def read_window(raw: Mapping[str, Any]) -> Window:
    return Window(
        kind=str(raw.get("kind") or ""),
        schedule=str(raw.get("schedule") or ""),
        duration=str(raw.get("duration") or ""),
        applications=_texts(raw.get("applications")),
        namespaces=_texts(raw.get("namespaces")),
        clusters=_texts(raw.get("clusters")),
        manual_sync=raw.get("manualSync") is True,
        overrun=raw.get("syncOverrun") is True,
        time_zone=str(raw.get("timeZone") or "UTC"),
        use_and=raw.get("andOperator") is True,
    )


def can_sync(windows: Sequence[Window], time: float, *, manual: bool, began: float | None = None) -> bool:
    """Whether the windows that fit an Application let it be synced at ``time``. ``began``: when the operation that is under way
    started. Raises WindowError."""
    opened = [window for window in windows if window.open_at(time)]
    denies = [window for window in opened if window.kind == "deny"]
    if denies:
        return _lets_through(denies, manual=manual, windows=windows, began=began)
    if any(window.kind == "allow" for window in opened):
        return True
    closed = [window for window in windows if window.kind == "allow" and window not in opened]
    return not closed or _lets_through(closed, manual=manual, windows=windows, began=began)


def state_of(windows: Sequence[Window], time: float) -> WindowState:
    """What ``argocd app get`` says of them. Raises WindowError."""
    if can_sync(windows, time, manual=False):
        return "Sync Allowed"
    return "Manual Allowed" if can_sync(windows, time, manual=True) else "Sync Denied"


def _lets_through(against: Sequence[Window], *, manual: bool, windows: Sequence[Window], began: float | None) -> bool:
    if manual and all(window.manual_sync for window in against):
        return True
    if began is None or not all(window.overrun for window in against):
        return False
    return can_sync(windows, began, manual=manual)


def _matches(pattern: str, text: str) -> bool:
    return pattern == "*" or matches(pattern, text)


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else ()
