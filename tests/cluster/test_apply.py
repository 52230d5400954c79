"""Client-side apply, compared with transcripts of the real kubectl."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_sim.cluster.apply import LAST_APPLIED, apply, last_applied
from gitops_sim.cluster.cluster import Cluster
from gitops_sim.errors import ApiError
from gitops_sim.objects import get_path, with_path, without_path

CONFIG = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "conf"}, "data": {"a": "1", "b": "two"}}


def deployment(**spec: Any) -> dict[str, Any]:
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "nginx", "image": "nginx:1.24"}]}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "labels": {"app": "web"}},
        "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "web"}}, "template": template, **spec},
    }


@pytest.fixture
def cluster() -> Cluster:
    return Cluster(controllers=False)


def test_created_then_unchanged_then_configured(cluster: Cluster) -> None:
    assert apply(cluster, deployment()).verb == "created"
    before = cluster.get("deploy", "web")
    assert apply(cluster, deployment()).verb == "unchanged"
    assert cluster.get("deploy", "web") is before, "an unchanged apply must not write"
    applied = apply(cluster, deployment(replicas=3))
    assert (applied.verb, applied.object["spec"]["replicas"], applied.warnings) == ("configured", 3, ())


def test_the_annotation_is_written_as_kubectl_writes_it(cluster: Cluster) -> None:
    applied = apply(cluster, CONFIG, namespace="default")
    assert applied.object["metadata"]["annotations"] == {
        LAST_APPLIED: '{"apiVersion":"v1","data":{"a":"1","b":"two"},"kind":"ConfigMap","metadata":{"annotations":{},'
        '"name":"conf","namespace":"default"}}\n'
    }


def test_an_object_made_by_create_gets_the_warning_once(cluster: Cluster) -> None:
    cluster.create(CONFIG)
    first, second = apply(cluster, CONFIG), apply(cluster, CONFIG)
    assert first.warnings == (
        "resource configmaps/conf is missing the kubectl.kubernetes.io/last-applied-configuration annotation which is required by"
        " kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create"
        " --save-config or kubectl apply. The missing annotation will be patched automatically.",
    )
    assert (first.verb, second.verb, second.warnings) == ("configured", "unchanged", ())


def test_drift_in_a_field_of_the_manifest_is_set_back(cluster: Cluster) -> None:
    apply(cluster, deployment())
    cluster.patch("deploy", "web", "default", {"spec": {"replicas": 9}}, type="merge")
    applied = apply(cluster, deployment())
    assert (applied.verb, applied.object["spec"]["replicas"]) == ("configured", 2)


def test_what_only_the_cluster_has_stays(cluster: Cluster) -> None:
    apply(cluster, deployment())
    template = {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": "2026-01-05T10:00:00Z"}}}
    patch = {"metadata": {"labels": {"by": "hand"}}, "spec": {"template": template, "minReadySeconds": 5}}
    cluster.patch("deploy", "web", "default", patch)
    applied = apply(cluster, deployment())
    assert applied.verb == "unchanged"
    assert get_path(applied.object, ("metadata", "labels", "by")) == "hand"
    assert get_path(applied.object, ("spec", "template", "metadata", "annotations"))


def test_dropping_replicas_from_the_manifest_sets_one_and_then_leaves_a_scale_alone(cluster: Cluster) -> None:
    apply(cluster, deployment())
    without = without_path(deployment(), ("spec", "replicas"))
    assert apply(cluster, without).object["spec"]["replicas"] == 1, "the field is deleted, the default comes in"
    cluster.patch("deploy", "web", "default", {"spec": {"replicas": 7}}, type="merge")
    applied = apply(cluster, without)
    assert (applied.verb, applied.object["spec"]["replicas"]) == ("unchanged", 7)


def test_a_container_that_the_manifest_drops_goes_and_an_injected_one_stays(cluster: Cluster) -> None:
    pods = ("spec", "template", "spec", "containers")
    two = with_path(deployment(), pods, [{"name": "nginx", "image": "nginx:1.24"}, {"name": "log", "image": "log:1"}])
    apply(cluster, two)
    cluster.patch("deploy", "web", "default", with_path({}, pods, [{"name": "sidecar", "image": "proxy:1"}]))
    applied = apply(cluster, deployment())
    assert [item["name"] for item in get_path(applied.object, pods)] == ["sidecar", "nginx"]


def test_rolling_update_gives_way_to_recreate(cluster: Cluster) -> None:
    apply(cluster, deployment(strategy={"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}))
    assert apply(cluster, deployment(strategy={"type": "Recreate"})).object["spec"]["strategy"] == {"type": "Recreate"}


def test_lists_of_custom_resources_are_replaced_as_a_whole(cluster: Cluster) -> None:
    def widget(*items: int) -> dict[str, Any]:
        return {"apiVersion": "x.io/v1", "kind": "Widget", "metadata": {"name": "w"}, "spec": {"items": list(items)}}

    apply(cluster, widget(1, 2))
    cluster.patch("widgets.x.io", "w", "default", {"spec": {"items": [1, 2, 3], "more": True}}, type="merge")
    applied = apply(cluster, widget(2))
    assert applied.object["spec"] == {"items": [2], "more": True}


def test_a_dry_run_shows_and_stores_nothing(cluster: Cluster) -> None:
    assert apply(cluster, deployment(), dry_run=True).verb == "created"
    assert cluster.find("deploy", "web") is None
    apply(cluster, deployment())
    shown = apply(cluster, deployment(replicas=5), dry_run=True)
    assert (shown.verb, shown.object["spec"]["replicas"]) == ("configured", 5)
    assert cluster.get("deploy", "web")["spec"]["replicas"] == 2


def test_what_the_api_refuses_is_not_applied(cluster: Cluster) -> None:
    apply(cluster, deployment())
    before = cluster.get("deploy", "web")
    with pytest.raises(ApiError, match="field is immutable"):
        apply(cluster, deployment(selector={"matchLabels": {"app": "web", "x": "y"}}))
    assert cluster.get("deploy", "web") is before


def test_the_last_manifest_can_be_read_back(cluster: Cluster) -> None:
    applied = apply(cluster, CONFIG)
    meta = {"annotations": {}, "name": "conf", "namespace": "default"}
    assert last_applied(applied.object) == {**CONFIG, "metadata": meta}
    assert last_applied(CONFIG) is None
