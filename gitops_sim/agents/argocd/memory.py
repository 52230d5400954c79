"""What the controller remembers of an application between two looks. All of it can be found out again; none of it is stored."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Literal

from gitops_sim.agents.argocd.application import Application, read_application
from gitops_sim.agents.argocd.clusters import Place
from gitops_sim.agents.argocd.compare import Comparison
from gitops_sim.agents.argocd.desired import DesiredState
from gitops_sim.agents.argocd.results import Outcome
from gitops_sim.agents.argocd.task import Result
from gitops_sim.objects import Key, Object


class Level(IntEnum):
    """How closely to look. ``RECENT``: at the cluster only, against the revision known last; ``LATEST``: at Git as well;
    ``FORCE``: at Git, and an error counts at once."""

    RECENT = 1
    LATEST = 2
    FORCE = 3


Cause = Literal["new", "poll", "refresh", "spec", "watch", "self-heal", "operation", "project", "cluster", "settings"]
_PRECEDENCE: tuple[Cause, ...] = (
    *("new", "poll", "operation", "refresh", "spec", "watch", "self-heal", "project", "cluster", "settings"),
)


@dataclass(slots=True)
class Memory:
    """``app``: the wishes as read last; ``revision`` and ``desired``: what Git said last; ``comparison``: what the last look
    found; ``told``: which differences the trace has told already; ``silent``: which skipped syncs and errors, until all is
    well; ``known``: what is told once for good; ``git_error_since``: when Git stopped answering; ``waits``: the next
    self-heal was put off; ``held``: a sync window kept auto-sync from acting; ``place``: where the desired state is wanted;
    ``results``: what the running operation has done so far; ``paused``: what it will say after the pause of a wave, when, and of
    which revision."""

    level: Level = Level.RECENT
    causes: set[Cause] = field(default_factory=set)
    revision: str = ""
    desired: DesiredState | None = None
    comparison: Comparison | None = None
    told: set[tuple[Key, Any]] = field(default_factory=set)
    silent: set[str] = field(default_factory=set)
    known: set[str] = field(default_factory=set)
    git_error_since: float | None = None
    waits: bool = False
    held: bool = False
    place: Place | None = None
    results: tuple[Result, ...] = ()
    paused: tuple[float, Outcome, str] | None = None
    app: Application | None = None
    _seen: Object | None = None

    @property
    def settled(self) -> bool:
        """Whether the last look was a good one, so that only a new revision or a change in the cluster can make a difference."""
        return self.comparison is not None and self.comparison.sync != "Unknown" and not self.held

    def want(self, place: Place, instance: str, desired: DesiredState) -> None:
        """From now on the objects of ``desired`` are watched at ``place``, whether or not they are there yet."""
        if self.place is not place:
            self.unwant(instance)
        place.live.want(instance, self.desired.targets if self.desired else (), desired.targets)
        self.place = place

    def unwant(self, instance: str) -> None:
        """Nothing is waited for any more."""
        if self.place is not None and self.desired is not None:
            self.place.live.want(instance, self.desired.targets, ())
            self.place.live.guard(instance, "")
        self.place = self.desired = None

    def read(self, obj: Object) -> Application:
        """The wishes of an Application, read again only when they changed."""
        seen = self._seen
        if (
            self.app is None
            or seen is None
            or seen.get("spec") is not obj.get("spec")
            or seen["metadata"].get("annotations") != obj["metadata"].get("annotations")
        ):
            self.app = read_application(obj)
        self._seen = obj
        return self.app

    def ask(self, level: Level, cause: Cause) -> None:
        """Remembers that a look is wanted; of several wishes the closest look counts."""
        self.level = max(self.level, level)
        self.causes.add(cause)

    def take(self) -> tuple[Level, Cause]:
        """What was asked for since the last look, and the foremost reason."""
        level, causes = self.level, self.causes
        self.level, self.causes = Level.RECENT, set()
        return level, next((cause for cause in _PRECEDENCE if cause in causes), "watch")

    def once(self, text: str, *, for_good: bool = False) -> bool:
        """True the first time; and again after :meth:`calm`, unless ``for_good``."""
        told = self.known if for_good else self.silent
        if text in told:
            return False
        told.add(text)
        return True

    def calm(self) -> None:
        """All is well again: what goes wrong next is news."""
        self.told.clear()
        self.silent.clear()
