"""The scale subresource."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_sim.cluster import scale
from gitops_sim.cluster.cluster import Cluster
from gitops_sim.errors import ApiError

TEMPLATE = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "c", "image": "x"}]}}


@pytest.fixture
def cluster() -> Cluster:
    made = Cluster(controllers=False)
    expressions = [
        {"key": "app", "operator": "In", "values": ["web", "api"]},
        {"key": "old", "operator": "DoesNotExist"},
        {"key": "tier", "operator": "NotIn", "values": ["x"]},
        {"key": "app", "operator": "Exists"},
    ]
    spec = {"replicas": 2, "selector": {"matchLabels": {"app": "web"}, "matchExpressions": expressions}, "template": TEMPLATE}
    made.create({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": spec})
    return made


def test_a_scale_tells_replicas_and_the_selector_as_text(cluster: Cluster) -> None:
    shown = scale.of(cluster.kind("deploy"), cluster.get("deploy", "web"))
    assert shown["spec"] == {"replicas": 2}
    assert shown["status"]["selector"] == "app,app in (api,web),app=web,!old,tier notin (x)"


@pytest.mark.parametrize(
    ("body", "type"),
    [({"spec": {"replicas": 5}}, "merge"), ([{"op": "replace", "path": "/spec/replicas", "value": 5}], "json")],
)
def test_scaling_changes_replicas_and_nothing_else(cluster: Cluster, body: Any, type: Any) -> None:
    before = cluster.get("deploy", "web")
    answer = cluster.patch("deploy", "web", "default", body, type=type, subresource="scale")
    after = cluster.get("deploy", "web")
    assert (answer["kind"], answer["spec"]) == ("Scale", {"replicas": 5})
    assert after["spec"] == {**before["spec"], "replicas": 5}
    assert after["metadata"]["generation"] == 2


@pytest.mark.parametrize(
    ("body", "code", "why"),
    [
        ({"spec": {"replicas": -1}}, 422, 'Scale.autoscaling "web" is invalid: spec.replicas: Invalid value: -1'),
        ({"spec": {"replicas": "many"}}, 422, "cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas"),
        ({"metadata": {"resourceVersion": "1"}}, 409, "the object has been modified"),
        ([], 400, "error decoding patch"),
    ],
)
def test_a_bad_scale_is_refused(cluster: Cluster, body: Any, code: int, why: str) -> None:
    with pytest.raises(ApiError) as refused:
        cluster.patch("deploy", "web", "default", body, type="merge", subresource="scale")
    assert refused.value.code == code
    assert why in refused.value.message


def test_what_has_no_replicas_has_no_scale(cluster: Cluster) -> None:
    cluster.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}})
    with pytest.raises(ApiError, match="the server could not find the requested resource"):
        cluster.patch("cm", "c", "default", {}, type="merge", subresource="scale")
