"""What was deployed when: the entries that a rollback can go back to.

Only a successful sync of the whole application makes an entry. Ids count up from 0; ``spec.revisionHistoryLimit`` entries
are kept (10 when it is not set). Source: ``controller/state.go`` (persistRevisionHistory).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gitops_sim.agents.argocd.application import Source, read_source, read_sources

Entry = Mapping[str, Any]


def added(
    history: Sequence[Entry],
    *,
    revision: str,
    source: Source,
    started: str,
    now: str,
    by: Mapping[str, Any],
    limit: int,
) -> list[Entry]:
    """The history with one entry more, oldest first, and no more than ``limit``."""
    entry = {
        "id": history[-1]["id"] + 1 if history else 0,
        **source.at(revision),
        **source.entry,
        "deployStartedAt": started,
        "deployedAt": now,
        "initiatedBy": by,
    }
    return [*history, entry][-limit:] if limit else []


def revision_of(entry: Mapping[str, Any]) -> str:
    """Of an entry, an operation or its result: those of several sources are one text, with commas between."""
    return str(entry.get("revision") or ",".join(entry.get("revisions") or ()))


def source_of(entry: Mapping[str, Any]) -> Source | None:
    """The source, or the sources, that an entry or an operation names."""
    if entry.get("sources"):
        return read_sources(entry["sources"])
    raw = entry.get("source")
    return read_source(raw) if isinstance(raw, Mapping) else None


def find(history: Sequence[Entry], id: int) -> Entry | None:
    return next((entry for entry in history if entry["id"] == id), None)


def previous(history: Sequence[Entry]) -> Entry | None:
    """The one before the last: what a rollback without an id means."""
    return history[-2] if len(history) >= 2 else None
