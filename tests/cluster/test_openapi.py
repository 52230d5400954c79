"""The OpenAPI documents hang together; the real kubectl reads them in tests/api and tests/server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from gitops_sim.cluster import Cluster, openapi
from gitops_sim.cluster.openapi import descriptions, gnostic
from gitops_sim.cluster.schema import facts

CLUSTER = Cluster(controllers=False)
NAMES = openapi.names(CLUSTER)
DEFINITION = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "widgets.shop.example.org"},
    "spec": {
        "group": "shop.example.org",
        "scope": "Namespaced",
        "names": {"kind": "Widget", "plural": "widgets"},
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "description": "A thing to sell.",
                        "properties": {"spec": {"type": "object", "properties": {"size": {"type": "integer"}}}},
                    }
                },
            }
        ],
    },
}


def document(cluster: Cluster, name: str) -> dict[str, Any]:
    group, _, version = name.partition("/")[2].rpartition("/")
    return openapi.document(cluster, group, version)


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for item in value.values():
            yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


@pytest.mark.parametrize("name", NAMES)
def test_every_reference_leads_somewhere(name: str) -> None:
    made = document(CLUSTER, name)
    known = {f"#/components/schemas/{schema}" for schema in made["components"]["schemas"]}
    assert set(references(made)) <= known


@pytest.mark.parametrize("name", NAMES)
def test_clients_find_the_parameter_that_leaves_checking_to_the_server(name: str) -> None:
    made = document(CLUSTER, name)
    for kind in CLUSTER.kinds.served():
        if name != f"apis/{kind.api_version}" and name != f"api/{kind.api_version}":
            continue
        place = "/namespaces/{namespace}" if kind.namespaced else ""
        operation = made["paths"][f"/{name}{place}/{kind.plural}"].get("post")
        if operation is None:
            assert kind.kind == "ComponentStatus"
            continue
        identity = {"group": kind.group, "version": kind.version, "kind": kind.kind}
        assert operation["x-kubernetes-group-version-kind"] == identity
        assert "fieldValidation" in {parameter["name"] for parameter in operation["parameters"]}
        kinds = [schema.get("x-kubernetes-group-version-kind", []) for schema in made["components"]["schemas"].values()]
        assert [identity] in kinds


def test_a_definition_brings_its_schema_along() -> None:
    cluster = Cluster(controllers=False)
    assert "apis/shop.example.org/v1" not in openapi.names(cluster)
    before = openapi.swagger(cluster)["definitions"]
    cluster.create(DEFINITION)
    made = document(cluster, "apis/shop.example.org/v1")
    widget = made["components"]["schemas"]["org.example.shop.v1.Widget"]
    assert widget["description"] == "A thing to sell."
    assert widget["properties"]["spec"]["properties"] == {"size": {"type": "integer"}}
    assert widget["properties"]["metadata"] == {"$ref": "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"}
    after = openapi.swagger(cluster)["definitions"]
    assert after.keys() - before.keys() == {"org.example.shop.v1.Widget"}
    assert b"org.example.shop.v1.Widget" in gnostic.encoded(openapi.swagger(cluster))


def test_every_description_is_of_something() -> None:
    for name in descriptions._read():
        owner, _, field = name.rpartition(".")
        assert name in facts.type_names() or field in facts.fields(owner), name
