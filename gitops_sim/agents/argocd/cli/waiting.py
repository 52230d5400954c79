"""How ``argocd app wait``, ``sync`` and ``rollback`` wait: what they look for, and what they print meanwhile.

Source: ``cmd/argocd/commands/app.go`` (waitOnApplicationStatus, checkAppWaitConditions).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from gitops_sim.agents.argocd.cli import printing
from gitops_sim.agents.argocd.cli.parsing import GENERIC, FatalError
from gitops_sim.agents.argocd.cli.printing import States
from gitops_sim.objects import Key, Object, get_path

Wait = Callable[[Callable[[], bool], float], bool]


@dataclass(frozen=True, slots=True)
class Selector:
    """``GROUP:KIND:NAME``, with ``!`` in front for what is left out; a part may be ``*``, the name may have its namespace in
    front."""

    group: str
    kind: str
    namespace: str
    name: str
    excludes: bool

    def fits(self, key: Key) -> bool:
        parts = ((self.group, key.group), (self.kind, key.kind), (self.name, key.name))
        return all(wanted in ("*", found) for wanted, found in parts) and self.namespace in ("", "*", key.namespace)


def read_selectors(texts: Sequence[str]) -> list[Selector]:
    """Raises FatalError."""
    found = []
    for text in texts:
        plain = text.removeprefix("!")
        parts = plain.split(":")
        if len(parts) != 3:
            raise FatalError(f"resource should have GROUP:KIND:NAME, but instead got: {plain}", code=GENERIC)
        namespace, _, name = parts[2].rpartition("/")
        if "/" in namespace:
            what = f"resource with namespace should have GROUP:KIND:NAMESPACE/NAME, but instead got: {plain}"
            raise FatalError(what, code=GENERIC)
        found.append(Selector(parts[0], parts[1], namespace, name, text != plain))
    return found


def selected(selectors: Sequence[Selector], key: Key) -> bool:
    """Whether one of them means an object and none leaves it out; where all leave something out, the rest is meant."""
    if any(one.excludes and one.fits(key) for one in selectors):
        return False
    includes = [one for one in selectors if not one.excludes]
    return not includes or any(one.fits(key) for one in includes)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is waited for; nothing at all means ``sync``, ``health`` and ``operation``."""

    sync: bool = False
    health: bool = False
    suspended: bool = False
    degraded: bool = False
    operation: bool = False

    def filled(self) -> Wanted:
        some = any((self.sync, self.health, self.suspended, self.degraded, self.operation))
        return self if some else Wanted(sync=True, health=True, operation=True)

    def holds(self, health: str, sync: str) -> bool:
        wishes = {"Healthy": self.health, "Suspended": self.suspended, "Degraded": self.degraded}
        well = not any(wishes.values()) or wishes.get(health, False)
        return well and (not self.sync or sync == "Synced")


@dataclass
class Watching:
    """One wait for one Application. ``look`` is called whenever something may have changed, and says whether it is over."""

    get: Callable[[], tuple[Object, States]]
    stamp: Callable[[], str]
    wanted: Wanted
    selectors: Sequence[Selector] = ()
    printed: str = ""
    error: str = ""
    _known: dict[Key, list[str]] = field(default_factory=dict)

    def look(self) -> bool:
        obj, states = self.get()
        if self._ready(obj, states):
            return True
        self.show(states)
        return bool(self.error)

    def show(self, states: States) -> None:
        """Adds a line for every resource that is news."""
        rows = []
        for state in self._chosen(states):
            key, found = Key(*state[:4]), list(state[4:])
            before = self._known.get(key)
            if before is not None and self.wanted.health and found[1] == "Degraded" and before[1] not in ("Unknown", "Degraded"):
                self.error = self.error or f"health state has transitioned from {before[1]} to {found[1]}"
            merged = found if before is None else [new or old for new, old in zip(found, before, strict=True)]
            if merged != before:
                self._known[key] = merged
                rows.append([self.stamp(), *state[:4], *merged])
        if rows or not self.printed:
            self.printed += printing.stream(rows, head=not self.printed)

    def _ready(self, obj: Object, states: States) -> bool:
        running: Any = obj.get("operation")
        if self.wanted.operation and running:
            return False
        if self.selectors:
            return all(self.wanted.holds(state[5], state[4]) for state in self._chosen(states))
        health, sync = (get_path(obj, ("status", axis, "status"), "") for axis in ("health", "sync"))
        return self.wanted.holds(health, sync)

    def _chosen(self, states: States) -> States:
        return [state for state in states if selected(self.selectors, Key(*state[:4]))] if self.selectors else states
