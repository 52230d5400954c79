"""What the API server does about fields that a kind does not have: refuse them, warn of them, or drop them in silence.

Source: k8s.io/apiserver ``pkg/endpoints/handlers`` (fieldValidation); worded as recorded from a 1.36 server.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal

from gitops_sim.cluster.decoding import unknown_fields
from gitops_sim.cluster.go_text import json_text, plain
from gitops_sim.cluster.kinds import Kind
from gitops_sim.cluster.merge import json_patch, merge_patch, strategic_merge
from gitops_sim.cluster.protocol import PatchType
from gitops_sim.errors import Cause, bad_request, invalid
from gitops_sim.objects import Object

Level = Literal["Strict", "Warn", "Ignore"]


def check_manifest(kind: Kind, obj: Object, level: Level = "Warn") -> list[str]:
    """The warnings for an object that is sent as a whole. Raises ApiError 400 at the level ``Strict``."""
    unknown = _unknown(kind, obj, level)
    if unknown and level == "Strict":
        version = str(obj["apiVersion"]).rpartition("/")[2]
        why = f"strict decoding error: {', '.join(unknown)}"
        raise bad_request(f'{obj["kind"]} in version "{version}" cannot be handled as a {kind.kind}: {why}')
    return unknown


def check_patch(kind: Kind, current: Object, body: Any, type: PatchType, level: Level = "Warn") -> list[str]:
    """The warnings for a patch. Raises ApiError 422 at the level ``Strict``, and whatever is wrong with the patch itself."""
    if type == "json":
        result: Any = json_patch(current, body)
    elif not isinstance(body, Mapping) or (type == "strategic" and kind.custom):
        return []
    else:
        result = merge_patch(current, body) if type == "merge" else strategic_merge(kind, current, body)
    if not isinstance(result, Mapping) or result.get("apiVersion") != current["apiVersion"]:
        return []
    unknown = _unknown(kind, result, level)
    if unknown and level == "Strict":
        shown = plain(body) if type == "strategic" else json_text(result)
        why = f"strict decoding error: {', '.join(unknown)}"
        raise invalid("", "", [Cause("patch", f"Invalid value: {json_text(shown)}: {why}")])
    return unknown


def _unknown(kind: Kind, obj: Object, level: Level) -> list[str]:
    """``unknown field "spec.foo"`` for each, in the order in which clients write fields."""
    if level == "Ignore" or not unknown_fields(kind, obj):
        return []
    return [f'unknown field "{path}"' for path in unknown_fields(kind, json.loads(json_text(obj)))]
