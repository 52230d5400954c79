"""What the trace tells of rollouts: few lines for the learner, numbers for checks, and the rest as detail."""

from __future__ import annotations

import pytest

from gitops_sim.cluster import Cluster
from gitops_sim.objects import with_path

from . import stage


def story(home: Cluster, since: float = 0.0) -> list[tuple[float, str, str]]:
    return [(r.time, r.event, r.message) for r in home.trace.story() if r.time >= since and r.actor == "cluster"]


@pytest.mark.parametrize("shuffle", stage.SHUFFLES)
def test_a_first_rollout_and_an_update(shuffle: int | None) -> None:
    home = stage.cluster(shuffle=shuffle)
    home.create(stage.deployment())
    home.clock.run_until(60)
    stage.set_image(home, "nginx:1.25")
    home.clock.run_until(120)
    told = story(home)
    assert told[:3] == [
        (0.0, "RolloutStarted", "starts web: 3 pods of nginx:1.24"),
        (2.0, "RolloutCompleted", "web 3/3 ready"),
        (60.0, "RolloutStarted", "rolls out web: nginx:1.24 -> nginx:1.25"),
    ]
    assert [(event, message) for _, event, message in told[3:]] == [("RolloutCompleted", "web 3/3 ready")]
    done = home.trace.find(event="RolloutCompleted")[-1]
    assert done.subject == "Deployment/default/web"
    assert done.data["cause"] == "rollout"
    assert (done.data["ready"], done.data["desired"], done.data["revision"]) == (3, 3, 2)
    assert len(done.data["started"]) == len(done.data["stopped"]) == 3
    assert done.data["seconds"] == done.time - 60
    ready = home.trace.find(event="PodReady")
    assert [r.story for r in ready] == [False] * 6
    assert ready[0].reason == "2s after it was created"


def test_a_restart_is_a_rollout_of_the_same_image() -> None:
    home = stage.cluster()
    home.create(stage.deployment(replicas=1))
    home.clock.run_until(10)
    path = ("spec", "template", "metadata", "annotations", "kubectl.kubernetes.io/restartedAt")
    home.update(with_path(home.get("Deployment", "web"), path, "now"))
    home.clock.run_until(20)
    assert story(home, 10)[0][2] == "rolls out web: new Pod template, same image nginx:1.24"


@pytest.mark.parametrize("shuffle", stage.SHUFFLES)
def test_a_drift_that_is_undone_at_once(shuffle: int | None) -> None:
    """3 -> 10 by hand and back within the instant: the seven Pods too many are the story."""
    home = stage.cluster(shuffle=shuffle)
    home.create(stage.deployment())
    home.clock.run_until(60)
    stage.scale(home, 10)
    home.clock.settle()
    stage.scale(home, 3)
    home.clock.run_until(100)
    assert story(home, 60) == [(60.0, "RolloutCompleted", "7 pods stopped, web 3/3 ready")]


def test_scaling_up_and_down() -> None:
    home = stage.cluster()
    home.create(stage.deployment(replicas=1))
    home.clock.run_until(10)
    stage.scale(home, 4)
    home.clock.run_until(20)
    stage.scale(home, 3)
    home.clock.run_until(30)
    assert story(home, 10) == [
        (11.0, "RolloutCompleted", "web 4/4 ready"),
        (22.0, "RolloutCompleted", "1 pod stopped, web 3/3 ready"),
    ]
    assert home.trace.find(event="RolloutCompleted")[-1].data["cause"] == "scale"


def test_a_pod_deleted_by_hand_is_told_and_mere_restarts_are_not() -> None:
    home = stage.cluster({"nginx:1.24": {"crash": 100}})
    home.create(stage.deployment(replicas=2))
    home.clock.run_until(10)
    home.delete("Pod", home.list("Pod")[0]["metadata"]["name"])
    home.clock.run_until(50)
    assert story(home, 10) == [(12.0, "RolloutCompleted", "web 2/2 ready")]
    assert home.trace.find(event="RolloutCompleted")[-1].data["cause"] == "recovery"
    home.clock.run_until(400)
    assert [event for _, event, _ in story(home, 50)] == ["PodCrashed"]
    assert len(home.trace.find(event="RolloutCompleted", since=50)) > 1


@pytest.mark.parametrize("shuffle", stage.SHUFFLES)
def test_a_bad_release_is_told_once_and_its_stall(shuffle: int | None) -> None:
    home = stage.cluster({"nginx:bad": {"pull_error": "not found"}}, shuffle)
    home.create(stage.deployment(replicas=4))
    home.clock.run_until(60)
    stage.set_image(home, "nginx:bad")
    home.clock.run_until(3600)
    told = story(home, 60)
    assert [event for _, event, _ in told] == ["RolloutStarted", "ImagePullFailed", "RolloutStalled"]
    assert told[1][2].startswith("cannot pull nginx:bad for web-")
    assert told[1][2].endswith(": not found")
    assert told[2][2] == "gives up waiting for web: 0/4 new pods available, 3 pods of the old revision still serve"
    stalled = home.trace.find(event="RolloutStalled")[0]
    assert (stalled.data["ready"], stalled.data["desired"], stalled.data["serving"]) == (0, 4, 3)
    assert "nothing is rolled back by itself" in stalled.reason
    assert len(home.trace.find(event="ImagePullFailed")) > 2


def test_a_crashing_release_is_told_with_its_exit_code() -> None:
    home = stage.cluster({"nginx:1.24": {"crash": 3, "exit_code": 2}})
    home.create(stage.deployment(replicas=3))
    home.clock.run_until(100)
    crashes = home.trace.find(event="PodCrashed")
    assert [r.story for r in crashes[:3]] == [True, False, False]
    assert crashes[0].message.endswith(" crashes: nginx:1.24 exits with 2 after 3s")
    assert crashes[0].data["exit_code"] == 2
    assert crashes[0].data["owner"].startswith("web-")


def test_a_deployment_made_again_starts_its_story_again() -> None:
    home = stage.cluster()
    for _ in range(2):
        home.create(stage.deployment(replicas=1))
        home.clock.run_until(home.clock.now + 10)
        home.delete("Deployment", "web")
    assert [event for _, event, _ in story(home)] == ["RolloutStarted", "RolloutCompleted"] * 2
    home.clock.run_until(home.clock.now + 10)
    home.create(stage.deployment(replicas=1))
    home.clock.run_until(home.clock.now + 10)
    assert len(story(home)) == 6
