"""What was decided about an Application or one of its objects, and why: the records of the trace, in order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gitops_sim.clock import time_of_day
from gitops_sim.objects import Key
from gitops_sim.trace import Record
from gitops_sim.views.applications.tiles import columns
from gitops_sim.views.html import el
from gitops_sim.views.reading import because
from gitops_sim.views.svg import esc

_WRITES = {
    "ObjectCreated": "creates it",
    "ObjectUpdated": "writes it",
    "ObjectDeletionRequested": "asks to delete it",
    "ObjectDeleted": "is gone",
}

_OTHERS = ("Kustomization/", "HelmRelease/")
_FOR_ALL = ("SyncSkipped", "SelfHealDelayed", "SyncFailed")
"""What is decided about an Application and concerns each of its objects."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision or deed. ``time`` in simulated seconds; ``what`` verb first; ``why`` the rule or cause, empty where ``what``
    says it."""

    time: float
    actor: str
    what: str
    why: str


def decisions(records: Iterable[Record], app: str, key: Key | None = None) -> list[Decision]:
    """All about an Application (``app`` is its name as records have it), or what of it concerns one object: what was found of it,
    what was done to it, by whom, and why nothing was done."""
    subject = "" if key is None else str(key)
    found: list[Decision] = []
    for record in records:
        data, of_app = record.data, _is_of(record, app)
        done = next((r["message"] for r in data.get("results") or () if r.get("resource") == subject), "") if of_app else ""
        if subject and record.subject == subject:
            what = record.message or _write(record)
        elif of_app and (not subject or record.event in _FOR_ALL or subject in (data.get("resources") or ())):
            what = record.message
        elif done:
            what = f"{record.message.partition(':')[0]}: {done}"
        else:
            continue
        decision = Decision(record.time, record.actor.rpartition(":")[2], what, because(record))
        if not found or found[-1] != decision:  # a change of both states at once is reported twice in the same words
            found.append(decision)
    return found


def _is_of(record: Record, app: str) -> bool:
    """Whether it is about this Application: Flux's Kustomizations may have the same name."""
    return bool(app) and record.data.get("app") == app and not record.subject.startswith(_OTHERS)


def _write(record: Record) -> str:
    changed = [str(path) for path, *_ in record.data.get("fields") or ()]
    verb = _WRITES.get(record.event, record.event)
    return (
        f"{verb}: {', '.join(changed[:4])}" + (f" and {len(changed) - 4} more" if len(changed) > 4 else "") if changed else verb
    )


def decisions_html(found: Sequence[Decision], most: int = 200) -> str:
    """An ordered list, oldest first; of more than ``most`` the last ones."""
    if not found:
        return el("p", "nothing was decided yet", class_="soft")
    left = len(found) - most
    note = el("p", f"{left} earlier ones are left out", class_="soft") if left > 0 else ""
    items = [
        el(
            "li",
            el("time", time_of_day(d.time)),
            f" {el('b', esc(d.actor))} {esc(d.what)}",
            el("span", f" because: {esc(d.why)}", class_="soft") if d.why else "",
        )
        for d in found[-most:]
    ]
    return note + el("ol", *items, class_="decisions", start=left + 1 if left > 0 else None)


def decisions_text(found: Sequence[Decision]) -> str:
    return (
        columns([(time_of_day(d.time), d.actor, d.what + (f"   because: {d.why}" if d.why else "")) for d in found])
        if found
        else ""
    )
