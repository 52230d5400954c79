"""The history of a Kustomization: how often which build came to which end. Source: fluxcd/pkg ``apis/meta/history.go``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gitops_sim.agents.flux.durations import go_duration

_MOST = 5


def added(
    history: Sequence[Mapping[str, Any]], digest: str, status: str, revision: str, *, now: str, took: float
) -> list[Mapping[str, Any]]:
    """The history after a reconciliation that ended with ``status``; ``took`` is in seconds."""
    known = next((s for s in history if s["digest"] == digest and s["lastReconciledStatus"] == status), None)
    snapshot = {
        "digest": digest,
        "firstReconciled": known["firstReconciled"] if known else now,
        "lastReconciled": now,
        "lastReconciledDuration": go_duration(took),
        "lastReconciledStatus": status,
        "metadata": {"revision": revision},
        "totalReconciliations": (known["totalReconciliations"] if known else 0) + 1,
    }
    return [snapshot, *(s for s in history if s is not known)][:_MOST]
