"""Quotas and LimitRanges, in the words of the examples of the Kubernetes documentation and of clusters that were asked."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_sim.cluster import Cluster
from gitops_sim.errors import ApiError
from gitops_sim.objects import with_path
from tests.cluster.controllers import stage


def quota(name: str = "mem-cpu-demo", scopes: tuple[str, ...] = (), **hard: str) -> dict[str, Any]:
    spec: dict[str, Any] = {"hard": {key.replace("_", "."): value for key, value in hard.items()}}
    if scopes:
        spec["scopes"] = list(scopes)
    return {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": name}, "spec": spec}


def limits(**item: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "limits"}, "spec": {"limits": [item]}}


def pod(name: str = "p", requests: dict[str, str] | None = None, limits: dict[str, str] | None = None, **spec: Any) -> Any:
    resources = {**({"requests": requests} if requests else {}), **({"limits": limits} if limits else {})}
    return stage.pod(name, container={"resources": resources}, **spec)


def claim(storage: str, name: str = "c") -> dict[str, Any]:
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": storage}}}
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name}, "spec": spec}


def refusal(home: Cluster, obj: dict[str, Any]) -> str:
    with pytest.raises(ApiError) as refused:
        home.create(obj)
    assert (refused.value.code, refused.value.reason) == (403, "Forbidden")
    return refused.value.message


def test_a_quota_on_memory_adds_up_and_refuses() -> None:
    home = stage.cluster()
    home.create(quota(requests_memory="1Gi", limits_cpu="2", limits_memory="2Gi", requests_cpu="1"))
    home.create(pod("a", {"memory": "600Mi", "cpu": "400m"}, {"memory": "800Mi", "cpu": "800m"}))
    home.clock.run_until(5)
    assert home.get("resourcequota", "mem-cpu-demo")["status"]["used"] == {
        "requests.memory": "600Mi",
        "limits.cpu": "800m",
        "limits.memory": "800Mi",
        "requests.cpu": "400m",
    }
    assert refusal(home, pod("b", {"memory": "700Mi", "cpu": "400m"}, {"memory": "1Gi", "cpu": "800m"})) == (
        'pods "b" is forbidden: exceeded quota: mem-cpu-demo, requested: requests.memory=700Mi, used: requests.memory=600Mi, '
        "limited: requests.memory=1Gi"
    )
    home.delete("pods", "a")
    home.clock.run_until(60)
    assert set(home.get("resourcequota", "mem-cpu-demo")["status"]["used"].values()) == {"0"}
    home.create(pod("b", {"memory": "700Mi", "cpu": "400m"}, {"memory": "1Gi", "cpu": "800m"}))


def test_who_does_not_say_what_it_takes_is_refused() -> None:
    home = stage.cluster()
    home.create(quota(requests_memory="1Gi", limits_cpu="2", limits_memory="2Gi", requests_cpu="1"))
    assert refusal(home, pod("quota-mem-cpu-demo-2")) == (
        'pods "quota-mem-cpu-demo-2" is forbidden: failed quota: mem-cpu-demo: must specify limits.cpu for: web; limits.memory '
        "for: web; requests.cpu for: web; requests.memory for: web"
    )


def test_a_workload_over_its_quota_says_so_and_goes_on_when_there_is_room() -> None:
    home = stage.cluster()
    home.create(quota("q", requests_cpu="1"))
    home.create(stage.deployment(replicas=3, container={"resources": {"requests": {"cpu": "400m"}}}))
    home.clock.run_until(10)
    status = stage.status(home)
    assert status["readyReplicas"] == 2
    failure = next(entry for entry in status["conditions"] if entry["type"] == "ReplicaFailure")
    assert (
        "exceeded quota: q, requested: requests.cpu=400m, used: requests.cpu=800m, limited: requests.cpu=1" in failure["message"]
    )
    home.update(with_path(home.get("resourcequota", "q"), ("spec", "hard", "requests.cpu"), "2"))
    home.clock.run_until(1000)
    assert stage.status(home)["readyReplicas"] == 3


def test_init_containers_count_when_they_are_hungrier() -> None:
    home = stage.cluster()
    home.create(quota("q", cpu="1"))
    inits = [{"name": "init", "image": "nginx:1.24", "resources": {"requests": {"cpu": "800m"}}}]
    home.create(pod("a", {"cpu": "100m"}, initContainers=inits))
    assert "requested: cpu=300m, used: cpu=800m, limited: cpu=1" in refusal(home, pod("b", {"cpu": "300m"}))


def test_storage_and_services_are_counted() -> None:
    home = stage.cluster()
    home.create(quota("q", requests_storage="3Gi", services_loadbalancers="0"))
    home.create(claim("2Gi"))
    assert refusal(home, claim("2Gi", "d")).endswith(
        "exceeded quota: q, requested: requests.storage=2Gi, used: requests.storage=2Gi, limited: requests.storage=3Gi"
    )
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}, "spec": {"ports": [{"port": 80}]}}
    home.create(service)
    balanced = with_path(with_path(service, ("spec", "type"), "LoadBalancer"), ("metadata", "name"), "t")
    assert "requested: services.loadbalancers=1, used: services.loadbalancers=0" in refusal(home, balanced)


def test_scopes_choose_the_pods() -> None:
    home = stage.cluster()
    home.create(quota("jobs", ("Terminating",), pods="1"))
    home.create(quota("idle", ("BestEffort",), pods="1"))
    home.create(pod("a", {"cpu": "1"}))
    home.create(pod("b", {"cpu": "1"}))
    home.create(pod("c", {"cpu": "1"}, activeDeadlineSeconds=60))
    assert "exceeded quota: jobs" in refusal(home, pod("d", {"cpu": "1"}, activeDeadlineSeconds=60))
    home.create(pod("e"))
    assert "exceeded quota: idle" in refusal(home, pod("f"))
    home.clock.run_until(5)
    assert home.get("resourcequota", "jobs")["status"]["used"] == {"pods": "1"}


def test_a_limit_range_fills_in_what_is_not_said_and_notes_it() -> None:
    home = stage.cluster()
    home.create(limits(type="Container", default={"cpu": "1"}, defaultRequest={"cpu": "500m", "memory": "64Mi"}))
    made = home.create(pod("a"))
    assert made["spec"]["containers"][0]["resources"] == {
        "requests": {"cpu": "500m", "memory": "64Mi"},
        "limits": {"cpu": "1"},
    }
    assert made["metadata"]["annotations"] == {
        "kubernetes.io/limit-ranger": "LimitRanger plugin set: cpu, memory request for container web; cpu limit for container web"
    }
    assert made["status"]["qosClass"] == "Burstable"
    own = home.create(pod("b", {"cpu": "100m", "memory": "1Mi"}, {"cpu": "200m"}))
    assert own["spec"]["containers"][0]["resources"]["limits"] == {"cpu": "200m"}
    assert "annotations" not in own["metadata"]


@pytest.mark.parametrize(
    ("item", "obj", "why"),
    [
        (
            {"type": "Container", "max": {"cpu": "800m"}, "min": {"cpu": "200m"}},
            pod("p", {"cpu": "500m"}, {"cpu": "1500m"}),
            "maximum cpu usage per Container is 800m, but limit is 1500m",
        ),
        (
            {"type": "Container", "max": {"cpu": "800m"}, "min": {"cpu": "200m"}},
            pod("p", {"cpu": "100m"}, {"cpu": "800m"}),
            "minimum cpu usage per Container is 200m, but request is 100m",
        ),
        (
            {"type": "Container", "max": {"cpu": "500m"}, "maxLimitRequestRatio": {"cpu": "2"}},
            pod("p", {"cpu": "250m"}, {"cpu": "1"}),
            "[maximum cpu usage per Container is 500m, but limit is 1, cpu max limit to request ratio per Container is 2, but "
            "provided ratio is 4.000000]",
        ),
        (
            {"type": "Pod", "max": {"memory": "1Gi"}},
            pod("p"),
            "maximum memory usage per Pod is 1Gi.  No limit is specified",
        ),
    ],
)
def test_a_pod_that_a_limit_range_does_not_allow(item: dict[str, Any], obj: Any, why: str) -> None:
    home = stage.cluster()
    home.create(limits(**item))
    assert refusal(home, obj) == f'pods "p" is forbidden: {why}'


def test_a_claim_that_a_limit_range_does_not_allow() -> None:
    home = stage.cluster()
    home.create(limits(type="PersistentVolumeClaim", max={"storage": "2Gi"}, min={"storage": "1Gi"}))
    start = 'persistentvolumeclaims "c" is forbidden: '
    assert refusal(home, claim("5Gi")) == start + "maximum storage usage per PersistentVolumeClaim is 2Gi, but request is 5Gi"
    assert refusal(home, claim("500Mi")) == start + "minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 500Mi"
    home.create(claim("1Gi"))
