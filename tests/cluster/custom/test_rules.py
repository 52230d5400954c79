"""Rules in CEL: what objects break of them, what an update may leave, what Kubernetes adds to the language."""

from __future__ import annotations

import importlib.util
from typing import Any

import pytest

from gitops_sim.cluster import Cluster
from gitops_sim.cluster.custom.expressions import ExpressionError, expression
from gitops_sim.cluster.custom.nodes import compiled
from gitops_sim.cluster.custom.values import value_of
from gitops_sim.errors import ApiError
from tests.cluster.custom.widgets import cluster_with, definition, widget


def ruled(*rules: dict[str, Any], **properties: Any) -> dict[str, Any]:
    return {"properties": properties, "x-kubernetes-validations": list(rules)}


def refused(cluster: Cluster, spec: Any, **more: Any) -> str:
    with pytest.raises(ApiError) as caught:
        cluster.create(widget(spec, **more))
    assert caught.value.code == 422
    return caught.value.message.partition(" is invalid: ")[2]


RANGE = {"rule": "!has(self.min) || !has(self.max) || self.min <= self.max", "message": "min must not exceed max"}
NUMBERS = {"min": {"type": "integer"}, "max": {"type": "integer"}}


def test_an_object_that_breaks_a_rule_is_refused_with_its_message() -> None:
    cluster = cluster_with(ruled(RANGE, **NUMBERS))
    assert refused(cluster, {"min": 3, "max": 1}) == "spec: Invalid value: min must not exceed max"
    assert cluster.create(widget({"min": 1, "max": 1}))["spec"] == {"min": 1, "max": 1}


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"rule": "self.size < 3"}, "spec: Invalid value: failed rule: self.size < 3"),
        (
            {"rule": "self.size < 3", "messageExpression": "'at most 2, not ' + string(self.size)"},
            "spec: Invalid value: at most 2, not 5",
        ),
        ({"rule": "self.size < 3", "messageExpression": "self.nothing", "message": "too big"}, "spec: Invalid value: too big"),
        ({"rule": "self.size < 3", "message": "no", "fieldPath": ".size"}, "spec.size: Invalid value: no"),
        ({"rule": "self.size < 3", "message": "no", "reason": "FieldValueForbidden"}, "spec: Forbidden: no"),
        ({"rule": "self.size < 3", "message": "no", "reason": "FieldValueRequired"}, "spec: Required value: no"),
        ({"rule": "self.other < 3", "message": "no"}, "spec: Invalid value: no such key: other"),
    ],
)
def test_how_a_broken_rule_is_told(rule: dict[str, Any], words: str) -> None:
    cluster = cluster_with(ruled(rule, size={"type": "integer"}, other={"type": "integer"}))
    assert refused(cluster, {"size": 5}) == words


def test_the_value_of_a_scalar_is_told() -> None:
    scalar = {"type": "integer", "x-kubernetes-validations": [{"rule": "self > 2", "message": "more"}]}
    assert refused(cluster_with({"properties": {"n": scalar}}), {"n": 1}) == "spec.n: Invalid value: 1: more"


def test_a_rule_about_a_change_is_asked_only_when_something_changes() -> None:
    fixed = {"type": "string", "x-kubernetes-validations": [{"rule": "self == oldSelf", "message": "fixed is immutable"}]}
    cluster = cluster_with({"properties": {"fixed": fixed, "free": {"type": "string"}}})
    made = cluster.create(widget({"fixed": "a"}))
    assert cluster.update({**made, "spec": {"fixed": "a", "free": "b"}})["spec"]["free"] == "b"
    with pytest.raises(ApiError, match=r'spec.fixed: Invalid value: "b": fixed is immutable'):
        cluster.patch("widgets", "w", "default", {"spec": {"fixed": "b"}}, type="merge")


def test_what_an_update_leaves_may_go_on_breaking_a_younger_rule() -> None:
    cluster = cluster_with({"properties": {"min": {"type": "integer"}, "note": {"type": "string"}}})
    made = cluster.create(widget({"min": 9}))
    small = {"type": "integer", "x-kubernetes-validations": [{"rule": "self < 5", "message": "small"}]}
    younger = definition({"properties": {"min": small, "note": {"type": "string"}}})
    old = cluster.get("crd", "widgets.shop.example.com")
    cluster.update({**old, "spec": {**old["spec"], "versions": younger["spec"]["versions"]}})
    assert cluster.update({**made, "spec": {"min": 9, "note": "later"}})["spec"]["note"] == "later"
    with pytest.raises(ApiError, match="small"):
        cluster.patch("widgets", "w", "default", {"spec": {"min": 8}}, type="merge")


def test_rules_are_not_asked_of_what_has_the_wrong_type() -> None:
    words = refused(cluster_with(ruled(RANGE, **NUMBERS)), {"min": "three", "max": 1})
    assert "some validation rules were not checked because the object was invalid" in words
    assert "min must not exceed max" not in words


