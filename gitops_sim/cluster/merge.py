"""The three patches of the Kubernetes API, and the one that ``kubectl apply`` computes. No function changes what it is given."""

from __future__ import annotations

from typing import Any

from gitops_sim.cluster.json_patch import json_patch
from gitops_sim.cluster.kinds import Kind
from gitops_sim.cluster.merge_keys import rules
from gitops_sim.cluster.strategic import merge_mapping
from gitops_sim.cluster.three_way import three_way
from gitops_sim.errors import bad_request
from gitops_sim.objects import Object

__all__ = ["json_patch", "merge_patch", "strategic_merge", "three_way"]


def strategic_merge(kind: Kind, current: Object, patch: Any) -> dict[str, Any]:
    """``current`` after a strategic merge patch, directives included."""
    if not isinstance(patch, dict):
        raise bad_request("error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}")
    return merge_mapping(current, patch, rules(kind))


def merge_patch(current: Any, patch: Any) -> Any:
    """``current`` after a JSON merge patch (RFC 7386): null deletes, mappings merge, everything else replaces."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(current) if isinstance(current, dict) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge_patch(merged.get(key), value)
    return merged
