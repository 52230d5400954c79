"""How far one may go in a real cluster, what is marked, what others do meanwhile, and taking away exactly what was made."""

from __future__ import annotations

import copy
from typing import Any, cast

import pytest

from gitops_sim.cluster import Cluster
from gitops_sim.errors import ApiError, BadInput
from gitops_sim.kind import KindCluster, cleanup
from gitops_sim.kind.door import Answer, Door
from gitops_sim.kind.marks import LABEL, is_marked
from gitops_sim.kind.watching import Seen
from gitops_sim.kubectl import Kubectl
from gitops_sim.objects import Object, key_of
from gitops_sim.wallclock import WallClock
from tests.kind.doors import MemoryDoor


def config(name: str = "settings", namespace: str = "here", **data: str) -> Object:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": namespace}, "data": data}


def namespace(name: str) -> Object:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


@pytest.fixture
def server() -> Cluster:
    cluster = Cluster()
    for name in ("here", "elsewhere"):
        cluster.create(namespace(name))
    cluster.clock.settle()
    return cluster


def over(door: MemoryDoor, **settings: Any) -> KindCluster:
    return KindCluster(cast(Door, door), WallClock(), **{"namespaces": ("here",), "any_loopback_server": True, **settings})


@pytest.fixture
def door(server: Cluster) -> MemoryDoor:
    return MemoryDoor(server)


def test_a_cluster_whose_nodes_are_not_kinds_is_refused_before_any_write(door: MemoryDoor) -> None:
    with pytest.raises(BadInput, match="no kind cluster"):
        over(door, any_loopback_server=False)
    assert door.writes == []


@pytest.mark.parametrize("what", [config(namespace="elsewhere"), namespace("elsewhere"), namespace("another")])
def test_nothing_is_written_elsewhere(door: MemoryDoor, what: Object) -> None:
    cluster = over(door)
    before = len(door.cluster.store.log)
    meta = what["metadata"]
    place = (what["kind"], meta["name"], meta.get("namespace", ""))
    for write in (
        lambda: cluster.create(what),
        lambda: cluster.update(what),
        lambda: cluster.patch(*place, {"metadata": {"labels": {"a": "b"}}}, type="merge"),
        lambda: cluster.apply(*place, {}, manager="agent"),
        lambda: cluster.delete(*place),
    ):
        with pytest.raises(ApiError, match=r"this agent writes .* changes that\)") as caught:
            write()
        assert caught.value.code == 403
    assert door.writes == []
    assert len(door.cluster.store.log) == before


def test_cluster_wide_objects_may_be_written_when_it_is_said(door: MemoryDoor) -> None:
    made = over(door, cluster_scoped=True).create(namespace("another"))
    assert is_marked(made)


def test_a_dry_run_asks_and_writes_nothing(door: MemoryDoor) -> None:
    cluster = over(door, dry_run=True)
    before = len(door.cluster.store.log)
    assert cluster.create(config(a="1"))["data"] == {"a": "1"}
    assert len(door.cluster.store.log) == before


def test_an_agents_own_objects_never_reach_the_server(door: MemoryDoor) -> None:
    cluster = over(door)
    cluster.create(namespace("argocd"))
    app = {"apiVersion": "argoproj.io/v1alpha1", "kind": "AppProject", "metadata": {"name": "p", "namespace": "argocd"}}
    cluster.create({**app, "spec": {}})
    assert cluster.find("AppProject", "p", "argocd") is not None
    assert door.writes == []


def test_only_what_it_created_carries_the_mark(door: MemoryDoor, server: Cluster) -> None:
    server.create(config("theirs", a="1"))
    cluster = over(door)
    cluster.create(config("ours", a="1"))
    cluster.patch("cm", "theirs", "here", {"data": {"a": "2"}}, type="merge")
    assert [o["metadata"]["name"] for o in server.list("cm", "here", labels=LABEL)] == ["ours"]
    replaced = cluster.update(config("ours", a="3"))
    assert is_marked(replaced)


def test_what_the_server_merges_is_marked_when_it_is_new(server: Cluster) -> None:
    server.create(config("theirs", a="1"))
    cluster = over(MemoryDoor(server))
    assert is_marked(cluster.apply("cm", "ours", "here", config("ours", a="1"), manager="agent"))
    with pytest.raises(ApiError, match="conflict with"):
        cluster.apply("cm", "theirs", "here", config("theirs", a="2"), manager="agent")
    taken = cluster.apply("cm", "theirs", "here", config("theirs", a="2"), manager="agent", force=True)
    assert taken["data"] == {"a": "2"}
    assert not is_marked(taken)


