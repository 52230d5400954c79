"""Whether a value is what a schema says, in the words of the API server.

Source: k8s.io/kube-openapi ``pkg/validation/validate`` and apiextensions-apiserver ``pkg/apiserver/validation``, as recorded
from a 1.36 server. A value that an update leaves as it was is not looked at again (ratcheting).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gitops_sim.cluster.custom.formats import fits
from gitops_sim.cluster.custom.nodes import DEEPEST, META
from gitops_sim.cluster.custom.patterns import PatternError, pattern
from gitops_sim.cluster.go_text import json_text, quoted
from gitops_sim.cluster.shapes import mapping
from gitops_sim.errors import Cause

_Schema = Mapping[str, Any]
_ABSENT = object()
MOST_CAUSES = 100
"""How much is said of one object."""


@dataclass(frozen=True, slots=True)
class _Place:
    """``field`` is how causes name it, ``name`` how messages do: below the root these differ for a status."""

    field: str
    name: str
    level: int = 0

    def below(self, key: str) -> _Place:
        return _Place(_joined(self.field, key), _joined(self.name, key), self.level + 1)

    def item(self, index: int) -> _Place:
        return _Place(f"{self.field}[{index}]", f"{self.name}[{index}]", self.level + 1)


def causes(schema: _Schema, value: Any, old: Any = _ABSENT, *, field: str = "") -> list[Cause]:
    """``old`` is what an update replaces; ``field`` where the value stands."""
    found: list[Cause] = []
    for cause in _all(schema, value, old, _Place(field, ""), root=not field):
        found.append(cause)
        if len(found) == MOST_CAUSES:
            break
    return found


def _all(schema: _Schema, value: Any, old: Any, at: _Place, *, root: bool = False) -> Iterator[Cause]:
    if value is old or at.level > DEEPEST or (old is not _ABSENT and value == old and type(value) is type(old)):
        return
    if value is None and schema.get("nullable") is True:
        return
    yield from _type(schema, value, at)
    yield from _combined(schema, value, at)
    if isinstance(value, str):
        yield from _text(schema, value, at)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _number(schema, value, at)
    elif isinstance(value, list):
        yield from _list(schema, value, old, at)
    yield from _enum(schema, value, at)
    if isinstance(value, dict):
        yield from _object(schema, value, old, at, root=root)


# ---------------------------------------------------------------------- types


def kind_of(value: Any) -> str:
    """The type of a value, as schemas and messages name it."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "number"
    if isinstance(value, str):
        return "string"
    if isinstance(value, dict):
        return "object"
    return "null" if value is None else "array"


def _type(schema: _Schema, value: Any, at: _Place) -> Iterator[Cause]:
    wanted, given = schema.get("type"), kind_of(value)
    types = ("integer", "string") if schema.get("x-kubernetes-int-or-string") is True else (wanted,) if wanted else ()
    if not types or given in types or (given == "integer" and "number" in types):
        if given == "string" and isinstance(schema.get("format"), str) and not fits(schema["format"], value):
            yield _typed(at, value, f"{at.name} in body must be of type {schema['format']}: {quoted(value)}")
        return
    if given == "number" and "integer" in types and _is_whole(value):
        return
    yield _typed(at, given, f"{at.name} in body must be of type {','.join(map(str, types))}: {quoted(given)}")


def _typed(at: _Place, value: Any, why: str) -> Cause:
    return Cause(at.field or "<nil>", f"Invalid value: {json_text(value)}: {why}", "FieldValueTypeInvalid")


def _wrong(at: _Place, value: Any, why: str) -> Cause:
    return Cause(at.field or "<nil>", f"Invalid value: {json_text(value)}: {at.name} in body {why}")


def _unplaced(why: str) -> Cause:
    return Cause("<nil>", f'Invalid value: "": {why}')


# ---------------------------------------------------------------------- alternatives


def _combined(schema: _Schema, value: Any, at: _Place) -> Iterator[Cause]:
    at = _Place(at.field, at.name, at.level + 1)
    any_of, one_of, all_of = (_schemas(schema, name) for name in ("anyOf", "oneOf", "allOf"))
    if any_of:
        failed = [list(_all(inner, value, _ABSENT, at)) for inner in any_of]
        if all(failed):
            yield _unplaced(f'"{at.name}" must validate at least one schema (anyOf)')
            yield from failed[0]
    if one_of:
        failed = [list(_all(inner, value, _ABSENT, at)) for inner in one_of]
        valid = sum(not causes for causes in failed)
        if valid != 1:
            how = "Found none valid" if not valid else f"Found {valid} valid alternatives"
            yield _unplaced(f'"{at.name}" must validate one and only one schema (oneOf). {how}')
            if not valid:
                yield from failed[0]
    if all_of:
        failed = [list(_all(inner, value, _ABSENT, at)) for inner in all_of]
        for causes in failed:
            yield from causes
        if any(failed):
            none = ". None validated" if all(failed) else ""
            yield _unplaced(f'"{at.name}" must validate all the schemas (allOf){none}')
    refused = schema.get("not")
    if isinstance(refused, dict) and not any(True for _ in _all(refused, value, _ABSENT, at)):
        yield _unplaced(f'"{at.name}" must not validate the schema (not)')


def _schemas(schema: _Schema, name: str) -> list[_Schema]:
    found = schema.get(name)
    return [inner for inner in found if isinstance(inner, dict)] if isinstance(found, list) else []


