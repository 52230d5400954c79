"""Objects within objects (``x-kubernetes-embedded-resource``) say what they are.

Source: apiextensions-apiserver ``pkg/apiserver/schema/objectmeta/validation.go``. Their metadata is not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gitops_sim.cluster.custom.nodes import META, Node
from gitops_sim.errors import Cause


def unnamed(node: Node, value: Any, path: str = "") -> Iterator[Cause]:
    """What the embedded objects in ``value`` lack."""
    if isinstance(value, dict):
        if node.embedded and path:
            for name in META[:2]:
                if not value.get(name):
                    yield Cause(f"{path}.{name}", "Required value: must not be empty", "FieldValueRequired")
        for name in sorted(value):
            inner = None if node.embedded and name in META else node.of(name)
            if inner is not None:
                yield from unnamed(inner, value[name], f"{path}.{name}" if path else name)
    elif isinstance(value, list) and node.items is not None:
        for index, item in enumerate(value):
            yield from unnamed(node.items, item, f"{path}[{index}]")
