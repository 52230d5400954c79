"""Should auto-sync act now? The gates of the real controller, in their order, each with its reason.

Source: ``controller/appcontroller.go`` (autoSync, alreadyAttemptedSync, selfHealRemainingBackoff).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from gitops_sim.agents.argocd import history
from gitops_sim.agents.argocd.application import Application
from gitops_sim.agents.argocd.compare import Comparison
from gitops_sim.clock import format_duration, parse_timestamp
from gitops_sim.objects import Object, get_path

Verdict = Literal["sync", "heal", "wait", "skip"]


@dataclass(frozen=True, slots=True)
class Decision:
    """``sync``: apply everything; ``heal``: apply only what is OutOfSync; ``wait``: heal in ``wait`` seconds; ``skip``: do
    nothing.

    ``gate`` names the gate that decided, ``reason`` says it in words, ``error`` is the text for a SyncError condition.
    ``attempt`` counts self-heal attempts since the last operation of another kind, this one included.
    """

    verdict: Verdict
    gate: str
    reason: str = ""
    error: str = ""
    attempt: int = 0
    wait: float = 0.0


def decide(app: Application, obj: Object, comparison: Comparison, now: float, closed: str = "") -> Decision:
    """``obj`` is the Application as stored: its pending operation and its ``status.operationState`` are what happened before;
    ``closed`` says why no sync window lets it be synced."""
    if app.automated is None:
        return Decision("skip", "automated", "auto-sync is off")
    if closed:
        return Decision("skip", "window", closed)
    if obj.get("operation"):
        return Decision("skip", "operation", "another operation is in progress")
    if obj["metadata"].get("deletionTimestamp"):
        return Decision("skip", "deletion", "the Application is being deleted")
    if comparison.sync != "OutOfSync":
        return Decision("skip", "status", f"the status is {comparison.sync}, not OutOfSync")
    changed = [r for r in comparison.resources if r.status not in ("Synced", "")]
    if not app.automated.prune and all(r.requires_pruning for r in changed):
        return Decision("skip", "prune", "only pruning is needed, and prune is off")
    revision = comparison.revision
    state: Mapping[str, Any] = get_path(obj, ("status", "operationState")) or {}
    attempt = 0
    if _already_attempted(app, state, revision):
        if state.get("phase") != "Succeeded":
            tried = history.revision_of(state.get("syncResult") or {}).replace(",", " ")
            text = f"Failed last sync attempt to [{tried}]: {state.get('message', '')}"
            return Decision(
                "skip", "failed", f"the last sync to {revision[:7]} failed; it is not tried again until something changes", text
            )
        if not app.automated.self_heal:
            return Decision("skip", "selfHeal", f"self-heal is off: already synced {revision[:7]}")
        before = get_path(state, ("operation", "sync", "selfHealAttemptsCount"), 0)
        rest = self_heal_delay(before) - _since(state, now)
        if rest > 0:
            why = f"self-heal attempt {before + 1} comes {format_duration(self_heal_delay(before))} after the last operation"
            return Decision("wait", "backoff", why, attempt=before + 1, wait=rest)
        attempt = before + 1
    if app.automated.prune and not app.automated.allow_empty and all(r.requires_pruning for r in comparison.resources):
        text = f"Skipping sync attempt to [{revision}]: auto-sync will wipe out all resources"
        return Decision("skip", "allowEmpty", "syncing would delete every resource, and allowEmpty is off", text)
    if attempt:
        return Decision("heal", "selfHeal", "self-heal is on and the revision was synced before", attempt=attempt)
    return Decision("sync", "revision", f"{revision[:7]} was not synced yet")


def self_heal_delay(attempts: int) -> float:
    """Seconds between the last operation and the next self-heal after ``attempts``: 0, 2, 6, 18, 54, 162, 300, 300 ..."""
    return 0.0 if attempts <= 0 else min(300.0, 2.0 * 3.0 ** min(attempts - 1, 10))


def _already_attempted(app: Application, state: Mapping[str, Any], revision: str) -> bool:
    """Whether this revision of this source was the last one tried, well or badly."""
    if not state:
        return False
    result = state.get("syncResult")
    if result is None:
        return state.get("phase") in ("Succeeded", "Failed", "Error")
    wanted = {**app.source.at(revision), **app.source.entry}
    return all(result.get(name) == value for name, value in wanted.items())


def _since(state: Mapping[str, Any], now: float) -> float:
    finished = state.get("finishedAt")
    return now - parse_timestamp(finished) if finished else 0.0
