"""One story in several worlds: what differs is told, and nothing that a learner breaks is lost."""

from __future__ import annotations

import pytest

from gitops_sim.errors import BadInput
from gitops_sim.notebook import edit, polled, protect, ready, replicas, scene, start, status, switch, vary
from gitops_sim.world import World


@pytest.fixture(scope="module")
def world() -> World:
    return start()


def by_hand(world: World) -> int | None:
    world.kubectl("scale deployment web --replicas=10", by="ben")
    world.run(minutes=5)
    return replicas(world)


def test_both_timelines_and_the_values_are_told(world: World) -> None:
    told = vary(by_hand, {"on": world, "off": switch(world, selfHeal=False)}, asked="replicas").text
    assert [line.split() for line in told.splitlines() if line.strip().startswith("replicas ")] == [["replicas", "3", "10"]]
    assert "self-heals" in told
    assert "leaves it so: self-heal is off" in told


def test_the_worlds_stay_as_they_were(world: World) -> None:
    records = len(world.trace)
    vary(by_hand, {"a": world, "b": world})
    assert (replicas(world), len(world.trace)) == (3, records)


def test_what_is_the_same_everywhere_is_left_out(world: World) -> None:
    assert "commit to ready" not in vary(by_hand, {"a": world, "b": world}).text


def test_several_stories_in_one_world(world: World) -> None:
    told = vary({"by hand": by_hand, "nobody": lambda world: replicas(world.run(60))}, switch(world, selfHeal=False)).text
    assert ["in", "the", "end", "10", "3"] in [line.split() for line in told.splitlines()]


def test_a_refusal_is_told_beside_the_others(world: World) -> None:
    def straight_to_main(world: World) -> str:
        edit(world, "Scale web to 4", "replicas: 3", "replicas: 4", by="ana")
        return "pushed"

    told = vary(straight_to_main, {"open": world, "protected": protect(world)}).text
    assert "refused" in told
    assert "protected: repo/shop: Protected branch update failed" in told


def test_a_story_that_fails_says_so_and_shows_the_others(world: World) -> None:
    def broken(world: World) -> int:
        return 1 // (0 if replicas(world) == 3 else 1)

    told = vary(broken, {"a": world, "b": world}).text
    assert "a: ZeroDivisionError" in told


@pytest.mark.parametrize("worlds", [{}, {"one": start()}, {"a": World(), "b": World()}, start()])
def test_nothing_to_compare_is_said(worlds: object) -> None:
    with pytest.raises(BadInput, match="nothing to compare"):
        vary(by_hand, worlds)  # type: ignore[arg-type]


@pytest.mark.parametrize(("name", "found"), [("release", "Synced, Degraded"), ("release-without-probe", "Synced, Healthy")])
def test_a_probe_decides_whether_a_bad_release_is_seen(name: str, found: str) -> None:
    world = scene(name)
    edit(world, "Deploy web 1.5.0", "shop/web:1.4.0", "shop/web:1.5.0", by="ana")
    world.run(minutes=30)
    assert status(world) == found
    assert ready(world) == 3


def test_an_unknown_scene_names_the_nearest() -> None:
    with pytest.raises(BadInput, match="release"):
        scene("relase")


def test_how_often_git_is_asked_is_a_setting_of_a_copy(world: World) -> None:
    often, never = polled(world, "10s"), polled(world, "0")
    for copy in (often, never):
        edit(copy, "Scale web to 5", "replicas: 3", "replicas: 5", by="ana")
    assert often.run_until(lambda: replicas(often) == 5, timeout="10s")
    assert not never.run_until(lambda: replicas(never) == 5, timeout="3h")
    with pytest.raises(BadInput, match="interval cannot be 'soon'"):
        polled(world, "soon")
