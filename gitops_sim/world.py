"""One simulation, wired: a clock, a forge, a registry, clusters, agents and people."""

from __future__ import annotations

import copy
import shlex
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

from gitops_sim.actions import Action
from gitops_sim.agents.argocd import ArgoCD
from gitops_sim.agents.pipeline import PushPipeline
from gitops_sim.clock import Clock, parse_duration
from gitops_sim.cluster import Cluster
from gitops_sim.errors import BadInput
from gitops_sim.forge import Forge
from gitops_sim.kubectl import Kubectl
from gitops_sim.output import Output
from gitops_sim.randomness import Randomness
from gitops_sim.registry import Registry
from gitops_sim.trace import Trace


class World:
    """Everything that one simulation holds. The same seed and the same actions give the same trace, to the byte.

    ``seed`` fixes all chance; ``shuffle`` deals events of one instant in a random order fixed by that number (see
    :class:`~gitops_sim.clock.Clock`); ``images`` describes the registry; ``folder`` keeps the Git repositories (a temporary folder that
    goes with the world when none is given).
    """

    def __init__(
        self,
        seed: int = 0,
        *,
        clusters: Sequence[str] = ("production",),
        images: Mapping[str, Any] | None = None,
        folder: Path | None = None,
        shuffle: int | None = None,
    ) -> None:
        self.seed = seed
        self.clock = Clock(shuffle=None if shuffle is None else Random(f"gitops-sim/shuffle/{shuffle}"))
        self.trace = Trace(self.clock)
        self.randomness = Randomness(seed)
        self.registry = Registry(images)
        self.git = Forge(self.clock, self.trace, folder)
        self.clusters = {
            name: Cluster(
                name, clock=self.clock, trace=self.trace, randomness=self.randomness, registry=self.registry
            )
            for name in clusters
        }
        self.agents: dict[str, ArgoCD | PushPipeline] = {}
        self.actions: list[Action] = []

    # ------------------------------------------------------------------ time

    @property
    def now(self) -> float:
        """Simulated seconds since the world began."""
        return self.clock.now

    def run(self, seconds: float | str = 0, *, minutes: float = 0, hours: float = 0) -> World:
        """Lets the time pass: ``world.run("3m")``, ``world.run(minutes=5)``."""
        self.clock.run_until(self.now + parse_duration(seconds) + 60 * minutes + 3600 * hours)
        return self

    def run_until(self, condition: Callable[[], bool], *, timeout: float | str = "10m") -> bool:
        """Runs from event to event until ``condition()`` holds, at most ``timeout``; says whether it held."""
        end = self.now + parse_duration(timeout)
        self.clock.settle()
        while not condition():
            upcoming = self.clock.next_event
            if upcoming is None or upcoming > end:
                self.clock.run_until(end)
                return condition()
            self.clock.run_until(upcoming)
        return True

    # ------------------------------------------------------------------ places

    def cluster(self, name: str = "") -> Cluster:
        """A cluster by name; the first one when no name is given."""
        if not name:
            return next(iter(self.clusters.values()))
        if name not in self.clusters:
            raise BadInput(f"no cluster {name!r} in this world", mend="use one of " + ", ".join(self.clusters))
        return self.clusters[name]

    def argocd_in(self, cluster: str = "") -> ArgoCD:
        """The Argo CD of a cluster; installed at the first call."""
        home = self.cluster(cluster)
        agent = self.agents.get(f"argocd/{home.name}")
        if agent is None:
            agent = ArgoCD(home, self.git, self.clock, self.trace, self.randomness)
            self.agents[f"argocd/{home.name}"] = agent
        assert isinstance(agent, ArgoCD)
        return agent

    def add_pipeline(self, name: str = "pipeline", *, repo: str, cluster: str = "", **settings: Any) -> PushPipeline:
        """A push pipeline for one repository: see :class:`PushPipeline` for ``settings``."""
        pipeline = PushPipeline(name, self.cluster(cluster), self.git, self.clock, self.trace, repo=repo, **settings)
        self.agents[f"pipeline/{name}"] = pipeline
        return pipeline

    # ------------------------------------------------------------------ what people do

    def kubectl(
        self, args: str, *, user: str = "you", cluster: str = "", files: Mapping[str, str] | None = None, stdin: str = ""
    ) -> Output:
        """Runs one kubectl command as ``user``; ``files`` are the files of the working folder. Blocking commands let time pass."""
        ...

    def do(self, action: Action) -> Output | None:
        """Does what the action says, now, and adds it to :attr:`actions`."""
        ...

    # ------------------------------------------------------------------ other times, other worlds

    def at(self, time: float) -> Any:
        """The world as it was (read only)."""
        ...

    def fork(self) -> World:
        """An independent copy that goes its own way from here: what-if branches cost one shallow copy of what changed."""
        return copy.deepcopy(self)
