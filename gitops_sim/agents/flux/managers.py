"""Taking fields over from kubectl: what somebody added by hand becomes Flux's, so that applying the manifest drops it.

Source: fluxcd/pkg ``ssa/patch.go`` (PatchReplaceFieldsManagers) and the managers that kustomize-controller passes to it. Entries
of a subresource, such as that of ``kubectl scale``, stay whose they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gitops_sim.cluster.apply import LAST_APPLIED
from gitops_sim.objects import Object, annotations_of

MANAGER = "kustomize-controller"
_TAKEN_OVER = (("kubectl", "Apply"), ("kubectl", "Update"), ("before-first-apply", "Update"), (MANAGER, "Update"))
"""Managers by the beginning of their name, and their operation."""
_ANNOTATIONS = (LAST_APPLIED, "kustomize.toolkit.fluxcd.io/checksum", "fluxcd.io/sync-checksum")


def cleanup(live: Object, entries: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The JSON patch that makes a live object ready to be applied; empty when it is. ``entries`` are its ``managedFields``."""
    notes = annotations_of(live)
    patch: list[dict[str, Any]] = [
        {"op": "remove", "path": "/metadata/annotations/" + name.replace("/", "~1")} for name in _ANNOTATIONS if name in notes
    ]
    folded = _folded(entries)
    if folded is not None:
        patch.append({"op": "replace", "path": "/metadata/managedFields", "value": folded})
    return patch


def _folded(entries: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]] | None:
    """The entries with those that are taken over in the one of the controller; None when there are none."""
    own = next((e for e in entries if e["manager"] == MANAGER and e["operation"] == "Apply"), None)
    left: list[Mapping[str, Any]] = []
    taken = False
    for entry in entries:
        if entry is own:
            continue
        if not _is_taken_over(entry):
            left.append(entry)
            continue
        taken = True
        if own is None:
            own = {**entry, "manager": MANAGER, "operation": "Apply"}
        else:
            own = {**own, "fieldsV1": _union(own.get("fieldsV1") or {}, entry.get("fieldsV1") or {})}
    return [*left, own] if taken and own is not None else None


def _is_taken_over(entry: Mapping[str, Any]) -> bool:
    if entry.get("subresource"):
        return False
    return any(str(entry["manager"]).startswith(name) and entry["operation"] == operation for name, operation in _TAKEN_OVER)


def _union(one: Mapping[str, Any], other: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**one, **{name: _union(one[name], inner) if name in one else inner for name, inner in other.items()}}
