"""How the fields of a kind are owned and merged: as a whole, or entry by entry.

For built-in kinds from the facts of the published schemas, for custom ones from the schema of their definition; what no schema
speaks of is told by the value itself: mappings have entries of their own, lists are one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from gitops_sim.cluster.kinds import Kind
from gitops_sim.cluster.schema import facts
from gitops_sim.cluster.shapes import mapping


@dataclass(frozen=True, slots=True)
class Shape:
    """``what``: ``leaf`` (owned as a whole), ``map``, ``set``, ``keyed`` (a list whose items ``keys`` tell apart), ``list`` and
    ``struct`` (owned as a whole, but of a known form) or ``any``, which the value tells. ``inside`` gives the shapes of named
    fields; ``item`` that of all others, or of items. ``defaults``: of keys that an item may leave out; ``scalar``: what a leaf
    must be."""

    what: str
    inside: Callable[[], Mapping[str, Shape]] | None = None
    item: Shape | None = None
    keys: tuple[str, ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict)
    scalar: str = ""

    def of_field(self, name: str) -> tuple[Shape | None, bool]:
        """The shape of a field, and whether the schema names it."""
        found = self.inside().get(name) if self.inside else None
        return (found, True) if found is not None else (self.item, False)


LEAF, ANY = Shape("leaf"), Shape("any")
_SCALARS = {
    **dict.fromkeys(("int32", "int64", "double", "integer", "number"), Shape("leaf", scalar="numeric")),
    **dict.fromkeys(("string", "bytes", "Time", "MicroTime"), Shape("leaf", scalar="string")),
    "boolean": Shape("leaf", scalar="boolean"),
}
_PORTS = ("core.v1.ContainerPort", "core.v1.ServicePort")
_ZERO = {"int32": 0, "int64": 0, "string": ""}


def shape_of(kind: Kind, definition: Mapping[str, Any] | None) -> Shape:
    """The shape of a whole object. ``definition`` is the CustomResourceDefinition of a custom kind, if it is known."""
    name = "" if kind.custom else facts.type_of(kind.group, kind.version, kind.kind)
    if name:
        return _struct(name)
    schema: Mapping[str, Any] = {}
    versions = mapping(definition or {}, "spec").get("versions")
    for version in versions if isinstance(versions, list) else ():
        if isinstance(version, Mapping) and version.get("name") == kind.version:
            schema = mapping(version, "schema", "openAPIV3Schema")
    if not schema:
        return Shape("map", lambda: _OWN, ANY)
    made = _of_schema(schema)
    return Shape("map", lambda: {**(made.inside() if made.inside else {}), **_OWN}, made.item)


@cache
def _struct(name: str) -> Shape:
    return Shape("struct" if facts.atomic(name) else "map", lambda: _fields(name))


@cache
def _fields(name: str) -> Mapping[str, Shape]:
    return {fact.name: _of_fact(fact) for fact in facts.fields(name).values()}


def _of_fact(fact: facts.Fact) -> Shape:
    if fact.type.startswith("[]"):
        item = _of_type(fact.type[2:])
        if fact.list_type == "map":
            return Shape("keyed", None, item, fact.list_keys, _defaults(fact))
        return Shape("set" if fact.list_type == "set" else "list", None, item)
    found = _of_type(fact.type)
    return Shape("struct", found.inside, found.item) if fact.map_type == "atomic" and found.what != "leaf" else found


def _of_type(text: str) -> Shape:
    if text.startswith("[]"):
        return Shape("list", None, _of_type(text[2:]))
    if text.startswith("{}"):
        return Shape("map", None, _of_type(text[2:]))
    return _struct(text) if facts.fields(text) else _SCALARS.get(text, LEAF)


def _defaults(fact: facts.Fact) -> dict[str, Any]:
    """The keys that an item need not have: a port's protocol is TCP, and what is required is empty."""
    inside = facts.fields(fact.bare)
    found = {key: _ZERO[inside[key].type] for key in fact.list_keys if inside[key].required and inside[key].type in _ZERO}
    return {**found, "protocol": "TCP"} if fact.bare in _PORTS else found


_META = _struct("meta.v1.ObjectMeta")
_OWN: Mapping[str, Shape] = {"apiVersion": LEAF, "kind": LEAF, "metadata": _META}


def _of_schema(schema: Mapping[str, Any]) -> Shape:
    """The shape that a structural schema describes."""
    if schema.get("x-kubernetes-embedded-resource") and not schema.get("properties"):
        return ANY
    kind, keep = schema.get("type"), schema.get("x-kubernetes-preserve-unknown-fields")
    if kind == "array":
        items = schema.get("items")
        item = _of_schema(items) if isinstance(items, Mapping) else ANY
        way = schema.get("x-kubernetes-list-type")
        if way == "map":
            keys = tuple(schema.get("x-kubernetes-list-map-keys") or ())
            inside = mapping(schema, "items", "properties")
            defaults = {key: mapping(inside, key)["default"] for key in keys if "default" in mapping(inside, key)}
            return Shape("keyed", None, item, keys, defaults)
        return Shape("set" if way == "set" else "list", None, item)
    if kind == "object" or "properties" in schema:
        what = "struct" if schema.get("x-kubernetes-map-type") == "atomic" else "map"
        others = schema.get("additionalProperties")
        rest = _of_schema(others) if isinstance(others, Mapping) else ANY if keep or others is True else None
        properties = {n: v for n, v in mapping(schema, "properties").items() if isinstance(v, Mapping)}
        return Shape(what, lambda: {name: _of_schema(inner) for name, inner in properties.items()}, rest)
    return ANY if keep else LEAF if schema.get("x-kubernetes-int-or-string") else _SCALARS.get(str(kind), LEAF)
