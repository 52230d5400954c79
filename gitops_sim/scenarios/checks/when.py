"""When: a time, the n-th event of a kind, or the start of an action."""

from __future__ import annotations

from dataclasses import dataclass

from gitops_sim.clock import time_of_day
from gitops_sim.scenarios.checks.params import glob, read_names
from gitops_sim.scenarios.checks.vocabulary import Param
from gitops_sim.scenarios.evidence import Evidence
from gitops_sim.scenarios.reading import Reader
from gitops_sim.trace import Record


@dataclass(frozen=True, slots=True)
class EventPattern:
    """Which records of the trace: by event, actor, subject (both may hold ``*``) and a piece of the message."""

    events: tuple[str, ...]
    actor: str = ""
    subject: str = ""
    message: str = ""

    def fits(self, record: Record) -> bool:
        return (
            record.event in self.events
            and glob(record.actor, self.actor)
            and glob(record.subject, self.subject)
            and self.message in record.message
        )

    def find(self, evidence: Evidence, since: float = 0.0, until: float = float("inf")) -> list[Record]:
        return [r for r in evidence.world.trace if since <= r.time <= until and self.fits(r)]

    def __str__(self) -> str:
        text = " or ".join(self.events)
        text += f" by {self.actor}" if self.actor else ""
        text += f" of {self.subject}" if self.subject else ""
        return text + (f" ({self.message!r})" if self.message else "")


_PATTERN_KEYS = ("actor", "subject", "message")


def _pattern(entries: dict[str, Reader]) -> EventPattern:
    texts = {key: entries[key].text() for key in _PATTERN_KEYS if key in entries}
    return EventPattern(read_names(entries["event"]), **texts)


def read_event(value: Reader) -> EventPattern:
    """``CommitPushed``, or ``{event: CommitPushed, actor: ana, subject: repo/shop, message: Scale}``."""
    if not value.is_mapping:
        return EventPattern(read_names(value))
    return _pattern(value.mapping(("event",), _PATTERN_KEYS))


@dataclass(frozen=True, slots=True)
class When:
    """A time of the world: fixed, or the ``nth`` event that fits, or the start of an action."""

    time: float = 0.0
    event: EventPattern | None = None
    nth: int = 1
    action: int = 0

    def find(self, evidence: Evidence) -> float | None:
        """Simulated seconds; None when it never came."""
        if self.event is not None:
            found = self.event.find(evidence)
            return found[self.nth - 1].time if len(found) >= self.nth else None
        if self.action:
            return evidence.performed[self.action - 1].start if len(evidence.performed) >= self.action else None
        return self.time

    def __str__(self) -> str:
        if self.event is not None:
            return f"{self.event}" + (f", number {self.nth}" if self.nth > 1 else "")
        return f"action {self.action}" if self.action else time_of_day(self.time)


def read_when(value: Reader) -> When:
    """``10m``, ``{action: 3}``, or ``{event: CommitPushed, actor: ana, nth: 2}``."""
    if not value.is_mapping:
        return When(time=value.duration())
    entries = value.entries()
    if "action" in entries:
        return When(action=value.mapping(("action",))["action"].whole(least=1))
    entries = value.mapping(("event",), (*_PATTERN_KEYS, "nth"))
    return When(event=_pattern(entries), nth=entries["nth"].whole(least=1) if "nth" in entries else 1)


EVENT = Param("an event of the trace: its name, or {event, actor, subject, message}", read_event, required=True)
SINCE = Param("from when on: a time, {action: n} or {event: ...}; the start when left out", read_when)
UNTIL = Param("until when: a time, {action: n} or {event: ...}; the end when left out", read_when)
