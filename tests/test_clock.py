from __future__ import annotations

import gc
from random import Random

import pytest

from gitops_sim.clock import Clock, Priority, format_duration, parse_duration, parse_timestamp, time_of_day
from gitops_sim.errors import BadInput


def test_events_of_one_instant_go_people_first_then_cluster_agents_observers_then_as_scheduled():
    clock, order = Clock(), []
    for name, priority in [
        ("observer", Priority.OBSERVER),
        ("agent", Priority.AGENT),
        ("cluster 1", Priority.CLUSTER),
        ("cluster 2", Priority.CLUSTER),
        ("person", Priority.PEOPLE),
    ]:
        clock.at(5, order.append, name, priority=priority)
    clock.at(4, order.append, "earlier", priority=Priority.OBSERVER)
    clock.run_until(5)
    assert order == ["earlier", "person", "cluster 1", "cluster 2", "agent", "observer"]


def test_shuffle_deals_only_within_one_instant_and_priority():
    def play(shuffle: int) -> list[str]:
        clock, order = Clock(shuffle=Random(shuffle)), []
        for name in "abcdef":
            clock.at(1, order.append, name)
        clock.at(1, order.append, "last", priority=Priority.OBSERVER)
        clock.at(0.5, order.append, "first", priority=Priority.OBSERVER)
        clock.run_until(1)
        return order

    orders = [play(n) for n in range(5)]
    assert all(o[0] == "first" and o[-1] == "last" and sorted(o[1:-1]) == list("abcdef") for o in orders)
    assert len({tuple(o) for o in orders}) > 1
    assert play(3) == play(3)


def test_run_until_includes_what_an_event_causes_at_the_end_itself():
    clock, seen = Clock(), []

    def chain(left: int) -> None:
        seen.append(clock.now)
        if left:
            clock.after(0, chain, left - 1)

    clock.at(2, chain, 3)
    clock.run_until(2)
    assert seen == [2, 2, 2, 2]
    assert clock.next_event is None


def test_run_before_leaves_the_events_of_that_instant_so_that_people_act_first():
    clock, seen = Clock(), []
    clock.at(3, seen.append, "event at 3")
    clock.run_before(3)
    seen.append("person at 3")
    clock.settle()
    assert seen == ["person at 3", "event at 3"]
    assert clock.now == 3


def test_a_cancelled_timer_never_fires_and_is_not_the_next_event():
    clock, seen = Clock(), []
    timer = clock.at(1, seen.append, "cancelled")
    clock.at(2, seen.append, "kept")
    timer.cancel()
    assert clock.next_event == 2
    clock.run_until(9)
    assert seen == ["kept"]
    assert clock.now == 9


def test_step_says_whether_there_was_anything_to_do():
    clock = Clock()
    clock.after(7, clock.settle)
    assert clock.step()
    assert clock.now == 7
    assert not clock.step()


def test_the_past_cannot_be_scheduled():
    clock = Clock()
    clock.run_until(10)
    with pytest.raises(ValueError, match="already at 10"):
        clock.at(9, clock.settle)


def test_times_are_written_as_kubernetes_git_and_people_write_them():
    clock = Clock()
    clock.run_until(151.9)
    assert clock.timestamp() == "2026-01-05T09:02:31Z"
    assert clock.unix() == 1767603600 + 151
    assert time_of_day(151.9) == "09:02:31"
    assert time_of_day(86400 + 3600) == "+1d 10:00:00"
    assert parse_timestamp("2026-01-05T09:02:31Z") == 151


@pytest.mark.parametrize(
    ("text", "seconds"), [("3m", 180), ("90s", 90), ("1h30m", 5400), ("250ms", 0.25), (5, 5), ("7", 7), (0, 0), ("1.5s", 1.5)]
)
def test_durations_are_seconds_or_units(text, seconds):
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("bad", ["", "3 minutes", "m", "3x", -1, None, True, float("inf"), float("nan"), "1m junk"])
def test_a_bad_duration_says_where_and_how_to_write_it(bad):
    with pytest.raises(BadInput) as caught:
        parse_duration(bad, where="demo.yaml: ends")
    assert "demo.yaml: ends" in str(caught.value)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0s"), (2.5, "2.5s"), (59.94, "59.9s"), (60, "1m"), (2998, "49m58s"), (7200, "2h"), (97200, "1d3h")]
)
def test_durations_for_people_have_at_most_two_units(seconds, text):
    assert format_duration(seconds) == text


def test_now_can_be_scheduled_wherever_the_clock_stands() -> None:
    """Sums of seconds are seldom whole microseconds."""
    clock, ran = Clock(), list[float]()
    for end in (8.703147000000001, 8.8031474, 8.9031476):
        clock.run_until(end)
        clock.after(0, ran.append, end)
        clock.settle()
    assert ran == [8.703147000000001, 8.8031474, 8.9031476]
    assert clock.now == 8.903148


def test_the_garbage_collector_is_left_as_it_was() -> None:
    clock, seen = Clock(), []
    clock.at(1, lambda: seen.append(gc.get_threshold()[0]))
    clock.at(2, lambda: 1 / 0)
    before = gc.get_threshold()
    with pytest.raises(ZeroDivisionError):
        clock.run_until(2)
    assert seen[0] > before[0]
    assert gc.get_threshold() == before
