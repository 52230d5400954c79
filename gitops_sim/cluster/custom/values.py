"""Values of an object as expressions see them: typed by the schema, fields under names that CEL can say.

Source: the documentation of Kubernetes, "Extend the Kubernetes API with CustomResourceDefinitions" (type mapping, escaping).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from gitops_sim.cluster.custom.nodes import NOTHING, Node

_RESERVED = frozenset(
    (
        *("true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let"),
        *("loop", "package", "namespace", "return", "var", "void", "while"),
    )
)
_ANY = Node({}, additional=NOTHING)
_ESCAPES = (("__", "__underscores__"), (".", "__dot__"), ("-", "__dash__"), ("/", "__slash__"))


def value_of(node: Node, value: Any, *, root: bool = False) -> Any:
    """A value for :meth:`Expression.value`. Of an object with metadata of its own only names are seen."""
    from celpy import celtypes as cel

    if value is None:
        return None
    if isinstance(value, bool):
        return cel.BoolType(value)
    if isinstance(value, Mapping):
        return cel.MapType({cel.StringType(name): content for name, content in _fields(node, value, root)})
    if isinstance(value, list):
        items = node.items or NOTHING
        return cel.ListType([value_of(items, item) for item in value])
    if isinstance(value, str):
        return _text(str(node.schema.get("format", "")), value)
    if isinstance(value, float) or node.schema.get("type") == "number":
        return cel.DoubleType(value)
    return cel.IntType(value)


def longest_list(value: Any) -> int:
    """How many items the longest list or map in a value has."""
    if isinstance(value, Mapping):
        return max([len(value), *map(longest_list, value.values())])
    return max([len(value), *map(longest_list, value)]) if isinstance(value, list) else 0


def escaped(name: str) -> str:
    """``foo-bar`` is ``foo__dash__bar`` in an expression."""
    if name in _RESERVED:
        return f"__{name}__"
    for what, by in _ESCAPES:
        name = name.replace(what, by)
    return name


def _fields(node: Node, value: Mapping[str, Any], root: bool) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    if root or node.embedded:
        meta = value.get("metadata") or {}
        names = {name: meta[name] for name in ("name", "generateName") if name in meta}
        found += [("metadata", value_of(_ANY, names))]
        found += [(name, value_of(NOTHING, value[name])) for name in ("apiVersion", "kind") if name in value]
    for name, content in value.items():
        inner = node.properties.get(name)
        if inner is not None:
            found.append((escaped(name), value_of(inner, content)))
        elif node.additional is not None:
            found.append((name, value_of(node.additional, content)))
    return found


def _text(format: str, value: str) -> Any:
    from celpy import celtypes as cel

    try:
        if format == "byte":
            return cel.BytesType(base64.b64decode(value, validate=True))
        if format in ("date-time", "date"):
            return cel.TimestampType(value)
        if format == "duration":
            return cel.DurationType(value)
    except (ValueError, binascii.Error):
        pass  # the format's own check refuses it
    return cel.StringType(value)