def test_items_of_a_keyed_list_know_what_they_were() -> None:
    item = {
        "type": "object",
        "properties": {"name": {"type": "string"}, "value": {"type": "integer"}},
        "x-kubernetes-validations": [{"rule": "self.value >= oldSelf.value", "message": "only up"}],
    }
    keyed = {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"], "items": item}
    cluster = cluster_with({"properties": {"steps": keyed}})
    made = cluster.create(widget({"steps": [{"name": "a", "value": 2}, {"name": "b", "value": 2}]}))
    moved = [{"name": "b", "value": 3}, {"name": "c", "value": 0}, {"name": "a", "value": 2}]
    assert cluster.update({**made, "spec": {"steps": moved}})["spec"]["steps"] == moved
    with pytest.raises(ApiError, match=r"spec.steps\[0\]: Invalid value: only up"):
        cluster.patch("widgets", "w", "default", {"spec": {"steps": [{"name": "b", "value": 1}]}}, type="merge")


def test_rules_at_the_root_see_names_and_no_labels() -> None:
    schema = {"type": "object", "x-kubernetes-validations": [{"rule": "self.metadata.name.startsWith('w')", "message": "w"}]}
    cluster = cluster_with({}, schema={"openAPIV3Schema": schema})
    cluster.create(widget(name="wide"))
    assert refused(cluster, None, name="narrow") == "<nil>: Invalid value: w"


@pytest.mark.parametrize(
    ("text", "schema", "value"),
    [
        (
            "self.all(x, x > 0) && self.isSorted() && self.sum() == 6 && self.max() == 3",
            {"items": {"type": "integer"}},
            [1, 2, 3],
        ),
        ("self.indexOf(2) == 1 && self.lastIndexOf(2) == 2", {"items": {"type": "integer"}}, [1, 2, 2]),
        ("self.lowerAscii() == 'ab' && self.upperAscii() == 'AB'", {"type": "string"}, "aB"),
        ("self.split('-').join('+') == 'a+b+c' && self.replace('-', '') == 'abc'", {"type": "string"}, "a-b-c"),
        ("self.find('[0-9]+') == '12' && self.findAll('[0-9]') == ['1', '2']", {"type": "string"}, "a12"),
        ("quantity(self).isGreaterThan(quantity('500Mi')) && isQuantity(self)", {"type": "string"}, "1Gi"),
        ("quantity(self).add(quantity('1Gi')).compareTo(quantity('2Gi')) == 0", {"type": "string"}, "1Gi"),
        ("duration(self) <= duration('1h')", {"type": "string"}, "30m"),
        ("self > timestamp('2026-01-01T00:00:00Z')", {"type": "string", "format": "date-time"}, "2026-01-05T09:00:00Z"),
        ("self >= 1.0", {"type": "number"}, 1),
        ("self.foo__dash__bar == 1 && self.__if__ == 2", {"properties": {"foo-bar": {}, "if": {}}}, {"foo-bar": 1, "if": 2}),
        ("self['any-key'] == 1", {"additionalProperties": {"type": "integer"}}, {"any-key": 1}),
        ("self.matches('^[a-z]+$') && self.trim() == self", {"type": "string"}, "abc"),
    ],
)
def test_what_can_be_said_of_a_value(text: str, schema: dict[str, Any], value: Any) -> None:
    assert expression(text).value({"self": value_of(compiled(schema), value)})


def test_a_rule_that_cannot_be_read_is_refused_with_its_definition() -> None:
    cluster = Cluster(controllers=False)
    for rule, words in (("self.min <", "compilation failed: ERROR"), ("", "rule is not specified")):
        with pytest.raises(ApiError, match=words):
            cluster.create(definition(ruled({"rule": rule}, **NUMBERS)))


def test_endless_work_is_refused_and_not_begun() -> None:
    nested = expression("self.all(a, self.all(b, self.all(c, a + b + c >= 0)))")
    items = value_of(compiled({"items": {"type": "integer"}}), list(range(1000)))
    with pytest.raises(ExpressionError, match="cost budget"):
        nested.value({"self": items}, longest=1000)
    with pytest.raises(ExpressionError):
        expression("(" * 5000 + "1" + ")" * 5000)


def test_without_the_library_rules_are_stored_and_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    known = importlib.util.find_spec
    monkeypatch.setattr("gitops_sim.cluster.custom.expressions.find_spec", lambda name: None if name == "celpy" else known(name))
    cluster = cluster_with(ruled(RANGE, **NUMBERS))
    assert cluster.create(widget({"min": 3, "max": 1}))["spec"]["min"] == 3
    assert any("gitops-sim[cel]" in warning for warning in _warnings(definition(ruled(RANGE, **NUMBERS))))


def _warnings(obj: dict[str, Any]) -> list[str]:
    from gitops_sim.cluster.warnings import of_object

    return of_object(Cluster(controllers=False).kind_of(obj), obj)
