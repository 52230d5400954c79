"""Warnings that the API server sends along with an answer."""

from __future__ import annotations

from gitops_sim.cluster.kinds import Kind

_DEPRECATED = {
    ("", "Endpoints"): "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
}


def deprecation(kind: Kind) -> str:
    """What the server says about the use of a kind that is on its way out; empty for all others."""
    return _DEPRECATED.get((kind.group, kind.kind), "")
