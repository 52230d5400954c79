"""Several nodes: where Pods go, what is said when they fit nowhere, and what becomes of those on a node that is lost."""

from __future__ import annotations

import copy
from random import Random
from typing import Any

import pytest

from gitops_sim.clock import Clock
from gitops_sim.cluster import Cluster
from gitops_sim.cluster.controllers.nodelife import GRACE
from gitops_sim.cluster.controllers.pods import is_ready
from gitops_sim.cluster.machines import machine
from gitops_sim.errors import BadInput
from gitops_sim.objects import Object, get_path

from . import stage


def cluster(shuffle: int | None = None, **nodes: Any) -> Cluster:
    """``node_1={...}`` stands for node-1."""
    clock = Clock(shuffle=None if shuffle is None else Random(shuffle))
    return Cluster(clock=clock, machines=[machine(name.replace("_", "-"), content) for name, content in nodes.items()])


def three(shuffle: int | None = None) -> Cluster:
    return cluster(shuffle, node_1={"cpu": "2"}, node_2={"cpu": "2"}, node_3={"cpu": "2"})


def places(home: Cluster) -> dict[str, list[str]]:
    """The Pods that are not on their way out, by node."""
    found: dict[str, list[str]] = {}
    for pod in home.list("Pod"):
        if "deletionTimestamp" not in pod["metadata"]:
            found.setdefault(pod["spec"].get("nodeName", ""), []).append(pod["metadata"]["name"])
    return found


def node(home: Cluster, name: str) -> Object:
    return home.get("Node", name)


def ready(home: Cluster, name: str) -> str:
    return str(next(c["status"] for c in node(home, name)["status"]["conditions"] if c["type"] == "Ready"))


def taints(home: Cluster, name: str) -> list[tuple[str, str]]:
    return [(taint["key"], taint["effect"]) for taint in node(home, name)["spec"].get("taints") or ()]


def why(home: Cluster, pod: str = "p") -> str:
    return str(home.get("Pod", pod)["status"]["conditions"][0]["message"])


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (
            {"container": {"resources": {"requests": {"cpu": "1500m"}}}},
            "0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu. no new claims to deallocate, "
            "preemption: 0/3 nodes are available: 1 Preemption is not helpful for scheduling, "
            "2 No preemption victims found for incoming pod.",
        ),
        (
            {"container": {"resources": {"requests": {"cpu": "500", "memory": "2000Gi"}}}},
            "0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu, 2 Insufficient memory. "
            "no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.",
        ),
    ],
)
def test_the_scheduler_counts_the_reasons_of_all_nodes(spec: dict[str, Any], message: str) -> None:
    """The words that clusters of three nodes, one of them a tainted control plane, have been seen to say."""
    home = cluster(
        node_1={"cpu": "2", "taints": ["node-role.kubernetes.io/control-plane:NoSchedule"]},
        node_2={"cpu": "2"},
        node_3={"cpu": "2"},
    )
    home.create(stage.deployment(replicas=2, container={"resources": {"requests": {"cpu": "1"}}}))
    home.clock.run_until(10)
    assert {name: len(pods) for name, pods in places(home).items()} == {"node-2": 1, "node-3": 1}
    home.create(stage.pod(**spec))
    home.clock.run_until(20)
    assert why(home) == message


def test_nodes_have_the_labels_and_the_room_that_the_world_says() -> None:
    home = cluster(node_1={"cpu": 2, "memory": "4Gi", "pods": 3, "labels": {"disk": "ssd"}}, node_2=None)
    spec = stage.deployment("fast", replicas=5)
    spec["spec"]["template"]["spec"]["nodeSelector"] = {"disk": "ssd"}
    home.create(spec)
    home.clock.run_until(10)
    fast = [pod for pod in home.list("Pod", labels="app=fast") if pod["spec"].get("nodeName")]
    assert {pod["spec"]["nodeName"] for pod in fast} == {"node-1"}
    assert node(home, "node-1")["status"]["allocatable"] == {
        "cpu": "2",
        "ephemeral-storage": "1Ti",
        "memory": "4Gi",
        "pods": "3",
    }
    waiting = next(pod["metadata"]["name"] for pod in home.list("Pod", labels="app=fast") if not pod["spec"].get("nodeName"))
    assert why(home, waiting).startswith("0/2 nodes are available: 1 Too many pods, 1 node(s) didn't match Pod's node affinity")


@pytest.mark.parametrize("shuffle", stage.SHUFFLES)
def test_pods_of_a_lost_node_move_after_five_minutes(shuffle: int | None) -> None:
    home = three(shuffle)
    home.create(stage.deployment(replicas=6))
    home.clock.run_until(100)
    before = places(home)
    assert {name: len(pods) for name, pods in before.items()} == {"node-1": 2, "node-2": 2, "node-3": 2}
    home.machines.lose("node-1", 100.0)
    home.clock.run_until(100 + GRACE - 1)
    assert ready(home, "node-1") == "True"
    assert stage.status(home)["readyReplicas"] == 6, "nobody knows yet"
    home.clock.run_until(100 + GRACE)
    assert ready(home, "node-1") == "Unknown"
    assert taints(home, "node-1") == [
        ("node.kubernetes.io/unreachable", "NoSchedule"),
        ("node.kubernetes.io/unreachable", "NoExecute"),
    ]
    assert stage.status(home)["readyReplicas"] == 4
    assert places(home) == before, "for five minutes it may come back"
    home.clock.run_until(100 + GRACE + 299)
    assert places(home) == before
    home.clock.run_until(100 + GRACE + 310)
    after = places(home)
    assert {name: len(pods) for name, pods in after.items()} == {"node-2": 3, "node-3": 3}
    assert stage.status(home)["readyReplicas"] == 6
    stuck = [home.get("Pod", name) for name in before["node-1"]]
    assert all("deletionTimestamp" in pod["metadata"] for pod in stuck), "nobody there to stop them"
    assert stage.events(home, "Pod", "TaintManagerEviction")
    home.clock.run_until(2000)
    home.machines.bring_back("node-1")
    home.clock.run_until(2060)
    assert ready(home, "node-1") == "True"
    assert taints(home, "node-1") == []
    assert home.list("Pod", fields="spec.nodeName=node-1") == []
    assert len(home.list("Pod")) == 6


