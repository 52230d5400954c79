"""When each Application next asks Git for its revision, and why most of the time nobody has to ask.

Every Application has its own times, as in the real one: every ``resync`` seconds and up to ``jitter`` more, by its own chance.
One whose last poll found nothing new sleeps until its branch moves: its times go on, but nothing happens at them. So what an
idle Application costs is nothing, and an idle repository one glance at a branch now and then, for whoever pushed past the forge.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from gitops_sim.agents.argocd.settings import Polling
from gitops_sim.clock import Clock, Priority, Timer
from gitops_sim.errors import BadInput
from gitops_sim.forge import Push, Repository
from gitops_sim.objects import Key
from gitops_sim.randomness import Randomness

_GLANCE = 60.0
"""Seconds between two glances at a branch that sleepers follow. A push through the forge wakes them at once without one."""

Branch = tuple[str, str]
"""A repository, and a branch of it."""


class Polls:
    """``poll(key)`` is called at the times of those that are awake. ``scope`` keeps the chances of several Argo CDs apart."""

    def __init__(
        self, clock: Clock, randomness: Randomness, scope: str, settings: Polling, poll: Callable[[Key], object]
    ) -> None:
        self._clock, self._randomness, self._scope, self._poll = clock, randomness, scope, poll
        self.settings = settings
        self._due: dict[Key, float] = {}
        self._timers: dict[Key, Timer] = {}
        self._asleep: dict[Key, Branch] = {}
        self._sleepers: dict[Branch, dict[Key, None]] = {}
        self._glances: dict[Branch, Timer] = {}
        self._glanced = 0.0

    def plan(self, key: Key) -> None:
        """Draws the next time of an Application, which is awake then."""
        self.forget(key)
        if self.settings.resync:
            self._due[key] = self._after(key, self._clock.now, self._clock.now)
            self._set(key)

    def next(self, key: Key) -> float | None:
        """The next time of an Application, asleep or not; None when polling is off."""
        if key in self._asleep:
            self._catch_up(key, self._clock.now)
        return self._due.get(key)

    def sleep(self, key: Key, repository: Repository, branch: str) -> None:
        """Nothing happens at the times of an Application until ``branch`` moves, or until it is woken."""
        timer = self._timers.pop(key, None)
        if timer is None:
            return
        timer.cancel()
        place = (repository.name, branch)
        self._asleep[key] = place
        self._sleepers.setdefault(place, {})[key] = None
        if place not in self._glances:
            self._glance_later(place, repository)

    def wake(self, key: Key, since: float | None = None) -> None:
        """``since``: what was slept through after this time is made up for now."""
        if key in self._asleep:
            self._catch_up(key, self._clock.now if since is None else since)
            self._awake(key)
            self._set(key)

    def pushed(self, push: Push) -> None:
        """A branch moved: everybody who sleeps on it polls again at their times."""
        for key in list(self._sleepers.get((push.repository.name, push.branch), ())):
            self.wake(key, self._glanced or None)

    def forget(self, key: Key) -> None:
        self._due.pop(key, None)
        timer = self._timers.pop(key, None)
        if timer is not None:
            timer.cancel()
        self._awake(key)

    def change(self, settings: Polling, keys: Iterable[Key]) -> None:
        """From now on everybody polls by other settings."""
        for key in list(self._asleep):
            self._catch_up(key, self._clock.now)
        self.settings = settings
        for key in keys:
            self.plan(key)

    # ------------------------------------------------------------------ inside

    def _after(self, key: Key, due: float, since: float) -> float:
        """The first time of an Application after ``since``, when ``due`` was one of them."""
        chance = self._randomness.stream(f"{self._scope}/{key.namespace}/{key.name}").random
        resync, jitter = self.settings.resync, self.settings.jitter
        while due <= since:
            due = round(due + resync + jitter * chance(), 6)
        return due

    def _catch_up(self, key: Key, since: float) -> None:
        """Times up to ``since``, itself included, have been slept through."""
        self._due[key] = self._after(key, self._due[key], since)

    def _set(self, key: Key) -> None:
        due = max(self._due[key], self._clock.now)
        self._timers[key] = self._clock.at(due, self._turn, key, priority=Priority.AGENT)

    def _turn(self, key: Key) -> None:
        self.plan(key)
        self._poll(key)

    def _awake(self, key: Key) -> None:
        place = self._asleep.pop(key, None)
        if place is None:
            return
        del self._sleepers[place][key]
        if not self._sleepers[place]:
            del self._sleepers[place]
            self._glances.pop(place).cancel()

    def _glance_later(self, place: Branch, repository: Repository) -> None:
        self._glances[place] = self._clock.after(_GLANCE, self._glance, place, repository, priority=Priority.AGENT)

    def _glance(self, place: Branch, repository: Repository) -> None:
        """One look at where the branch stands; who pushed past the forge is found out, and the sleepers are told."""
        self._glance_later(place, repository)
        self._glanced = self._clock.now - _GLANCE
        try:
            repository.tip(place[1])
        except BadInput:
            pass  # it is gone: its sleepers were told
        finally:
            self._glanced = 0.0
