"""Values by their shape: which fields they have, how two differ, one merged over another, one without some fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gitops_sim.cluster.ownership.paths import Fields, Path, field, item_key, item_value, shown
from gitops_sim.cluster.ownership.shapes import ANY, LEAF, Shape
from gitops_sim.cluster.three_way import same

GONE = object()
"""Stands for a value that is not there; null is one."""

_LISTS = ("set", "keyed", "list")
_WHOLE = ("leaf", "list", "struct")


class Mistyped(Exception):
    """A configuration that its schema does not allow."""


def _resolved(shape: Shape | None, *values: Any) -> Shape:
    """The shape, or what the values tell where it says nothing."""
    if shape is None or shape.what == "any":
        given = next((value for value in values if value is not GONE and value is not None), None)
        if isinstance(given, Mapping):
            return Shape("map", None, ANY)
        return Shape("list", None, ANY) if isinstance(given, list) else LEAF
    return shape


def step_of(shape: Shape, item: Any) -> str:
    """The step to an item of a set or of a keyed list. Raises Mistyped for one without its keys."""
    if shape.what == "set":
        return item_value(item)
    keys: dict[str, Any] = {}
    for key in shape.keys:
        if isinstance(item, Mapping) and item.get(key) is not None:
            keys[key] = item[key]
        elif key in shape.defaults:
            keys[key] = shape.defaults[key]
        else:
            raise Mistyped(
                f'associative list with keys has an element that omits key field "{key}" (and doesn\'t have default value)'
            )
    return item_key(keys)


def check(shape: Shape | None, value: Any, path: Path = ()) -> Iterator[str]:
    """What is wrong with a configuration, as the server words it."""
    if value is None:
        return
    shape = _resolved(shape, value)
    if shape.what in _LISTS:
        if not isinstance(value, list):
            yield f"{shown(path)}: expected list, got {_go(value)}"
            return
        seen: set[str] = set()
        for index, item in enumerate(value):
            step = f"i:{index}"
            if shape.what != "list":
                try:
                    step = step_of(shape, item)
                except Mistyped as error:
                    yield f"{shown(path)}: element {index}: {error}"
                    continue
                if step in seen:
                    yield f"{shown(path)}: duplicate entries for key {shown((step,))}"
                    continue
                seen.add(step)
            yield from check(shape.item, item, (*path, step))
    elif shape.what in ("map", "struct"):
        if not isinstance(value, Mapping):
            yield f"{shown(path)}: expected map, got {_go(value)}"
            return
        for name, inner in value.items():
            found, _ = shape.of_field(name)
            if found is None:
                yield f"{shown((*path, field(name)))}: field not declared in schema"
            else:
                yield from check(found, inner, (*path, field(name)))
    elif shape.scalar == "numeric" and (isinstance(value, bool) or not isinstance(value, int | float)):
        yield f"{shown(path)}: expected numeric (int or float), got {_type(value)}"
    elif shape.scalar == "string" and not isinstance(value, str):
        yield f"{shown(path)}: expected string, got {_go(value)}"
    elif shape.scalar == "boolean" and not isinstance(value, bool):
        yield f"{shown(path)}: expected boolean, got {_go(value)}"


def _type(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, Mapping):
        return "map[string]interface {}"
    return "[]interface {}" if isinstance(value, list) else "string"


def _go(value: Any) -> str:
    """A value as Go prints one behind a pointer."""
    if isinstance(value, Mapping):
        return "&{" + _plain(value) + "}"
    return "&{" + _plain(value) + "}" if isinstance(value, list) else f"&value.valueUnstructured{{Value:{_plain(value)}}}"


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return "map[" + " ".join(f"{key}:{_plain(value[key])}" for key in sorted(value)) + "]"
    if isinstance(value, list):
        return "[" + " ".join(map(_plain, value)) + "]"
    return str(value).lower() if isinstance(value, bool) else "<nil>" if value is None else str(value)


def fields_of(shape: Shape | None, value: Any) -> Fields:
    """All that a configuration speaks of."""
    found: set[Path] = set()
    _collect(shape, value, (), found)
    return frozenset(found)


def _collect(shape: Shape | None, value: Any, path: Path, found: set[Path]) -> None:
    shape = _resolved(shape, value)
    if shape.what in _WHOLE or not isinstance(value, Mapping | list):
        if path and (shape.what in _WHOLE or value is None):
            found.add(path)
    elif isinstance(value, list):
        for item in value:
            step = (*path, step_of(shape, item))
            _collect(shape.item, item, step, found)
            found.add(step)
    else:
        for name, inner in value.items():
            inner_shape, named = shape.of_field(name)
            below = (*path, field(name))
            _collect(inner_shape, inner, below, found)
            if not named or inner is None or (isinstance(inner, Mapping) and not inner):
                found.add(below)


class Difference:
    """What changes from one value to another."""

    def __init__(self, shape: Shape, old: Any, new: Any) -> None:
        self.added, self.modified, self.removed = set[Path](), set[Path](), set[Path]()
        self._compare(shape, old, new, ())

    def __bool__(self) -> bool:
        return bool(self.added or self.modified or self.removed)

    def _compare(self, shape: Shape | None, old: Any, new: Any, path: Path) -> None:
        if old is new:
            return
        shape = _resolved(shape, new, old)
        if shape.what in _WHOLE or (_empty(old) and _empty(new)) or not _fit(shape, old, new):
            if old is GONE:
                self.added.add(path)
            elif new is GONE:
                self.removed.add(path)
            elif not same(old, new):
                self.modified.add(path)
            return
        if shape.what == "map":
            before, after = _mapping(old), _mapping(new)
            for name in {**before, **after}:
                inner, _ = shape.of_field(name)
                self._compare(inner, before.get(name, GONE), after.get(name, GONE), (*path, field(name)))
        else:
            first, second = indexed(shape, old), indexed(shape, new)
            doubled = _doubled(shape, old) | _doubled(shape, new)
            for step in {**first, **second}:
                if step in doubled:  # items that cannot be told apart are one
                    if not same(_all(shape, old, step), _all(shape, new, step)):
                        self.modified.add((*path, step))
                else:
                    self._compare(shape.item, first.get(step, GONE), second.get(step, GONE), (*path, step))
        if path and old is GONE:
            self.added.add(path)
        elif path and new is GONE:
            self.removed.add(path)


def _empty(value: Any) -> bool:
    return value is GONE or value is None or value in ({}, [])


def _fit(shape: Shape, *values: Any) -> bool:
    """Whether values that are there have the form that the shape names."""
    form = Mapping if shape.what == "map" else list
    return all(value is GONE or value is None or isinstance(value, form) for value in values)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def indexed(shape: Shape, value: Any) -> dict[str, Any]:
    """The items of a set or a keyed list by their steps; the first of equals."""
    found: dict[str, Any] = {}
    for item in value if isinstance(value, list) else ():
        try:
            found.setdefault(step_of(shape, item), item)
        except Mistyped:
            continue
    return found


def _doubled(shape: Shape, value: Any) -> set[str]:
    seen: set[str] = set()
    found: set[str] = set()
    for item in value if isinstance(value, list) else ():
        try:
            step = step_of(shape, item)
        except Mistyped:
            continue
        (found if step in seen else seen).add(step)
    return found


def _all(shape: Shape, value: Any, step: str) -> list[Any]:
    return [item for item in (value if isinstance(value, list) else ()) if step_of(shape, item) == step]


def merged(shape: Shape | None, old: Any, new: Any) -> Any:
    """``new`` over ``old``: it wins where it speaks."""
    if new is GONE:
        return old
    shape = _resolved(shape, new, old)
    if old is GONE or shape.what in _WHOLE or (_empty(old) and _empty(new)) or not _fit(shape, old, new):
        return new
    if shape.what == "map":
        before, after = _mapping(old), _mapping(new)
        return {
            name: merged(shape.of_field(name)[0], before.get(name, GONE), after.get(name, GONE)) for name in {**before, **after}
        }
    return _merged_items(shape, indexed(shape, old), indexed(shape, new))


def _merged_items(shape: Shape, old: dict[str, Any], new: dict[str, Any]) -> list[Any]:
    """In the order of the new items; old ones that are not among them stay behind what they followed."""
    left, right = list(old), list(new)
    shared = [step for step in right if step in old]
    done: set[str] = set()
    out: list[Any] = []
    i = j = 0

    def take(step: str) -> None:
        done.add(step)
        out.append(merged(shape.item, old.get(step, GONE), new.get(step, GONE)))
        if shared and shared[0] == step:
            shared.pop(0)

    while i < len(left) or j < len(right):
        if i < len(left) and j < len(right):
            if left[i] == right[j]:
                take(left[i])
                i, j = i + 1, j + 1
                continue
            if left[i] in new and shared and shared[0] != left[i]:
                i += 1
                continue
        if i < len(left):
            if left[i] not in new:
                out.append(old[left[i]])
                i += 1
                continue
            if left[i] in done:
                i += 1
        if j < len(right):
            take(right[j])
            j += 1
    return out


def without(shape: Shape | None, value: Any, fields: Fields) -> Any:
    """``value`` without ``fields``; what is emptied by it becomes null."""
    tree: dict[str, Any] = {}
    for path in fields:
        level = tree
        for step in path:
            level = level.setdefault(step, {})
        level["."] = True
    return _cut(shape, value, tree)


def _cut(shape: Shape | None, value: Any, tree: dict[str, Any]) -> Any:
    shape = _resolved(shape, value)
    if isinstance(value, Mapping) and value:
        kept = {}
        for name, inner in value.items():
            below = tree.get(field(name))
            if below is None or "." not in below:
                kept[name] = _cut(shape.of_field(name)[0], inner, below) if below else inner
        return kept or None
    if isinstance(value, list) and value and shape.what in ("set", "keyed"):
        items = []
        for item in value:
            below = tree.get(step_of(shape, item))
            if below is None or "." not in below:
                items.append(_cut(shape.item, item, below) if below else item)
        return items or None
    return value


def with_named(shape: Shape | None, fields: Fields) -> Fields:
    """The set, and every field that the schema names on the way to one of it."""
    found = set(fields)
    for path in fields:
        at = shape
        for index, step in enumerate(path[:-1]):
            if at is None or at.what == "any":
                break
            if step[0] == "f":
                at, named = at.of_field(step[2:])
                if named:
                    found.add(path[: index + 1])
            else:
                at = at.item
    return frozenset(found)
