"""Small writers that fill gaps without changing what they are given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gitops_sim.objects import Object

Default = Callable[[Object], Object]


def fill(obj: Mapping[str, Any], **values: Any) -> Mapping[str, Any]:
    """``obj`` with those of ``values`` that it lacks, or has as null."""
    missing = {key: value for key, value in values.items() if obj.get(key) is None}
    return {**obj, **missing} if missing else obj


def within(obj: Mapping[str, Any], field: str, filler: Callable[[Any], Any]) -> Mapping[str, Any]:
    """``obj`` with ``filler`` applied to the mapping in ``field``, when there is one."""
    inner = obj.get(field)
    if inner is None:
        return obj
    filled = filler(inner)
    return obj if filled is inner else {**obj, field: filled}


def each(obj: Mapping[str, Any], field: str, filler: Callable[[Any], Any]) -> Mapping[str, Any]:
    """``obj`` with ``filler`` applied to every item of the list in ``field``."""
    items = obj.get(field)
    if not items:
        return obj
    filled = [filler(item) for item in items]
    return obj if all(new is old for new, old in zip(filled, items, strict=True)) else {**obj, field: filled}
