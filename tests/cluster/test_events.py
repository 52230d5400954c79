"""Events: for how long they are there."""

from __future__ import annotations

import pytest

from gitops_sim import World
from gitops_sim.errors import ApiError


def about_web(world: World) -> list[str]:
    events = world.cluster().list("events", "default", fields="involvedObject.name=web")
    return [f"{event['metadata']['name']} {event['reason']} {event['count']}" for event in events]


def test_an_event_is_there_for_an_hour_after_it_was_last_written() -> None:
    world = World(seed=3)
    world.kubectl("create deployment web --image=nginx:1")
    [name] = [line.split()[0] for line in about_web(world)]
    world.run(seconds=3599)
    assert about_web(world) == [f"{name} ScalingReplicaSet 1"]
    twin = world.fork()
    world.run(seconds=1)
    for there in (world, twin.run(seconds=1)):
        assert about_web(there) == []
        assert "ScalingReplicaSet" not in there.kubectl("get events").stdout
        with pytest.raises(ApiError, match="not found"):
            there.cluster().get("events", name)
        assert there.cluster().find("events.events.k8s.io", name) is None
    assert world.at(3599).cluster().find("events", name) is not None


def test_what_happens_again_counts_on_while_its_event_is_there_and_begins_anew_after_that() -> None:
    world = World(seed=3)
    for _ in range(2):
        world.kubectl("create deployment web --image=nginx:1 --replicas=1")
        world.kubectl("scale deployment web --replicas=2")
        world.kubectl("scale deployment web --replicas=1")
        world.run("30m")
    world.kubectl("scale deployment web --replicas=2")
    counted = {line.split(maxsplit=1)[1] for line in about_web(world)}
    assert "ScalingReplicaSet 3" in counted
    world.run("61m")
    world.kubectl("scale deployment web --replicas=1")
    assert [line.split(maxsplit=1)[1] for line in about_web(world)] == ["ScalingReplicaSet 1"]
