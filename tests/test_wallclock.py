"""The clock that waits runs the same events at the same times, and never ahead of the wall."""

from __future__ import annotations

import pytest

from gitops_sim.clock import Clock
from gitops_sim.wallclock import WallClock


class Wall:
    """Real time for the test: it passes only while somebody waits."""

    def __init__(self) -> None:
        self.seconds, self.pauses = 100.0, list[float]()

    def read(self) -> float:
        return self.seconds

    def pause(self, seconds: float) -> None:
        self.pauses.append(round(seconds, 6))
        self.seconds += seconds


def play(clock: Clock) -> list[tuple[float, str]]:
    told: list[tuple[float, str]] = []

    def tell(what: str) -> None:
        told.append((clock.now, what))

    def again() -> None:
        tell("again")
        clock.after(7, tell, "later")

    clock.at(5, again)
    clock.at(5, tell, "same instant")
    clock.at(30, tell, "at the end")
    clock.at(31, tell, "after the end")
    clock.run_until(30)
    return told


@pytest.mark.parametrize("speed", [1.0, 60.0, 0.5])
def test_it_runs_what_the_virtual_clock_runs(speed: float) -> None:
    wall = Wall()
    clock = WallClock(speed=speed, read=wall.read, pause=wall.pause)
    assert play(clock) == play(Clock())
    assert clock.now == 30
    assert wall.seconds == pytest.approx(100 + 30 / speed)


def test_it_waits_only_until_the_next_event() -> None:
    wall = Wall()
    clock = WallClock(speed=2, read=wall.read, pause=wall.pause)
    clock.at(10, list)
    clock.run_until(16)
    assert wall.pauses == [5, 3]


def test_what_comes_from_outside_while_it_waits_runs_when_it_is_due() -> None:
    wall = Wall()
    told: list[float] = []

    def interrupted(seconds: float) -> None:
        wall.seconds += min(seconds, 4)
        if wall.seconds == 104:
            clock.catch_up()
            clock.after(0, tell)

    def tell() -> None:
        told.append(clock.now)

    clock = WallClock(read=wall.read, pause=interrupted)
    clock.run_until(20)
    assert told == [pytest.approx(4)]


def test_it_catches_up_after_a_pause_without_waiting() -> None:
    wall = Wall()
    clock = WallClock(start=1000, read=wall.read, pause=wall.pause)
    ran: list[float] = []

    def run() -> None:
        ran.append(clock.now)

    clock.at(1005, run)
    clock.at(1500, run)
    wall.seconds += 60
    clock.catch_up()
    assert (ran, clock.now, wall.pauses) == ([1005], 1060, [])


def test_people_act_before_what_is_due_at_the_same_instant() -> None:
    wall = Wall()
    clock = WallClock(read=wall.read, pause=wall.pause)
    ran: list[float] = []
    clock.at(10, ran.append, 10.0)
    clock.run_before(10)
    assert (ran, clock.now) == ([], 10)
