"""What a structural schema does to objects: properties that hold for any schema and any object."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gitops_sim.cluster import Cluster
from gitops_sim.cluster.custom.defaulting import defaulted
from gitops_sim.cluster.custom.nodes import compiled
from gitops_sim.cluster.custom.plain import plain_check
from gitops_sim.cluster.custom.pruning import pruned, unknown
from gitops_sim.cluster.custom.validating import causes
from gitops_sim.errors import ApiError
from gitops_sim.objects import with_path
from tests.cluster.custom.widgets import cluster_with, definition, widget

NAMES = st.sampled_from(["a", "b", "c", "d"])
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-3, 3), st.floats(-2, 2), st.sampled_from(["", "x", "a"]))
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=12
)
LEAVES = st.one_of(
    st.just({"type": "string", "default": "x"}),
    st.just({"type": "integer"}),
    st.just({"type": "integer", "default": 2}),
    st.just({"type": "boolean", "nullable": True}),
    st.just({"x-kubernetes-int-or-string": True}),
    st.just({"type": "object", "x-kubernetes-preserve-unknown-fields": True}),
)


def _wider(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.one_of(
        st.dictionaries(NAMES, inner, max_size=3).map(lambda properties: {"type": "object", "properties": properties}),
        st.dictionaries(NAMES, inner, max_size=3).map(lambda found: {"type": "object", "properties": found, "default": {}}),
        inner.map(lambda one: {"type": "object", "additionalProperties": one}),
        inner.map(lambda one: {"type": "array", "items": one}),
    )


SCHEMAS = st.recursive(LEAVES, _wider, max_leaves=8)


@settings(max_examples=300, deadline=None)
@given(schema=SCHEMAS, value=VALUES)
def test_defaults_are_filled_in_once(schema: dict[str, Any], value: Any) -> None:
    node = compiled(schema)
    once = defaulted(node, pruned(node, value))
    assert defaulted(node, once) == once
    assert pruned(node, once) == once


@settings(max_examples=500, deadline=None)
@given(schema=SCHEMAS, value=VALUES, old=VALUES)
def test_what_is_plain_at_first_sight_is_so_at_a_closer_look(schema: dict[str, Any], value: Any, old: Any) -> None:
    if plain_check(schema)(value, old):
        assert causes(schema, value) == []
    if plain_check(schema, strict=True)(value, old):
        assert pruned(compiled(schema), value) == value
        assert unknown(compiled(schema), value) == []


def test_plain_objects_need_no_closer_look() -> None:
    step = {"type": "object", "properties": {"at": {"type": "integer"}, "on": {"type": "boolean"}}, "required": ["at"]}
    schema = {"type": "object", "properties": {"name": {"type": "string"}, "steps": {"type": "array", "items": step}}}
    check = plain_check(schema, strict=True)
    assert check({"name": "a", "steps": [{"at": 1}, {"at": 2, "on": True}]}, None)
    assert not any(check(value, None) for value in ({"name": 1}, {"steps": [{"on": True}]}, {"steps": [{"at": 1, "off": 1}]}))


def _specified(schema: dict[str, Any], value: Any) -> Any:
    """What is specified, told from the schema anew; nulls aside."""
    if isinstance(value, dict):
        kept = {}
        for name, item in value.items():
            inner = schema.get("properties", {}).get(name, schema.get("additionalProperties"))
            if inner is not None:
                kept[name] = _specified(inner, item)
            elif schema.get("x-kubernetes-preserve-unknown-fields"):
                kept[name] = item
        return kept
    if isinstance(value, list):
        if "items" in schema:
            return [_specified(schema["items"], item) for item in value]
        return value if schema.get("x-kubernetes-preserve-unknown-fields") else [_specified({}, item) for item in value]
    return value


@settings(max_examples=300, deadline=None)
@given(schema=SCHEMAS, value=VALUES.filter(lambda value: "None" not in repr(value)))
def test_pruning_keeps_what_is_specified_and_names_the_rest(schema: dict[str, Any], value: Any) -> None:
    node = compiled(schema)
    kept = pruned(node, value)
    assert kept == _specified(schema, value)
    assert bool(unknown(node, value)) == (kept != value)


KEYWORDS = (
    *("type", "properties", "items", "additionalProperties", "required", "enum", "oneOf", "not", "default", "pattern", "format"),
    *("maxLength", "multipleOf", "nullable", "x-kubernetes-list-type", "x-kubernetes-list-map-keys", "a"),
)
ANYTHING = st.recursive(
    SCALARS | st.sampled_from(["object", "array", "(", "^(a+)+$", 10**400, "int32"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(KEYWORDS),
            inner,
            max_size=4,
        )
    ),
    max_leaves=15,
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(spec=st.dictionaries(st.sampled_from(["properties", "required", "oneOf", "items"]), ANYTHING, max_size=3), value=ANYTHING)
def test_hostile_definitions_and_objects_end_in_a_refusal_or_are_stored(spec: dict[str, Any], value: Any) -> None:
    cluster = Cluster(controllers=False)
    with suppress(ApiError):
        cluster.create(definition(spec))
    with suppress(ApiError):
        cluster.create(widget(value))
    assert len(cluster.list("crd")) == len(cluster.store.list("apiextensions.k8s.io", "CustomResourceDefinition"))


def test_a_deep_object_is_refused_or_pruned_without_harm() -> None:
    deep: Any = "x"
    for _ in range(150):
        deep = {"a": deep}
    cluster = cluster_with({"x-kubernetes-preserve-unknown-fields": True})
    cluster.create(widget(deep))
    assert cluster_with({}).create(widget(deep))["spec"] == {}


@pytest.mark.parametrize(
    ("schema", "value", "message"),
    [
        ({"type": "string", "enum": ["a", "b"]}, "c", 'spec.v: Unsupported value: "c": supported values: "a", "b"'),
        ({"type": "string", "maxLength": 2}, "abc", "spec.v: Too long: may not be more than 2 bytes"),
        ({"type": "string", "minLength": 2}, "a", 'spec.v: Invalid value: "a": spec.v in body should be at least 2 chars long'),
        ({"type": "string", "pattern": "^a$"}, "b", "spec.v: Invalid value: \"b\": spec.v in body should match '^a$'"),
        ({"type": "string", "format": "date-time"}, "x", 'spec.v in body must be of type date-time: "x"'),
        ({"type": "integer", "maximum": 3}, 4, "spec.v: Invalid value: 4: spec.v in body should be less than or equal to 3"),
        ({"type": "integer", "minimum": 3, "exclusiveMinimum": True}, 3, "spec.v in body should be greater than 3"),
        ({"type": "integer", "multipleOf": 5}, 4, "spec.v in body should be a multiple of 5"),
        ({"type": "integer", "format": "int32"}, 2**31, "Checked value must be of type integer with format int32 in spec.v"),
        (
            {"type": "array", "items": {"type": "string"}, "maxItems": 1},
            ["a", "b"],
            "spec.v: Too many: 2: must have at most 1 item",
        ),
        ({"type": "array", "items": {"type": "string"}, "minItems": 1}, [], "spec.v in body should have at least 1 items"),
        ({"type": "array", "items": {"type": "string"}}, [None], 'spec.v[0] in body must be of type string: "null"'),
        ({"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}, {}, "spec.v.a: Required value"),
        ({"type": "string", "not": {"enum": ["a"]}}, "a", '"spec.v" must not validate the schema (not)'),
        (
            {"type": "string", "anyOf": [{"enum": ["a"]}, {"enum": ["b"]}]},
            "c",
            '"spec.v" must validate at least one schema (anyOf)',
        ),
        ({"type": "string", "allOf": [{"minLength": 2}]}, "c", '"spec.v" must validate all the schemas (allOf). None validated'),
    ],
)
def test_what_breaks_a_schema_is_said_in_the_words_of_the_server(schema: dict[str, Any], value: Any, message: str) -> None:
    cluster = cluster_with({"properties": {"v": schema}})
    with pytest.raises(ApiError) as refused:
        cluster.create(widget({"v": value}))
    assert refused.value.code == 422
    assert message in refused.value.message


def test_what_an_update_leaves_as_it_was_may_be_wrong() -> None:
    """A schema that became stricter does not stop changes elsewhere (ratcheting)."""
    cluster = cluster_with({"properties": {"a": {"type": "string"}, "b": {"type": "string"}}})
    cluster.create(widget({"a": "long", "b": "x"}))
    stricter = definition({"properties": {"a": {"type": "string", "maxLength": 2}, "b": {"type": "string", "maxLength": 2}}})
    current = cluster.get("crd", "widgets.shop.example.com")
    cluster.update({**current, "spec": {**current["spec"], "versions": stricter["spec"]["versions"]}})
    stored = cluster.get("wi", "w")
    assert cluster.update(with_path(stored, ("spec", "b"), "y"))["spec"] == {"a": "long", "b": "y"}
    with pytest.raises(ApiError, match="Too long"):
        cluster.update(with_path(cluster.get("wi", "w"), ("spec", "b"), "long"))


def test_the_number_of_causes_is_bounded() -> None:
    schema = {"type": "array", "items": {"type": "string"}}
    assert len(causes(schema, list(range(10_000)))) == 100


def test_an_object_within_an_object_says_what_it_is_and_keeps_its_metadata() -> None:
    template = {"type": "object", "x-kubernetes-embedded-resource": True, "properties": {"spec": {"type": "object"}}}
    cluster = cluster_with({"properties": {"template": template}})
    inner = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {}}
    assert cluster.create(widget({"template": {**inner, "colour": "red"}}))["spec"] == {"template": inner}
    with pytest.raises(ApiError, match=r"spec\.template\.kind: Required value: must not be empty"):
        cluster.create(widget({"template": {"apiVersion": "v1", "spec": {}}}, name="w2"))
