"""A patch request, from its body to the object that it would store."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from gitops_sim.cluster import decoding
from gitops_sim.cluster.go_text import json_text, plain
from gitops_sim.cluster.kinds import Kind
from gitops_sim.cluster.merge import json_patch, merge_patch, strategic_merge
from gitops_sim.cluster.protocol import PatchType
from gitops_sim.cluster.schema.types import DecodeError
from gitops_sim.errors import ApiError, Cause, bad_request, invalid
from gitops_sim.objects import Object


def patched(kind: Kind, current: Object, body: Any, type: PatchType) -> Object:
    """``current`` with ``body`` applied, decoded. It still names the same object.

    Raises ApiError: 400 for a body that is no such patch or a result that is another object, 415 for a strategic patch of a
    custom resource, 422 for a result that cannot be read.
    """
    if type == "json":
        result = json_patch(current, body)
    else:
        if not isinstance(body, dict):
            word = "array" if isinstance(body, list) else "string" if isinstance(body, str) else "value"
            raise bad_request(
                f"error decoding patch: json: cannot unmarshal {word} into Go value of type map[string]interface {{}}"
            )
        if type == "strategic" and kind.custom:
            raise ApiError(
                415,
                "UnsupportedMediaType",
                "the body of the request was in an unknown format - accepted media types include: "
                "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml",
            )
        result = merge_patch(current, body) if type == "merge" else strategic_merge(kind, current, body)
    return _same_object(
        kind, current, _read(kind, result, current, partial(plain, body) if type == "strategic" else partial(json_text, result))
    )


def speaks_of_managers(body: Any) -> bool:
    """Whether a patch may look at ``metadata.managedFields`` or change them."""
    if isinstance(body, list):
        places = [item.get(name) for item in body if isinstance(item, dict) for name in ("path", "from")]
        return any(place in ("", "/metadata") or str(place).startswith("/metadata/managedFields") for place in places)
    meta = body.get("metadata") if isinstance(body, dict) else None
    return isinstance(meta, dict) and "managedFields" in meta


def _read(kind: Kind, result: Any, current: Object, shown: Callable[[], str]) -> Object:
    if not isinstance(result, dict):
        raise _unreadable(shown, f"json: cannot unmarshal {type(result).__name__} into Go value of type {kind.kind}")
    for field in ("apiVersion", "kind"):
        result = result if field in result else {**result, field: current[field]}
        if result[field] != current[field]:
            why = f'no kind "{result["kind"]}" is registered for version "{result.get("apiVersion")}" in scheme'
            raise _unreadable(shown, why)
    try:
        return decoding.read(kind, result, current)
    except DecodeError as error:
        raise _unreadable(shown, str(error)) from None


def _unreadable(shown: Callable[[], str], why: str) -> ApiError:
    return invalid("", "", [Cause("patch", f"Invalid value: {json_text(shown())}: {why}")])


def _same_object(kind: Kind, current: Object, result: Object) -> Object:
    name, meta = current["metadata"]["name"], result["metadata"]
    if not meta.get("name"):
        raise bad_request(f"the name of the object ({name} based on URL) was undeterminable: name must be provided")
    if meta["name"] != name:
        raise bad_request(f"the name of the object ({meta['name']}) does not match the name on the URL ({name})")
    if kind.namespaced and (meta.get("namespace") or current["metadata"]["namespace"]) != current["metadata"]["namespace"]:
        raise bad_request("the namespace of the provided object does not match the namespace sent on the request")
    return result if meta.get("namespace") == current["metadata"].get("namespace") else _returned(result, current)


def _returned(result: Object, current: Object) -> Object:
    meta = {**result["metadata"], "namespace": current["metadata"].get("namespace") or ""}
    return {**result, "metadata": meta if meta["namespace"] else {k: v for k, v in meta.items() if k != "namespace"}}
