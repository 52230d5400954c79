"""Pods on their node: pulled, started, probed, crashed, restarted and stopped, each at its time."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_sim.clock import parse_timestamp
from gitops_sim.cluster import Cluster
from gitops_sim.objects import Key, Object, key_of, with_path

from . import stage


def container(home: Cluster, name: str = "p") -> dict[str, Any]:
    return dict(home.get("Pod", name)["status"]["containerStatuses"][0])


def condition(home: Cluster, kind: str, name: str = "p") -> dict[str, Any]:
    return next(dict(c) for c in home.get("Pod", name)["status"]["conditions"] if c["type"] == kind)


def ready(home: Cluster, name: str = "p") -> bool:
    return bool(condition(home, "Ready", name)["status"] == "True")


def starts(home: Cluster, name: str = "p") -> list[float]:
    """When its container began to run, each time."""
    found: dict[float, None] = {}
    for change in home.store.history(Key("", "Pod", "default", name)):
        for entry in change.object.get("status", {}).get("containerStatuses", ()):
            if "running" in entry["state"]:
                found[parse_timestamp(entry["state"]["running"]["startedAt"])] = None
    return list(found)


def test_a_pod_is_pulled_started_and_ready() -> None:
    home = stage.cluster({"nginx:1.24": {"pull": 4, "start": 2}})
    home.create(stage.pod())
    home.clock.run_until(1)
    pod = home.get("Pod", "p")
    assert pod["spec"]["nodeName"] == "node-1"
    assert pod["status"]["phase"] == "Pending"
    assert stage.waiting(pod) == "ContainerCreating"
    assert condition(home, "PodScheduled")["status"] == "True"
    assert condition(home, "Ready")["message"] == "containers with unready status: [web]"
    home.clock.run_until(5.9)
    assert home.get("Pod", "p")["status"]["phase"] == "Pending"
    home.clock.run_until(6)
    assert home.get("Pod", "p")["status"]["phase"] == "Running"
    assert ready(home)
    told = [(e["reason"], e["message"]) for e in stage.events(home, "Pod")]
    assert told == [
        ("Scheduled", "Successfully assigned default/p to node-1"),
        ("Pulling", 'Pulling image "nginx:1.24"'),
        ("Pulled", next(m for r, m in told if r == "Pulled")),
        ("Created", "Container created"),
        ("Started", "Container started"),
    ]
    assert told[2][1].startswith('Successfully pulled image "nginx:1.24" in 4s (4s including waiting). Image size: ')
    pulling = stage.events(home, "Pod", "Pulling")[0]
    assert pulling["involvedObject"]["fieldPath"] == "spec.containers{web}"
    assert pulling["source"] == {"component": "kubelet", "host": "node-1"}


def test_an_image_on_the_node_is_not_pulled_again_unless_the_policy_is_always() -> None:
    home = stage.cluster({"nginx:1.24": {"pull": 10}, "nginx:latest": {"pull": 10}})
    for name in ("a", "latest"):
        home.create(stage.pod(name, "nginx:1.24" if name == "a" else "nginx"))
    home.clock.run_until(20)
    for name in ("b", "again"):
        home.create(stage.pod(name, "nginx:1.24" if name == "b" else "nginx"))
    home.clock.run_until(22)
    assert ready(home, "b")
    assert not ready(home, "again")
    home.clock.run_until(31)
    assert ready(home, "again")


def test_a_steady_pod_costs_nothing() -> None:
    home = stage.cluster()
    home.create(stage.pod(container={**stage.READINESS, "livenessProbe": {"httpGet": {"port": 80}}}))
    home.clock.run_until(30)
    assert home.clock.next_event is None


@pytest.mark.parametrize("shuffle", stage.SHUFFLES)
def test_crashes_are_restarted_at_once_and_then_after_10_20_40_to_300_seconds(shuffle: int | None) -> None:
    home = stage.cluster({"nginx:1.24": {"pull": 0, "start": 0, "crash": 5}}, shuffle)
    home.create(stage.pod())
    home.clock.run_until(1000)
    waits = [0, 10, 20, 40, 80, 160, 300, 300]
    expected = [5 * (count + 1) + sum(waits[: count + 1]) for count in range(len(waits))]
    assert starts(home) == [0, *expected]
    assert container(home)["restartCount"] == len(waits)


def test_what_a_crash_loop_looks_like() -> None:
    home = stage.cluster({"nginx:1.24": {"pull": 0, "start": 0, "crash": 5, "exit_code": 3}})
    home.create(stage.pod())
    home.clock.run_until(12)
    seen = container(home)
    uid = home.get("Pod", "p")["metadata"]["uid"]
    assert seen["state"]["waiting"] == {
        "reason": "CrashLoopBackOff",
        "message": f"back-off 10s restarting failed container=web pod=p_default({uid})",
    }
    assert seen["lastState"]["terminated"] | {"containerID": ""} == {
        "containerID": "",
        "exitCode": 3,
        "reason": "Error",
        "startedAt": "2026-01-05T09:00:05Z",
        "finishedAt": "2026-01-05T09:00:10Z",
    }
    assert seen["restartCount"] == 1
    assert home.get("Pod", "p")["status"]["phase"] == "Running"
    assert not ready(home)
    assert stage.events(home, reason="BackOff")[0]["message"] == (
        f"Back-off restarting failed container web in pod p_default({uid})"
    )
    home.clock.run_until(26)
    assert container(home)["state"]["waiting"]["message"].startswith("back-off 20s ")
    assert stage.events(home, reason="Started")[0]["count"] == 3


def test_ten_good_minutes_forgive_the_crashes_before() -> None:
    home = stage.cluster({"nginx:1.24": {"pull": 0, "start": 0, "crash": 700}})
    home.create(stage.pod())
    home.clock.run_until(1400)
    assert "running" in container(home)["state"]
    assert container(home)["restartCount"] == 2


@pytest.mark.parametrize(
    ("policy", "trait", "phase", "restarts"),
    [
        ("Never", {"complete": 3}, "Succeeded", 0),
        ("Never", {"crash": 3}, "Failed", 0),
        ("OnFailure", {"complete": 3}, "Succeeded", 0),
        ("OnFailure", {"crash": 3}, "Running", 2),
        ("Always", {"complete": 3}, "Running", 2),
    ],
)
def test_restart_policies(policy: str, trait: dict[str, Any], phase: str, restarts: int) -> None:
    home = stage.cluster({"nginx:1.24": {"pull": 0, "start": 0, **trait}})
    home.create(stage.pod(restartPolicy=policy))
    home.clock.run_until(20)
    assert home.get("Pod", "p")["status"]["phase"] == phase
    assert container(home)["restartCount"] == restarts
    if phase == "Succeeded":
        assert container(home)["state"]["terminated"]["reason"] == "Completed"
        assert condition(home, "Ready")["reason"] == "PodCompleted"
        assert home.clock.next_event is None


def test_an_image_that_is_not_there_is_asked_for_again_and_again() -> None:
    home = stage.cluster({"nginx:1.24": {"pull": 1, "pull_error": "not found"}})
    home.create(stage.pod())
    home.clock.run_until(1)
    assert container(home)["state"]["waiting"] == {"reason": "ErrImagePull", "message": "not found"}
    home.clock.run_until(5)
    assert container(home)["state"]["waiting"] == {
        "reason": "ImagePullBackOff",
        "message": 'Back-off pulling image "nginx:1.24": ErrImagePull: not found',
    }
    home.clock.run_until(1000)
    pulling = stage.events(home, reason="Pulling")[0]
    asked = [parse_timestamp(c.object["lastTimestamp"]) for c in home.store.history(key_of(pulling))]
    assert asked == [0, 11, 32, 73, 154, 315, 616, 917]
    counts = {e["message"]: e["count"] for e in stage.events(home, reason="Failed")}
    assert counts['Failed to pull image "nginx:1.24": not found'] == 8
    assert counts["Error: ErrImagePull"] == 8
    assert counts["Error: ImagePullBackOff"] == 8
    assert container(home)["restartCount"] == 0
    assert home.get("Pod", "p")["status"]["phase"] == "Pending"


def test_an_image_that_is_pushed_later_is_found_at_the_next_try() -> None:
    home = stage.cluster({"nginx:1.24": {"pull_error": "not found"}})
    home.create(stage.pod())
    home.clock.run_until(5)
    home.registry.push("nginx:1.24")
    home.clock.run_until(11 + 2)
    assert ready(home)


def test_the_policy_never_needs_the_image_on_the_node() -> None:
    home = stage.cluster()
    home.create(stage.pod(container={"imagePullPolicy": "Never"}))
    home.clock.run_until(60)
    assert container(home)["state"]["waiting"]["reason"] == "ErrImageNeverPull"
    assert home.clock.next_event is None


def test_readiness_comes_with_the_first_probe_that_passes_and_goes_after_three_that_fail() -> None:
    home = stage.cluster({"nginx:1.24": {"pull": 0, "start": 1, "ready": 12, "hang": 100}})
    home.create(stage.pod(container={"readinessProbe": {"httpGet": {"port": 80}, "initialDelaySeconds": 5, "periodSeconds": 10}}))
    home.clock.run_until(15.9)
    assert not ready(home)
    assert container(home)["started"] is True
    home.clock.run_until(16)
    assert ready(home)
    home.clock.run_until(125.9)
    assert ready(home)
    home.clock.run_until(126)
    assert not ready(home)
    assert container(home)["restartCount"] == 0
    unhealthy = stage.events(home, reason="Unhealthy")[0]
    assert unhealthy["message"] == "Readiness probe failed: HTTP probe failed with statuscode: 503"
    assert unhealthy["type"] == "Warning"


def test_a_pod_that_never_gets_ready_leaves_ever_rarer_events() -> None:
    home = stage.cluster({"nginx:1.24": {"pull": 0, "start": 0, "never_ready": True}})
    home.create(stage.pod(container={"readinessProbe": {"tcpSocket": {"port": 80}, "periodSeconds": 1}}))
    home.clock.run_until(1000)
    unhealthy = stage.events(home, reason="Unhealthy")[0]
    address = home.get("Pod", "p")["status"]["podIP"]
    assert unhealthy["message"] == f"Readiness probe failed: dial tcp {address}:80: connect: connection refused"
    assert unhealthy["count"] == 512
    assert unhealthy["lastTimestamp"] == home.clock.timestamp(511)
    assert home.clock._serial < 200


def test_a_failing_liveness_probe_restarts_the_container() -> None:
    home = stage.cluster({"nginx:1.24": {"pull": 0, "start": 1, "hang": 30, "stop": 2}})
    home.create(stage.pod(container={"livenessProbe": {"exec": {"command": ["true"]}, "periodSeconds": 5}}))
    home.clock.run_until(41)
    assert stage.events(home, reason="Killing")[0]["message"] == "Container web failed liveness probe, will be restarted"
    home.clock.run_until(44)
    assert container(home)["restartCount"] == 1
    assert container(home)["lastState"]["terminated"]["exitCode"] == 143
    assert ready(home)


def test_a_slow_start_is_killed_by_the_liveness_probe_and_saved_by_a_startup_probe() -> None:
    liveness = {"livenessProbe": {"httpGet": {"port": 80}, "periodSeconds": 5}}
    home = stage.cluster({"nginx:1.24": {"ready": 60, "stop": 60}})
    home.create(stage.pod("killed", container=liveness))
    home.create(stage.pod("saved", container={**liveness, "startupProbe": {"httpGet": {"port": 80}, "failureThreshold": 10}}))
    home.clock.run_until(62)
    assert container(home, "killed")["restartCount"] == 1
    assert container(home, "killed")["lastState"]["terminated"]["exitCode"] == 137
    assert container(home, "saved")["restartCount"] == 0
    assert ready(home, "saved")


def test_a_startup_probe_that_gives_up_restarts_the_container() -> None:
    home = stage.cluster({"nginx:1.24": {"never_ready": True, "stop": 0}})
    home.create(
        stage.pod(
            container={"startupProbe": {"grpc": {"port": 80}, "failureThreshold": 2}, "livenessProbe": {"grpc": {"port": 80}}}
        )
    )
    home.clock.run_until(12)
    assert stage.events(home, reason="Killing")[0]["message"] == "Container web failed startup probe, will be restarted"
    unhealthy = stage.events(home, reason="Unhealthy")
    assert [(e["message"], e["count"]) for e in unhealthy] == [
        ('Startup probe failed: service unhealthy (responded with "NOT_SERVING")', 2)
    ]
    assert container(home)["started"] is False


def test_init_containers_run_in_order_and_hold_the_pod_back() -> None:
    home = stage.cluster({"init:1": {"complete": 4}, "init:2": {}})
    inits = [{"name": "first", "image": "init:1"}, {"name": "second", "image": "init:2"}]
    home.create(stage.pod(initContainers=inits))
    home.clock.run_until(3)
    pod = home.get("Pod", "p")
    assert [s["state"].keys() for s in pod["status"]["initContainerStatuses"]] == [{"running"}, {"waiting"}]
    assert stage.waiting(pod) == "PodInitializing"
    assert condition(home, "Initialized")["message"] == "containers with incomplete status: [first second]"
    home.clock.run_until(6 + 5 + 2)
    pod = home.get("Pod", "p")
    assert [s["state"]["terminated"]["reason"] for s in pod["status"]["initContainerStatuses"]] == ["Completed", "Completed"]
    assert [s["ready"] for s in pod["status"]["initContainerStatuses"]] == [True, True]
    assert ready(home)
    assert stage.events(home, reason="Created")[0]["involvedObject"]["fieldPath"] == "spec.initContainers{first}"


def test_a_failing_init_container_is_tried_again_or_fails_the_pod() -> None:
    home = stage.cluster({"init:1": {"crash": 1}})
    inits = [{"name": "first", "image": "init:1"}]
    home.create(stage.pod("again", initContainers=inits))
    home.create(stage.pod("never", initContainers=inits, restartPolicy="Never"))
    home.clock.run_until(6)
    again, never = home.get("Pod", "again"), home.get("Pod", "never")
    assert again["status"]["initContainerStatuses"][0]["state"]["waiting"]["reason"] == "CrashLoopBackOff"
    assert again["status"]["phase"] == "Pending"
    assert never["status"]["phase"] == "Failed"


def test_a_sidecar_starts_first_and_ends_with_the_pod() -> None:
    home = stage.cluster({"nginx:1.24": {"complete": 5}})
    sidecar = {"name": "proxy", "image": "proxy:1", "restartPolicy": "Always"}
    home.create(stage.pod(initContainers=[sidecar], restartPolicy="Never"))
    home.clock.run_until(2)
    pod = home.get("Pod", "p")
    assert "running" in pod["status"]["initContainerStatuses"][0]["state"]
    home.clock.run_until(30)
    pod = home.get("Pod", "p")
    assert pod["status"]["phase"] == "Succeeded"
    assert "terminated" in pod["status"]["initContainerStatuses"][0]["state"]


@pytest.mark.parametrize(("stop", "grace", "gone"), [(2, None, 2), (60, None, 30), (60, 5, 5), (60, 0, 0), (2, 5, 2)])
def test_a_pod_gets_its_grace_period_to_stop(stop: float, grace: float | None, gone: float) -> None:
    home = stage.cluster({"nginx:1.24": {"stop": stop}})
    home.create(stage.pod())
    home.clock.run_until(10)
    home.delete("Pod", "p", grace_period=grace)
    home.clock.settle()
    if gone:
        assert "deletionTimestamp" in home.get("Pod", "p")["metadata"]
        assert ready(home)
        assert stage.events(home, reason="Killing")[0]["message"] == "Stopping container web"
        home.clock.run_until(10 + gone - 0.1)
        assert home.find("Pod", "p") is not None
        home.clock.run_until(10 + gone)
    assert home.find("Pod", "p") is None


def test_a_second_deletion_may_only_hurry_the_first() -> None:
    home = stage.cluster({"nginx:1.24": {"stop": 60}})
    home.create(stage.pod(terminationGracePeriodSeconds=40))
    home.clock.run_until(10)
    home.delete("Pod", "p")
    home.clock.run_until(12)
    home.delete("Pod", "p", grace_period=60)
    home.delete("Pod", "p", grace_period=5)
    home.clock.run_until(16.9)
    assert home.find("Pod", "p") is not None
    home.clock.run_until(17)
    assert home.find("Pod", "p") is None


def test_a_prestop_pause_counts_towards_the_stop() -> None:
    home = stage.cluster({"nginx:1.24": {"stop": 1}})
    home.create(stage.pod(container={"lifecycle": {"preStop": {"sleep": {"seconds": 8}}}}))
    home.clock.run_until(10)
    home.delete("Pod", "p")
    home.clock.run_until(18.9)
    assert home.find("Pod", "p") is not None
    home.clock.run_until(19)
    assert home.find("Pod", "p") is None


def test_a_pod_that_has_not_started_goes_at_once() -> None:
    home = stage.cluster({"nginx:1.24": {"pull": 50}})
    home.create(stage.pod())
    home.clock.run_until(5)
    home.delete("Pod", "p")
    home.clock.settle()
    assert home.find("Pod", "p") is None
    home.clock.run_until(100)
    assert home.list("Pod") == []


def test_a_pod_on_a_node_that_does_not_exist_waits_for_force_or_for_the_node() -> None:
    home = stage.cluster()
    home.create(stage.pod(nodeName="elsewhere"))
    home.clock.run_until(60)
    assert home.get("Pod", "p")["status"]["phase"] == "Pending"
    home.create({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "elsewhere"}})
    home.clock.run_until(70)
    assert ready(home)


def test_another_image_in_a_running_pod_restarts_that_container() -> None:
    home = stage.cluster()
    home.create(stage.pod())
    home.clock.run_until(10)
    home.update(with_path(home.get("Pod", "p"), ("spec", "containers", 0, "image"), "nginx:1.25"))
    home.clock.run_until(20)
    assert container(home)["image"] == "nginx:1.25"
    assert container(home)["restartCount"] == 1
    assert stage.events(home, reason="Killing")[0]["message"] == "Container web definition changed, will be restarted"


def test_another_image_ends_an_image_pull_back_off() -> None:
    home = stage.cluster({"nginx:1.24": {"pull_error": "not found"}})
    home.create(stage.pod())
    home.clock.run_until(60)
    home.update(with_path(home.get("Pod", "p"), ("spec", "containers", 0, "image"), "nginx:1.25"))
    home.clock.run_until(62)
    assert ready(home)
    assert container(home)["restartCount"] == 0


def test_addresses_are_not_shared() -> None:
    home = stage.cluster()
    home.create(stage.deployment(replicas=20))
    home.create(stage.pod("on-host", hostNetwork=True))
    home.clock.run_until(10)
    addresses = [p["status"]["podIP"] for p in home.list("Pod") if p["metadata"]["name"] != "on-host"]
    assert len(set(addresses)) == 20
    assert home.get("Pod", "on-host")["status"]["podIP"] == "10.1.0.1"


def test_a_readiness_gate_keeps_the_pod_out_until_someone_opens_it() -> None:
    home = stage.cluster()
    home.create(stage.pod(readinessGates=[{"conditionType": "example.com/ok"}]))
    home.clock.run_until(10)
    assert condition(home, "Ready")["reason"] == "ReadinessGatesNotReady"
    pod: Object = home.get("Pod", "p")
    entry = {"type": "example.com/ok", "status": "True", "lastTransitionTime": home.clock.timestamp()}
    home.update(with_path(pod, ("status", "conditions"), [*pod["status"]["conditions"], entry]), subresource="status")
    home.clock.settle()
    assert ready(home)


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        ({}, "BestEffort"),
        ({"requests": {"cpu": "1"}}, "Burstable"),
        ({"limits": {"cpu": "1", "memory": "1Gi"}}, "Guaranteed"),
        ({"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "500m"}}, "Burstable"),
    ],
)
def test_quality_of_service(resources: dict[str, Any], expected: str) -> None:
    home = stage.cluster()
    home.create(stage.pod(container={"resources": resources}))
    home.clock.run_until(5)
    assert home.get("Pod", "p")["status"]["qosClass"] == expected
