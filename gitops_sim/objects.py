"""Kubernetes objects as plain JSON-like dicts that are never changed in place.

Every writer goes through :func:`with_path` and :func:`without_path`: they copy the dicts and lists along one path and share the
rest, so that every past version of an object can be kept for the price of what changed in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

Object = Mapping[str, Any]
"""A Kubernetes object; treat it and everything in it as frozen."""

Path = Sequence[str | int]
"""Steps from the root of an object: keys of mappings and indexes of lists."""


class Key(NamedTuple):
    """The identity of an object in a cluster. ``namespace`` is empty for cluster-scoped kinds. The version is not part of it."""

    group: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return "/".join(filter(None, (self.kind, self.namespace, self.name)))


def group_of(api_version: str) -> str:
    """``apps`` of ``apps/v1``; empty for the core group (``v1``)."""
    return api_version.rpartition("/")[0]


def key_of(obj: Object) -> Key:
    meta = obj["metadata"]
    return Key(group_of(obj["apiVersion"]), obj["kind"], meta.get("namespace") or "", meta["name"])


def get_path(obj: Any, path: Path, default: Any = None) -> Any:
    """The value at ``path``, or ``default`` when a step is missing."""
    for step in path:
        if isinstance(obj, dict):
            if step not in obj:
                return default
            obj = obj[step]
        elif isinstance(obj, list) and isinstance(step, int) and -len(obj) <= step < len(obj):
            obj = obj[step]
        else:
            return default
    return obj


def with_path(obj: Any, path: Path, value: Any) -> Any:
    """A copy of ``obj`` that holds ``value`` at ``path``; mappings on the way are made where there is none."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        items = list(obj)
        items[step] = with_path(items[step], rest, value)
        return items
    if not isinstance(obj, dict):
        return {step: with_path(None, rest, value)}
    return {**obj, step: with_path(obj.get(step), rest, value) if rest else value}


def without_path(obj: Any, path: Path, *, prune_empty: bool = False) -> Any:
    """A copy of ``obj`` without ``path``; ``obj`` itself when there is nothing there.

    ``prune_empty`` also drops mappings that became empty on the way up.
    """
    if not path or get_path(obj, path, _MISSING) is _MISSING:
        return obj
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        items = list(obj)
        if rest:
            items[step] = without_path(items[step], rest, prune_empty=prune_empty)
        else:
            del items[step]
        return items
    if not rest:
        return {k: v for k, v in obj.items() if k != step}
    inner = without_path(obj[step], rest, prune_empty=prune_empty)
    if prune_empty and inner == {}:
        return {k: v for k, v in obj.items() if k != step}
    return {**obj, step: inner}


_MISSING = object()


def labels_of(obj: Object) -> Mapping[str, str]:
    return obj["metadata"].get("labels") or {}


def annotations_of(obj: Object) -> Mapping[str, str]:
    return obj["metadata"].get("annotations") or {}


def conditions_of(obj: Object) -> Sequence[Mapping[str, Any]]:
    return get_path(obj, ("status", "conditions")) or []


def condition_of(obj: Object, type_: str) -> Mapping[str, Any] | None:
    """The condition of a type; None when it has none."""
    return next((condition for condition in conditions_of(obj) if condition.get("type") == type_), None)


def controller_of(obj: Object) -> Mapping[str, Any] | None:
    """The owner reference with ``controller: true``, if any."""
    for owner in obj["metadata"].get("ownerReferences") or ():
        if owner.get("controller"):
            return dict(owner)
    return None


def changes(old: Any, new: Any) -> list[tuple[tuple[str | int, ...], Any, Any]]:
    """``(path, old, new)`` of every leaf that differs, keys in order; a missing side is None. Lists differ as a whole
    unless they have the same length."""
    found: list[tuple[tuple[str | int, ...], Any, Any]] = []
    if old is not new and old != new:
        _collect(old, new, (), found)
    return found


def _collect(old: Any, new: Any, path: tuple[str | int, ...], found: list[tuple[tuple[str | int, ...], Any, Any]]) -> None:
    """The changes between two values that are not the same."""
    if isinstance(old, dict) and isinstance(new, dict):
        differing = [key for key, value in new.items() if (before := old.get(key)) is not value and before != value]
        differing += [key for key, value in old.items() if value is not None and key not in new]
        for key in sorted(differing):
            _collect(old.get(key), new.get(key), (*path, key), found)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (before, after) in enumerate(zip(old, new, strict=True)):
            if before is not after and before != after:
                _collect(before, after, (*path, index), found)
    else:
        found.append((path, old, new))


def dotted(path: Path) -> str:
    """``.spec.containers[0].image``, the way ``kubectl`` and Argo CD name a field."""
    return "".join([f"[{step}]" if isinstance(step, int) else f".{step}" for step in path])
