"""The last sync of an Application, object by object: what was done to each, in which phase, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gitops_sim.objects import Key, Object, get_path
from gitops_sim.views.applications.tiles import columns
from gitops_sim.views.html import el, sign, table
from gitops_sim.views.svg import esc
from gitops_sim.views.theme import Sign, phase_sign

_LOOKS = {
    "Synced": Sign("check", "good", "Synced"),
    "Pruned": Sign("check", "good", "Pruned"),
    "PruneSkipped": Sign("pause", "warn", "PruneSkipped"),
    "SyncFailed": Sign("cross", "bad", "SyncFailed"),
}
_HEADS = ("Phase", "Hook", "Resource", "Result", "Message")


@dataclass(frozen=True, slots=True)
class ResultFact:
    """``hook`` is its type, empty for an object that is no hook; ``result`` is a code such as Synced, or the phase of a hook."""

    key: Key
    phase: str
    hook: str
    result: str
    message: str

    @property
    def label(self) -> str:
        place = f" in {self.key.namespace}" if self.key.namespace else ""
        return f"{self.key.kind}/{self.key.name}{place}"


def results(app: Object) -> list[ResultFact]:
    """In the order in which they were tried."""
    entries: list[Mapping[str, Any]] = get_path(app, ("status", "operationState", "syncResult", "resources")) or []
    return [
        ResultFact(
            Key(*(str(entry.get(part) or "") for part in ("group", "kind", "namespace", "name"))),
            str(entry.get("syncPhase") or ""),
            str(entry.get("hookType") or ""),
            str((entry.get("hookPhase") if entry.get("hookType") else entry.get("status")) or ""),
            str(entry.get("message") or ""),
        )
        for entry in entries
    ]


def results_table(found: list[ResultFact]) -> str:
    if not found:
        return el("p", "Nothing was synced yet.")
    rows = [
        [esc(r.phase), esc(r.hook), esc(r.label), sign(_LOOKS.get(r.result) or phase_sign(r.result)), esc(r.message)]
        for r in found
    ]
    return table("What was done, in order", list(_HEADS), rows)


def results_text(found: list[ResultFact]) -> str:
    rows = [tuple(head.upper() for head in _HEADS), *((r.phase, r.hook, r.label, r.result, r.message) for r in found)]
    return columns(rows) if found else "Nothing was synced yet."
