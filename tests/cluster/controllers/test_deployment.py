"""Deployments from their first rollout to rollbacks, stalls and clean-ups, on virtual time."""

from __future__ import annotations

import pytest

from gitops_sim.cluster import Cluster
from gitops_sim.errors import ApiError
from gitops_sim.objects import annotations_of, labels_of, with_path, without_path

from . import stage

REVISION = "deployment.kubernetes.io/revision"


def revisions(home: Cluster) -> dict[str, tuple[str, int]]:
    """Image -> revision and size of its ReplicaSet."""
    return {
        rs["spec"]["template"]["spec"]["containers"][0]["image"]: (annotations_of(rs)[REVISION], rs["spec"]["replicas"])
        for rs in home.list("ReplicaSet")
    }


@pytest.mark.parametrize("shuffle", stage.SHUFFLES)
def test_a_bad_image_stalls_and_the_old_pods_serve_on(shuffle: int | None) -> None:
    home = stage.cluster({"nginx:bad": {"pull_error": "not found"}}, shuffle)
    home.create(stage.deployment(replicas=4))
    home.clock.run_until(100)
    stage.set_image(home, "nginx:bad")
    home.clock.run_until(700)
    assert stage.images(home) == ["nginx:1.24"] * 3 + ["nginx:bad"] * 2
    state = stage.status(home)
    assert (state["replicas"], state["updatedReplicas"], state["availableReplicas"], state["unavailableReplicas"]) == (5, 2, 3, 2)
    assert stage.conditions(home) == {
        "Available": ("True", "MinimumReplicasAvailable"),
        "Progressing": ("False", "ProgressDeadlineExceeded"),
    }


def test_the_deadline_counts_from_the_last_progress() -> None:
    home = stage.cluster({"nginx:bad": {"never_ready": True}})
    home.create(stage.deployment(replicas=2, container=stage.READINESS, progressDeadlineSeconds=30))
    home.clock.run_until(50)
    stage.set_image(home, "nginx:bad")
    home.clock.run_until(50 + 29)
    assert stage.conditions(home)["Progressing"] == ("True", "ReplicaSetUpdated")
    home.clock.run_until(50 + 30)
    assert stage.conditions(home)["Progressing"] == ("False", "ProgressDeadlineExceeded")
    progressing = next(c for c in stage.status(home)["conditions"] if c["type"] == "Progressing")
    name = next(rs["metadata"]["name"] for rs in home.list("ReplicaSet") if rs["spec"]["replicas"] == 1)
    assert progressing["message"] == f'ReplicaSet "{name}" has timed out progressing.'


def test_a_fix_after_the_deadline_completes() -> None:
    home = stage.cluster({"nginx:bad": {"pull_error": "not found"}})
    home.create(stage.deployment(replicas=2, progressDeadlineSeconds=30))
    home.clock.run_until(50)
    stage.set_image(home, "nginx:bad")
    home.clock.run_until(120)
    stage.set_image(home, "nginx:1.26")
    home.clock.run_until(140)
    assert stage.images(home) == ["nginx:1.26"] * 2
    assert stage.conditions(home)["Progressing"] == ("True", "NewReplicaSetAvailable")


def test_no_deadline_means_no_judgement() -> None:
    home = stage.cluster({"nginx:bad": {"pull_error": "not found"}})
    home.create(stage.deployment(replicas=1, image="nginx:bad", progressDeadlineSeconds=2**31 - 1))
    home.clock.run_until(3600)
    assert set(stage.conditions(home)) == {"Available"}


@pytest.mark.parametrize("shuffle", stage.SHUFFLES)
def test_going_back_revives_the_old_replicaset(shuffle: int | None) -> None:
    home = stage.cluster(shuffle=shuffle)
    home.create(stage.deployment(replicas=3))
    home.clock.run_until(30)
    first = home.list("ReplicaSet")[0]["metadata"]["uid"]
    for image in ("nginx:1.25", "nginx:1.26", "nginx:1.24"):
        stage.set_image(home, image)
        home.clock.run_until(home.clock.now + 30)
    assert revisions(home) == {"nginx:1.24": ("4", 3), "nginx:1.25": ("2", 0), "nginx:1.26": ("3", 0)}
    revived = next(rs for rs in home.list("ReplicaSet") if rs["spec"]["replicas"] == 3)
    assert revived["metadata"]["uid"] == first
    assert annotations_of(revived)["deployment.kubernetes.io/revision-history"] == "1"
    assert annotations_of(home.get("Deployment", "web"))[REVISION] == "4"
    assert home.get("Deployment", "web")["metadata"]["generation"] == 4


def test_a_revision_taken_up_twice_remembers_both_former_numbers() -> None:
    home = stage.cluster()
    home.create(stage.deployment(replicas=1))
    for image in ("nginx:1.25", "nginx:1.24", "nginx:1.25", "nginx:1.24"):
        home.clock.run_until(home.clock.now + 30)
        stage.set_image(home, image)
    home.clock.run_until(home.clock.now + 30)
    histories = sorted(annotations_of(rs)["deployment.kubernetes.io/revision-history"] for rs in home.list("ReplicaSet"))
    assert histories == ["1,3", "2"]


