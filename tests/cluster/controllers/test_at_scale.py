"""Many Deployments at once, copies of a running cluster, and equal results from equal seeds."""

from __future__ import annotations

import copy
import time

from gitops_sim.cluster import Cluster

from . import stage


def rolled_out(count: int, shuffle: int | None = None) -> Cluster:
    home = stage.cluster(shuffle=shuffle)
    for number in range(count):
        home.create(stage.deployment(f"web-{number:03}"))
    home.clock.run_until(30)
    return home


def test_a_hundred_deployments_come_up_in_about_a_second() -> None:
    began = time.process_time()
    home = rolled_out(100)
    spent = time.process_time() - began
    assert all(d["status"]["availableReplicas"] == 3 for d in home.list("Deployment"))
    assert len(home.list("Pod")) == 300
    assert spent < 5, f"took {spent:.1f} s of CPU (about 0.5 s on an idle core)"
    before = home.clock._serial
    home.clock.run_until(86400)
    assert home.clock._serial == before, "a cluster at rest costs nothing"


def test_a_copy_goes_its_own_way_and_to_the_same_end() -> None:
    home = stage.cluster({"nginx:1.25": {"crash": 30, "pull": 5}})
    home.create(stage.deployment())
    home.clock.run_until(10)
    stage.set_image(home, "nginx:1.25")
    home.clock.run_until(13)
    twin = copy.deepcopy(home)
    other = copy.deepcopy(home)
    stage.scale(other, 5)
    for each in (home, twin, other):
        each.clock.run_until(500)
    assert twin.trace.digest() == home.trace.digest()
    assert twin.list("Pod") == home.list("Pod")
    assert len(other.list("Pod")) == 5
    assert len(home.list("Pod")) == 3


def test_equal_clusters_have_equal_traces() -> None:
    first, second = rolled_out(5), rolled_out(5)
    assert first.trace.digest() == second.trace.digest()
    assert first.list("Event") == second.list("Event")


def test_the_order_within_an_instant_changes_no_outcome() -> None:
    expected = rolled_out(5)
    for shuffle in range(5):
        found = rolled_out(5, shuffle)
        for name in ("web-000", "web-004"):
            assert stage.status(found, name=name) == stage.status(expected, name=name)
        assert [rs["metadata"]["name"] for rs in found.list("ReplicaSet")] == [
            rs["metadata"]["name"] for rs in expected.list("ReplicaSet")
        ]
        messages = [sorted(r.message for r in each.trace.story()) for each in (found, expected)]
        assert messages[0] == messages[1]
