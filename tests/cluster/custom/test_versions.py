"""Several versions of one kind: what is written in one is read in the others."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_sim.api import Request, handle
from gitops_sim.cluster import Cluster
from gitops_sim.errors import ApiError
from gitops_sim.objects import with_path
from tests.cluster.custom.widgets import definition, widget

SIZE = {"type": "integer"}


def _version(name: str, *, storage: bool = False, served: bool = True, **size: Any) -> dict[str, Any]:
    spec = {"type": "object", "properties": {"size": {**SIZE, **size}}}
    scale = {"specReplicasPath": ".spec.size", "statusReplicasPath": ".status.size"}
    return {
        "name": name,
        "served": served,
        "storage": storage,
        "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": spec}}},
        "subresources": {"scale": scale},
    }


def _cluster(*versions: dict[str, Any]) -> Cluster:
    cluster = Cluster(controllers=False)
    cluster.create(with_path(definition({}), ("spec", "versions"), list(versions)))
    return cluster


def test_what_is_kept_in_a_version_that_is_not_served_is_read_and_changed_in_another() -> None:
    cluster = _cluster(_version("v1", storage=True, served=False), _version("v2", maximum=5))
    cluster.create({**widget({"size": 2}), "apiVersion": "shop.example.com/v2"})
    assert cluster.store.list("shop.example.com", "Widget")[0]["apiVersion"] == "shop.example.com/v1"
    seen = cluster.get("widgets", "w")
    assert seen["apiVersion"] == "shop.example.com/v2"
    assert cluster.update(with_path(seen, ("spec", "size"), 3))["spec"] == {"size": 3}
    with pytest.raises(ApiError, match="should be less than or equal to 5"):
        cluster.update(with_path(cluster.get("widgets", "w"), ("spec", "size"), 6))
    scaled = cluster.patch("widgets", "w", "default", {"spec": {"replicas": 4}}, type="merge", subresource="scale")
    assert scaled["spec"] == {"replicas": 4}
    managers = cluster.with_managed_fields(cluster.get("widgets", "w"))["metadata"]["managedFields"]
    assert {entry["apiVersion"] for entry in managers} == {"shop.example.com/v2"}
    for obj in (widget(name="x"), {**widget(name="x"), "apiVersion": "shop.example.com/v3"}):
        with pytest.raises(ApiError, match="could not find the requested resource"):
            cluster.create(obj)


def test_the_newest_stable_version_is_preferred_whichever_is_kept() -> None:
    cluster = _cluster(_version("v1beta1", storage=True), _version("v1"), _version("v2alpha1"))
    group = handle(cluster, Request("GET", "/apis/shop.example.com")).json()
    assert [version["version"] for version in group["versions"]] == ["v1", "v1beta1", "v2alpha1"]
    assert group["preferredVersion"]["version"] == "v1"