def test_a_scale_or_an_annotation_is_a_new_generation_and_a_label_is_none_and_only_the_template_makes_a_revision() -> None:
    home = stage.cluster()
    home.create(stage.deployment(replicas=2))
    home.clock.run_until(10)
    seen = []
    for change in (
        {"spec": {"replicas": 3}},
        {"metadata": {"annotations": {"team": "shop"}}},
        {"metadata": {"labels": {"team": "shop"}}},
        {"spec": {"template": {"metadata": {"labels": {"team": "shop"}}}}},
    ):
        home.patch("Deployment", "web", "default", change)
        home.clock.run_until(home.clock.now + 30)
        found = home.get("Deployment", "web")
        seen.append((found["metadata"]["generation"], annotations_of(found)[REVISION]))
    assert seen == [(2, "1"), (3, "1"), (3, "1"), (4, "2")]


def test_scaling_makes_no_revision() -> None:
    home = stage.cluster()
    home.create(stage.deployment(replicas=2))
    home.clock.run_until(10)
    stage.scale(home, 6)
    home.clock.run_until(20)
    assert revisions(home) == {"nginx:1.24": ("1", 6)}
    replica_set = home.list("ReplicaSet")[0]
    assert annotations_of(replica_set)["deployment.kubernetes.io/desired-replicas"] == "6"
    assert annotations_of(replica_set)["deployment.kubernetes.io/max-replicas"] == "8"
    stage.scale(home, 0)
    home.clock.run_until(30)
    assert home.list("Pod") == []
    assert stage.conditions(home)["Available"][0] == "True"


def test_scaling_a_stuck_rollout_shares_the_new_pods() -> None:
    home = stage.cluster({"nginx:bad": {"never_ready": True}})
    home.create(stage.deployment(replicas=10, surge=3, unavailable=2, container=stage.READINESS))
    home.clock.run_until(30)
    stage.set_image(home, "nginx:bad")
    home.clock.run_until(60)
    assert revisions(home) == {"nginx:1.24": ("1", 8), "nginx:bad": ("2", 5)}
    stage.scale(home, 15)
    home.clock.run_until(90)
    assert revisions(home) == {"nginx:1.24": ("1", 11), "nginx:bad": ("2", 7)}


def test_scaling_down_to_nothing_in_the_middle_of_a_rollout() -> None:
    home = stage.cluster({"nginx:bad": {"never_ready": True}})
    home.create(stage.deployment(replicas=4, container=stage.READINESS))
    home.clock.run_until(30)
    stage.set_image(home, "nginx:bad")
    home.clock.run_until(60)
    stage.scale(home, 0)
    home.clock.run_until(90)
    assert {size for _, size in revisions(home).values()} == {0}


@pytest.mark.parametrize("shuffle", stage.SHUFFLES)
def test_recreate_waits_until_the_last_old_pod_is_gone(shuffle: int | None) -> None:
    home = stage.cluster({"nginx:1.24": {"stop": 7}}, shuffle)
    home.create(stage.deployment(replicas=2, strategy={"type": "Recreate"}))
    home.clock.run_until(20)
    stage.set_image(home, "nginx:1.25")
    home.clock.run_until(26)
    assert len(home.list("ReplicaSet")) == 1
    assert {"deletionTimestamp" in p["metadata"] for p in home.list("Pod")} == {True}
    home.clock.run_until(40)
    assert stage.images(home) == ["nginx:1.25"] * 2
    assert stage.conditions(home)["Progressing"] == ("True", "NewReplicaSetAvailable")


def test_a_paused_deployment_scales_but_does_not_roll_out() -> None:
    home = stage.cluster()
    home.create(stage.deployment(replicas=2))
    home.clock.run_until(10)
    home.update(with_path(home.get("Deployment", "web"), ("spec", "paused"), True))
    stage.set_image(home, "nginx:1.25")
    stage.scale(home, 3)
    home.clock.run_until(20)
    assert stage.images(home) == ["nginx:1.24"] * 3
    assert stage.conditions(home)["Progressing"] == ("Unknown", "DeploymentPaused")
    assert "updatedReplicas" not in stage.status(home)
    home.update(without_path(home.get("Deployment", "web"), ("spec", "paused")))
    home.clock.settle()
    assert stage.conditions(home)["Progressing"][0] in ("Unknown", "True")
    home.clock.run_until(60)
    assert stage.images(home) == ["nginx:1.25"] * 3
    assert stage.conditions(home)["Progressing"] == ("True", "NewReplicaSetAvailable")


