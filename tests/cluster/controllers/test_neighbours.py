"""Pods that mind their neighbours: affinity, anti-affinity, topology spread and host ports, in the scheduler's words."""

from __future__ import annotations

from typing import Any

from gitops_sim.clock import Clock
from gitops_sim.cluster import Cluster
from gitops_sim.cluster.machines import machine
from gitops_sim.objects import get_path

from .test_nodes import places

HOST, ZONE = "kubernetes.io/hostname", "topology.kubernetes.io/zone"
REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"


def zones(**nodes: str) -> Cluster:
    """``node_1="a"``: node-1 stands in zone a."""
    made = [machine(name.replace("_", "-"), {"labels": {ZONE: zone} if zone else {}}) for name, zone in nodes.items()]
    return Cluster(clock=Clock(), machines=made)


def pods(home: Cluster, app: str, count: int, **spec: Any) -> None:
    container = {"name": "c", "image": "web:1", **spec.pop("container", {})}
    template = {"metadata": {"labels": {"app": app}}, "spec": {"containers": [container], **spec}}
    selector = {"matchLabels": {"app": app}}
    home.create(
        {
            "apiVersion": "apps/v1",
            "kind": "ReplicaSet",
            "metadata": {"name": app},
            "spec": {"replicas": count, "selector": selector, "template": template},
        }
    )
    home.clock.run_until(home.clock.now + 30)


def apart(app: str, topology: str = HOST) -> dict[str, Any]:
    return {"podAntiAffinity": {REQUIRED: [{"labelSelector": {"matchLabels": {"app": app}}, "topologyKey": topology}]}}


def near(app: str, topology: str = HOST) -> dict[str, Any]:
    return {"podAffinity": {REQUIRED: [{"labelSelector": {"matchLabels": {"app": app}}, "topologyKey": topology}]}}


def counts(home: Cluster, app: str) -> dict[str, int]:
    found = {node: sum(name.startswith(app) for name in names) for node, names in places(home).items()}
    return {node: count for node, count in sorted(found.items()) if count}


def said(home: Cluster) -> str:
    waiting = next(pod for pod in home.list("Pod") if not pod["spec"].get("nodeName"))
    return next(str(c["message"]) for c in get_path(waiting, ("status", "conditions")) if c["type"] == "PodScheduled")


def test_replicas_that_must_be_apart_take_one_node_each_and_the_rest_waits() -> None:
    home = zones(node_1="a", node_2="a")
    pods(home, "web", 3, affinity=apart("web"))
    assert counts(home, "web") == {"": 1, "node-1": 1, "node-2": 1}
    assert said(home) == (
        "0/2 nodes are available: 2 node(s) didn't match pod anti-affinity rules. no new claims to deallocate, preemption: "
        "0/2 nodes are available: 2 No preemption victims found for incoming pod."
    )


def test_who_waits_moves_in_when_a_neighbour_leaves() -> None:
    home = zones(node_1="a")
    pods(home, "web", 2, affinity=apart("web"))
    running = next(pod for pod in home.list("Pod") if pod["spec"].get("nodeName"))
    waiting = next(pod for pod in home.list("Pod") if not pod["spec"].get("nodeName"))
    home.patch("replicaset", "web", "default", {"spec": {"replicas": 1}}, type="merge")
    home.clock.run_until(home.clock.now + 60)
    left = home.list("Pod")
    assert [pod["metadata"]["name"] for pod in left] == [running["metadata"]["name"]], "the one that waits goes first"
    assert waiting["metadata"]["name"] not in {pod["metadata"]["name"] for pod in left}
    home.delete("Pod", running["metadata"]["name"])
    home.clock.run_until(home.clock.now + 60)
    assert counts(home, "web") == {"node-1": 1}


def test_a_stranger_keeps_out_where_a_pod_wants_to_be_alone() -> None:
    home = zones(node_1="a")
    pods(home, "loner", 1, affinity=apart("web"))
    pods(home, "web", 1)
    assert "1 node(s) didn't satisfy existing pods anti-affinity rules" in said(home)


def test_a_pod_that_must_be_near_waits_for_its_mate_and_follows_it_into_its_zone() -> None:
    home = zones(node_1="a", node_2="b", node_3="b")
    pods(home, "cache", 1, affinity=near("web", ZONE))
    assert "3 node(s) didn't match pod affinity rules" in said(home)
    assert "Preemption is not helpful for scheduling" in said(home)
    pods(home, "web", 1, nodeSelector={ZONE: "b"})
    assert set(counts(home, "cache")) <= {"node-2", "node-3"}


def test_the_first_of_those_that_want_each_other_may_go_anywhere() -> None:
    home = zones(node_1="a", node_2="b")
    pods(home, "herd", 4, affinity=near("herd", ZONE))
    assert len(counts(home, "herd")) == 1


def test_replicas_are_spread_over_zones_as_evenly_as_is_asked() -> None:
    home = zones(node_1="a", node_2="a", node_3="b")
    spread = {"topologyKey": ZONE, "maxSkew": 1, "whenUnsatisfiable": "DoNotSchedule"}
    pods(home, "web", 4, topologySpreadConstraints=[{**spread, "labelSelector": {"matchLabels": {"app": "web"}}}])
    found = counts(home, "web")
    assert found["node-3"] == 2
    assert found["node-1"] + found["node-2"] == 2


def test_a_node_without_the_label_is_no_place_for_the_spread() -> None:
    home = zones(node_1="")
    spread = {"topologyKey": ZONE, "maxSkew": 1, "whenUnsatisfiable": "DoNotSchedule"}
    pods(home, "web", 1, topologySpreadConstraints=[{**spread, "labelSelector": {"matchLabels": {"app": "web"}}}])
    assert "1 node(s) didn't match pod topology spread constraints (missing required label)" in said(home)


def test_a_port_of_the_host_is_taken_once() -> None:
    home = zones(node_1="a")
    pods(home, "web", 2, container={"ports": [{"containerPort": 80, "hostPort": 80}]})
    assert "1 node(s) didn't have free ports for the requested pod ports" in said(home)
