"""One reconciliation of a Kustomization, while it lasts: it may have to wait, and what it has done so far is here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from gitops_sim.agents.flux.apply import Entry
from gitops_sim.agents.flux.build import Built, Target
from gitops_sim.agents.flux.cause import Cause
from gitops_sim.agents.flux.kustomization import Kustomization
from gitops_sim.objects import Key, Object

Phase = Literal["apply", "stage", "health", "termination"]


@dataclass(slots=True)
class Run:
    """``obj`` is the Kustomization with the status as this run has made it; ``stage`` is the number of the stage that is applied
    next, or that is waited for; ``since`` and ``started`` are simulated seconds; ``before`` is the inventory that it found."""

    obj: Object
    app: Kustomization
    cause: Cause
    revision: str
    built: Built
    stages: list[list[Target]]
    started: float
    before: dict[Key, str]
    stage: int = 0
    entries: list[Entry] = field(default_factory=list)
    phase: Phase = "apply"
    since: float = 0.0
    checked: tuple[Key, ...] = ()
    passing: tuple[Key, ...] = ()
    told_wait: bool = False

    @property
    def drifted(self) -> bool:
        return any(entry.changed for entry in self.entries)

    @property
    def log(self) -> str:
        """What was changed, a line each."""
        return "\n".join(str(entry) for entry in self.entries if entry.changed)
