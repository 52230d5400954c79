"""Budgets that the operating system keeps, seen from a process that has one."""

from __future__ import annotations

import os

import pytest

from gitops_sim.clock import Bounds, Clock, bounded
from gitops_sim.course.grading.budget import Budget
from gitops_sim.errors import OutOfBounds
from gitops_sim.trace import Trace

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


def exit_code_within(budget: Budget, greedy: str) -> int:
    child = os.fork()
    if child == 0:
        code = 0
        try:
            budget.apply()
            exec(greedy, {"os": os})
        except (MemoryError, OSError):
            code = 9
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_memory_ends_before_the_machines_does() -> None:
    assert exit_code_within(Budget(), "bytearray(4_000_000_000)") == 9
    assert exit_code_within(Budget(), "bytearray(1_000_000)") == 0


def test_it_can_be_told_and_read_back() -> None:
    budget = Budget(records=7, wall_seconds=0.5)
    assert Budget.from_json(budget.as_json()) == budget


def tick(clock: Clock) -> None:
    clock.after(1, tick, clock)


def test_a_world_without_end_stops_at_the_same_event_each_time() -> None:
    stops = []
    for _ in range(2):
        with bounded(Bounds(events=100)):
            clock = Clock()
        tick(clock)
        with pytest.raises(OutOfBounds, match="more than 100 events"):
            clock.run_until(10**9)
        stops.append(clock.now)
    assert stops == [100.0, 100.0]


def test_a_trace_holds_no_more_than_its_bounds() -> None:
    with bounded(Bounds(records=2)):
        trace = Trace(Clock())
    trace.add("ana", "A")
    trace.add("ana", "B")
    with pytest.raises(OutOfBounds, match="more than 2 records"):
        trace.add("ana", "C")
    Trace(Clock()).add("ana", "unbound again")
