"""The types of kinds that no table lists, made from the facts.

What the facts do not say is read kindly: a number or a truth value that may be left out is kept when it is given, zero or not,
and a mapping that may be left out is not written when it is missing, but for the spec and the status of a kind.
"""

from __future__ import annotations

from functools import partial

from gitops_sim.cluster.schema import facts
from gitops_sim.cluster.schema.types import PLAIN_TYPES, Double, Field, ListOf, MapOf, Struct, Tables, Text, Type

_SHARED = ("core.v1", "meta.v1")
_TYPES: dict[str, Type] = {
    **PLAIN_TYPES,
    "boolean": PLAIN_TYPES["bool"],
    "double": Double("float64", 0),
    "FieldsV1": PLAIN_TYPES["any"],
    "RawExtension": PLAIN_TYPES["any"],
}


class Derived:
    """``tables`` list the types that many kinds share (of Pods, of metadata) more exactly than the facts."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._types = dict(_TYPES)

    def struct(self, name: str) -> Struct:
        package, _, bare = name.rpartition(".")
        listed = self._tables.struct(bare) if package in _SHARED else None
        return listed or Struct(bare, package.rpartition(".")[2], partial(self._fields, name))

    def _fields(self, name: str) -> dict[str, Field]:
        parts = ("metadata", "spec", "status") if facts.group_version(name) else ()
        return {fact.name: self._field(fact, always=fact.required or fact.name in parts) for fact in facts.fields(name).values()}

    def _field(self, fact: facts.Fact, *, always: bool) -> Field:
        type_ = self._type(fact.type)
        return Field(type_, pointer=not always and not isinstance(type_, Text | ListOf | MapOf), always=always)

    def _type(self, text: str) -> Type:
        found = self._types.get(text)
        if found is None:
            if text.startswith("[]"):
                found = ListOf(self._type(text[2:]))
            elif text.startswith("{}"):
                found = MapOf(self._type(text[2:]))
            elif not facts.fields(text):
                found = PLAIN_TYPES["any"]
            else:
                found = self.struct(text)
            self._types[text] = found
        return found
