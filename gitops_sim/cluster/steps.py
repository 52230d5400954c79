"""Steps of a write that look at nothing but the objects."""

from __future__ import annotations

from collections.abc import Mapping

from gitops_sim.cluster import defaults, validation
from gitops_sim.cluster.kinds import Kind
from gitops_sim.errors import ApiError, Cause, bad_request, conflict, invalid
from gitops_sim.objects import Key, Object, with_path, without_path

SERVER_OWNED = frozenset(
    (
        *("creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp", "generation", "managedFields"),
        *("resourceVersion", "selfLink", "uid"),
    )
)
"""Fields of ``metadata`` that only the server writes."""


def check_versions(kind: Kind, key: Key, current: Object, wanted: Object) -> None:
    """A write that names a resourceVersion must have seen the current one; ``0`` and none at all are no condition."""
    sent = wanted["metadata"].get("resourceVersion")
    if not sent or sent in ("0", current["metadata"]["resourceVersion"]):
        return
    if not sent.isascii() or not sent.isdigit():
        raise ApiError(500, "", f'strconv.ParseUint: parsing "{sent}": invalid syntax')
    raise conflict(kind.plural, key.name, kind.group)


def check_uid(kind: Kind, current: Object, wanted: Object) -> None:
    uid = wanted["metadata"].get("uid")
    if uid and uid != current["metadata"]["uid"]:
        cause = Cause("metadata.uid", f'Invalid value: "{uid}": field is immutable')
        raise invalid(kind.kind, current["metadata"]["name"], [cause, cause], kind.group)


def placed(kind: Kind, obj: Object, namespace: str) -> Object:
    own = obj["metadata"].get("namespace") or ""
    if not kind.namespaced:
        bare: Object = without_path(obj, ("metadata", "namespace"))
        return bare
    if namespace and own and own != namespace:
        raise bad_request("the namespace of the provided object does not match the namespace sent on the request")
    if own:
        return obj
    result: Object = with_path(obj, ("metadata", "namespace"), namespace or "default")
    return result


def namespace_of(obj: Object) -> str:
    """The namespace of the request's path, for a manifest that may hold anything."""
    meta = obj.get("metadata")
    found = meta.get("namespace") if isinstance(meta, Mapping) else None
    return found if isinstance(found, str) and found else "default"


def no_subresource() -> ApiError:
    return ApiError(404, "NotFound", "the server could not find the requested resource", details={})


def spec_changed(kind: Kind, old: Object, new: Object) -> bool:
    """Whether ``metadata.generation`` goes up. A Deployment counts its annotations too (seen on a real server), a custom resource
    without a status subresource its status."""
    apart = ("metadata", "status", "apiVersion") if kind.status else ("metadata", "apiVersion")
    if any(old.get(part) != new.get(part) for part in {*old, *new}.difference(apart)):
        return True
    return kind.kind == "Deployment" and old["metadata"].get("annotations") != new["metadata"].get("annotations")


def completed(kind: Kind, current: Object, wanted: Object) -> Object:
    """``wanted`` with what only the server says, and with defaults. Raises ApiError 422."""
    deleted_at = wanted["metadata"].get("deletionTimestamp")
    if deleted_at and deleted_at != current["metadata"].get("deletionTimestamp"):
        cause = Cause("metadata.deletionTimestamp", f'Invalid value: "{deleted_at}": field is immutable')
        raise invalid(kind.kind, current["metadata"]["name"], [cause, cause], kind.group)
    meta = {name: value for name, value in wanted["metadata"].items() if name not in SERVER_OWNED}
    meta |= {name: value for name, value in current["metadata"].items() if name in SERVER_OWNED}
    new: Object = {**wanted, "metadata": current["metadata"] if meta == current["metadata"] else meta}
    if kind.status:
        new = with_path(new, ("status",), current["status"]) if "status" in current else without_path(new, ("status",))
    return defaults.default(kind, new)


def with_status(kind: Kind, current: Object, wanted: Object) -> Object:
    """``current`` with the status of ``wanted``, checked. Raises ApiError 404 and 422."""
    if not kind.status:
        raise no_subresource()
    new: Object = with_path(current, ("status",), wanted.get("status") or {})
    annotations = wanted["metadata"].get("annotations")
    if kind.kind == "Deployment" and annotations and annotations != current["metadata"].get("annotations"):
        # The status endpoint takes metadata along: that is how a rollout's revision number counts no generation.
        new = with_path(new, ("metadata", "annotations"), annotations)
    validation.validate_status(kind, new, current)
    return new
