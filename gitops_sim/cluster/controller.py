"""The shape of every controller: level-triggered, one key at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from gitops_sim.clock import Clock, Priority, Timer
from gitops_sim.cluster.store import Change
from gitops_sim.objects import Key

_FIRST_RETRY, _LAST_RETRY = 0.005, 1000.0
"""Seconds; client-go ``util/workqueue`` ``DefaultControllerRateLimiter``."""

_TICK = 1e-6
"""Seconds; the clock rounds to it."""


class WorkQueue:
    """Keys that want a look. A key waits at most once; its turn comes as an event of its own on the clock."""

    def __init__(self, clock: Clock, reconcile: Callable[[Key], object], *, priority: Priority = Priority.CLUSTER) -> None:
        self._clock, self._reconcile, self._priority = clock, reconcile, priority
        self._waiting: dict[Key, Timer] = {}
        self._failures: dict[Key, int] = {}

    def add(self, key: Key, delay: float = 0.0) -> None:
        """Asks for a look at ``key`` in ``delay`` seconds; of two wishes the earlier one counts.

        Any delay, however small, is at least one tick of the clock: who waits for a moment is not asked again before it has come.
        """
        due = round(self._clock.now + delay, 6)
        if delay > 0 and due <= self._clock.now:
            due = round(self._clock.now + _TICK, 6)
        waiting = self._waiting.get(key)
        if waiting is not None:
            if waiting.time <= due:
                return
            waiting.cancel()
        self._waiting[key] = self._clock.at(due, self._turn, key, priority=self._priority)

    def requeue(self, key: Key, after: float) -> None:
        """Asks for a look at ``key`` after so many seconds; 0 asks for none, as RequeueAfter of controller-runtime."""
        if after > 0:
            self.add(key, after)

    def retry(self, key: Key) -> float:
        """Asks for another look after a failure: in 5 ms, then in twice as long each time, at most 1000 s. Returns the wait."""
        failures = self._failures.get(key, 0)
        self._failures[key] = failures + 1
        delay: float = min(_FIRST_RETRY * 2**failures, _LAST_RETRY)
        self.add(key, delay)
        return delay

    def succeed(self, key: Key) -> None:
        """Forgets the failures of ``key``."""
        self._failures.pop(key, None)

    def forget(self, key: Key) -> None:
        self._failures.pop(key, None)
        waiting = self._waiting.pop(key, None)
        if waiting is not None:
            waiting.cancel()

    def _turn(self, key: Key) -> None:
        del self._waiting[key]
        self._reconcile(key)


class Controller:
    """Looks at a whole object whenever something that concerns it changed, and moves the world one step towards its spec.

    A subclass says which keys a change concerns and what to do for one key. It must come to the same result however often and in
    whatever order it is called.
    """

    def __init__(self, clock: Clock, *, priority: Priority = Priority.CLUSTER) -> None:
        self.clock = clock
        self.queue = WorkQueue(clock, self.reconcile, priority=priority)

    def on_change(self, change: Change) -> None:
        """A watcher for :meth:`Store.watch`."""
        for key in self.concerned(change):
            self.queue.add(key)

    def concerned(self, change: Change) -> Iterable[Key]:
        raise NotImplementedError

    def reconcile(self, key: Key) -> None:
        raise NotImplementedError
