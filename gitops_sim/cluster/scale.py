"""The ``scale`` subresource: the number of replicas, and nothing else, of the kinds that have one.

Source: autoscaling/v1 ``Scale`` and the registries of apps/v1 in kubernetes/kubernetes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitops_sim.cluster.decoding import read
from gitops_sim.cluster.go_text import json_text
from gitops_sim.cluster.kinds import Kind
from gitops_sim.cluster.merge import json_patch, merge_patch
from gitops_sim.cluster.protocol import PatchType
from gitops_sim.cluster.schema.types import DecodeError
from gitops_sim.cluster.validation.causes import at_least_zero
from gitops_sim.errors import ApiError, Cause, bad_request, conflict, invalid
from gitops_sim.objects import Object, get_path, with_path

SCALABLE = ("Deployment", "ReplicaSet", "ReplicationController", "StatefulSet")


def of(obj: Object) -> Object:
    """The Scale of an object."""
    meta = obj["metadata"]
    names = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    replicas = get_path(obj, ("spec", "replicas"), 0)
    status = {"replicas": get_path(obj, ("status", "replicas"), 0)}
    selector = _selector_text(get_path(obj, ("spec", "selector")) or {})
    return {
        "apiVersion": "autoscaling/v1",
        "kind": "Scale",
        "metadata": {name: meta[name] for name in names if name in meta},
        "spec": {"replicas": replicas} if replicas else {},
        "status": {**status, "selector": selector} if selector else status,
    }


def patched(kind: Kind, obj: Object, body: Any, type: PatchType) -> Object:
    """``obj`` with the replicas of its Scale after a patch."""
    _check_scalable(kind)
    now = of(obj)
    if type != "json" and not isinstance(body, Mapping):
        raise bad_request("error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}")
    wanted = json_patch(now, body) if type == "json" else merge_patch(now, body)
    return replaced(kind, obj, wanted)


def replaced(kind: Kind, obj: Object, wanted: Any) -> Object:
    """``obj`` with the replicas of ``wanted``, a Scale. Raises ApiError 422 for a negative number, 409 for an old version."""
    _check_scalable(kind)
    meta = obj["metadata"]
    replicas = get_path(wanted, ("spec", "replicas"), 0) or 0
    sent = get_path(wanted, ("metadata", "resourceVersion"))
    if sent not in (None, "", "0", meta["resourceVersion"]):
        raise conflict(kind.plural, meta["name"], kind.group)
    causes = at_least_zero("spec.replicas", replicas) if type(replicas) is int else []
    if causes:
        raise invalid("Scale", meta["name"], causes, "autoscaling")
    scaled: Object = with_path(obj, ("spec", "replicas"), replicas)
    try:
        return read(kind, scaled, obj)
    except DecodeError as error:
        raise invalid("", "", [Cause("patch", f"Invalid value: {json_text(json_text(wanted))}: {error}")]) from None


def _check_scalable(kind: Kind) -> None:
    if kind.kind not in SCALABLE or kind.custom:
        raise ApiError(404, "NotFound", "the server could not find the requested resource", details={})


def _selector_text(selector: Mapping[str, Any]) -> str:
    """``app=web,tier in (a,b)``: the way in which a selector is asked for in a URL."""
    labels = selector.get("matchLabels") if "matchLabels" in selector or "matchExpressions" in selector else selector
    terms = [(key, f"{key}={value}") for key, value in (labels or {}).items()]
    for item in selector.get("matchExpressions") or ():
        values = ",".join(sorted(item.get("values") or ()))
        words = {"In": f"{item['key']} in ({values})", "NotIn": f"{item['key']} notin ({values})", "Exists": item["key"]}
        terms.append((item["key"], words.get(item["operator"], f"!{item['key']}")))
    return ",".join(text for _, text in sorted(terms))