def test_an_update_that_met_another_is_tried_on_the_newer_version(server: Cluster) -> None:
    server.create(config(a="1"))
    others = ["2", "3"]

    def meanwhile(method: str, path: str) -> None:
        if method == "PUT" and others:
            server.patch("cm", "settings", "here", {"data": {"theirs": others.pop()}}, type="merge")

    updated = over(MemoryDoor(server, meanwhile)).update(config(a="ours"))
    assert updated["data"] == {"a": "ours"}
    assert others == []


def test_the_echo_of_a_lost_create_is_no_conflict(door: MemoryDoor) -> None:
    cluster = over(door)
    first = cluster.create(config(a="1"))
    ask = door.ask

    def lost(method: str, *rest: Any) -> Answer:
        answer = ask(method, *rest)
        return Answer(answer.status, answer.body, repeated=True) if method == "POST" else answer

    door.ask = lost  # type: ignore[method-assign]
    assert cluster.create(config(a="1"))["metadata"]["uid"] == first["metadata"]["uid"]


def test_somebody_elses_object_is_a_conflict_even_then(door: MemoryDoor, server: Cluster) -> None:
    server.create(config(a="theirs"))
    cluster = over(door)
    ask = door.ask
    door.ask = lambda *a: Answer((found := ask(*a)).status, found.body, repeated=True)  # type: ignore[method-assign]
    with pytest.raises(ApiError, match="already exists"):
        cluster.create(config(a="ours"))


def test_changes_are_handed_on_once_and_kept_for_pictures(door: MemoryDoor, server: Cluster) -> None:
    cluster = over(door)
    told: list[tuple[str, str]] = []
    cluster.store.watch(lambda change: told.append((change.type, change.key.name)))
    made = server.create(config(a="1"))
    seen = Seen("ADDED", key_of(made), made, None)
    for _ in range(2):
        cluster._queue.put(seen)
    assert cluster.receive(0)
    assert not cluster.receive(0)
    assert told == [("ADDED", "settings")]
    assert cluster.store.get(key_of(made)) == made


def test_a_real_cluster_is_not_copied(door: MemoryDoor) -> None:
    with pytest.raises(BadInput, match="cannot be copied"):
        copy.deepcopy(over(door))


# ---------------------------------------------------------------------- cleaning up


def test_cleanup_removes_what_was_made_and_nothing_else(door: MemoryDoor, server: Cluster) -> None:
    cluster = over(door, namespaces=("new",), cluster_scoped=True)
    cluster.create(namespace("new"))
    cluster.create(config("ours", "new", a="1"))
    server.create(config("theirs", "here", a="1"))
    before = {key_of(obj) for kind in ("cm", "ns") for obj in server.list(kind) if not is_marked(obj)}
    planned = [removal.name for removal in cleanup(cast(Door, door), list(cluster.kinds), dry_run=True)]
    assert planned == ["configmap/ours", "namespace/new"]
    assert server.find("cm", "ours", "new") is not None
    done = list(cleanup(cast(Door, door), list(cluster.kinds)))
    assert [(removal.name, removal.why) for removal in done] == [("configmap/ours", ""), ("namespace/new", "")]
    assert {key_of(obj) for kind in ("cm", "ns") for obj in server.list(kind)} - before == set()
    assert server.find("cm", "theirs", "here") is not None


def test_a_namespace_in_which_somebody_put_something_is_kept(door: MemoryDoor, server: Cluster) -> None:
    cluster = over(door, namespaces=("new",))
    cluster.create(namespace("new"))
    server.create(config("theirs", "new", a="1"))
    (removal,) = cleanup(cast(Door, door), list(cluster.kinds))
    assert removal.why == "kept: configmap/theirs in it was not made here"
    assert server.find("ns", "new") is not None


def test_pods_are_evicted_by_the_server_and_only_here(server: Cluster) -> None:
    for place in ("here", "elsewhere"):
        spec = {"containers": [{"name": "c", "image": "nginx:1"}]}
        server.create({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": place}, "spec": spec})
    server.clock.run_until(10)
    cluster = over(MemoryDoor(server))
    with pytest.raises(ApiError, match="writes in namespace here only"):
        cluster.evict("p", "elsewhere")
    cluster.evict("p", "here", dry_run=True)
    assert "deletionTimestamp" not in server.get("pods", "p", "here")["metadata"]
    cluster.evict("p", "here", grace_period=5)
    assert server.get("pods", "p", "here")["metadata"]["deletionGracePeriodSeconds"] == 5
    drained = Kubectl(cast(Cluster, cluster), namespace="here").run("drain node-1 --force")
    assert "this agent writes nothing cluster-wide" in drained.stderr
    assert Kubectl(cast(Cluster, cluster), namespace="here").run("top pod").stderr == "error: Metrics API not available\n"
