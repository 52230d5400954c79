"""Objects in protobuf, as kubectl's ``create`` commands and helm send them: read into what they would be in JSON.

On the wire an object is ``k8s\\0`` and a ``runtime.Unknown``: its type, and its bytes. Sources: k8s.io/apimachinery
``pkg/runtime/serializer/protobuf``; the field numbers are in ``protobuf_fields.txt``, which says where they come from.
"""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

FIELDS = Path(__file__).with_name("protobuf_fields.txt")
PREFIX = b"k8s\0"
_DEEPEST = 100
_PACKAGES = {
    "": "core",
    "rbac.authorization.k8s.io": "rbac",
    "networking.k8s.io": "networking",
    "scheduling.k8s.io": "scheduling",
    "storage.k8s.io": "storage",
    "coordination.k8s.io": "coordination",
    "discovery.k8s.io": "discovery",
    "authentication.k8s.io": "authentication",
    "authorization.k8s.io": "authorization",
    "events.k8s.io": "events",
    "meta.k8s.io": "meta",
}
ROOTS = (
    *(
        f"core.v1.{kind}"
        for kind in ("Namespace", "Node", "Pod", "Service", "ConfigMap", "Secret", "ServiceAccount", "Endpoints")
    ),
    *(
        f"core.v1.{kind}"
        for kind in ("Event", "PersistentVolume", "PersistentVolumeClaim", "ReplicationController", "PodTemplate")
    ),
    *(f"core.v1.{kind}" for kind in ("ResourceQuota", "LimitRange", "Binding")),
    *(f"apps.v1.{kind}" for kind in ("Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "ControllerRevision")),
    *("batch.v1.Job", "batch.v1.CronJob", "autoscaling.v1.HorizontalPodAutoscaler", "autoscaling.v1.Scale"),
    *("autoscaling.v2.HorizontalPodAutoscaler", "policy.v1.PodDisruptionBudget", "policy.v1.Eviction"),
    *(f"rbac.v1.{kind}" for kind in ("Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding")),
    *(f"networking.v1.{kind}" for kind in ("Ingress", "IngressClass", "NetworkPolicy")),
    *("scheduling.v1.PriorityClass", "storage.v1.StorageClass", "coordination.v1.Lease", "discovery.v1.EndpointSlice"),
    *("authentication.v1.TokenRequest", "authentication.v1.TokenReview", "authentication.v1.SelfSubjectReview"),
    *("authorization.v1.SubjectAccessReview", "authorization.v1.SelfSubjectAccessReview"),
    *("authorization.v1.LocalSubjectAccessReview", "authorization.v1.SelfSubjectRulesReview"),
    *("events.v1.Event", "meta.v1.DeleteOptions"),
)
"""The messages that a body may hold."""


class Malformed(Exception):
    """Bytes that are no object."""


class Field(NamedTuple):
    """``mark`` is ``*`` for a list, ``{}`` for a map, ``~`` for a message whose fields are its parent's; else empty."""

    type: str
    mark: str
    name: str


def decode(body: bytes) -> dict[str, Any]:
    """The object in a body, with ``apiVersion`` and ``kind``. Raises Malformed."""
    if not body.startswith(PREFIX):
        raise Malformed("it does not start as one")
    kind = {"apiVersion": "", "kind": ""}
    raw = b""
    for number, value in _entries(body[len(PREFIX) :]):
        if number == 1 and isinstance(value, bytes):
            for inner, text in _entries(value):
                if inner in (1, 2) and isinstance(text, bytes):
                    kind["apiVersion" if inner == 1 else "kind"] = _text(text)
        elif number == 2 and isinstance(value, bytes):
            raw = value
    group, _, version = kind["apiVersion"].rpartition("/")
    message = f"{_PACKAGES.get(group, group)}.{version}.{kind['kind']}"
    if kind["kind"] == "DeleteOptions":
        message = "meta.v1.DeleteOptions"
    if message not in _messages():
        raise Malformed(f'no fields are known of kind "{kind["kind"]}" in version "{kind["apiVersion"]}"')
    return {**kind, **_message(message, raw, 0)}


@cache
def _messages() -> dict[str, dict[int, Field]]:
    """The fields of every message by number."""
    found: dict[str, dict[int, Field]] = {}
    for line in FIELDS.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        name, *fields = line.split()
        found[name] = {}
        for field in fields:
            number, type_, json_name = field.split(":")
            bare = type_.rstrip("*~{}")
            found[name][int(number)] = Field(bare, type_[len(bare) :], json_name)
    return found


def _message(name: str, raw: bytes, depth: int) -> dict[str, Any]:
    if depth > _DEEPEST:
        raise Malformed("it is nested too deep")
    fields, found = _messages()[name], dict[str, Any]()
    for number, value in _entries(raw):
        field = fields.get(number)
        if field is None:
            continue
        if field.mark == "{}":
            key, item = _pair(field.type, value, depth)
            found.setdefault(field.name, {})[key] = item
        elif field.mark == "~":
            found.update(_message(field.type, _raw(value), depth + 1))
        elif field.mark == "*":
            found.setdefault(field.name, []).extend(_items(field.type, value, depth))
        else:
            found[field.name] = _value(field.type, value, depth)
    return found


def _pair(type_: str, value: int | bytes, depth: int) -> tuple[str, Any]:
    key, item = "", b"" if type_ in ("string", "bytes") or "." in type_ else 0
    for number, inner in _entries(_raw(value)):
        if number == 1:
            key = _text(_raw(inner))
        elif number == 2:
            item = inner
    return key, _value(type_, item, depth)


def _items(type_: str, value: int | bytes, depth: int) -> list[Any]:
    if isinstance(value, bytes) and type_ in ("int32", "int64", "bool"):  # packed
        numbers, place = list[Any](), 0
        while place < len(value):
            number, place = _varint(value, place)
            numbers.append(_value(type_, number, depth))
        return numbers
    return [_value(type_, value, depth)]


def _value(type_: str, value: int | bytes, depth: int) -> Any:
    if type_ == "string":
        return _text(_raw(value))
    if type_ == "bytes":
        return base64.b64encode(_raw(value)).decode()
    if type_ == "bool":
        return bool(_number(value))
    if type_ in ("int32", "int64"):
        number = _number(value)
        return number - 2**64 if number >= 2**63 else number
    if type_ == "double":
        (real,) = struct.unpack("<d", _number(value).to_bytes(8, "little"))
        return real
    special = _SPECIAL.get(type_)
    return special(_raw(value)) if special is not None else _message(type_, _raw(value), depth + 1)


# ---------------------------------------------------------------------- types that JSON writes in a form of their own


def _time(raw: bytes) -> str | None:
    parts = {number: _number(value) for number, value in _entries(raw)}
    return None if not parts.get(1) else _moment(parts[1]).strftime("%Y-%m-%dT%H:%M:%SZ")


def _micro_time(raw: bytes) -> str | None:
    parts = {number: _number(value) for number, value in _entries(raw)}
    if not parts.get(1):
        return None
    return _moment(parts[1]).strftime("%Y-%m-%dT%H:%M:%S.") + f"{parts.get(2, 0) // 1000 % 1_000_000:06d}Z"


def _moment(seconds: int) -> datetime:
    try:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    except OverflowError:
        raise Malformed("a time is out of range") from None


def _first_text(raw: bytes) -> str:
    return next((_text(_raw(value)) for number, value in _entries(raw) if number == 1), "")


def _int_or_string(raw: bytes) -> int | str:
    parts = dict(_entries(raw))
    if _number(parts.get(1, 0)) == 1:
        return _text(_raw(parts.get(3, b"")))
    number: int = _value("int32", _number(parts.get(2, 0)), 0)
    return number


def _json(raw: bytes) -> Any:
    text = next((_raw(value) for number, value in _entries(raw) if number == 1), b"") or b"null"
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise Malformed("it holds JSON that cannot be read") from None


_SPECIAL = {
    "meta.v1.Time": _time,
    "meta.v1.MicroTime": _micro_time,
    "meta.v1.FieldsV1": _json,
    "api.resource.Quantity": _first_text,
    "util.intstr.IntOrString": _int_or_string,
    "pkg.runtime.RawExtension": _json,
}


# ---------------------------------------------------------------------- the wire


def _entries(raw: bytes) -> Iterator[tuple[int, int | bytes]]:
    """``(field number, value)``: bytes for what has a length, a number otherwise."""
    place, end = 0, len(raw)
    while place < end:
        tag, place = _varint(raw, place)
        number, wire = tag >> 3, tag & 7
        if wire == 0:
            value, place = _varint(raw, place)
            yield number, value
            continue
        if wire == 2:
            length, place = _varint(raw, place)
        elif wire in (1, 5):
            length = 8 if wire == 1 else 4
        else:
            raise Malformed(f"wire type {wire} is unknown")
        if number == 0 or place + length > end:
            raise Malformed("it ends too early")
        piece = raw[place : place + length]
        place += length
        yield number, piece if wire == 2 else int.from_bytes(piece, "little")


def _varint(raw: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while place < len(raw):
        byte = raw[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & (2**64 - 1), place
        shift += 7
        if shift > 63:
            break
    raise Malformed("a number in it does not end")


def _raw(value: int | bytes) -> bytes:
    if isinstance(value, int):
        raise Malformed("a field has another type")
    return value


def _number(value: int | bytes) -> int:
    if not isinstance(value, int):
        raise Malformed("a field has another type")
    return value


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
