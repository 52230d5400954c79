"""StatefulSets, DaemonSets and Jobs."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_sim.cluster import Cluster
from gitops_sim.objects import labels_of, with_path

from . import stage


def job(name: str = "j", image: str = "batch:1", restart: str = "Never", **spec: Any) -> dict[str, Any]:
    pod_spec = {"restartPolicy": restart, "containers": [{"name": "c", "image": image}]}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name},
        "spec": {"template": {"spec": pod_spec}, **spec},
    }


def sets(replicas: int = 3, image: str = "nginx:1.24", **spec: Any) -> dict[str, Any]:
    return stage.workload("StatefulSet", "db", image, replicas=replicas, serviceName="db", **spec)


def created(home: Cluster, kind: str = "Pod") -> list[tuple[float, str]]:
    return [(c.time, c.key.name) for c in home.store.log if c.type == "ADDED" and c.key.kind == kind]


def deleted(home: Cluster) -> list[str]:
    return [c.key.name for c in home.store.log if c.type == "DELETED" and c.key.kind == "Pod"]


# ---------------------------------------------------------------------------------------------------------- StatefulSet


@pytest.mark.parametrize("shuffle", stage.SHUFFLES)
def test_stateful_pods_come_one_after_the_other(shuffle: int | None) -> None:
    home = stage.cluster({"nginx:1.24": {"pull": 0, "start": 5}}, shuffle)
    home.create(sets())
    home.clock.run_until(30)
    assert created(home) == [(0.0, "db-0"), (5.0, "db-1"), (10.0, "db-2")]
    assert stage.events(home, "StatefulSet")[0]["message"] == "create Pod db-0 in StatefulSet db successful"
    pod = home.get("Pod", "db-1")
    assert (pod["spec"]["hostname"], pod["spec"]["subdomain"]) == ("db-1", "db")


def test_parallel_management_starts_all_at_once() -> None:
    home = stage.cluster()
    home.create(sets(podManagementPolicy="Parallel"))
    home.clock.run_until(10)
    assert {time for time, _ in created(home)} == {0.0}
    stage.scale(home, 0, "StatefulSet", "db")
    home.clock.run_until(30)
    assert home.list("Pod") == []


@pytest.mark.parametrize("shuffle", stage.SHUFFLES)
def test_an_update_goes_from_the_highest_to_the_lowest(shuffle: int | None) -> None:
    home = stage.cluster(shuffle=shuffle)
    home.create(sets())
    home.clock.run_until(30)
    stage.set_image(home, "nginx:1.25", "StatefulSet", "db")
    home.clock.run_until(35)
    assert stage.status(home, "StatefulSet", "db")["updatedReplicas"] == 1
    home.clock.run_until(90)
    assert deleted(home) == ["db-2", "db-1", "db-0"]
    assert stage.images(home) == ["nginx:1.25"] * 3
    status = stage.status(home, "StatefulSet", "db")
    assert status["currentRevision"] == status["updateRevision"]


def test_a_partition_holds_the_lower_ones_back() -> None:
    home = stage.cluster()
    home.create(sets(updateStrategy={"type": "RollingUpdate", "rollingUpdate": {"partition": 2}}))
    home.clock.run_until(30)
    stage.set_image(home, "nginx:1.25", "StatefulSet", "db")
    home.clock.run_until(60)
    assert stage.images(home) == ["nginx:1.24"] * 2 + ["nginx:1.25"]
    home.delete("Pod", "db-0")
    home.clock.run_until(90)
    assert stage.images(home) == ["nginx:1.24"] * 2 + ["nginx:1.25"]
    status = stage.status(home, "StatefulSet", "db")
    assert (status["currentReplicas"], status["updatedReplicas"]) == (2, 1)


def test_on_delete_waits_for_a_hand() -> None:
    home = stage.cluster()
    home.create(sets(replicas=2, updateStrategy={"type": "OnDelete"}))
    home.clock.run_until(30)
    stage.set_image(home, "nginx:1.25", "StatefulSet", "db")
    home.clock.run_until(60)
    assert stage.images(home) == ["nginx:1.24"] * 2
    home.delete("Pod", "db-0")
    home.clock.run_until(90)
    assert stage.images(home) == ["nginx:1.24", "nginx:1.25"]


def test_a_broken_revision_blocks_even_after_the_revert_until_the_pod_is_deleted() -> None:
    home = stage.cluster({"nginx:bad": {"pull_error": "not found"}})
    home.create(sets())
    home.clock.run_until(30)
    stage.set_image(home, "nginx:bad", "StatefulSet", "db")
    home.clock.run_until(90)
    stage.set_image(home, "nginx:1.24", "StatefulSet", "db")
    home.clock.run_until(600)
    assert stage.images(home) == ["nginx:1.24"] * 2 + ["nginx:bad"]
    home.delete("Pod", "db-2")
    home.clock.run_until(620)
    assert stage.images(home) == ["nginx:1.24"] * 3
    assert [r["revision"] for r in home.list("ControllerRevision")] in ([2, 3], [3, 2])


def test_claims_are_made_per_pod_and_stay() -> None:
    home = stage.cluster()
    claim = {
        "metadata": {"name": "data", "annotations": {"note": "n"}},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    }
    home.create(sets(replicas=2, volumeClaimTemplates=[claim]))
    home.clock.run_until(30)
    claims = home.list("PersistentVolumeClaim")
    assert [c["metadata"]["name"] for c in claims] == ["data-db-0", "data-db-1"]
    assert {c["status"]["phase"] for c in claims} == {"Bound"}
    assert claims[0]["metadata"]["annotations"]["note"] == "n"
    volume = home.get("Pod", "db-1")["spec"]["volumes"][0]
    assert volume == {"name": "data", "persistentVolumeClaim": {"claimName": "data-db-1"}}
    stage.scale(home, 1, "StatefulSet", "db")
    home.clock.run_until(60)
    home.delete("StatefulSet", "db")
    home.clock.run_until(90)
    assert len(home.list("PersistentVolumeClaim")) == 2
    assert home.list("Pod") == []


def test_a_failed_stateful_pod_is_made_again() -> None:
    home = stage.cluster()
    home.create(sets(replicas=1, minReadySeconds=5))
    home.clock.run_until(30)
    pod = home.get("Pod", "db-0")
    home.update({**pod, "status": {**pod["status"], "phase": "Failed"}}, subresource="status")
    home.clock.run_until(35)
    assert home.get("Pod", "db-0")["metadata"]["uid"] != pod["metadata"]["uid"]
    assert stage.status(home, "StatefulSet", "db")["availableReplicas"] == 0
    home.clock.run_until(60)
    assert stage.status(home, "StatefulSet", "db")["availableReplicas"] == 1


def test_old_revisions_are_forgotten_beyond_the_limit() -> None:
    home = stage.cluster()
    home.create(sets(replicas=1, revisionHistoryLimit=1))
    for minor in range(4):
        home.clock.run_until(home.clock.now + 30)
        stage.set_image(home, f"nginx:2.{minor}", "StatefulSet", "db")
    home.clock.run_until(home.clock.now + 30)
    assert sorted(r["revision"] for r in home.list("ControllerRevision")) == [4, 5]


# ------------------------------------------------------------------------------------------------------------ DaemonSet


def add_node(home: Cluster, name: str, **labels: str) -> None:
    home.create({"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": labels}})


@pytest.mark.parametrize("shuffle", stage.SHUFFLES)
def test_a_daemon_on_every_node_that_fits(shuffle: int | None) -> None:
    home = stage.cluster(shuffle=shuffle)
    add_node(home, "gpu", hardware="gpu")
    home.create(stage.workload("DaemonSet"))
    picky = stage.workload("DaemonSet", "gpu-only")
    picky["spec"]["template"]["spec"]["nodeSelector"] = {"hardware": "gpu"}
    home.create(picky)
    home.clock.run_until(10)
    assert sorted(p["spec"]["nodeName"] for p in home.list("Pod", labels="app=web")) == ["gpu", "node-1"]
    assert [p["spec"]["nodeName"] for p in home.list("Pod", labels="app=gpu-only")] == ["gpu"]
    add_node(home, "node-2")
    home.clock.run_until(20)
    status = stage.status(home, "DaemonSet")
    assert status == {
        "currentNumberScheduled": 3,
        "desiredNumberScheduled": 3,
        "numberAvailable": 3,
        "numberMisscheduled": 0,
        "numberReady": 3,
        "observedGeneration": 1,
        "updatedNumberScheduled": 3,
    }


def test_daemons_follow_taints_but_not_cordons() -> None:
    home = stage.cluster()
    node = home.get("Node", "node-1", "")
    home.update(with_path(node, ("spec", "unschedulable"), True))
    home.create(stage.workload("DaemonSet"))
    home.clock.run_until(10)
    assert stage.status(home, "DaemonSet")["numberReady"] == 1
    node = home.get("Node", "node-1", "")
    home.update(with_path(node, ("spec", "taints"), [{"key": "other", "effect": "NoSchedule"}]))
    home.clock.run_until(20)
    status = stage.status(home, "DaemonSet")
    assert (status["desiredNumberScheduled"], status["numberMisscheduled"]) == (0, 1), "who runs already may stay"
    node = home.get("Node", "node-1", "")
    home.update(with_path(node, ("spec", "taints"), [{"key": "other", "effect": "NoExecute"}]))
    home.clock.run_until(30)
    assert home.list("Pod") == []


def test_daemons_are_updated_one_at_a_time() -> None:
    home = stage.cluster()
    add_node(home, "node-2")
    add_node(home, "node-3")
    home.create(stage.workload("DaemonSet", minReadySeconds=4))
    home.clock.run_until(20)
    stage.set_image(home, "nginx:1.25", "DaemonSet")
    home.clock.run_until(22)
    assert sum("deletionTimestamp" in p["metadata"] for p in home.list("Pod")) <= 1
    least = 3
    while (upcoming := home.clock.next_event) is not None and upcoming < 200:
        home.clock.run_until(upcoming)
        least = min(least, stage.status(home, "DaemonSet").get("numberAvailable", 0))
    assert least == 2
    assert stage.images(home) == ["nginx:1.25"] * 3
    assert len({labels_of(p)["controller-revision-hash"] for p in home.list("Pod")}) == 1


def test_broken_daemons_are_replaced_without_waiting_and_on_delete_waits() -> None:
    home = stage.cluster({"nginx:bad": {"pull_error": "not found"}})
    home.create(stage.workload("DaemonSet", image="nginx:bad"))
    home.clock.run_until(20)
    assert stage.status(home, "DaemonSet")["numberUnavailable"] == 1
    stage.set_image(home, "nginx:1.25", "DaemonSet")
    home.clock.run_until(30)
    assert stage.images(home) == ["nginx:1.25"]
    home.update(with_path(home.get("DaemonSet", "web"), ("spec", "updateStrategy"), {"type": "OnDelete"}))
    stage.set_image(home, "nginx:1.26", "DaemonSet")
    home.clock.run_until(60)
    assert stage.images(home) == ["nginx:1.25"]
    home.delete("Pod", home.list("Pod")[0]["metadata"]["name"])
    home.clock.run_until(90)
    assert stage.images(home) == ["nginx:1.26"]


# ------------------------------------------------------------------------------------------------------------------ Job


@pytest.mark.parametrize("shuffle", stage.SHUFFLES)
def test_a_job_runs_to_completion(shuffle: int | None) -> None:
    home = stage.cluster({"batch:1": {"complete": 10}}, shuffle)
    home.create(job(completions=3, parallelism=2))
    home.clock.run_until(5)
    status = stage.status(home, "Job", "j")
    assert (status["active"], status["ready"]) == (2, 2)
    home.clock.run_until(60)
    status = stage.status(home, "Job", "j")
    assert status["succeeded"] == 3
    assert [c["type"] for c in status["conditions"]] == ["SuccessCriteriaMet", "Complete"]
    assert {p["status"]["phase"] for p in home.list("Pod")} == {"Succeeded"}
    assert all("finalizers" not in p["metadata"] for p in home.list("Pod"))
    assert home.clock.next_event is None


def test_an_image_that_says_nothing_completes_in_a_job() -> None:
    home = stage.cluster()
    home.create(job())
    home.clock.run_until(10)
    assert stage.conditions(home, "Job", "j")["Complete"] == ("True", "CompletionsReached")


def test_failures_are_tried_again_up_to_the_limit_each_time_later() -> None:
    home = stage.cluster({"batch:1": {"pull": 0, "start": 0, "crash": 1}})
    home.create(job(backoffLimit=2))
    home.clock.run_until(300)
    assert [time for time, _ in created(home)] == [0.0, 11.0, 32.0]
    status = stage.status(home, "Job", "j")
    assert status["failed"] == 3
    assert stage.conditions(home, "Job", "j")["Failed"] == ("True", "BackoffLimitExceeded")
    assert stage.events(home, "Job", "BackoffLimitExceeded")[0]["type"] == "Warning"


def test_restarts_in_place_count_towards_the_limit() -> None:
    home = stage.cluster({"batch:1": {"crash": 1}})
    home.create(job(restart="OnFailure", backoffLimit=2))
    home.clock.run_until(600)
    assert stage.conditions(home, "Job", "j")["Failed"] == ("True", "BackoffLimitExceeded")
    assert home.list("Pod") == []


def test_a_deadline_ends_a_job() -> None:
    home = stage.cluster({"batch:1": {"complete": 1000}})
    home.create(job(activeDeadlineSeconds=30))
    home.clock.run_until(29)
    assert "conditions" not in stage.status(home, "Job", "j")
    home.clock.run_until(40)
    assert stage.conditions(home, "Job", "j")["Failed"] == ("True", "DeadlineExceeded")
    assert home.list("Pod") == []


def test_a_suspended_job_waits() -> None:
    home = stage.cluster({"batch:1": {"complete": 20}})
    home.create(job(suspend=True))
    home.clock.run_until(10)
    assert home.list("Pod") == []
    assert stage.conditions(home, "Job", "j")["Suspended"] == ("True", "JobSuspended")
    home.update(with_path(home.get("Job", "j"), ("spec", "suspend"), False))
    home.clock.run_until(15)
    home.update(with_path(home.get("Job", "j"), ("spec", "suspend"), True))
    home.clock.run_until(20)
    assert home.list("Pod") == []
    home.update(with_path(home.get("Job", "j"), ("spec", "suspend"), False))
    home.clock.run_until(60)
    assert stage.conditions(home, "Job", "j")["Complete"][0] == "True"
    assert "failed" not in stage.status(home, "Job", "j")


def test_a_finished_job_goes_after_its_time_to_live() -> None:
    home = stage.cluster()
    home.create(job(ttlSecondsAfterFinished=20))
    home.clock.run_until(24)
    assert home.find("Job", "j") is not None
    home.clock.run_until(26)
    assert home.find("Job", "j") is None
    home.clock.run_until(30)
    assert home.list("Pod") == []


@pytest.mark.parametrize("shuffle", stage.SHUFFLES)
def test_a_deleted_job_takes_its_pods_along(shuffle: int | None) -> None:
    home = stage.cluster({"batch:1": {"complete": 1000}}, shuffle)
    home.create(job())
    home.clock.run_until(10)
    home.delete("Job", "j")
    home.clock.run_until(60)
    assert home.list("Pod") == []
    assert home.clock.next_event is None


def test_a_pod_deleted_by_hand_counts_as_failed_and_is_replaced() -> None:
    home = stage.cluster({"batch:1": {"complete": 100}})
    home.create(job())
    home.clock.run_until(10)
    home.delete("Pod", home.list("Pod")[0]["metadata"]["name"])
    home.clock.run_until(60)
    assert stage.status(home, "Job", "j")["failed"] == 1
    assert stage.status(home, "Job", "j")["active"] == 1


def test_fewer_parallel_pods_are_stopped_without_counting() -> None:
    home = stage.cluster({"batch:1": {"complete": 100}})
    home.create(job(completions=5, parallelism=3))
    home.clock.run_until(10)
    home.update(with_path(home.get("Job", "j"), ("spec", "parallelism"), 1))
    home.clock.run_until(20)
    assert stage.status(home, "Job", "j")["active"] == 1
    assert "failed" not in stage.status(home, "Job", "j")


@pytest.mark.parametrize("shuffle", stage.SHUFFLES)
def test_every_index_of_a_job_is_done_once(shuffle: int | None) -> None:
    home = stage.cluster({"batch:1": {"complete": "5s"}}, shuffle)
    home.create(job(completionMode="Indexed", completions=5, parallelism=2))
    home.clock.run_until(1)
    first = sorted(home.list("Pod"), key=lambda p: p["metadata"]["name"])
    assert [p["metadata"]["name"][:4] for p in first] == ["j-0-", "j-1-"]
    assert [p["spec"]["hostname"] for p in first] == ["j-0", "j-1"]
    assert labels_of(first[1])["batch.kubernetes.io/job-completion-index"] == "1"
    assert first[1]["spec"]["containers"][0]["env"] == [
        {
            "name": "JOB_COMPLETION_INDEX",
            "valueFrom": {
                "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.labels['batch.kubernetes.io/job-completion-index']"}
            },
        }
    ]
    home.clock.run_until(100)
    status = home.get("Job", "j")["status"]
    assert (status["succeeded"], status["completedIndexes"]) == (5, "0-4")
    assert sorted(labels_of(p)["batch.kubernetes.io/job-completion-index"] for p in home.list("Pod")) == list("01234")


def test_an_index_that_failed_is_tried_again() -> None:
    home = stage.cluster({"batch:1": {"complete": "5s"}})
    home.create(job(completionMode="Indexed", completions=3, parallelism=3))
    home.clock.run_until(2)
    victim = next(p for p in home.list("Pod") if p["spec"]["hostname"] == "j-1")
    home.delete("Pod", victim["metadata"]["name"])
    home.clock.run_until(8)
    assert home.get("Job", "j")["status"]["completedIndexes"] == "0,2"
    home.clock.run_until(100)
    status = home.get("Job", "j")["status"]
    assert (status["succeeded"], status["failed"], status["completedIndexes"]) == (3, 1, "0-2")


@pytest.mark.parametrize("shuffle", stage.SHUFFLES)
@pytest.mark.parametrize(
    ("policy", "scaled", "deleted"),
    [
        ({}, ["d-db-0", "d-db-1", "d-db-2"], ["d-db-0", "d-db-1", "d-db-2"]),
        ({"whenScaled": "Delete"}, ["d-db-0"], ["d-db-0"]),
        ({"whenDeleted": "Delete"}, ["d-db-0", "d-db-1", "d-db-2"], []),
        ({"whenDeleted": "Delete", "whenScaled": "Delete"}, ["d-db-0"], []),
    ],
)
def test_claims_stay_or_go_as_their_policy_says(
    policy: dict[str, str], scaled: list[str], deleted: list[str], shuffle: int | None
) -> None:
    claim = {"metadata": {"name": "d"}, "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}
    home = stage.cluster(shuffle=shuffle)
    more = {"persistentVolumeClaimRetentionPolicy": policy} if policy else {}
    home.create(sets(volumeClaimTemplates=[claim], **more))
    home.clock.run_until(100)
    stage.scale(home, 1, "StatefulSet", "db")
    home.clock.run_until(300)
    assert [c["metadata"]["name"] for c in home.list("pvc")] == scaled
    home.delete("StatefulSet", "db")
    home.clock.run_until(500)
    assert [c["metadata"]["name"] for c in home.list("pvc")] == deleted
