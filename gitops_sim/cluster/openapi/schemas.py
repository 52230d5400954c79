"""The schema of one type, made from the facts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from gitops_sim.cluster.openapi.descriptions import description
from gitops_sim.cluster.schema import facts

Schema = dict[str, Any]

_PLAIN: dict[str, Schema] = {
    "any": {"type": "object"},
    "boolean": {"type": "boolean"},
    "bytes": {"format": "byte", "type": "string"},
    "double": {"format": "double", "type": "number"},
    "int32": {"format": "int32", "type": "integer"},
    "int64": {"format": "int64", "type": "integer"},
    "string": {"type": "string"},
}
_SINGLE: dict[str, Schema] = {
    "FieldsV1": {"type": "object"},
    "IntOrString": {"format": "int-or-string", "oneOf": [{"type": "integer"}, {"type": "string"}]},
    "MicroTime": {"format": "date-time", "type": "string"},
    "Quantity": {"oneOf": [{"type": "string"}, {"type": "number"}]},
    "RawExtension": {"type": "object"},
    "Time": {"format": "date-time", "type": "string"},
}


_SWAGGER: dict[str, Schema] = {
    **_SINGLE,
    "IntOrString": {"format": "int-or-string", "type": "string"},
    "Quantity": {"type": "string"},
}


def schemas(names: Iterable[str], prefix: str) -> dict[str, Schema]:
    """The schemas of the named types and of all that they use, by their full names in the order of the alphabet. ``prefix``
    stands in front of the name in references."""
    wanted, found = list(names), dict[str, Schema]()
    while wanted:
        name = wanted.pop()
        full = facts.full_name(name)
        if full not in found:
            found[full] = schema(name, prefix)
            wanted += _used(name)
    return dict(sorted(found.items()))


def schema(name: str, prefix: str) -> Schema:
    if name in _SINGLE:
        return (_SINGLE if _is_v3(prefix) else _SWAGGER)[name]
    fields = facts.fields(name)
    made: Schema = {}
    about = description(name)
    if about:
        made["description"] = about
    if fields:
        made["properties"] = {field.name: _field(name, field, prefix) for field in fields.values()}
        required = [field.name for field in fields.values() if field.required]
        made.update({"required": required} if required else {})
    if fields or not name.startswith("apiextensions.v1.JSON"):
        made["type"] = "object"
    identity = _identity(name)
    if identity:
        made["x-kubernetes-group-version-kind"] = [identity]
    if facts.atomic(name):
        made["x-kubernetes-map-type"] = "atomic"
    return made


def reference(name: str, prefix: str) -> Schema:
    return {"$ref": prefix + facts.full_name(name)}


def _is_v3(prefix: str) -> bool:
    """Swagger 2.0 knows no choice of types, and puts more beside a reference."""
    return "components" in prefix


def _used(name: str) -> Iterator[str]:
    for field in facts.fields(name).values():
        if field.bare not in _PLAIN:
            yield field.bare


def _identity(name: str) -> Schema | None:
    api_version = facts.group_version(name)
    if not api_version:
        return None
    group, _, version = api_version.rpartition("/")
    return {"group": group, "kind": name.rpartition(".")[2], "version": version}


def _field(owner: str, field: facts.Fact, prefix: str) -> Schema:
    made = _type(field.type, prefix)
    about = description(f"{owner}.{field.name}")
    if about:
        made = {"allOf": [made]} if "$ref" in made and _is_v3(prefix) else made
        made = {"description": about, **made}
    if field.list_type:
        made["x-kubernetes-list-type"] = field.list_type
    if field.list_keys:
        made["x-kubernetes-list-map-keys"] = list(field.list_keys)
    if field.map_type:
        made["x-kubernetes-map-type"] = field.map_type
    strategy = ",".join(word for word, said in (("merge", field.merge), ("retainKeys", field.retain_keys)) if said)
    if strategy:
        made["x-kubernetes-patch-strategy"] = strategy
    if field.merge_key:
        made["x-kubernetes-patch-merge-key"] = field.merge_key
    return made


def _type(text: str, prefix: str) -> Schema:
    if text.startswith("[]"):
        return {"items": _type(text[2:], prefix), "type": "array"}
    if text.startswith("{}"):
        return {"additionalProperties": _type(text[2:], prefix), "type": "object"}
    return dict(_PLAIN[text]) if text in _PLAIN else reference(text, prefix)
