"""Fields that a schema does not know are dropped, and so are nulls where none may be.

Source: apiextensions-apiserver ``pkg/apiserver/schema/pruning`` and ``defaulting/prune.go``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitops_sim.cluster.custom.nodes import META, Node


def pruned(node: Node, value: Any, stored: Any = None) -> Any:
    """``value`` as it is stored; ``value`` itself when all of it is known. What is as in ``stored``, which was read before, is
    not looked at again."""
    return _pruned(node, value, "", [], node.preserve, stored)


def unknown(node: Node, value: Any) -> list[str]:
    """The paths of what :func:`pruned` drops because nobody knows it, sorted."""
    found: list[str] = []
    _pruned(node, value, "", found, node.preserve)
    return sorted(found)


def _pruned(node: Node | None, value: Any, path: str, found: list[str], keep: bool, stored: Any = None) -> Any:
    if isinstance(value, dict):
        if value is stored or value == stored:
            return value
        return _pruned_map(node, value, path, found, keep, stored if isinstance(stored, dict) else {})
    if isinstance(value, list):
        if value is stored or value == stored:
            return value
        inner = node.items if node is not None else None
        if inner is None and keep:
            return value
        below = keep or (inner is not None and inner.preserve)
        before = stored if isinstance(stored, list) and len(stored) == len(value) else [None] * len(value)
        made = [_pruned(inner, item, f"{path}[{index}]", found, below, before[index]) for index, item in enumerate(value)]
        return value if all(one is other for one, other in zip(made, value, strict=True)) else made
    return value


def _pruned_map(
    node: Node | None, value: Mapping[str, Any], path: str, found: list[str], keep: bool, stored: Mapping[str, Any]
) -> Any:
    """``keep``: this place preserves what it does not know; what it knows is looked at again below."""
    made: dict[str, Any] = {}
    same = True
    for name, item in value.items():
        if node is not None and node.embedded and name in META:
            made[name] = item
            continue
        inner = node.of(name) if node is not None else None
        if inner is None:
            if keep:
                made[name] = item
            else:
                found.append(_joined(path, name))
                same = False
            continue
        if item is None and not inner.nullable and inner.default is None and _is_named(node, name):
            same = False
            continue
        if isinstance(item, (dict, list)):
            made[name] = _pruned(inner, item, _joined(path, name), found, inner.preserve, stored.get(name))
            same = same and made[name] is item
        else:
            made[name] = item
    return value if same else made


def _joined(path: str, name: Any) -> str:
    return f"{path}.{name}" if path else str(name)


def _is_named(node: Node | None, name: str) -> bool:
    return node is not None and name in node.properties
