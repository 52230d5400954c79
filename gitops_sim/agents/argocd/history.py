"""What was deployed when: the entries that a rollback can go back to.

Only a successful sync of the whole application makes an entry. Ids count up from 0; ``spec.revisionHistoryLimit`` entries
are kept (10 when it is not set). Source: ``controller/state.go`` (persistRevisionHistory).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Entry = Mapping[str, Any]


def added(
    history: Sequence[Entry],
    *,
    revision: str,
    source: Mapping[str, Any],
    started: str,
    now: str,
    by: Mapping[str, Any],
    limit: int,
) -> list[Entry]:
    """The history with one entry more, oldest first, and no more than ``limit``."""
    entry = {
        "id": history[-1]["id"] + 1 if history else 0,
        "revision": revision,
        "source": source,
        "deployStartedAt": started,
        "deployedAt": now,
        "initiatedBy": by,
    }
    return [*history, entry][-limit:] if limit else []


def find(history: Sequence[Entry], id: int) -> Entry | None:
    return next((entry for entry in history if entry["id"] == id), None)


def previous(history: Sequence[Entry]) -> Entry | None:
    """The one before the last: what a rollback without an id means."""
    return history[-2] if len(history) >= 2 else None
