"""What an agent may rely on of any cluster, in memory or real: one body of tests over each of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from gitops_sim.cluster import Cluster
from gitops_sim.cluster.apply import apply
from gitops_sim.cluster.protocol import ClusterAPI
from gitops_sim.errors import ApiError
from gitops_sim.kind import KindCluster, KindSettings, connect
from gitops_sim.kind.door import Door
from gitops_sim.objects import Object, with_path
from gitops_sim.wallclock import WallClock
from tests.kind.doors import MemoryDoor

NAMESPACE = "contract"
REAL = "GITOPS_SIM_KUBECONFIG"
"""Names the kubeconfig of a real control plane on loopback, with a context kind-contract, to try the same tests on."""


def in_memory() -> ClusterAPI:
    cluster = Cluster(controllers=False)
    cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
    return cluster


def by_requests() -> ClusterAPI:
    door = MemoryDoor(cast(Cluster, in_memory()))
    return KindCluster(cast(Door, door), WallClock(), namespaces=(NAMESPACE,), any_loopback_server=True)


def real() -> ClusterAPI:
    path = os.environ.get(REAL)
    if not path:
        pytest.skip(f"no real control plane: {REAL} names no kubeconfig")
    settings = KindSettings("kind-contract", Path(path), NAMESPACE, any_loopback_server=True)
    return connect(settings, WallClock())


@pytest.fixture(params=[in_memory, by_requests, real], ids=lambda make: make.__name__)
def cluster(request: pytest.FixtureRequest) -> Iterator[ClusterAPI]:
    made: ClusterAPI = request.param()
    yield made
    if isinstance(made, KindCluster):
        for obj in made.list("configmaps", NAMESPACE):
            if obj["metadata"]["name"] != "kube-root-ca.crt":
                made.delete("configmaps", obj["metadata"]["name"], NAMESPACE)
        for obj in made.list("deployments", NAMESPACE):
            made.delete("deployments", obj["metadata"]["name"], NAMESPACE)
        made.close()


def settings(name: str = "settings", **data: str) -> Object:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": NAMESPACE}, "data": data}


def web(replicas: int = 1, **template: Any) -> Object:
    labels = {"app": "web"}
    containers = [{"name": "web", "image": "shop/web:1"}, *template.get("more", [])]
    spec = {
        "replicas": replicas,
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": {"containers": containers}},
    }
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": NAMESPACE}, "spec": spec}


def test_what_was_created_is_found_with_its_defaults(cluster: ClusterAPI) -> None:
    made = cluster.create(web())
    found = cluster.get("deployments", "web", NAMESPACE)
    assert found["metadata"]["uid"] == made["metadata"]["uid"]
    assert found["metadata"]["generation"] == 1
    assert found["spec"]["strategy"]["rollingUpdate"] == {"maxSurge": "25%", "maxUnavailable": "25%"}
    assert (found["apiVersion"], found["kind"]) == ("apps/v1", "Deployment")


def test_what_is_not_there_is_not_found(cluster: ClusterAPI) -> None:
    assert cluster.find("deploy", "web", NAMESPACE) is None
    with pytest.raises(ApiError, match=r'deployments\.apps "web" not found') as caught:
        cluster.get("deploy", "web", NAMESPACE)
    assert (caught.value.code, caught.value.reason) == (404, "NotFound")


def test_the_same_is_not_created_twice(cluster: ClusterAPI) -> None:
    cluster.create(settings(a="1"))
    with pytest.raises(ApiError, match='configmaps "settings" already exists') as caught:
        cluster.create(settings(a="2"))
    assert (caught.value.code, caught.value.reason) == (409, "AlreadyExists")
    assert cluster.get("cm", "settings", NAMESPACE)["data"] == {"a": "1"}


def test_nonsense_is_refused_with_its_field(cluster: ClusterAPI) -> None:
    with pytest.raises(ApiError, match=r"spec\.replicas: Invalid value: -1") as caught:
        cluster.create(web(-1))
    assert (caught.value.code, caught.value.reason) == (422, "Invalid")


def test_lists_are_whole_objects_chosen_by_labels(cluster: ClusterAPI) -> None:
    for name, tier in (("a", "front"), ("b", "back"), ("c", "front")):
        cluster.create(with_path(settings(name), ("metadata", "labels"), {"tier": tier}))
    found = cluster.list("configmaps", NAMESPACE, labels="tier=front")
    assert [obj["metadata"]["name"] for obj in found] == ["a", "c"]
    assert {(obj["apiVersion"], obj["kind"]) for obj in found} == {("v1", "ConfigMap")}
    assert [obj["metadata"]["name"] for obj in cluster.list("configmaps", NAMESPACE, fields="metadata.name=b")] == ["b"]


def test_patches_of_each_kind_do_what_theirs_do(cluster: ClusterAPI) -> None:
    cluster.create(web())
    sidecar = {"name": "proxy", "image": "proxy:1"}
    patched = cluster.patch(
        "deployments", "web", NAMESPACE, {"spec": {"template": {"spec": {"containers": [sidecar]}}}}, type="strategic"
    )
    assert [c["name"] for c in patched["spec"]["template"]["spec"]["containers"]] == ["proxy", "web"]
    patched = cluster.patch("deployments", "web", NAMESPACE, {"metadata": {"labels": {"a": "1"}}}, type="merge")
    assert patched["metadata"]["labels"]["a"] == "1"
    patched = cluster.patch(
        "deployments", "web", NAMESPACE, [{"op": "replace", "path": "/spec/replicas", "value": 4}], type="json"
    )
    assert patched["spec"]["replicas"] == 4


def test_a_dry_run_answers_and_leaves_everything_as_it_is(cluster: ClusterAPI) -> None:
    assert cluster.create(settings(a="1"), dry_run=True)["data"] == {"a": "1"}
    assert cluster.find("cm", "settings", NAMESPACE) is None
    cluster.create(settings(a="1"))
    cluster.patch("cm", "settings", NAMESPACE, {"data": {"a": "2"}}, type="merge", dry_run=True)
    cluster.delete("cm", "settings", NAMESPACE, dry_run=True)
    assert cluster.get("cm", "settings", NAMESPACE)["data"] == {"a": "1"}


def test_what_was_deleted_is_gone(cluster: ClusterAPI) -> None:
    cluster.create(settings(a="1"))
    cluster.delete("configmaps", "settings", NAMESPACE)
    assert cluster.find("cm", "settings", NAMESPACE) is None
    with pytest.raises(ApiError, match="not found"):
        cluster.delete("configmaps", "settings", NAMESPACE)


def test_client_side_apply_keeps_what_others_set_and_takes_back_what_git_states(cluster: ClusterAPI) -> None:
    assert apply(cluster, web(2)).verb == "created"
    assert apply(cluster, web(2)).verb == "unchanged"
    cluster.patch(
        "deployments", "web", NAMESPACE, {"metadata": {"labels": {"team": "blue"}}, "spec": {"replicas": 9}}, type="merge"
    )
    done = apply(cluster, web(2))
    assert (done.verb, done.object["spec"]["replicas"]) == ("configured", 2)
    assert done.object["metadata"]["labels"]["team"] == "blue"


def test_an_update_replaces_the_object(cluster: ClusterAPI) -> None:
    made = cluster.create(settings(a="1", b="2"))
    cluster.update({**made, "data": {"c": "3"}})
    assert cluster.get("cm", "settings", NAMESPACE)["data"] == {"c": "3"}
