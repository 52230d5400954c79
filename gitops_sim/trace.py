"""The append-only record of everything that happened, by whom and why. Views, checks and grades read this and nothing else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gitops_sim.clock import Clock
from gitops_sim.errors import OutOfBounds


@dataclass(frozen=True, slots=True)
class Record:
    """One fact.

    ``time``: simulated seconds. ``actor``: who did it (``ana``, ``argocd``, ``pipeline``, ``cluster``). ``event``: past
    tense, one
    word (``CommitPushed``, ``DriftDetected``). ``subject``: what it happened to (``Deployment/default/web``, ``repo/shop``).
    ``message``: the fact as the story tells it, verb first. ``reason``: the rule or cause behind it. ``story``: whether the
    told story shows it, or only ``--verbose``. ``data``: the numbers and names that checks and views compute with.
    """

    seq: int
    time: float
    actor: str
    event: str
    subject: str = ""
    message: str = ""
    reason: str = ""
    story: bool = False
    data: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {
            "seq": self.seq,
            "time": self.time,
            "actor": self.actor,
            "event": self.event,
            "subject": self.subject,
            "message": self.message,
            "reason": self.reason,
            "story": self.story,
            "data": dict(self.data),
        }


class Trace:
    """Records in the order in which they happened. Nothing is ever changed or removed."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._records: list[Record] = []

    def add(
        self,
        actor: str,
        event: str,
        subject: str = "",
        message: str = "",
        *,
        reason: str = "",
        story: bool = False,
        **data: Any,
    ) -> Record:
        """Appends a record at the current time. ``data`` must be JSON-like and never changed afterwards."""
        if len(self._records) >= self._clock.bounds.records:
            raise OutOfBounds(f"more than {self._clock.bounds.records:g} records")
        record = Record(len(self._records), self._clock.now, actor, event, subject, message, reason, story, data)
        self._records.append(record)
        return record

    def __iter__(self) -> Iterator[Record]:
        return iter(self._records)

    def __len__(self) -> int:
        return len(self._records)

    def __getitem__(self, index: int) -> Record:
        return self._records[index]

    def find(
        self,
        *,
        event: str | tuple[str, ...] = (),
        actor: str = "",
        subject: str = "",
        since: float = 0.0,
        until: float = float("inf"),
    ) -> list[Record]:
        """The records that match everything given; ``event`` may name several."""
        events = (event,) if isinstance(event, str) else event
        return [
            r
            for r in self._records
            if since <= r.time <= until
            and (not events or r.event in events)
            and (not actor or r.actor == actor)
            and (not subject or r.subject == subject)
        ]

    def story(self) -> list[Record]:
        """What the told story shows."""
        return [r for r in self._records if r.story]

    def digest(self) -> str:
        """SHA-256 of all records in canonical JSON: equal for equal worlds, in every process and on every machine."""
        sha = hashlib.sha256()
        for record in self._records:
            sha.update(json.dumps(record.as_json(), sort_keys=True, separators=(",", ":")).encode())
            sha.update(b"\n")
        return sha.hexdigest()

    def __deepcopy__(self, memo: dict[int, Any]) -> Trace:
        import copy

        twin = Trace(copy.deepcopy(self._clock, memo))
        twin._records = list(self._records)
        return twin
