"""HorizontalPodAutoscalers: how many replicas, how fast, and what they say."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from gitops_sim.cluster import Cluster
from gitops_sim.cluster.controllers.replica_count import Group, proposal
from gitops_sim.errors import BadInput

from . import stage

ABOVE = "reason: cpu resource utilization (percentage of request) above target"


def autoscaler(**spec: Any) -> dict[str, Any]:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    cpu = {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}}}
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "web"},
        "spec": {"scaleTargetRef": target, "maxReplicas": 10, "metrics": [cpu], **spec},
    }


def world(cpu: str = "", replicas: int = 2, shuffle: int | None = None, request: str = "100m", **spec: Any) -> Cluster:
    """A Deployment that has run for ten minutes before its autoscaler comes."""
    home = stage.cluster(shuffle=shuffle)
    container = {"resources": {"requests": {"cpu": request}}} if request else {}
    home.create(stage.deployment(replicas=replicas, container=container))
    if cpu:
        home.load.set("Deployment", "web", cpu=cpu)
    home.clock.run_until(600)
    home.create(autoscaler(**spec))
    return home


def replicas(home: Cluster) -> int:
    return int(home.get("Deployment", "web")["spec"]["replicas"])


def after(home: Cluster, seconds: float) -> int:
    home.clock.run_until(home.clock.now + seconds)
    return replicas(home)


def conditions(home: Cluster) -> dict[str, tuple[str, str]]:
    return stage.conditions(home, "HorizontalPodAutoscaler")


def told(home: Cluster) -> list[tuple[str, str]]:
    return [(event["reason"], event["message"]) for event in stage.events(home, "HorizontalPodAutoscaler")]


@pytest.mark.parametrize("shuffle", stage.SHUFFLES)
def test_scales_up_to_what_the_load_needs(shuffle: int | None) -> None:
    """Two Pods use 90 of 100 millicores each, at a target of 50 per cent: ceil(2 * 90 / 50) = 4."""
    home = world("180m", shuffle=shuffle)
    assert after(home, 14) == 2
    assert after(home, 2) == 4
    assert told(home) == [("SuccessfulRescale", f"New size: 4; {ABOVE}")]
    status = stage.status(home, "HorizontalPodAutoscaler")
    assert (status["currentReplicas"], status["desiredReplicas"]) == (2, 4)
    current = {"averageUtilization": 90, "averageValue": "90m"}
    assert status["currentMetrics"] == [{"type": "Resource", "resource": {"name": "cpu", "current": current}}]
    assert conditions(home) == {
        "AbleToScale": ("True", "SucceededRescale"),
        "ScalingActive": ("True", "ValidMetricFound"),
        "ScalingLimited": ("False", "DesiredWithinRange"),
    }
    assert after(home, 900) == 4
    assert conditions(home)["AbleToScale"] == ("True", "ReadyForNewScale")


def test_leaves_ten_per_cent_alone() -> None:
    assert after(world("109m"), 300) == 2
    assert after(world("112m"), 300) == 3


def test_no_more_than_double_and_no_more_than_the_maximum() -> None:
    home = world("2000m", replicas=3)
    assert after(home, 16) == 6
    assert conditions(home)["ScalingLimited"] == ("True", "ScaleUpLimit")
    assert after(home, 300) == 10
    assert conditions(home)["ScalingLimited"] == ("True", "TooManyReplicas")


@pytest.mark.parametrize("shuffle", stage.SHUFFLES)
def test_waits_five_minutes_before_it_scales_down(shuffle: int | None) -> None:
    home = world("200m", replicas=4, shuffle=shuffle)
    assert after(home, 400) == 4
    home.load.set("Deployment", "web", cpu="40m")
    assert after(home, 290) == 4
    assert conditions(home)["AbleToScale"] == ("True", "ScaleDownStabilized")
    assert after(home, 30) == 1
    assert ("SuccessfulRescale", "New size: 1; reason: All metrics below target") in told(home)


def test_behavior_sets_pace_and_patience() -> None:
    """One Pod a minute down and no waiting, nothing at all up."""
    down = {"stabilizationWindowSeconds": 0, "policies": [{"type": "Pods", "value": 1, "periodSeconds": 60}]}
    home = world("40m", replicas=4, behavior={"scaleDown": down, "scaleUp": {"selectPolicy": "Disabled"}})
    assert after(home, 16) == 3
    assert conditions(home)["ScalingLimited"] == ("True", "ScaleDownLimit")
    assert after(home, 40) == 3
    assert after(home, 40) == 2
    home.load.set("Deployment", "web", cpu="1000m")
    assert after(home, 300) == 2
    assert conditions(home)["ScalingLimited"] == ("True", "ScaleUpLimit")


def test_bounds_count_without_any_metric() -> None:
    home = world(minReplicas=3, maxReplicas=5)
    assert after(home, 16) == 3
    assert told(home) == [("SuccessfulRescale", "New size: 3; reason: Current number of replicas below Spec.MinReplicas")]
    stage.scale(home, 8)
    assert after(home, 16) == 5


def test_zero_replicas_switch_it_off() -> None:
    home = world("500m", replicas=0)
    assert after(home, 60) == 0
    assert conditions(home)["ScalingActive"] == ("False", "ScalingDisabled")


def test_says_what_it_cannot_measure() -> None:
    home = world()
    assert after(home, 16) == 2
    missing = "the server could not find the requested resource (get pods.metrics.k8s.io)"
    api = f"unable to fetch metrics from resource metrics API: {missing}"
    why = f"failed to get cpu utilization: unable to get metrics for resource cpu: {api}"
    assert ("FailedGetResourceMetric", why) in told(home)
    assert conditions(home)["ScalingActive"] == ("False", "FailedGetResourceMetric")
    home = world("500m", request="")
    after(home, 16)
    pod = sorted(found["metadata"]["name"] for found in home.list("Pod"))[0]
    assert (
        "FailedGetResourceMetric",
        f"failed to get cpu utilization: missing request for cpu in container web of Pod {pod}",
    ) in (told(home))


def test_says_that_its_target_is_missing() -> None:
    """As recorded from a real control plane (``hpa-no-target``)."""
    home = stage.cluster()
    home.create(autoscaler(scaleTargetRef={"apiVersion": "apps/v1", "kind": "Deployment", "name": "none"}))
    home.clock.run_until(40)
    status = stage.status(home, "HorizontalPodAutoscaler")
    assert (status["currentMetrics"], status["desiredReplicas"]) == (None, 0)
    (entry,) = status["conditions"]
    assert (entry["type"], entry["status"], entry["reason"]) == ("AbleToScale", "False", "FailedGetScale")
    assert (
        entry["message"] == 'the HPA controller was unable to get the target\'s current scale: deployments.apps "none" not found'
    )


def test_pods_that_do_not_serve_yet_count_as_idle_on_the_way_up() -> None:
    """Two Pods at 100 per cent want twice as many; with two more on their way, four at 50 per cent are right."""
    requests = dict.fromkeys("abcd", 100)
    serving = {"a": 100, "b": 100}
    alone = Group(serving, (), (), requests)
    assert proposal(alone, 2, 50, utilization=True) == (4, 100, 100)
    joined = Group(serving, ("c", "d"), (), requests)
    assert proposal(joined, 4, 50, utilization=True) == (4, 100, 100)


def test_pods_without_metrics_count_as_busy_on_the_way_down() -> None:
    """One idle Pod would go, were there not another one of which nobody knows."""
    requests = dict.fromkeys("ab", 100)
    known = {"a": 10}
    assert proposal(Group(known, (), (), requests), 2, 50, utilization=True)[0] == 1
    assert proposal(Group(known, (), ("b",), requests), 2, 50, utilization=True)[0] == 2


def test_costs_nothing_once_it_is_gone() -> None:
    home = world("100m")
    twin = copy.deepcopy(home)
    home.delete("HorizontalPodAutoscaler", "web")
    home.clock.run_until(700)
    assert home.clock.next_event is None
    twin.load.set("Deployment", "web", cpu="400m")
    assert after(twin, 16) == 4
    assert replicas(home) == 2


@pytest.mark.parametrize(("resource", "quantity"), [("cpu", "lots"), ("cpu", "-1"), ("gpu", "1")])
def test_refuses_a_load_that_is_none(resource: str, quantity: str) -> None:
    with pytest.raises(BadInput):
        stage.cluster().load.set("Deployment", "web", **{resource: quantity})
