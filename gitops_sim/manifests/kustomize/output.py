"""From nodes to plain data, and to the text that is printed."""

from __future__ import annotations

import json
from typing import Any

from gitops_sim.manifests.kustomize.nodes import Node, to_data
from gitops_sim.yaml_sorted import to_yaml


def documents(objects: list[Any]) -> str:
    """What ``kubectl kustomize`` prints."""
    return "---\n".join(map(to_yaml, objects))


def go_json(value: Any) -> str:
    """Compact JSON as Go writes it: sorted keys, ``<``, ``>`` and ``&`` escaped, other characters as they are."""
    text = json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    for char, escape in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026"), ("\u2028", "\\u2028"), ("\u2029", "\\u2029")):
        text = text.replace(char, escape)
    return text


def quoted(text: str) -> str:
    """Go's ``%q``."""
    return json.dumps(text, ensure_ascii=False)


def as_json(node: Node) -> str:
    return go_json(to_data(node))
