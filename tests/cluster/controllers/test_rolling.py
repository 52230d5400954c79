"""The arithmetic of rolling updates: tables with the numbers that the documentation of Kubernetes gives, and its promises."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gitops_sim.cluster.controllers import rolling
from gitops_sim.cluster.controllers.rolling import Part

from . import stage


@pytest.mark.parametrize(
    ("replicas", "surge", "unavailable", "expected"),
    [
        (4, "25%", "25%", (1, 1)),
        (3, "25%", "25%", (1, 0)),
        (10, "25%", "25%", (3, 2)),
        (1, "25%", "25%", (1, 0)),
        (3, 0, 0, (0, 1)),
        (3, "0%", "0%", (0, 1)),
        (2, 0, "25%", (0, 1)),
        (3, 2, 5, (2, 3)),
        (0, "25%", "25%", (0, 0)),
        (8, "100%", 0, (8, 0)),
    ],
)
def test_surge_is_rounded_up_and_unavailable_down(
    replicas: int, surge: int | str, unavailable: int | str, expected: tuple[int, int]
) -> None:
    assert rolling.limits(replicas, surge, unavailable) == expected


@pytest.mark.parametrize(
    ("new", "total", "replicas", "surge", "expected"),
    [(0, 3, 3, 1, 1), (1, 4, 3, 1, 1), (1, 3, 3, 1, 2), (3, 3, 3, 1, 3), (0, 0, 3, 1, 3), (2, 9, 4, 1, 2)],
)
def test_the_new_set_grows_into_the_room_there_is(new: int, total: int, replicas: int, surge: int, expected: int) -> None:
    assert rolling.grown_new(new, total, replicas, surge) == expected


def test_unhealthy_old_pods_go_first() -> None:
    old = [Part("a", 3, 1), Part("b", 2, 2)]
    assert rolling.shrunk_old(old, Part("new", 1, 1), 4, 1) == {"a": 0}


def test_a_new_set_that_never_serves_stops_the_shrinking() -> None:
    """4 replicas, surge 1, unavailable 1: two new pods hang, three old ones stay."""
    assert rolling.shrunk_old([Part("old", 4, 4)], Part("new", 1, 0), 4, 1) == {"old": 3}
    assert rolling.grown_new(1, 4, 4, 1) == 2
    assert rolling.shrunk_old([Part("old", 3, 3)], Part("new", 2, 0), 4, 1) == {}


def test_a_status_that_lags_behind_removes_no_pod_that_serves() -> None:
    """The old set was told to shrink to 5 and still reports 7: only 5 count."""
    assert rolling.shrunk_old([Part("old", 5, 7)], Part("new", 4, 4), 10, 2) == {"old": 4}


@pytest.mark.parametrize(
    ("parts", "replicas", "surge", "expected"),
    [
        # the example of the documentation: 10 replicas with surge 3, 8 old and 5 new, scaled to 15
        ([(Part("new", 5), 13), (Part("old", 8), 13)], 15, 3, {"old": 11, "new": 7}),
        ([(Part("new", 5), 13), (Part("old", 8), 13)], 0, 3, {"old": 0, "new": 0}),
        ([(Part("new", 2), 5), (Part("old", 3), 5)], 4, 1, {"old": 3, "new": 2}),
        ([(Part("new", 2), 0), (Part("old", 3), 0)], 5, 1, {"old": 4, "new": 2}),
    ],
)
def test_scaling_during_a_rollout_is_shared_in_proportion(
    parts: list[tuple[Part, int]], replicas: int, surge: int, expected: dict[str, int]
) -> None:
    assert rolling.proportional(parts, replicas, surge) == expected


share = st.one_of(st.integers(0, 4), st.sampled_from(["0%", "10%", "25%", "50%", "100%"]))
sizes = st.lists(st.integers(1, 12), min_size=1, max_size=4)


@given(sizes, st.integers(0, 30), st.integers(0, 5))
def test_proportional_sizes_add_up(found: list[int], replicas: int, surge: int) -> None:
    """Growing, exactly. Shrinking, what rounding leaves to the largest set may be more than it has."""
    parts = [(Part(f"set{index}", size), sum(found)) for index, size in enumerate(found)]
    result = rolling.proportional(parts, replicas, surge)
    allowed = replicas + surge if replicas else 0
    assert all(size >= 0 for size in result.values())
    if allowed >= sum(found) or not replicas:
        assert sum(result.values()) == allowed
    else:
        assert allowed <= sum(result.values()) <= sum(found)


@given(st.integers(1, 12), share, share, st.integers(0, 12), st.data())
def test_no_step_breaks_the_two_promises(
    replicas: int, max_surge: int | str, max_unavailable: int | str, new: int, data: st.DataObject
) -> None:
    """From any state that keeps the promises, with all old Pods available and any number of new ones."""
    surge, unavailable = rolling.limits(replicas, max_surge, max_unavailable)
    new = min(new, replicas)
    old = data.draw(st.integers(0, max(0, replicas + surge - new)))
    serving = data.draw(st.integers(0, new))
    floor = replicas - unavailable
    grown = rolling.grown_new(new, new + old, replicas, surge)
    assert grown + old <= max(replicas + surge, new + old)
    left = rolling.shrunk_old([Part("old", old, old)], Part("new", new, serving), replicas, unavailable).get("old", old)
    assert 0 <= left <= old
    assert serving + left >= min(floor, serving + old)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 9), share, share, st.integers(0, 3), st.sampled_from([0.0, 0.5, 3.0]), st.sampled_from([None, 1, 2]))
def test_a_healthy_rollout_keeps_its_promises_all_the_time(
    replicas: int, max_surge: int | str, max_unavailable: int | str, min_ready: int, ready: float, shuffle: int | None
) -> None:
    """Played on a cluster: never fewer available Pods than promised, never more Pods than allowed once an instant is over."""
    assume({str(max_surge), str(max_unavailable)} - {"0", "0%"})  # the API server refuses 0 for both
    home = stage.cluster({"nginx:1.25": {"ready": ready, "pull": 0.7}}, shuffle)
    home.create(
        stage.deployment(
            replicas=replicas, surge=max_surge, unavailable=max_unavailable, container=stage.READINESS, minReadySeconds=min_ready
        )
    )
    home.clock.run_until(60)
    surge, unavailable = rolling.limits(replicas, max_surge, max_unavailable)
    stage.set_image(home, "nginx:1.25")
    while (upcoming := home.clock.next_event) is not None and upcoming <= home.clock.now + 300:
        home.clock.run_until(upcoming)
        pods = [pod for pod in home.list("Pod") if "deletionTimestamp" not in pod["metadata"]]
        available = stage.available(home, pods, min_ready)
        assert available >= replicas - unavailable
        assert len(pods) <= replicas + surge
        assert sum(rs["spec"]["replicas"] for rs in home.list("ReplicaSet")) <= replicas + surge
    assert stage.images(home) == ["nginx:1.25"] * replicas
    assert stage.conditions(home)["Progressing"] == ("True", "NewReplicaSetAvailable")
