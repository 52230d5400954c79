"""Definitions: how they are accepted, refused, changed and deleted."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_sim.cluster import Cluster
from gitops_sim.errors import ApiError
from gitops_sim.objects import with_path
from tests.cluster.custom.widgets import cluster_with, definition, widget

VERSION = ("spec", "versions", 0)
SCHEMA = (*VERSION, "schema", "openAPIV3Schema")
NESTED: dict[str, Any] = {"type": "string"}
for _ in range(150):
    NESTED = {"type": "object", "properties": {"a": NESTED}}


def test_a_kind_is_known_by_all_its_names_until_its_definition_goes() -> None:
    cluster = cluster_with({})
    cluster.create(widget())
    for name in ("wi", "widget", "widgets", "Widget", "widgets.shop.example.com", "widgets.v1.shop.example.com"):
        assert [obj["metadata"]["name"] for obj in cluster.list(name)] == ["w"]
    cluster.delete("crd", "widgets.shop.example.com")
    assert cluster.kinds.find("wi") is None
    assert not cluster.store.list("shop.example.com", "Widget")


def test_a_definition_waits_for_its_last_object() -> None:
    cluster = cluster_with({})
    held = widget()
    held["metadata"]["finalizers"] = ["example.com/wait"]
    cluster.create(held)
    cluster.delete("crd", "widgets.shop.example.com")
    assert cluster.get("crd", "widgets.shop.example.com")["metadata"]["deletionTimestamp"]
    going = cluster.get("wi", "w")
    cluster.update(with_path(going, ("metadata", "finalizers"), []))
    assert cluster.find("crd", "widgets.shop.example.com") is None


def test_names_that_another_definition_has_are_not_accepted() -> None:
    cluster = cluster_with({})
    second = definition({})
    second["metadata"]["name"] = "gadgets.shop.example.com"
    second["spec"]["names"] = {"kind": "Gadget", "plural": "gadgets", "shortNames": ["wi"]}
    cluster.create(second)
    conditions = {c["type"]: c for c in cluster.get("crd", "gadgets.shop.example.com")["status"]["conditions"]}
    assert (conditions["NamesAccepted"]["reason"], conditions["NamesAccepted"]["message"]) == (
        "ShortNamesConflict",
        '"wi" is already in use',
    )
    assert conditions["Established"]["status"] == "False"
    assert cluster.kinds.find("gadgets") is None


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ((*VERSION, "schema"), None, "openAPIV3Schema: Required value: schemas are required"),
        ((*SCHEMA, "type"), "string", '.type: Invalid value: "string": must be object at the root'),
        (
            (*SCHEMA, "properties", "spec", "type"),
            "",
            "properties[spec].type: Required value: must not be empty for specified obj",
        ),
        ((*SCHEMA, "properties", "spec", "uniqueItems"), True, "uniqueItems cannot be set to true since the runtime"),
        ((*SCHEMA, "properties", "s"), {"type": "string", "pattern": "("}, "must be a valid regular expression, but isn't"),
        ((*SCHEMA, "properties", "s"), {"type": "string", "default": 5}, " in body must be of type string"),
        ((*SCHEMA, "properties", "s"), {"type": "array"}, "properties[s].items: Required value: must be specified"),
        ((*SCHEMA, "properties", "s"), NESTED, "levels deep at most"),
        ((*SCHEMA, "properties", "s"), {"type": "array", "items": [{}]}, "items must be a schema object and not an array"),
        (("spec", "group"), "shop", "should be a domain with at least one dot"),
        (("spec", "scope"), "Global", 'Unsupported value: "Global": supported values: "Cluster", "Namespaced"'),
        (("spec", "names", "listKind"), "Widget", "kind and listKind may not be the same"),
        ((*VERSION, "storage"), False, "must have exactly one version marked as storage version"),
        ((*VERSION, "name"), "V1!", "spec.versions[0].name: Invalid value"),
        (
            (*VERSION, "additionalPrinterColumns"),
            [{"name": "A", "type": "string", "jsonPath": ".a["}],
            "is an invalid JSONPath",
        ),
    ],
)
def test_a_spoilt_definition_is_refused(path: tuple[Any, ...], value: Any, message: str) -> None:
    obj = _put(definition({}), path, value)
    with pytest.raises(ApiError) as refused:
        Cluster(controllers=False).create(obj)
    assert refused.value.code == 422
    assert message in refused.value.message


def _put(obj: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    if isinstance(obj, list):
        return [_put(item, path[1:], value) if index == path[0] else item for index, item in enumerate(obj)]
    return {**obj, path[0]: _put(obj.get(path[0]), path[1:], value)}


def test_a_kind_that_nothing_defines_is_stored_but_not_served() -> None:
    from gitops_sim.api import Request, handle

    cluster = Cluster(controllers=False)
    cluster.create({"apiVersion": "odd.example.com/v1", "kind": "Thing", "metadata": {"name": "a"}})
    assert cluster.list("things.odd.example.com")
    for path in ("/apis/odd.example.com/v1/things", "/apis/odd.example.com/v1", "/apis/odd.example.com"):
        assert handle(cluster, Request("GET", path)).status == 404


def test_a_misspelt_keyword_is_an_unknown_field_and_a_mistyped_one_is_refused() -> None:
    from gitops_sim.cluster.strictness import check_manifest

    cluster = Cluster(controllers=False)
    misspelt = _put(definition({}), (*SCHEMA, "requierd"), ["spec"])
    field = "spec.versions[0].schema.openAPIV3Schema.requierd"
    assert check_manifest(cluster.kind("crd"), misspelt) == [f'unknown field "{field}"']
    with pytest.raises(ApiError, match="cannot unmarshal string into Go struct field JSONSchemaProps"):
        cluster.create(_put(definition({}), (*SCHEMA, "properties", "s"), {"type": "string", "maxLength": "x"}))
