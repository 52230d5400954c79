"""A person's word that deleting is right, where an object asks for it (``Prune=confirm``, ``Delete=confirm``)."""

from __future__ import annotations

from gitops_sim.clock import parse_timestamp
from gitops_sim.objects import Object, annotations_of

APPROVED = "argocd.argoproj.io/deletion-approved"
"""The annotation of an Application that holds when it was given."""


def approved(app: Object, since: str) -> bool:
    """Whether it was given at ``since`` (a timestamp) or later. Source: ``types.go`` (IsDeletionConfirmed)."""
    text = str(annotations_of(app).get(APPROVED, ""))
    try:
        return bool(text) and parse_timestamp(text) >= parse_timestamp(since)
    except (TypeError, ValueError):
        return False
