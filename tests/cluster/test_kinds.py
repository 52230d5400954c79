"""Which kinds there are, compared with the discovery documents of a real 1.36 server; and kinds of more than one version."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gitops_sim.cluster.cluster import Cluster
from gitops_sim.cluster.kinds import Kinds
from gitops_sim.errors import ApiError
from gitops_sim.objects import Object
from tests.api.golden import cases

DISCOVERY: dict[str, list[dict[str, Any]]] = {
    step["request"]["path"]: step["response"]["body"]["resources"]
    for case in cases("11-discovery")
    for step in case["steps"]
    if "resources" in step["response"]["body"]
}


@pytest.mark.parametrize("path", DISCOVERY)
def test_kinds_are_those_of_the_real_server(path: str) -> None:
    api_version = path.removeprefix("/apis/").removeprefix("/api/")
    served = {kind.plural: kind for kind in Kinds().served() if kind.api_version == api_version}
    listed = {line["name"]: line for line in DISCOVERY[path]}
    assert served.keys() == {name for name in listed if "/" not in name}
    for name, kind in served.items():
        line = listed[name]
        assert (kind.kind, kind.namespaced, kind.singular) == (line["kind"], line["namespaced"], line["singularName"])
        assert kind.short_names == tuple(line.get("shortNames", ()))
        assert kind.verbs == tuple(line["verbs"])
        assert kind.status == (f"{name}/status" in listed), name


AUTOSCALER: Object = {
    "apiVersion": "autoscaling/v1",
    "kind": "HorizontalPodAutoscaler",
    "metadata": {"name": "web"},
    "spec": {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
        "maxReplicas": 5,
        "targetCPUUtilizationPercentage": 70,
    },
}


def test_an_autoscaler_can_be_written_in_v1_and_read_in_v2() -> None:
    cluster = Cluster(controllers=False)
    made = cluster.create(AUTOSCALER)
    assert (made["apiVersion"], made["spec"]["targetCPUUtilizationPercentage"]) == ("autoscaling/v1", 70)
    kept = cluster.get("hpa", "web")
    goal = {"averageUtilization": 70, "type": "Utilization"}
    assert kept["apiVersion"] == "autoscaling/v2"
    assert kept["spec"]["metrics"] == [{"type": "Resource", "resource": {"name": "cpu", "target": goal}}]
    cluster.patch("hpa.v1.autoscaling", "web", "default", {"spec": {"targetCPUUtilizationPercentage": 50}})
    assert cluster.get("hpa", "web")["spec"]["metrics"][0]["resource"]["target"]["averageUtilization"] == 50
    assert [obj["apiVersion"] for obj in cluster.list("horizontalpodautoscalers.v1.autoscaling")] == ["autoscaling/v1"]
    cluster.delete("horizontalpodautoscalers.v1.autoscaling", "web")
    assert cluster.find("hpa", "web") is None


def test_what_v1_has_no_fields_for_goes_round_in_annotations() -> None:
    cluster = Cluster(controllers=False)
    cluster.create(AUTOSCALER)
    memory = {"type": "Resource", "resource": {"name": "memory", "target": {"type": "Utilization", "averageUtilization": 60}}}
    down = {"scaleDown": {"stabilizationWindowSeconds": 30}}
    cluster.patch("hpa", "web", "default", {"spec": {"metrics": [memory], "behavior": down}})
    kept, shown = cluster.get("hpa", "web"), cluster.get("hpa.v1.autoscaling", "web")
    metrics = json.loads(shown["metadata"]["annotations"]["autoscaling.alpha.kubernetes.io/metrics"])
    assert metrics == [{"type": "Resource", "resource": {"name": "memory", "targetAverageUtilization": 60}}]
    assert "behavior" not in shown["spec"]
    cluster.update(shown)
    assert cluster.get("hpa", "web") == kept


def test_an_event_is_the_same_in_both_groups() -> None:
    cluster = Cluster(controllers=False)
    about = {"kind": "Pod", "name": "web", "namespace": "default"}
    event = {
        "apiVersion": "events.k8s.io/v1",
        "kind": "Event",
        "metadata": {"name": "web.1", "namespace": "default"},
        "eventTime": "2026-01-05T09:00:00.000000Z",
        "regarding": about,
        "note": "hello",
        "reason": "Greeted",
        "action": "Greet",
        "type": "Normal",
        "reportingController": "tests/greeter",
        "reportingInstance": "greeter-1",
    }
    assert cluster.create(event)["note"] == "hello"
    kept = cluster.get("events", "web.1")
    assert (kept["message"], kept["involvedObject"], kept["reportingComponent"]) == ("hello", about, "tests/greeter")
    assert cluster.get("events.events.k8s.io", "web.1")["regarding"] == about


def test_a_review_is_not_kept() -> None:
    review = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "metadata": {"name": "x"}, "spec": {}}
    with pytest.raises(ApiError) as caught:
        Cluster(controllers=False).create(review)
    assert caught.value.code == 405
