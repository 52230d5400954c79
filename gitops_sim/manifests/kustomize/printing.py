"""Nodes as text: what kyaml quotes in its error messages, in the order of the file."""

from __future__ import annotations

from collections.abc import Iterator

from gitops_sim.manifests.kustomize.nodes import FLOW, MAPPING, SCALAR, Node
from gitops_sim.manifests.kustomize.scalars import STR, resolve


def as_text(node: Node) -> str:
    """The node as YAML, with a newline at its end."""
    return "\n".join(_lines(node)) + "\n"


def _lines(node: Node) -> Iterator[str]:
    if node.style & FLOW:
        yield _flow(node)
    elif node.kind == MAPPING and node.fields:
        for key, value in node.fields.items():
            yield from _led(f"{key}:", value, "  " if value.kind == MAPPING else "")
    elif node.kind != SCALAR and node.items:
        for item in node.items:
            first, *rest = _lines(item)
            yield f"- {first}"
            yield from (f"  {line}" for line in rest)
    else:
        yield _inline(node)


def _led(lead: str, value: Node, pad: str) -> Iterator[str]:
    if (value.fields or value.items) and not value.style & FLOW:
        yield lead
        yield from (pad + line for line in _lines(value))
    elif value.kind == SCALAR and "\n" in value.text:
        yield lead + (" |" if value.text.endswith("\n") else " |-")
        yield from (f"  {line}" for line in value.text.removesuffix("\n").split("\n"))
    else:
        yield f"{lead} {_flow(value)}".rstrip()


def _flow(node: Node) -> str:
    if node.kind == MAPPING:
        return "{" + ", ".join(f"{key}: {_flow(value)}".rstrip() for key, value in node.fields.items()) + "}"
    if node.kind != SCALAR:
        return "[" + ", ".join(map(_flow, node.items)) + "]"
    return _inline(node)


def _inline(node: Node) -> str:
    if node.kind == MAPPING:
        return "{}"
    if node.kind != SCALAR:
        return "[]"
    if node.style or (node.tag == STR and resolve(node.text)[0] != STR):
        return '"' + node.text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return node.text