@pytest.mark.parametrize("shuffle", stage.SHUFFLES)
def test_a_node_that_is_back_in_time_keeps_its_pods(shuffle: int | None) -> None:
    home = three(shuffle)
    home.create(stage.deployment(replicas=3))
    home.clock.run_until(100)
    before = {pod["metadata"]["uid"] for pod in home.list("Pod")}
    home.machines.lose("node-2", 100.0)
    home.clock.run_until(200)
    assert not all(map(is_ready, home.list("Pod")))
    home.machines.bring_back("node-2")
    home.clock.run_until(1000)
    assert {pod["metadata"]["uid"] for pod in home.list("Pod")} == before
    assert all(map(is_ready, home.list("Pod")))
    cancelled = [e["message"] for e in stage.events(home, "Pod", "TaintManagerEviction")]
    assert all(message.startswith("Cancelling deletion of Pod default/web-") for message in cancelled)
    assert len(cancelled) == 1
    assert home.clock.next_event is None


def test_when_all_nodes_are_gone_nothing_is_evicted() -> None:
    home = stage.cluster()
    home.create(stage.deployment(replicas=2))
    home.clock.run_until(100)
    home.machines.lose("node-1", 100.0)
    home.clock.run_until(3600)
    assert taints(home, "node-1") == [("node.kubernetes.io/unreachable", "NoSchedule")]
    assert all("deletionTimestamp" not in pod["metadata"] for pod in home.list("Pod"))


def test_a_stateful_pod_is_not_started_twice() -> None:
    home = three()
    home.create(stage.workload("StatefulSet", "db", replicas=3, serviceName="db"))
    home.clock.run_until(100)
    on = home.get("Pod", "db-0")["spec"]["nodeName"]
    home.machines.lose(on, 100.0)
    home.clock.run_until(3000)
    assert "deletionTimestamp" in home.get("Pod", "db-0")["metadata"]
    home.delete("Pod", "db-0", grace_period=0)
    home.clock.run_until(3060)
    assert home.get("Pod", "db-0")["spec"]["nodeName"] != on
    assert is_ready(home.get("Pod", "db-0"))


def test_daemons_run_on_every_fit_node_and_stay_on_lost_ones() -> None:
    home = cluster(node_1=None, node_2=None, node_3={"taints": ["dedicated=gpu:NoSchedule"]})
    home.create(stage.workload("DaemonSet", "log"))
    home.clock.run_until(100)
    assert sorted(places(home)) == ["node-1", "node-2"]
    home.machines.lose("node-2", 100.0)
    home.clock.run_until(1000)
    assert sorted(places(home)) == ["node-1", "node-2"]
    assert home.get("DaemonSet", "log")["status"]["desiredNumberScheduled"] == 1


def test_a_cordon_is_a_taint_too() -> None:
    home = three()
    home.patch("Node", "node-1", "", {"spec": {"unschedulable": True}}, type="merge")
    home.clock.run_until(1)
    assert taints(home, "node-1") == [("node.kubernetes.io/unschedulable", "NoSchedule")]
    home.patch("Node", "node-1", "", {"spec": {"unschedulable": None}}, type="merge")
    home.clock.run_until(2)
    assert get_path(node(home, "node-1"), ("spec", "taints")) is None


def test_a_copy_loses_nodes_of_its_own() -> None:
    home = three()
    home.create(stage.deployment(replicas=3))
    home.clock.run_until(100)
    home.machines.lose("node-1", 100.0)
    home.clock.run_until(120)
    other = copy.deepcopy(home)
    other.machines.bring_back("node-1")
    other.clock.run_until(300)
    home.clock.run_until(300)
    assert (ready(home, "node-1"), ready(other, "node-1")) == ("Unknown", "True")


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ([], "must be a mapping"),
        ({"gpu": 1}, "unknown key 'gpu'"),
        ({"cpu": "lots"}, "not an amount of cpu: 'lots'"),
        ({"memory": "-1Gi"}, "not an amount of memory: '-1Gi'"),
        ({"pods": "many"}, "pods must be a whole number, 0 or more, not 'many'"),
        ({"labels": {"a b": "c"}}, "labels must be a mapping of keys to text, as in a manifest"),
        ({"taints": ["dedicated"]}, "not a taint: 'dedicated'"),
        ({"taints": "a:NoSchedule"}, "taints must be a list"),
    ],
)
def test_a_machine_that_cannot_be_is_refused(content: Any, what: str) -> None:
    with pytest.raises(BadInput) as refusal:
        machine("node-1", content)
    assert refusal.value.what == what
    assert "node-1: {cpu:" in refusal.value.mend
