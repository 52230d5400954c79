"""Lists that a schema calls a set or a map hold nothing twice.

Source: apiextensions-apiserver ``pkg/apiserver/schema/listtype/validation.go``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gitops_sim.cluster.custom.nodes import META, Node
from gitops_sim.cluster.go_text import json_text
from gitops_sim.errors import Cause


def duplicates(node: Node, value: Any, stored: Any = None, path: str = "") -> Iterator[Cause]:
    """What is there twice. What is as in ``stored``, which an update replaces, is not looked at again."""
    if not node.unique or value is stored or (stored is not None and value == stored):
        return
    if isinstance(value, dict):
        before = stored if isinstance(stored, dict) else {}
        for name in sorted(value):
            inner = None if node.embedded and name in META else node.of(name)
            if inner is not None:
                yield from duplicates(inner, value[name], before.get(name), f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        yield from _twice(node.schema, value, path)
        if node.items is not None:
            for index, item in enumerate(value):
                yield from duplicates(node.items, item, None, f"{path}[{index}]")


def _twice(schema: Mapping[str, Any], value: list[Any], path: str) -> Iterator[Cause]:
    kind, keys = schema.get("x-kubernetes-list-type"), schema.get("x-kubernetes-list-map-keys")
    if kind not in ("set", "map"):
        return
    seen: dict[str, int] = {}
    for index, item in enumerate(value):
        if kind == "map":
            if not isinstance(item, dict) or not isinstance(keys, list):
                continue
            item = {key: item[key] for key in sorted(keys) if key in item}
        text = json_text(item)
        seen[text] = seen.get(text, 0) + 1
        if seen[text] == 2:
            yield Cause(f"{path}[{index}]", f"Duplicate value: {text}", "FieldValueDuplicate")
