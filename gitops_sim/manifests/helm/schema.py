"""``values.schema.json``: whether values keep to a JSON schema, and where not, in the words of helm.

Source: helm ``pkg/chart/common/util/jsonschema.go`` over santhosh-tekuri/jsonschema v6, whose wording this follows. Draft 4 to
2020-12 are read alike; ``format`` is not judged, and nothing is fetched: ``$ref`` leads within the schema only.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gitops_sim.errors import BadInput
from gitops_sim.manifests.helm.chart import Chart
from gitops_sim.manifests.helm.go import text_of
from gitops_sim.manifests.helm.values import Values

_TYPES: tuple[tuple[type, str], ...] = (
    (bool, "boolean"),
    (int, "number"),
    (float, "number"),
    (str, "string"),
    (dict, "object"),
    (list, "array"),
)
_DEEPEST = 200


def check_values(chart: Chart, values: Values) -> None:
    """Holds the values against the schemas of a chart and of the charts in it. Raises BadInput with every breach."""
    said = "".join(_breaches(chart, values))
    if said:
        what = f"values don't meet the specifications of the schema(s) in the following chart(s):\n{said}"
        raise BadInput(what.rstrip("\n"), where=chart.where + "values.schema.json", mend="change the values that it names")


def _breaches(chart: Chart, values: Values) -> Iterator[str]:
    if chart.schema is not None:
        try:
            found = [line for problem in _Schema(chart).problems(values) for line in problem.lines(0)]
        except RecursionError:
            found = ["- at '': the schema refers to itself without an end"]
        if found:
            yield f"{chart.name}:\n" + "".join(f"{line}\n" for line in found)
    for inner in chart.dependencies:
        own = values.get(inner.name)
        if isinstance(own, dict):
            yield from _breaches(inner, own)
        elif own is not None:
            yield f"{inner.name}:\ninvalid type for values: expected object (map), got {type(own).__name__}\n"


@dataclass(frozen=True, slots=True)
class _Problem:
    """One breach: the path to the value, what is wrong, and what led to it."""

    path: str
    text: str
    causes: tuple[_Problem, ...] = ()

    def lines(self, depth: int) -> Iterator[str]:
        yield f"{'  ' * depth}- at '{self.path}': {self.text}"
        for cause in self.causes:
            yield from cause.lines(depth + 1)


class _Schema:
    """A schema that can judge values."""

    def __init__(self, chart: Chart) -> None:
        self._where = chart.where + "values.schema.json"
        try:
            self._root = json.loads(chart.schema or b"")
        except (ValueError, RecursionError) as error:
            raise BadInput(f"the schema is no JSON: {error}", where=self._where, mend="mend its JSON") from None
        self._depth = 0

    def problems(self, values: Values) -> list[_Problem]:
        return self.judge(self._root, values, "")

    def judge(self, schema: Any, value: Any, path: str) -> list[_Problem]:
        """Every breach of a schema; no more than the type when that is wrong."""
        if isinstance(schema, bool):
            return [] if schema else [_Problem(path, "false schema")]
        if not isinstance(schema, dict):
            raise BadInput(f"a schema is a mapping, not {text_of(schema)}", where=self._where, mend="mend the schema")
        self._depth += 1
        if self._depth > _DEEPEST:
            raise RecursionError
        try:
            reference = schema.get("$ref")
            found = self.judge(self._referred(reference), value, path) if isinstance(reference, str) else []
            wanted = schema.get("type")
            types = wanted if isinstance(wanted, list) else [wanted]
            if wanted is not None and not any(_is(value, kind) for kind in types):
                return [*found, _Problem(path, f"got {_type(value)}, want {' or '.join(map(str, types))}")]
            found += _plain(schema, value, path)
            special = _PARTS.get(_type(value))
            found += special(self, schema, value, path) if special else []
            return found + self._combined(schema, value, path)
        finally:
            self._depth -= 1

    def _referred(self, reference: str) -> Any:
        found: Any = self._root
        if not reference.startswith("#"):
            what = f"the schema refers to {reference}, and nothing is fetched here"
            raise BadInput(what, where=self._where, mend="put what it refers to under $defs of the schema")
        for step in reference[1:].split("/")[1:]:
            key = step.replace("~1", "/").replace("~0", "~").replace("%25", "%")
            found = (
                found.get(key)
                if isinstance(found, dict)
                else found[int(key)]
                if isinstance(found, list) and key.isdigit()
                else None
            )
            if found is None:
                raise BadInput(f"the schema refers to {reference}, which is not in it", where=self._where, mend="mend the $ref")
        return found

    def _combined(self, schema: Mapping[str, Any], value: Any, path: str) -> list[_Problem]:
        found: list[_Problem] = []
        if "not" in schema and not self.judge(schema["not"], value, path):
            found.append(_Problem(path, "'not' failed"))
        every = [problem for part in schema.get("allOf", ()) for problem in self.judge(part, value, path)]
        if every:
            found.append(_Problem(path, "'allOf' failed", tuple(every)))
        tried = [self.judge(part, value, path) for part in schema.get("anyOf", ())]
        if tried and all(tried):
            found.append(_Problem(path, "'anyOf' failed", tuple(problem for one in tried for problem in one)))
        tried = [self.judge(part, value, path) for part in schema.get("oneOf", ())]
        matching = [index for index, problems in enumerate(tried) if not problems]
        if tried and not matching:
            found.append(_Problem(path, "'oneOf' failed, none matched", tuple(problem for one in tried for problem in one)))
        elif len(matching) > 1:
            found.append(_Problem(path, f"'oneOf' failed, subschemas {matching[0]}, {matching[1]} matched"))
        if "if" in schema:
            branch = "else" if self.judge(schema["if"], value, path) else "then"
            found += self.judge(schema[branch], value, path) if branch in schema else []
        return found


_Part = Callable[[_Schema, Mapping[str, Any], Any, str], list[_Problem]]


def _plain(schema: Mapping[str, Any], value: Any, path: str) -> list[_Problem]:
    found = []
    if "const" in schema and not _equal(value, schema["const"]):
        only = _shown(schema["const"])
        found.append(_Problem(path, f"value must be {only}" if only else "const failed"))
    if "enum" in schema and not any(_equal(value, one) for one in schema["enum"]):
        shown = [_shown(one) for one in schema["enum"]]
        found.append(_Problem(path, f"value must be one of {', '.join(shown)}" if all(shown) else "enum failed"))
    return found


def _number(_schema: _Schema, schema: Mapping[str, Any], value: Any, path: str) -> list[_Problem]:
    breaks: dict[str, Callable[[float], bool]] = {
        "minimum": lambda limit: value < limit,
        "maximum": lambda limit: value > limit,
        "exclusiveMinimum": lambda limit: value <= limit,
        "exclusiveMaximum": lambda limit: value >= limit,
    }
    found = []
    for word, broken in breaks.items():
        limit = schema.get(word)
        if isinstance(limit, int | float) and not isinstance(limit, bool) and broken(limit):
            found.append(_Problem(path, f"{word}: got {_figure(value)}, want {_figure(limit)}"))
    step = schema.get("multipleOf")
    if isinstance(step, int | float) and step > 0 and not float(value / step).is_integer():
        found.append(_Problem(path, f"multipleOf: got {_figure(value)}, want {_figure(step)}"))
    return found


def _string(_schema: _Schema, schema: Mapping[str, Any], value: str, path: str) -> list[_Problem]:
    found = _sizes(schema, len(value), path, "Length")
    pattern = schema.get("pattern")
    if isinstance(pattern, str) and not _matches(pattern, value):
        found.append(_Problem(path, f"'{value}' does not match pattern '{pattern}'"))
    return found


def _array(self: _Schema, schema: Mapping[str, Any], value: list[Any], path: str) -> list[_Problem]:
    found = _sizes(schema, len(value), path, "Items")
    if schema.get("uniqueItems") is True:
        pairs = ((i, j) for j in range(len(value)) for i in range(j) if _equal(value[i], value[j]))
        twin = next(pairs, None)
        found += [_Problem(path, f"items at {twin[0]} and {twin[1]} are equal")] if twin else []
    items = schema.get("items")
    first = schema.get("prefixItems") or (items if isinstance(items, list) else [])
    rest = schema.get("additionalItems", True) if isinstance(items, list) else True if items is None else items
    for index, item in enumerate(value):
        found += self.judge(first[index] if index < len(first) else rest, item, f"{path}/{index}")
    if "contains" in schema:
        tried = [self.judge(schema["contains"], item, f"{path}/{index}") for index, item in enumerate(value)]
        least = schema.get("minContains", 1)
        if sum(not problems for problems in tried) < least:
            found.append(_Problem(path, "no items match contains schema", tuple(p for one in tried for p in one)))
    return found


def _object(self: _Schema, schema: Mapping[str, Any], value: dict[str, Any], path: str) -> list[_Problem]:
    found = _sizes(schema, len(value), path, "Properties")
    missing = [name for name in schema.get("required", ()) if isinstance(name, str) and name not in value]
    if missing:
        names = ", ".join(f"'{name}'" for name in missing)
        found.append(_Problem(path, f"missing propert{'y' if len(missing) == 1 else 'ies'} {names}"))
    properties, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    more = schema.get("additionalProperties", True)
    extra = []
    for name, inner in value.items():
        at = f"{path}/{name.replace('~', '~0').replace('/', '~1')}"
        judged = [properties[name]] if name in properties else []
        judged += [part for pattern, part in patterns.items() if _matches(pattern, name)]
        if not judged and more is False:
            extra.append(f"'{name}'")
        for part in judged or [more]:
            found += self.judge(part, inner, at) if part is not False or judged else []
        problems = self.judge(schema["propertyNames"], name, "") if "propertyNames" in schema else []
        if problems:
            found.append(_Problem(path, f"invalid propertyName '{name}'", tuple(problems)))
    if extra:
        found.append(_Problem(path, f"additional properties {', '.join(sorted(extra))} not allowed"))
    needs = {**schema.get("dependencies", {}), **schema.get("dependentRequired", {}), **schema.get("dependentSchemas", {})}
    for name, needed in needs.items():
        if name in value and isinstance(needed, list):
            gone = ", ".join(f"'{one}'" for one in needed if one not in value)
            found += [_Problem(path, f"properties {gone} required, if '{name}' exists")] if gone else []
        elif name in value:
            found += self.judge(needed, value, path)
    return found


_PARTS: Mapping[str, _Part] = {"number": _number, "string": _string, "array": _array, "object": _object}


def _sizes(schema: Mapping[str, Any], size: int, path: str, what: str) -> list[_Problem]:
    found = []
    for word, sign in ((f"min{what}", 1), (f"max{what}", -1)):
        limit = schema.get(word)
        if isinstance(limit, int | float) and sign * size < sign * limit:
            found.append(_Problem(path, f"{word}: got {size}, want {_figure(limit)}"))
    return found


def _matches(pattern: str, text: str) -> bool:
    """Go's regular expressions take time in proportion to the text, whatever the pattern: so must ours."""
    from gotpl.funcs.sprig.regex import must_regex_match  # late: gotpl takes 0.2 s

    return bool(must_regex_match(pattern, text).value)


def _is(value: Any, kind: Any) -> bool:
    if kind == "integer":
        return isinstance(value, int | float) and not isinstance(value, bool) and float(value).is_integer()
    return str(kind) == _type(value)


def _type(value: Any) -> str:
    return next((name for kind, name in _TYPES if isinstance(value, kind)), "null")


def _equal(left: Any, right: Any) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return bool(left is right)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(_equal(one, other) for one, other in zip(left, right, strict=True))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_equal(left[key], right[key]) for key in left)
    return bool(left == right)


def _shown(value: Any) -> str:
    """A constant in an error; empty for what is not shown there."""
    if isinstance(value, dict | list):
        return ""
    if value is None:
        return "<nil>"
    return f"'{value}'" if isinstance(value, str) else _figure(value)


def _figure(value: Any) -> str:
    return text_of(float(value)) if isinstance(value, int | float) and not isinstance(value, bool) else text_of(value)
