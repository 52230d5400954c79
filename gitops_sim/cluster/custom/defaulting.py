"""What a schema fills in where an object says nothing: only within what is there, from the outside in.

Source: apiextensions-apiserver ``pkg/apiserver/schema/defaulting/algorithm.go``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitops_sim.cluster.custom.nodes import META, Node


def defaulted(node: Node, value: Any) -> Any:
    """``value`` with its defaults; ``value`` itself when nothing is missing."""
    if not node.fills:
        return value
    if isinstance(value, dict):
        return _filled(node, value)
    if isinstance(value, list) and node.items is not None:
        items = node.items
        made = [defaulted(items, _or_default(items, item)) for item in value]
        return value if all(one is other for one, other in zip(made, value, strict=True)) else made
    return value


def _filled(node: Node, value: Mapping[str, Any]) -> Mapping[str, Any]:
    made = dict(value)
    for name, inner in node.properties.items():
        if inner.default is not None and (name not in made or (made[name] is None and not inner.nullable)):
            made[name] = inner.default
    for name, item in made.items():
        inner_node = None if node.embedded and name in META else node.of(name)
        if inner_node is not None:
            known = name in node.properties
            made[name] = defaulted(inner_node, item if known else _or_default(inner_node, item))
    if len(made) == len(value) and all(made[name] is item for name, item in value.items()):
        return value
    return made


def _or_default(node: Node, value: Any) -> Any:
    return node.default if value is None and not node.nullable else value
