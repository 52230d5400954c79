"""The ``scale`` subresource: the number of replicas, and nothing else, of the kinds that have one.

Source: autoscaling/v1 ``Scale`` and the registries of apps/v1 in kubernetes/kubernetes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitops_sim.cluster.custom.resource import ScalePaths, resource_of
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


def has(kind: Kind) -> bool:
    """Whether objects of this kind have a Scale."""
    return _paths(kind) is not None if kind.custom else kind.kind in SCALABLE


def _paths(kind: Kind) -> ScalePaths | None:
    resource = resource_of(kind)
    return resource.scale if resource is not None else None


def of(kind: Kind, obj: Object) -> Object:
    """The Scale of an object. Raises ApiError 500 for a custom one that says nothing of its replicas."""
    paths = _paths(kind)
    if paths is None:
        replicas = get_path(obj, ("spec", "replicas"), 0)
        now, selector = get_path(obj, ("status", "replicas"), 0), _selector_text(get_path(obj, ("spec", "selector")) or {})
        return _made(obj, {"replicas": replicas} if replicas else {}, now, selector)
    replicas = get_path(obj, paths.spec)
    if replicas is None:
        why = f'the spec replicas field ".{".".join(paths.spec)}" does not exist'
        details = {"causes": [{"message": why}]}
        raise ApiError(500, "InternalError", f"Internal error occurred: {why}", details=details)
    now, selector = get_path(obj, paths.status), get_path(obj, paths.selector) if paths.selector else ""
    shown = {"replicas": replicas} if replicas else {}
    return _made(obj, shown, now if isinstance(now, int) else 0, selector if isinstance(selector, str) else "")


def _made(obj: Object, spec: dict[str, Any], replicas: Any, selector: str) -> Object:
    meta = obj["metadata"]
    names = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    status = {"replicas": replicas}
    return {
        "apiVersion": "autoscaling/v1",
        "kind": "Scale",
        "metadata": {name: meta[name] for name in names if name in meta},
        "spec": spec,
        "status": {**status, "selector": selector} if selector else status,
    }


def patched(kind: Kind, obj: Object, body: Any, type: PatchType) -> Object:
    """``obj`` with the replicas of its Scale after a patch."""
    _check_scalable(kind)
    now = of(kind, obj)
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
    paths = _paths(kind)
    if paths is not None and type(replicas) is int and replicas < 0:
        cause = Cause("." + ".".join(paths.spec), f"Invalid value: {replicas}: should be a non-negative integer")
        raise invalid(kind.kind, meta["name"], [cause], kind.group)
    causes = at_least_zero("spec.replicas", replicas) if type(replicas) is int else []
    if causes:
        raise invalid("Scale", meta["name"], causes, "autoscaling")
    scaled: Object = with_path(obj, paths.spec if paths is not None else ("spec", "replicas"), replicas)
    try:
        return read(kind, scaled, obj)
    except DecodeError as error:
        raise invalid("", "", [Cause("patch", f"Invalid value: {json_text(json_text(wanted))}: {error}")]) from None


def _check_scalable(kind: Kind) -> None:
    if not has(kind):
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
