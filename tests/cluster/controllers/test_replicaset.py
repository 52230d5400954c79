"""ReplicaSets: which Pods go first, failures, adoption; and the scheduler that finds their Pods a node."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_sim.clock import parse_timestamp
from gitops_sim.cluster import Cluster
from gitops_sim.objects import key_of, with_path

from . import stage


def names(home: Cluster) -> list[str]:
    return [p["metadata"]["name"] for p in home.list("Pod") if "deletionTimestamp" not in p["metadata"]]


def quota(name: str = "q", **hard: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": name}, "spec": {"hard": hard}}


@pytest.mark.parametrize("shuffle", stage.SHUFFLES)
def test_scaling_down_takes_the_unready_pods_first(shuffle: int | None) -> None:
    home = stage.cluster(shuffle=shuffle)
    home.create(stage.workload("ReplicaSet", replicas=3))
    home.clock.run_until(10)
    before = names(home)
    stage.scale(home, 6, "ReplicaSet")
    home.clock.run_until(11)
    stage.scale(home, 3, "ReplicaSet")
    home.clock.run_until(20)
    assert names(home) == before
    told = [e["message"] for e in stage.events(home, "ReplicaSet", "SuccessfulDelete")]
    assert len(told) == 3
    assert not {message.removeprefix("Deleted pod: ") for message in told} & set(before)


def test_of_ready_pods_the_younger_go_first_and_cheap_ones_before_them() -> None:
    home = stage.cluster()
    home.create(stage.workload("ReplicaSet", replicas=1))
    for count in (2, 3):
        home.clock.run_until(home.clock.now + 10)
        stage.scale(home, count, "ReplicaSet")
    home.clock.run_until(40)
    by_age = sorted(home.list("Pod"), key=lambda p: p["metadata"]["creationTimestamp"])
    cheap = by_age[0]
    cost = ("metadata", "annotations", "controller.kubernetes.io/pod-deletion-cost")
    home.update(with_path(cheap, cost, "-5"))
    stage.scale(home, 2, "ReplicaSet")
    home.clock.run_until(50)
    assert names(home) == sorted(p["metadata"]["name"] for p in by_age[1:])
    stage.scale(home, 1, "ReplicaSet")
    home.clock.run_until(60)
    assert names(home) == [by_age[1]["metadata"]["name"]]


def test_a_pod_that_cannot_be_made_is_tried_again_ever_later() -> None:
    home = stage.cluster()
    home.create(quota(pods="1"))
    home.create(stage.workload("ReplicaSet", replicas=3))
    home.clock.run_until(10)
    failure = stage.status(home, "ReplicaSet")["conditions"][0]
    assert (failure["type"], failure["status"], failure["reason"]) == ("ReplicaFailure", "True", "FailedCreate")
    assert "exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1" in failure["message"]
    assert stage.events(home, reason="FailedCreate")[0]["message"].startswith("Error creating: pods ")
    used = home.get("ResourceQuota", "q")["status"]
    assert used == {"hard": {"pods": "1"}, "used": {"pods": "1"}}
    serial = home.clock._serial
    home.clock.run_until(3600)
    assert home.clock._serial - serial < 60
    home.update(with_path(home.get("ResourceQuota", "q"), ("spec", "hard", "pods"), "5"))
    home.clock.run_until(7200)
    assert len(names(home)) == 3
    assert "conditions" not in stage.status(home, "ReplicaSet")


def test_finished_pods_are_replaced_and_do_not_count() -> None:
    home = stage.cluster()
    home.create(stage.workload("ReplicaSet", replicas=1))
    home.clock.run_until(10)
    pod = home.list("Pod")[0]
    home.update({**pod, "status": {**pod["status"], "phase": "Failed"}}, subresource="status")
    home.clock.run_until(20)
    assert sorted(p["status"]["phase"] for p in home.list("Pod")) == ["Failed", "Running"]
    assert stage.status(home, "ReplicaSet")["replicas"] == 1


def test_availability_waits_for_the_last_pod_that_needs_it() -> None:
    home = stage.cluster({"nginx:1.24": {"pull": 0, "start": 0, "crash": 400}})
    home.create(stage.workload("ReplicaSet", replicas=2, minReadySeconds=30))
    home.clock.run_until(20)
    home.delete("Pod", names(home)[0])
    home.clock.run_until(30)
    assert stage.status(home, "ReplicaSet")["availableReplicas"] == 1
    home.clock.run_until(50)
    assert stage.status(home, "ReplicaSet")["availableReplicas"] == 2


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ({"nodeSelector": {"disk": "ssd"}}, "node(s) didn't match Pod's node affinity/selector"),
        (
            {
                "affinity": {
                    "nodeAffinity": {
                        "requiredDuringSchedulingIgnoredDuringExecution": {
                            "nodeSelectorTerms": [{"matchExpressions": [{"key": "disk", "operator": "In", "values": ["ssd"]}]}]
                        }
                    }
                }
            },
            "node(s) didn't match Pod's node affinity/selector",
        ),
        ({"container": {"resources": {"requests": {"cpu": "65"}}}}, "Insufficient cpu"),
        ({"container": {"resources": {"limits": {"memory": "1Ti"}}}}, "Insufficient memory"),
    ],
)
def test_a_pod_that_fits_nowhere_says_why_and_waits(spec: dict[str, Any], why: str) -> None:
    home = stage.cluster()
    home.create(stage.pod(**spec))
    home.clock.run_until(3599)
    condition = home.get("Pod", "p")["status"]["conditions"][0]
    assert condition["reason"] == "Unschedulable"
    assert condition["message"].startswith(f"0/1 nodes are available: 1 {why}. ")
    event = stage.events(home, reason="FailedScheduling")[0]
    assert (event["type"], event["message"]) == ("Warning", condition["message"])
    assert home.clock.next_event is None
    capacity = {"cpu": "128", "memory": "4Ti", "pods": "10"}
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "big", "labels": {"disk": "ssd"}}}
    big = home.create(node)
    home.update({**big, "status": {"allocatable": capacity, "capacity": capacity}}, subresource="status")
    home.clock.run_until(3610)
    assert home.get("Pod", "p")["spec"]["nodeName"] == "big"
    assert home.get("Pod", "p")["status"]["phase"] == "Running"


def test_taints_and_cordons_keep_pods_away() -> None:
    home = stage.cluster()
    node = home.get("Node", "node-1", "")
    home.update(with_path(node, ("spec", "taints"), [{"key": "maintenance", "effect": "NoSchedule"}]))
    home.create(stage.pod("no"))
    home.create(stage.pod("yes", tolerations=[{"key": "maintenance", "operator": "Exists"}]))
    home.create(stage.pod("all", tolerations=[{"operator": "Exists"}]))
    home.clock.run_until(5)
    message = home.get("Pod", "no")["status"]["conditions"][0]["message"]
    assert message.startswith("0/1 nodes are available: 1 node(s) had untolerated taint(s).")
    assert home.get("Pod", "yes")["spec"]["nodeName"] == home.get("Pod", "all")["spec"]["nodeName"] == "node-1"
    cordoned = with_path(with_path(home.get("Node", "node-1", ""), ("spec", "taints"), []), ("spec", "unschedulable"), True)
    home.update(cordoned)
    home.clock.run_until(10)
    assert "node(s) were unschedulable" in home.get("Pod", "no")["status"]["conditions"][0]["message"]
    home.update(with_path(home.get("Node", "node-1", ""), ("spec", "unschedulable"), False))
    home.clock.run_until(15)
    assert home.get("Pod", "no")["status"]["phase"] == "Running"


def test_room_is_given_back_by_pods_that_go() -> None:
    home = stage.cluster()
    home.create(stage.pod("first", container={"resources": {"requests": {"cpu": "40"}}}))
    home.create(stage.pod("second", container={"resources": {"requests": {"cpu": "40"}}}))
    home.clock.run_until(10)
    waiting = next(p["metadata"]["name"] for p in home.list("Pod") if "nodeName" not in p["spec"])
    home.delete("Pod", next(n for n in ("first", "second") if n != waiting))
    home.clock.run_until(20)
    assert home.get("Pod", waiting)["status"]["phase"] == "Running"


def test_pods_spread_over_nodes() -> None:
    home = stage.cluster()
    for name in ("node-2", "node-3"):
        home.create({"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}})
    home.create(stage.workload("ReplicaSet", replicas=6))
    home.clock.run_until(10)
    nodes = [p["spec"]["nodeName"] for p in home.list("Pod")]
    assert sorted(nodes) == ["node-1"] * 2 + ["node-2"] * 2 + ["node-3"] * 2
    assert {p["status"]["phase"] for p in home.list("Pod")} == {"Running"}


def test_without_nodes_nothing_is_scheduled() -> None:
    home = stage.cluster()
    home.delete("Node", "node-1", "")
    home.create(stage.pod())
    home.clock.run_until(10)
    assert home.get("Pod", "p")["status"]["conditions"][0]["message"] == "no nodes available to schedule pods"


def test_pods_of_another_scheduler_are_left_to_it() -> None:
    home = stage.cluster()
    home.create(stage.pod(schedulerName="mine"))
    home.clock.run_until(10)
    assert "nodeName" not in home.get("Pod", "p")["spec"]


def test_equal_events_are_counted() -> None:
    home = stage.cluster({"nginx:1.24": {"crash": 1}})
    home.create(stage.pod())
    home.clock.run_until(200)
    started = stage.events(home, reason="Started")
    assert len(started) == 1
    history = home.store.history(key_of(started[0]))
    assert [change.object["count"] for change in history] == list(range(1, len(history) + 1))
    assert started[0]["firstTimestamp"] == home.clock.timestamp(2)
    assert parse_timestamp(started[0]["lastTimestamp"]) > 100
    assert started[0]["metadata"]["name"].startswith("p.")
    assert len(started[0]["metadata"]["name"]) == len("p.") + 16


def test_a_pod_that_goes_before_its_turn_is_not_scheduled() -> None:
    home = stage.cluster()
    home.create(stage.pod(nodeSelector={"disk": "ssd"}))
    home.clock.run_until(5)
    home.update(with_path(home.get("Node", "node-1", ""), ("metadata", "labels", "disk"), "ssd"))
    home.delete("Pod", "p")
    home.clock.run_until(10)
    assert home.list("Pod") == []
    assert stage.events(home, reason="Scheduled") == []
