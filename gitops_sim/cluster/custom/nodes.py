"""A structural schema, compiled: one node for each place in an object.

Source of the form: apiextensions-apiserver ``pkg/apiserver/schema`` (structural schemas).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gitops_sim.cluster.shapes import mapping

DEEPEST = 100
"""Levels of a schema: real ones have about twenty."""
META = ("apiVersion", "kind", "metadata")


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """``schema`` is what was stated here. ``additional`` is the node of fields without a name, None if there are none;
    ``embedded``: the place of an object with a type and metadata of its own, as the root is; ``fills``: whether a default is
    stated here or below; ``embeds``: whether such an object stands below; ``ruled``: whether a rule in CEL is stated here or
    below; ``unique``: whether a list that may hold nothing twice is."""

    schema: Mapping[str, Any]
    properties: Mapping[str, Node] = field(default_factory=dict)
    additional: Node | None = None
    items: Node | None = None
    preserve: bool = False
    embedded: bool = False
    nullable: bool = False
    default: Any = None
    fills: bool = False
    embeds: bool = False
    ruled: bool = False
    unique: bool = False

    def of(self, name: str) -> Node | None:
        """The node of a field; None for an unknown one."""
        return self.properties.get(name) or self.additional


NOTHING = Node({})
"""Says nothing, and knows no field."""


def compiled(schema: Mapping[str, Any], *, root: bool = False, level: int = 0) -> Node:
    """What goes deeper than any schema may is left unsaid."""
    if level > DEEPEST:
        return Node(schema, preserve=True)
    properties = {
        name: compiled(inner, level=level + 1)
        for name, inner in mapping(schema, "properties").items()
        if isinstance(inner, dict) and not (root and name in META)
    }
    more = schema.get("additionalProperties")
    additional = compiled(more, level=level + 1) if isinstance(more, dict) else NOTHING if more is True else None
    item = schema.get("items")
    items = compiled(item, level=level + 1) if isinstance(item, dict) else None
    below = (*properties.values(), *(node for node in (additional, items) if node is not None))
    return Node(
        schema,
        properties,
        additional,
        items,
        preserve=schema.get("x-kubernetes-preserve-unknown-fields") is True,
        embedded=root or schema.get("x-kubernetes-embedded-resource") is True,
        nullable=schema.get("nullable") is True,
        default=schema.get("default"),
        fills=schema.get("default") is not None or any(node.fills for node in below),
        embeds=any(node.embedded or node.embeds for node in below),
        ruled=bool(schema.get("x-kubernetes-validations")) or any(node.ruled for node in below),
        unique=schema.get("x-kubernetes-list-type") in ("set", "map") or any(node.unique for node in below),
    )
