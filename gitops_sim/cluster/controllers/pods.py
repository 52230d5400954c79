"""What controllers read from Pods, and how they make one from a template."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from gitops_sim.clock import parse_timestamp
from gitops_sim.cluster.controllers.base import owner_reference
from gitops_sim.objects import Object, labels_of, without_path

HASH_LABEL = "pod-template-hash"
_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"


def phase(pod: Object) -> str:
    found: str = (pod.get("status") or {}).get("phase") or "Pending"
    return found


def is_finished(pod: Object) -> bool:
    return phase(pod) in ("Succeeded", "Failed")


def is_active(pod: Object) -> bool:
    """Counts as a replica: neither finished nor on its way out."""
    return not is_finished(pod) and "deletionTimestamp" not in pod["metadata"]


def is_terminating(pod: Object) -> bool:
    return "deletionTimestamp" in pod["metadata"] and not is_finished(pod)


def condition(obj: Object, kind: str) -> Mapping[str, Any] | None:
    for entry in (obj.get("status") or {}).get("conditions") or ():
        if entry["type"] == kind:
            found: Mapping[str, Any] = entry
            return found
    return None


def is_ready(pod: Object) -> bool:
    ready = condition(pod, "Ready")
    return ready is not None and ready["status"] == "True"


def ready_since(pod: Object) -> float | None:
    """Simulated seconds, in the whole seconds of the API; None while not ready."""
    ready = condition(pod, "Ready")
    if ready is None or ready["status"] != "True":
        return None
    return parse_timestamp(ready["lastTransitionTime"])


def available_at(pod: Object, min_ready_seconds: float) -> float | None:
    """When the Pod counts as available, which may lie ahead; None while it is not ready."""
    since = ready_since(pod)
    return None if since is None else since + min_ready_seconds


def restarts(pod: Object) -> int:
    return max((c.get("restartCount", 0) for c in (pod.get("status") or {}).get("containerStatuses") or ()), default=0)


def from_template(owner: Object, template: Mapping[str, Any], name: str = "") -> dict[str, Any]:
    """A Pod of ``template``, owned by ``owner`` and in its namespace; its name is generated unless one is given."""
    wanted = template.get("metadata") or {}
    meta: dict[str, Any] = {"namespace": owner["metadata"]["namespace"], "generateName": owner["metadata"]["name"] + "-"}
    if name:
        meta["name"] = name
    for field in ("labels", "annotations", "finalizers"):
        if wanted.get(field):
            meta[field] = wanted[field]
    meta["ownerReferences"] = [owner_reference(owner)]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": template["spec"]}


def template_hash(template: Any, collisions: int = 0) -> str:
    """The hash in names of ReplicaSets and revisions: FNV-32a in decimal, each digit re-encoded (``rand.SafeEncodeString``).

    The real hash covers a printout of a Go struct; this one covers canonical JSON, so it has the same form but other values.
    """
    text = json.dumps(template, sort_keys=True, separators=(",", ":"))
    value = 2166136261
    for byte in (text + (str(collisions) if collisions else "")).encode():
        value = (value ^ byte) * 16777619 % 2**32
    return "".join(_ALPHABET[ord(digit) % 27] for digit in str(value))


def without_hash(template: Mapping[str, Any]) -> Any:
    """The template as its Deployment has it."""
    if HASH_LABEL not in labels_of({"metadata": template.get("metadata") or {}}):
        return template
    return without_path(template, ("metadata", "labels", HASH_LABEL))
