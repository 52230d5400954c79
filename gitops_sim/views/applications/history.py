"""What was deployed when, and what an Application asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gitops_sim.objects import Object, get_path
from gitops_sim.views.applications.tiles import columns


@dataclass(frozen=True, slots=True)
class Deployed:
    """One entry of the history. ``current`` marks the last one: what was deployed last."""

    id: int
    revision: str
    deployed: str
    by: str
    target: str
    current: bool


def history(app: Object) -> list[Deployed]:
    """Newest first."""
    entries: list[Any] = get_path(app, ("status", "history")) or []
    found = [
        Deployed(
            int(entry["id"]),
            str(entry.get("revision", "")),
            str(entry.get("deployedAt", "")),
            _who(entry.get("initiatedBy") or {}),
            str(get_path(entry, ("source", "targetRevision"), "") or "HEAD"),
            entry is entries[-1],
        )
        for entry in entries
    ]
    return found[::-1]


def history_text(entries: Sequence[Deployed]) -> str:
    rows = [("ID", "DEPLOYED", "REVISION", "BY")]
    rows += [(str(e.id), e.deployed, f"{e.target} ({e.revision[:7]})", e.by) for e in entries]
    return columns(rows)


def _who(by: Any) -> str:
    return "automated sync policy" if by.get("automated") else str(by.get("username", ""))
