"""How Go names a node of a template in an error: its text, and the line and column that it counts as its place.

Source: Go ``text/template/parse``. The column counts bytes from 0, and a chain such as ``.Values.image`` is where its second part
starts.
"""

from __future__ import annotations

from typing import Any

from gotpl.parse import nodes

from gitops_sim.manifests.helm.go import quoted


def spelled(node: Any) -> str:
    """The node as Go prints it."""
    if isinstance(node, nodes.FieldNode):
        return "".join(f".{field}" for field in node.fields)
    if isinstance(node, nodes.VariableNode):
        return node.name + "".join(f".{field}" for field in node.fields)
    if isinstance(node, nodes.ParenthesizedNode):
        return f"({spelled(node.pipeline)})" + "".join(f".{field}" for field in node.fields)
    if isinstance(node, nodes.CommandNode):
        return " ".join(map(spelled, node.arguments))
    if isinstance(node, nodes.PipeNode):
        declared = ", ".join(variable.name for variable in node.declarations)
        sign = "=" if node.is_assignment else ":="
        return (f"{declared} {sign} " if declared else "") + " | ".join(map(spelled, node.commands))
    if isinstance(node, nodes.TemplateCallNode | nodes.BlockNode):
        given = f" {spelled(node.pipeline)}" if node.pipeline else ""
        return f"{{{{template {quoted(node.name)}{given}}}}}"
    return _literal(node)


def _literal(node: Any) -> str:
    if isinstance(node, nodes.IdentifierNode):
        return node.name
    if isinstance(node, nodes.DotNode):
        return "."
    if isinstance(node, nodes.NilNode):
        return "nil"
    if isinstance(node, nodes.BoolNode):
        return "true" if node.value else "false"
    if isinstance(node, nodes.StringNode | nodes.CharacterNode):
        return node.quoted
    return str(node.text)


def position(node: Any, source: bytes) -> tuple[int, int]:
    """Line (from 1) and column (from 0) of a node."""
    at = node.start
    if isinstance(node, nodes.FieldNode) and len(node.fields) > 1:
        at += 1 + len(node.fields[0].encode())
    elif isinstance(node, nodes.VariableNode) and node.fields:
        at += len(node.name.encode())
    elif isinstance(node, nodes.ParenthesizedNode) and node.fields:
        at = node.end - sum(1 + len(field.encode()) for field in node.fields)
    elif isinstance(node, nodes.TemplateCallNode | nodes.BlockNode):
        quotes = [place for place in (source.find(b'"', at), source.find(b"`", at)) if place >= 0]
        at = min(quotes, default=at)
    return source.count(b"\n", 0, at) + 1, at - (source.rfind(b"\n", 0, at) + 1)