# ---------------------------------------------------------------------- scalars


def _text(schema: _Schema, value: str, at: _Place) -> Iterator[Cause]:
    most, least, expression = schema.get("maxLength"), schema.get("minLength"), schema.get("pattern")
    if isinstance(most, int) and len(value) > most:
        yield Cause(at.field or "<nil>", f"Too long: may not be more than {most} bytes", "FieldValueTooLong")
    if isinstance(least, int) and len(value) < least:
        yield _wrong(at, value, f"should be at least {least} chars long")
    if isinstance(expression, str) and not _matches(expression, value):
        yield _wrong(at, value, f"should match '{expression}'")


def _matches(expression: str, value: str) -> bool:
    try:
        return pattern(expression).found(value)
    except PatternError:
        return False


_RANGES = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}


def _number(schema: _Schema, value: float, at: _Place) -> Iterator[Cause]:
    if schema.get("type") == "integer" or schema.get("x-kubernetes-int-or-string") is True:
        low, high = _RANGES.get(str(schema.get("format")), _RANGES["int64"])
        if schema.get("type") == "integer" and (not _is_whole(value) or not low <= value <= high):
            named = schema.get("format")
            how = f"with format {named}" if named in _RANGES else "(default format)"
            yield _unplaced(f"Checked value must be of type integer {how} in {at.name}")
    step, most, least = (schema.get(name) for name in ("multipleOf", "maximum", "minimum"))
    if isinstance(step, int | float) and step and not _is_multiple(value, step):
        yield _wrong(at, value, f"should be a multiple of {json_text(step)}")
    if isinstance(most, int | float):
        excluded = schema.get("exclusiveMaximum") is True
        if value > most or (excluded and value == most):
            yield _wrong(at, value, f"should be less than {'' if excluded else 'or equal to '}{json_text(most)}")
    if isinstance(least, int | float):
        excluded = schema.get("exclusiveMinimum") is True
        if value < least or (excluded and value == least):
            yield _wrong(at, value, f"should be greater than {'' if excluded else 'or equal to '}{json_text(least)}")


def _is_whole(value: float) -> bool:
    return isinstance(value, int) or value.is_integer()


def _is_multiple(value: float, step: float) -> bool:
    if isinstance(value, int) and isinstance(step, int):
        return value % step == 0
    try:
        return math.isclose(value / step, round(value / step), rel_tol=1e-12, abs_tol=1e-12)
    except (OverflowError, ValueError):
        return False


def _enum(schema: _Schema, value: Any, at: _Place) -> Iterator[Cause]:
    allowed = schema.get("enum")
    if not isinstance(allowed, list) or not allowed or any(_same(value, one) for one in allowed):
        return
    choices = ", ".join(quoted(one if isinstance(one, str) else json_text(one)) for one in allowed)
    yield Cause(
        at.field or "<nil>", f"Unsupported value: {json_text(value)}: supported values: {choices}", "FieldValueNotSupported"
    )


def _same(one: Any, other: Any) -> bool:
    return one == other and isinstance(one, bool) == isinstance(other, bool)


# ---------------------------------------------------------------------- lists and objects


def _list(schema: _Schema, value: list[Any], old: Any, at: _Place) -> Iterator[Cause]:
    item = schema.get("items")
    if isinstance(item, dict):
        before = _items_before(schema, old)
        for index, one in enumerate(value):
            yield from _all(item, one, before.get(_identity(schema, one), _ABSENT), at.item(index))
    least, most = schema.get("minItems"), schema.get("maxItems")
    if isinstance(least, int) and len(value) < least:
        yield _wrong(at, len(value), f"should have at least {least} items")
    if isinstance(most, int) and len(value) > most:
        yield _too_many(at, len(value), most)


def _items_before(schema: _Schema, old: Any) -> dict[Any, Any]:
    """The items of a list before, where what tells them apart is stated: others correspond to nothing."""
    found = {_identity(schema, item): item for item in old} if isinstance(old, list) else {}
    found.pop(None, None)
    return found


def _identity(schema: _Schema, item: Any) -> Any:
    keys = schema.get("x-kubernetes-list-map-keys")
    if schema.get("x-kubernetes-list-type") != "map" or not isinstance(keys, list) or not isinstance(item, dict):
        return None
    return json_text([item.get(key) for key in keys])


def _too_many(at: _Place, given: int, most: int) -> Cause:
    return Cause(at.field or "<nil>", f"Too many: {given}: must have at most {most} item{'s' * (most != 1)}", "FieldValueTooMany")


def _object(schema: _Schema, value: Mapping[str, Any], old: Any, at: _Place, *, root: bool) -> Iterator[Cause]:
    least, most = schema.get("minProperties"), schema.get("maxProperties")
    if isinstance(least, int) and len(value) < least:
        yield _wrong(at, len(value), f"should have at least {least} properties")
    if isinstance(most, int) and len(value) > most:
        yield _too_many(at, len(value), most)
    before = old if isinstance(old, dict) else {}
    properties, more = mapping(schema, "properties"), schema.get("additionalProperties")
    for name in sorted(value):
        inner = properties.get(name, more)
        if isinstance(inner, dict) and not (root and name in META[:2]):
            yield from _all(inner, value[name], before.get(name, _ABSENT), at.below(name))
    required = schema.get("required")
    for name in required if isinstance(required, list) else ():
        if name not in value:
            yield Cause(at.below(str(name)).field, "Required value", "FieldValueRequired")


def _joined(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
