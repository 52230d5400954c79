"""Deletion with dependents, and of whole namespaces."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_sim.cluster import Cluster
from gitops_sim.errors import ApiError
from gitops_sim.objects import with_path, without_path

from . import stage


def config(name: str, *owners: Any, **meta: Any) -> dict[str, Any]:
    """``owners`` are objects, or ``(object, fields)`` for references with more fields."""
    references = []
    for entry in owners:
        owner, more = entry if isinstance(entry, tuple) else (entry, {})
        found = owner["metadata"]
        references.append({"apiVersion": "v1", "kind": owner["kind"], "name": found["name"], "uid": found["uid"], **more})
    meta = {"name": name, **meta, **({"ownerReferences": references} if references else {})}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta}


def left(home: Cluster, *kinds: str) -> dict[str, int]:
    return {kind: len(home.list(kind)) for kind in kinds}


@pytest.mark.parametrize("shuffle", stage.SHUFFLES)
def test_background_deletes_the_owner_now_and_the_rest_later(shuffle: int | None) -> None:
    home = stage.cluster(shuffle=shuffle)
    home.create(stage.deployment())
    home.clock.run_until(10)
    home.delete("Deployment", "web")
    assert left(home, "Deployment", "ReplicaSet", "Pod") == {"Deployment": 0, "ReplicaSet": 1, "Pod": 3}
    home.clock.settle()
    assert left(home, "ReplicaSet") == {"ReplicaSet": 0}
    assert all("deletionTimestamp" in p["metadata"] for p in home.list("Pod"))
    home.clock.run_until(12)
    assert left(home, "Pod") == {"Pod": 0}
    assert home.clock.next_event is None


@pytest.mark.parametrize("shuffle", stage.SHUFFLES)
def test_foreground_deletes_from_the_leaves_to_the_root(shuffle: int | None) -> None:
    home = stage.cluster(shuffle=shuffle)
    home.create(stage.deployment())
    home.clock.run_until(10)
    home.delete("Deployment", "web", propagation="Foreground")
    home.clock.run_until(11)
    assert home.get("Deployment", "web")["metadata"]["finalizers"] == ["foregroundDeletion"]
    assert home.list("ReplicaSet")[0]["metadata"]["finalizers"] == ["foregroundDeletion"]
    home.clock.run_until(12)
    gone = [
        (c.key.kind, c.key.name)
        for c in home.store.log
        if c.type == "DELETED" and c.key.kind in ("Pod", "ReplicaSet", "Deployment")
    ]
    assert [kind for kind, _ in gone] == ["Pod"] * 3 + ["ReplicaSet", "Deployment"]


@pytest.mark.parametrize("shuffle", stage.SHUFFLES)
def test_orphan_leaves_the_dependents_without_an_owner(shuffle: int | None) -> None:
    home = stage.cluster(shuffle=shuffle)
    home.create(stage.deployment())
    home.clock.run_until(10)
    home.delete("Deployment", "web", propagation="Orphan")
    home.clock.run_until(60)
    assert left(home, "Deployment", "ReplicaSet", "Pod") == {"Deployment": 0, "ReplicaSet": 1, "Pod": 3}
    assert "ownerReferences" not in home.list("ReplicaSet")[0]["metadata"]


def test_foreground_waits_only_for_dependents_that_block() -> None:
    home = stage.cluster()
    owner = home.create(config("owner"))
    home.create(config("blocks", (owner, {"blockOwnerDeletion": True}), finalizers=["example.com/x"]))
    home.create(config("follows", owner))
    home.delete("ConfigMap", "owner", propagation="Foreground")
    home.clock.settle()
    assert home.find("ConfigMap", "owner") is not None
    assert "deletionTimestamp" not in home.get("ConfigMap", "follows")["metadata"]
    home.update(without_path(home.get("ConfigMap", "blocks"), ("metadata", "finalizers")))
    home.clock.settle()
    assert [home.find("ConfigMap", name) for name in ("owner", "blocks", "follows")] == [None, None, None]


def test_a_dependent_that_lets_go_of_its_owner_unblocks_it() -> None:
    home = stage.cluster()
    owner = home.create(config("owner"))
    home.create(config("blocks", (owner, {"blockOwnerDeletion": True}), finalizers=["example.com/x"]))
    home.delete("ConfigMap", "owner", propagation="Foreground")
    home.clock.settle()
    home.update(without_path(home.get("ConfigMap", "blocks"), ("metadata", "ownerReferences")))
    home.clock.settle()
    assert home.find("ConfigMap", "owner") is None
    assert home.find("ConfigMap", "blocks") is not None


def test_one_of_two_owners_is_enough_to_live() -> None:
    home = stage.cluster()
    first, second = home.create(config("first")), home.create(config("second"))
    home.create(config("child", first, second))
    home.delete("ConfigMap", "first")
    home.clock.settle()
    references = home.get("ConfigMap", "child")["metadata"]["ownerReferences"]
    assert [r["name"] for r in references] == ["second"]
    home.delete("ConfigMap", "second", propagation="Foreground")
    home.clock.settle()
    assert home.find("ConfigMap", "child") is None


def test_an_owner_of_the_same_name_but_another_uid_does_not_count() -> None:
    home = stage.cluster()
    first = home.create(config("owner"))
    home.create(config("child", first))
    home.delete("ConfigMap", "owner")
    home.create(config("owner"))
    home.clock.settle()
    assert home.find("ConfigMap", "child") is None


def test_a_reference_to_another_kind_with_that_uid_does_not_count() -> None:
    home = stage.cluster()
    owner = home.create(config("owner"))
    reference = {"apiVersion": "v1", "kind": "Secret", "name": "owner", "uid": owner["metadata"]["uid"]}
    home.create(with_path(config("child"), ("metadata", "ownerReferences"), [reference]))
    home.clock.settle()
    home.delete("ConfigMap", "owner")
    home.clock.settle()
    assert home.find("ConfigMap", "child") is None


def namespaced(home: Cluster, namespace: str) -> list[str]:
    return sorted(
        f"{kind}/{obj['metadata']['name']}"
        for group, kind in home.store.kinds()
        for obj in home.store.list(group, kind, namespace)
        if obj["metadata"].get("namespace")
    )


def test_every_namespace_has_its_account_and_its_certificate() -> None:
    home = stage.cluster()
    home.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})
    home.clock.settle()
    for namespace in ("default", "shop"):
        assert "ConfigMap/kube-root-ca.crt" in namespaced(home, namespace)
        assert "ServiceAccount/default" in namespaced(home, namespace)
    home.delete("ConfigMap", "kube-root-ca.crt", "shop")
    home.clock.settle()
    assert home.find("ConfigMap", "kube-root-ca.crt", "shop") is not None


@pytest.mark.parametrize("shuffle", stage.SHUFFLES)
def test_a_deleted_namespace_is_emptied_and_goes(shuffle: int | None) -> None:
    home = stage.cluster(shuffle=shuffle)
    home.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})
    home.clock.settle()
    home.create(stage.deployment(), namespace="shop")
    home.create(stage.workload("StatefulSet", "db", serviceName="db"), namespace="shop")
    custom = {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w", "namespace": "shop"}}
    home.create(custom)
    home.clock.run_until(10)
    home.delete("Namespace", "shop", "")
    with pytest.raises(ApiError, match="because it is being terminated"):
        home.create(config("late"), namespace="shop")
    home.clock.run_until(11)
    status = home.get("Namespace", "shop", "")["status"]
    assert status["phase"] == "Terminating"
    remaining = next(c for c in status["conditions"] if c["type"] == "NamespaceContentRemaining")
    assert remaining["message"] == "Some resources are remaining: pods has 4 resource instances"
    home.clock.run_until(60)
    assert home.find("Namespace", "shop", "") is None
    assert namespaced(home, "shop") == []
    assert home.clock.next_event is None


def test_a_finalizer_holds_its_namespace() -> None:
    home = stage.cluster()
    home.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})
    home.create(config("held", finalizers=["example.com/x"]), namespace="shop")
    home.clock.settle()
    home.delete("Namespace", "shop", "")
    home.clock.run_until(3600)
    conditions = {c["type"]: c for c in home.get("Namespace", "shop", "")["status"]["conditions"]}
    assert conditions["NamespaceFinalizersRemaining"]["message"] == (
        "Some content in the namespace has finalizers remaining: example.com/x in 1 resource instances"
    )
    assert conditions["NamespaceFinalizersRemaining"]["status"] == "True"
    home.update(without_path(home.get("ConfigMap", "held", "shop"), ("metadata", "finalizers")))
    home.clock.settle()
    assert home.find("Namespace", "shop", "") is None


def test_a_namespace_can_be_made_again() -> None:
    home = stage.cluster()
    space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}
    for _ in range(2):
        home.create(space)
        home.create(stage.deployment(replicas=1), namespace="shop")
        home.clock.run_until(home.clock.now + 10)
        assert home.get("Deployment", "web", "shop")["status"]["availableReplicas"] == 1
        home.delete("Namespace", "shop", "")
        home.clock.run_until(home.clock.now + 60)
    assert home.find("Namespace", "shop", "") is None


def test_controllers_do_not_complain_about_a_namespace_that_goes() -> None:
    """The ReplicaSet looks before the namespace controller has come: it may not create, and says nothing."""
    home = stage.cluster()
    home.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})
    home.clock.settle()
    web = stage.deployment(replicas=1)
    web["metadata"]["finalizers"] = ["example.com/x"]
    home.create(web, namespace="shop")
    home.clock.run_until(10)
    home.delete("Pod", home.list("Pod", "shop")[0]["metadata"]["name"], "shop", grace_period=0)
    image = ("spec", "template", "spec", "containers", 0, "image")
    home.update(with_path(home.get("Deployment", "web", "shop"), image, "nginx:1.25"))
    home.delete("Namespace", "shop", "")
    home.clock.run_until(60)
    assert [e["reason"] for e in home.list("Event", "shop")] == []
    progressing = next(c for c in home.get("Deployment", "web", "shop")["status"]["conditions"] if c["type"] == "Progressing")
    assert progressing["reason"] != "ReplicaSetCreateError"
    assert [kind for kind in ("Deployment", "ReplicaSet", "Pod") if home.list(kind, "shop")] == ["Deployment"]
