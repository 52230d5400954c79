"""Virtual time: a heap of events, and the one rule that says which of two goes first."""

from __future__ import annotations

import gc
import heapq
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from functools import lru_cache
from random import Random
from typing import Any

from gitops_sim.errors import BadInput, OutOfBounds

EPOCH = datetime(2026, 1, 5, 9, 0, 0, tzinfo=UTC)
"""Where every world's clock starts: a Monday morning."""

_YOUNG = 50_000
"""New objects between two looks of the garbage collector while time runs (Python: 700)."""
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")


class Priority(IntEnum):
    """Who goes first among events of the same instant: the smaller number."""

    PEOPLE = 0
    CLUSTER = 10
    AGENT = 20
    OBSERVER = 30


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many events a clock may run, and how many records a trace may hold."""

    events: float = float("inf")
    records: float = float("inf")


_UNBOUND = Bounds()
_BOUNDS: ContextVar[Bounds] = ContextVar("bounds", default=_UNBOUND)


@contextmanager
def bounded(bounds: Bounds) -> Iterator[None]:
    """Every world that is made inside is bound for life: beyond its bounds it raises OutOfBounds, at the same point each time."""
    token = _BOUNDS.set(bounds)
    try:
        yield
    finally:
        _BOUNDS.reset(token)


class Timer:
    """A scheduled call. ``cancel()`` makes it never happen; cancelling twice, or too late, does nothing."""

    __slots__ = ("args", "callback", "cancelled", "time")

    def __init__(self, time: float, callback: Callable[..., object], args: tuple[Any, ...]) -> None:
        self.time, self.callback, self.args, self.cancelled = time, callback, args, False

    def cancel(self) -> None:
        self.cancelled = True


class Clock:
    """A virtual clock, in simulated seconds since :data:`EPOCH`. Nothing sleeps: time jumps from event to event.

    **Tie rule.** Events are ordered by ``(time, priority, serial)``: the earlier instant first; within an instant people act
    before the cluster reacts, the cluster before the agents look, the agents before an observer measures; within one
    priority, what was scheduled first happens first.

    A result that depends on the last part of that rule is luck. ``Clock(shuffle=Random(n))`` deals the order within one
    instant and priority at random, so that a test can show that expectations hold all the same.

    Callbacks are bound methods or module functions with plain arguments, never closures: that is what lets
    :meth:`World.fork` copy a running world.
    """

    def __init__(self, *, start: float = 0.0, shuffle: Random | None = None) -> None:
        self.now = round(start, 6)
        self._heap: list[tuple[float, int, float, int, Timer]] = []
        self._serial = 0
        self._shuffle = shuffle
        self._steps = 0
        self.bounds = _BOUNDS.get()

    def at(
        self,
        time: float,
        callback: Callable[..., object],
        *args: Any,
        priority: Priority = Priority.CLUSTER,
    ) -> Timer:
        """Calls ``callback(*args)`` at ``time`` (seconds since the epoch). Raises ``ValueError`` for the past."""
        time = round(time, 6)
        if time < self.now:
            raise ValueError(f"cannot schedule at {time} s: the clock is already at {self.now} s")
        timer = Timer(time, callback, args)
        self._serial += 1
        deal = self._shuffle.random() if self._shuffle else 0.0
        heapq.heappush(self._heap, (time, int(priority), deal, self._serial, timer))
        return timer

    def after(
        self,
        delay: float,
        callback: Callable[..., object],
        *args: Any,
        priority: Priority = Priority.CLUSTER,
    ) -> Timer:
        """Calls ``callback(*args)`` ``delay`` seconds from now; a negative delay means now."""
        return self.at(self.now + max(0.0, delay), callback, *args, priority=priority)

    @property
    def next_event(self) -> float | None:
        """The time of the next event, or None when nothing is scheduled."""
        while self._heap and self._heap[0][-1].cancelled:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    @property
    def next_look(self) -> float | None:
        """The next time at which anything can be different; None when nothing will ever be."""
        return self.next_event

    def step(self) -> bool:
        """Moves to the next event and runs it; False when there was none."""
        if self.next_event is None:
            return False
        self._steps += 1
        if self._steps > self.bounds.events:
            raise OutOfBounds(f"more than {self.bounds.events:g} events")
        time, _, _, _, timer = heapq.heappop(self._heap)
        self.now = time
        timer.callback(*timer.args)
        return True

    def run_until(self, end: float) -> None:
        """Runs every event up to and including ``end``, then stands at ``end`` (never earlier than now)."""
        end = round(end, 6)
        with _collecting_seldom():
            while (upcoming := self.next_event) is not None and upcoming <= end:
                self.step()
        self.now = max(self.now, end)

    def run_before(self, end: float) -> None:
        """Runs every event earlier than ``end``, then stands at ``end`` with its own events still to come: people act first."""
        with _collecting_seldom():
            while (upcoming := self.next_event) is not None and upcoming < end:
                self.step()
        self.now = max(self.now, round(end, 6))

    def settle(self) -> None:
        """Runs what is due at this very instant, and whatever that causes at this instant."""
        self.run_until(self.now)

    def timestamp(self, time: float | None = None) -> str:
        """RFC 3339 in whole seconds, as Kubernetes writes it: ``2026-01-05T09:02:31Z``."""
        return _timestamp(int(self.now if time is None else time))

    def unix(self) -> int:
        """Whole seconds since 1970, as Git writes commit dates."""
        return int(EPOCH.timestamp()) + int(self.now)


@contextmanager
def _collecting_seldom() -> Iterator[None]:
    """The garbage collector looks less often meanwhile: what a world makes while its time runs is mostly kept. A collector that
    is off stays off."""
    before = gc.get_threshold()
    if before[0]:
        gc.set_threshold(max(before[0], _YOUNG), *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


@lru_cache(256)
def _timestamp(seconds: int) -> str:
    return (EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def time_of_day(time: float) -> str:
    """``09:02:31``, and ``+1d 03:00:00`` from the second day on."""
    moment = EPOCH + timedelta(seconds=int(time))
    days = (moment.date() - EPOCH.date()).days
    return (f"+{days}d " if days else "") + moment.strftime("%H:%M:%S")


def parse_timestamp(text: str) -> float:
    """Seconds since the epoch of an RFC 3339 time that :meth:`Clock.timestamp` wrote."""
    return (datetime.fromisoformat(text) - EPOCH).total_seconds()


def parse_start(text: str) -> float:
    """Seconds since the epoch of a time at which a clock can start: RFC 3339, not before :data:`EPOCH`. Raises BadInput."""
    mend = f"write {EPOCH.isoformat().replace('+00:00', 'Z')}, or a later time in that form"
    try:
        start = parse_timestamp(text)
    except (ValueError, TypeError):  # TypeError: a time without a zone
        raise BadInput(f"not a time to start at: {text!r}", mend=mend) from None
    if start < 0:
        raise BadInput(f"no world starts as early as {text}", mend=mend)
    return start


def parse_duration(value: float | str, *, where: str = "") -> float:
    """Seconds of a number or of a string such as ``90s``, ``3m``, ``1h30m``. Raises BadInput for anything else."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        if not 0 <= value < float("inf"):
            raise BadInput(f"a duration cannot be {value}", where=where, mend="give seconds, 0 or more")
        return float(value)
    text = str(value).strip() if isinstance(value, str) else ""
    parts = _PART.findall(text)
    if parts and "".join(number + unit for number, unit in parts) == text:
        return round(sum(float(number) * _UNITS[unit] for number, unit in parts), 6)
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text)
    raise BadInput(f"not a duration: {value!r}", where=where, mend="write seconds, or units: 90s, 3m, 1h30m")


def format_duration(seconds: float) -> str:
    """For people, at most two units: ``0s``, ``2.5s``, ``49m58s``, ``2h``, ``1d3h``."""
    if seconds < 60:
        return f"{round(seconds, 1):g}s"
    whole = round(seconds)
    for size, unit, smaller, small in ((86400, "d", 3600, "h"), (3600, "h", 60, "m"), (60, "m", 1, "s")):
        if whole >= size:
            rest = whole % size // smaller
            return f"{whole // size}{unit}" + (f"{rest}{small}" if rest else "")
    raise AssertionError("a minute or more has a unit")
