"""The words in which Flux's decisions are told."""

from __future__ import annotations

from collections.abc import Sequence

from gitops_sim.agents.flux.apply import Entry
from gitops_sim.objects import Key

_FEW = 3


def label(key: Key) -> str:
    return f"{key.kind}/{key.name}"


def listed(names: Sequence[str]) -> str:
    """The first three, and how many more."""
    rest = len(names) - _FEW
    return ", ".join(names[:_FEW]) + (f" and {rest} more" if rest > 0 else "")


def drift(entry: Entry) -> str:
    """``Deployment/web drifted  .spec.replicas  Git 3, cluster 10``."""
    if entry.action == "created":
        return f"{label(entry.key)} is gone"
    rest = len(entry.fields) - 1
    more = f"  and {rest} more field{'s' * (rest > 1)}" if rest > 0 else ""
    return f"{label(entry.key)} drifted" + (f"  {entry.fields[0]}{more}" if entry.fields else "")


def drifts(entries: Sequence[Entry]) -> str:
    """One in full, several in short."""
    if len(entries) == 1:
        return drift(entries[0])
    return f"{len(entries)} drifted: {listed([_in_short(entry) for entry in entries])}"


def done(entries: Sequence[Entry]) -> str:
    """``Deployment/web configured, 2 unchanged``; many are counted by what was done to them."""
    changed = [entry for entry in entries if entry.changed]
    if len(changed) <= _FEW:
        parts = [f"{label(entry.key)} {entry.action}" for entry in changed]
    else:
        verbs = dict.fromkeys(entry.action for entry in changed)
        parts = [f"{sum(1 for e in changed if e.action == verb)} {verb}" for verb in verbs]
        parts[0] += f" ({listed([label(e.key) for e in changed if e.action == changed[0].action])})"
    for action in ("unchanged", "skipped"):
        count = sum(1 for entry in entries if entry.action == action)
        parts += [f"{count} {action}"] if count else []
    return ", ".join(parts) or "there is nothing in it"


def _in_short(entry: Entry) -> str:
    if entry.action == "created":
        return f"{label(entry.key)} (gone)"
    what = entry.fields[0].path if len(entry.fields) == 1 else f"{len(entry.fields)} fields"
    return f"{label(entry.key)} ({what})"
