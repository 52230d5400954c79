"""One reconciliation of a HelmRelease, while it lasts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from gitops_sim.agents.flux.apply import Seen
from gitops_sim.agents.flux.cause import Cause
from gitops_sim.agents.flux.helm.drift import Drift
from gitops_sim.agents.flux.helm.helmrelease import HelmRelease
from gitops_sim.agents.flux.helm.operation import Operation
from gitops_sim.agents.flux.helm.shelf import FiledChart
from gitops_sim.agents.flux.helm.snapshots import Snapshot
from gitops_sim.manifests.helm import Values
from gitops_sim.objects import Object

Move = Literal["install", "upgrade", "rollback", "uninstall", "test", "unlock", "correct cluster drift"]
"""What is done next. An uninstall is a remediation here: that of a deleted HelmRelease is another matter."""
Type = Literal["release", "remediate", "test", "unlock", "drift correction"]

TYPES: dict[Move, Type] = {
    "install": "release",
    "upgrade": "release",
    "rollback": "remediate",
    "uninstall": "remediate",
    "test": "test",
    "unlock": "unlock",
    "correct cluster drift": "drift correction",
}


@dataclass(slots=True)
class Run:
    """``obj`` is the HelmRelease with the status as this run has made it; ``previous`` the types of what was done already: of
    each there is but one. ``operation`` is under way since ``since`` (simulated seconds), to make ``move``; ``target`` is what is
    rolled back to; ``seen`` what agreed with the cluster before."""

    obj: Object
    app: HelmRelease
    filed: FiledChart
    values: Values
    cause: Cause
    seen: Seen
    previous: list[Type] = field(default_factory=list)
    move: Move | None = None
    operation: Operation | None = None
    since: float = 0.0
    target: Snapshot | None = None
    drift: Sequence[Drift] = ()
    moved: bool = False


@dataclass(frozen=True, slots=True)
class Ended:
    """How it ended: ``done``; ``requeue``, to be gone on with soon; ``later``, after ``delay`` seconds; ``error``, to be tried
    again; ``final``, until something changes."""

    how: Literal["done", "requeue", "later", "error", "final"]
    delay: float = 0.0


@dataclass(frozen=True, slots=True)
class Paused:
    """To be gone on with in ``delay`` seconds."""

    delay: float
