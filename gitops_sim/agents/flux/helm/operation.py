"""One action of Helm while it lasts: it may have to wait, and how far it is stands here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from gitops_sim.agents.flux.helm.helmrelease import ActionName, Settings
from gitops_sim.agents.flux.helm.release import Release
from gitops_sim.agents.flux.helm.shelf import FiledChart
from gitops_sim.manifests.helm import Values
from gitops_sim.objects import Key

Step = Literal[
    "crds",
    "wait for crds",
    "prepare",
    "mark",
    "hooks before",
    "apply",
    "delete",
    "wait",
    "wait for deletion",
    "hooks after",
    "tests",
    "finish",
]


class ActionError(Exception):
    """Helm failed. ``message`` is what it says; ``mend`` is the way out, where one is known."""

    def __init__(self, message: str, mend: str = "") -> None:
        super().__init__(message)
        self.message, self.mend = message, mend


@dataclass(slots=True)
class Operation:
    """``release`` is the revision that it is about, as it is now; ``original`` the one before, ``superseded``
    one that was uninstalled, whose name is used again. ``steps`` are those left, the
    first one at work since ``since`` (simulated seconds) once it is ``entered``. ``hooks`` are the places of those left in a step
    of hooks, ``done`` of those that have run; ``keys`` are objects that are waited for. ``recorded`` are the revisions as they
    were written last, by their number; ``touched`` is what became of the objects."""

    action: ActionName
    settings: Settings
    steps: list[Step]
    release: Release | None = None
    original: Release | None = None
    superseded: Release | None = None
    filed: FiledChart | None = None
    values: Values = field(default_factory=dict)
    since: float = 0.0
    entered: bool = False
    hooks: list[int] = field(default_factory=list)
    done: list[int] = field(default_factory=list)
    keys: tuple[Key, ...] = ()
    passing: tuple[Key, ...] = ()
    created: list[Key] = field(default_factory=list)
    recorded: dict[int, Release] = field(default_factory=dict)
    touched: list[tuple[Key, str]] = field(default_factory=list)

    @property
    def stored(self) -> bool:
        """Whether anything was written to where Helm keeps releases."""
        return bool(self.recorded)

    @property
    def about(self) -> Release:
        assert self.release is not None
        return self.release


def steps_of(*steps: Step) -> list[Step]:
    return list(steps)


def counted(touched: Sequence[tuple[Key, str]]) -> str:
    """``Deployment/web created, 2 unchanged``, for people."""
    told = [f"{key.kind}/{key.name} {what}" for key, what in touched if what != "unchanged"]
    rest = len(touched) - len(told)
    few = told[:3] + ([f"{len(told) - 3} more"] if len(told) > 3 else []) + ([f"{rest} unchanged"] if rest else [])
    return ", ".join(few) or "there is nothing in it"