def test_pausing_late_still_lets_the_last_old_pod_go() -> None:
    """The new ReplicaSet has its full size already: once it serves alone, a paused Deployment drops the old one too."""
    home = stage.cluster({"nginx:1.25": {"ready": 5}})
    home.create(stage.deployment(replicas=3, container=stage.READINESS))
    home.clock.run_until(10)
    stage.set_image(home, "nginx:1.25")
    while revisions(home).get("nginx:1.25") != ("2", 3):
        home.clock.run_until(home.clock.next_event or 0)
    home.update(with_path(home.get("Deployment", "web"), ("spec", "paused"), True))
    home.clock.settle()
    assert revisions(home)["nginx:1.24"] == ("1", 1)
    home.clock.run_until(120)
    assert stage.images(home) == ["nginx:1.25"] * 3


def test_history_keeps_the_newest_revisions() -> None:
    home = stage.cluster()
    home.create(stage.deployment(replicas=1, revisionHistoryLimit=2))
    for minor in range(5):
        stage.set_image(home, f"nginx:2.{minor}")
        home.clock.run_until(home.clock.now + 30)
    assert sorted(revisions(home)) == ["nginx:2.2", "nginx:2.3", "nginx:2.4"]


def test_annotations_of_the_deployment_reach_the_replicaset_except_the_tools_own() -> None:
    home = stage.cluster()
    web = stage.deployment(replicas=1)
    web["metadata"]["annotations"] = {
        "kubernetes.io/change-cause": "first",
        "kubectl.kubernetes.io/last-applied-configuration": "{}",
    }
    home.create(web)
    home.clock.run_until(10)
    copied = annotations_of(home.list("ReplicaSet")[0])
    assert copied["kubernetes.io/change-cause"] == "first"
    assert "kubectl.kubernetes.io/last-applied-configuration" not in copied


def test_min_ready_seconds_reach_pods_that_run_already() -> None:
    home = stage.cluster()
    home.create(stage.deployment(replicas=1))
    home.clock.run_until(10)
    home.update(with_path(home.get("Deployment", "web"), ("spec", "minReadySeconds"), 60))
    home.clock.run_until(20)
    assert "availableReplicas" not in stage.status(home)
    home.clock.run_until(62)
    assert stage.status(home)["availableReplicas"] == 1


def test_the_names_of_all_generations_carry_the_hash() -> None:
    home = stage.cluster()
    home.create(stage.deployment(replicas=1))
    home.clock.run_until(10)
    replica_set, pod = home.list("ReplicaSet")[0], home.list("Pod")[0]
    digest = labels_of(replica_set)["pod-template-hash"]
    assert set(digest) <= set("456789bcdf")
    assert replica_set["metadata"]["name"] == f"web-{digest}"
    assert replica_set["spec"]["selector"]["matchLabels"] == {"app": "web", "pod-template-hash": digest}
    assert pod["metadata"]["name"].startswith(f"web-{digest}-")
    assert len(pod["metadata"]["name"]) == len(f"web-{digest}-") + 5


def test_a_name_that_is_taken_gets_another_hash() -> None:
    home = stage.cluster()
    home.create(stage.deployment(replicas=1))
    home.clock.run_until(10)
    taken = home.list("ReplicaSet")[0]["metadata"]["name"]
    home.delete("Deployment", "web")
    home.clock.run_until(20)
    home.create({**stage.workload("ReplicaSet", "other", replicas=0), "metadata": {"name": taken}})
    home.create(stage.deployment(replicas=1))
    home.clock.run_until(30)
    assert stage.status(home)["collisionCount"] == 1
    assert stage.status(home)["availableReplicas"] == 1
    assert len(home.list("ReplicaSet")) == 2


def test_a_replicaset_that_cannot_be_created_shows_in_the_conditions() -> None:
    home = stage.cluster()
    hard = {"count/replicasets.apps": "0"}
    home.create({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "q"}, "spec": {"hard": hard}})
    home.create(stage.deployment(replicas=1))
    home.clock.run_until(1)
    assert stage.conditions(home)["Progressing"] == ("False", "ReplicaSetCreateError")
    home.delete("ResourceQuota", "q")
    home.clock.run_until(10)
    assert stage.status(home)["availableReplicas"] == 1


def test_a_deployment_that_is_going_is_left_alone() -> None:
    home = stage.cluster()
    web = stage.deployment(replicas=1)
    web["metadata"]["finalizers"] = ["example.com/hold"]
    home.create(web)
    home.clock.run_until(10)
    home.delete("Deployment", "web")
    home.clock.run_until(20)
    home.delete("Pod", home.list("Pod")[0]["metadata"]["name"])
    home.clock.run_until(40)
    stage.set_image(home, "nginx:1.25")
    home.clock.run_until(60)
    assert stage.images(home) == ["nginx:1.24"]
    assert stage.status(home)["observedGeneration"] == home.get("Deployment", "web")["metadata"]["generation"]


def test_selecting_nothing_is_refused_or_does_nothing() -> None:
    home = stage.cluster()
    with pytest.raises(ApiError):
        home.create(stage.deployment(selector={}))
