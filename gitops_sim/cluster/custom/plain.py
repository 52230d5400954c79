"""A first, quick look at a value: whether it is plainly what a schema says, and holds nothing that the schema does not know.

It knows types, fields, items and what is required, which is all that most schemas state. A place with any other keyword is not
plain: :mod:`gitops_sim.cluster.custom.validating` has to look, and it alone finds words for what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gitops_sim.cluster.custom.nodes import DEEPEST, META
from gitops_sim.cluster.shapes import mapping, texts

_Schema = Mapping[str, Any]
Check = Callable[[Any, Any], bool]
"""Takes a value and what it replaces (None for nothing), whose parts need not be looked at again."""

_SILENT = frozenset(
    (
        *("default", "description", "example", "title", "x-kubernetes-list-map-keys", "x-kubernetes-list-type"),
        *("x-kubernetes-map-type", "x-kubernetes-preserve-unknown-fields", "x-kubernetes-validations"),
    )
)
"""Keywords that say nothing of whether a value fits: other rooms look at them."""


def plain_check(schema: _Schema, *, strict: bool = False, root: bool = False, level: int = 0) -> Check:
    """``strict``: what nobody knows and would be dropped is not plain either. ``root``: of a whole object, whose ``apiVersion``
    and ``kind`` are not looked at."""
    said = schema.keys() - _SILENT - {"nullable"}
    kind = schema.get("type")
    if level > DEEPEST or not isinstance(kind, str):
        return _never
    if kind in _SCALARS and said == {"type"}:
        check = _SCALARS[kind]
    elif kind == "array" and said <= {"type", "items"}:
        check = _list(mapping(schema, "items"), strict, level)
    elif kind == "object" and said <= {"type", "properties", "additionalProperties", "required"}:
        check = _object(schema, strict, root, level)
    else:
        return _never
    return _or_null(check) if schema.get("nullable") is True else check


def _never(value: Any, old: Any) -> bool:
    return False


def _always(value: Any, old: Any) -> bool:
    return True


def _or_null(check: Check) -> Check:
    return lambda value, old: value is None or check(value, old)


_SCALARS: Mapping[str, Check] = {
    "boolean": lambda value, old: type(value) is bool,
    "integer": lambda value, old: type(value) is int and -(2**63) <= value < 2**63,
    "number": lambda value, old: type(value) in (int, float),
    "string": lambda value, old: type(value) is str,
}


def _list(items: _Schema, strict: bool, level: int) -> Check:
    check = plain_check(items, strict=strict, level=level + 1) if items else _never if strict else _always

    def fits(value: Any, old: Any) -> bool:
        if type(value) is not list:
            return False
        if value is not old:
            for item in value:
                if not check(item, None):
                    return False
        return True

    return fits


def _object(schema: _Schema, strict: bool, root: bool, level: int) -> Check:
    inner: dict[str, Check] = {}
    for name, found in mapping(schema, "properties").items():
        inner[name] = plain_check(found, strict=strict, level=level + 1) if isinstance(found, dict) else _never
    if root:
        inner.update(dict.fromkeys(META if strict else META[:2], _always))
    more = schema.get("additionalProperties")
    if isinstance(more, dict):
        others = plain_check(more, strict=strict, level=level + 1)
    else:
        others = _never if strict and schema.get("x-kubernetes-preserve-unknown-fields") is not True else _always
    required = frozenset(texts(schema, "required"))

    def fits(value: Any, old: Any) -> bool:
        if type(value) is not dict:
            return False
        if value is old:
            return True
        before = old if type(old) is dict else {}
        for name, item in value.items():
            if not inner.get(name, others)(item, before.get(name)):
                return False
        return value.keys() >= required

    return fits
