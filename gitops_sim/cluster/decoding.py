"""The way in: what a manifest holds is read by the type of its kind, or the request is refused as the API server refuses it."""

from __future__ import annotations

from typing import Any

from gitops_sim.cluster.custom.resource import Resource, resource_of
from gitops_sim.cluster.kinds import Kind
from gitops_sim.cluster.schema import object_meta, struct_of
from gitops_sim.cluster.schema.types import DecodeError, Struct
from gitops_sim.errors import bad_request
from gitops_sim.objects import Object


def identify(obj: Any) -> Object:
    """``obj`` itself, if it says what it is: a mapping with ``apiVersion`` and ``kind``. Raises ApiError 400."""
    if not isinstance(obj, dict):
        raise bad_request(f"json: cannot unmarshal {type(obj).__name__} into an object: a mapping is needed")
    for field, word in (("kind", "Kind"), ("apiVersion", "apiVersion")):
        if not isinstance(obj.get(field), str) or not obj[field]:
            raise bad_request(f"Object '{word}' is missing in the object sent")
    return obj


def decode(kind: Kind, obj: Object, old: Object | None = None) -> Object:
    """``obj`` as the API server would write it back: unknown fields dropped, empty ones left out, amounts in their one form.

    What it shares with ``old``, a version that was read before, is not looked at again. An object of a kind or a version
    whose fields we do not know keeps all that it holds; only its metadata is read.

    Raises ApiError 400 in the words of the server when a value has the wrong type.
    """
    try:
        return read(kind, obj, old)
    except DecodeError as error:
        version = obj["apiVersion"].rpartition("/")[2]
        raise bad_request(f'{obj["kind"]} in version "{version}" cannot be handled as a {kind.kind}: {error}') from None


def read(kind: Kind, obj: Object, old: Object | None = None) -> Object:
    """Like :func:`decode`, but the DecodeError comes out as it is: a patch words it otherwise."""
    struct = _struct(kind, obj)
    if struct is not None:
        read: Object = struct.read(obj, old)
        return read
    resource = _resource(kind, obj)
    if resource is not None:
        obj = resource.pruned(obj, old)
    given = obj.get("metadata")
    meta = object_meta().read({} if given is None else given, old["metadata"] if old else None)
    return obj if meta is given else {**obj, "metadata": meta}


def unknown_fields(kind: Kind, obj: Object) -> list[str]:
    """The paths (``spec.template.foo``) that a kind does not have and that :func:`decode` drops."""
    struct, resource = _struct(kind, obj), _resource(kind, obj)
    if resource is not None:
        return [*(f"metadata{path}" for path in object_meta().unknown(obj.get("metadata"))), *resource.unknown(obj)]
    return [path[1:] for path in struct.unknown(obj)] if struct else []


def _resource(kind: Kind, obj: Object) -> Resource | None:
    return resource_of(kind) if obj["apiVersion"] == kind.api_version else None


def _struct(kind: Kind, obj: Object) -> Struct | None:
    return struct_of(kind) if obj["apiVersion"] == kind.api_version else None
