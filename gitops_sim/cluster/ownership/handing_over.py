"""From one field manager to another: what a client once applied as a client becomes the property of a server-side apply.

Source: k8s.io/client-go ``util/csaupgrade``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from gitops_sim.objects import Object


def handed_over(obj: Object, managers: Collection[str], to: str) -> list[dict[str, Any]]:
    """The JSON patch that gives what ``managers`` own by updates to an apply of ``to``; empty when they own nothing. ``obj`` is
    shown with its ``managedFields``."""
    entries: list[dict[str, Any]] = obj["metadata"].get("managedFields") or []
    theirs = [e for e in entries if e["manager"] in managers and e["operation"] == "Update" and "subresource" not in e]
    if not theirs:
        return []
    known = next((e for e in entries if e["manager"] == to and e["operation"] == "Apply" and "subresource" not in e), None)
    target = known or {**theirs[0], "manager": to, "operation": "Apply"}
    for entry in theirs:
        target = {**target, "fieldsV1": _united(target["fieldsV1"], entry["fieldsV1"])}
    left = [entry for entry in entries if entry not in theirs and entry is not known]
    return [
        {"op": "replace", "path": "/metadata/managedFields", "value": [target, *left]},
        {"op": "replace", "path": "/metadata/resourceVersion", "value": obj["metadata"]["resourceVersion"]},
    ]


def _united(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Two trees of fields in one; a leaf that the other goes on from stays a member."""
    united = dict(one)
    for step, below in other.items():
        if step not in one or step == ".":
            united[step] = below
        elif not (one[step] or below):
            united[step] = {}
        else:
            members: dict[str, Any] = {".": {}} if not one[step] or not below else {}
            united[step] = {**members, **_united(one[step], below)}
    return united
