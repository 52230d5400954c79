"""One simulation, wired: a clock, a forge, a registry, clusters, agents and people."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, cast

from gitops_sim.actions import Action, check_action
from gitops_sim.agents.argocd import ArgoCD
from gitops_sim.agents.flux import Flux, bootstrap
from gitops_sim.agents.image_updater import ImageUpdater
from gitops_sim.agents.pipeline import PushPipeline
from gitops_sim.clock import Clock, parse_duration, parse_start
from gitops_sim.cluster import Cluster
from gitops_sim.cluster.machines import machines_of
from gitops_sim.errors import BadInput
from gitops_sim.forge import Forge
from gitops_sim.hosting import Host
from gitops_sim.kind import KindCluster, KindSettings, connect
from gitops_sim.kubectl import Kubectl
from gitops_sim.output import Output
from gitops_sim.randomness import Randomness
from gitops_sim.registry import Registry
from gitops_sim.trace import Record, Trace
from gitops_sim.verbs import LEARNER, perform
from gitops_sim.wallclock import WallClock, real_now

if TYPE_CHECKING:
    from gitops_sim.api import Request, Response

_PATIENCE = 7 * 86400.0
"""Simulated seconds; ``kubectl wait --timeout=-1s`` means a week as well."""


class World:
    """Everything that one simulation holds. The same seed and the same actions give the same trace, to the byte.

    ``seed`` fixes all chance; ``shuffle`` deals events of one instant in a random order fixed by that number (see
    :class:`~gitops_sim.clock.Clock`); ``images`` describes the registry; ``nodes`` the machines by name,
    ``{"node-1": {"cpu": "4", "memory": "8Gi"}}`` (see :func:`gitops_sim.cluster.machines.machine`); ``without`` what its clusters
    lack (``ingress``, ``loadbalancer``); ``folder`` keeps the Git
    repositories (a temporary folder that goes with the world when none is given); ``starts`` is the time of day and year at which
    it begins, ``2026-03-01T08:00:00Z``, or ``now``, with which no other world will be the same.

    ``cluster="kind-dev"`` takes a real kind cluster instead of simulated ones, with the time of the wall: see
    :mod:`gitops_sim.kind`, whose settings may be given in place of the context's name.
    """

    def __init__(
        self,
        seed: int = 0,
        *,
        clusters: Sequence[str] = ("production",),
        cluster: str | KindSettings = "",
        images: Mapping[str, Any] | None = None,
        nodes: Mapping[str, Any] | None = None,
        without: Sequence[str] = (),
        folder: Path | None = None,
        shuffle: int | None = None,
        starts: str = "",
    ) -> None:
        self.seed = seed
        dealt = None if shuffle is None else Random(f"gitops-sim/shuffle/{shuffle}")
        start = float(int(real_now())) if starts == "now" else parse_start(starts) if starts else 0.0
        self.clock = WallClock(start=real_now()) if cluster else Clock(start=start, shuffle=dealt)
        self.starts = self.clock.timestamp()
        """Where it began; another world that ``starts`` there, with the same seed, goes the same way."""
        self.trace = Trace(self.clock)
        self.randomness = Randomness(seed)
        self.registry = Registry(images)
        self.git = Forge(self.clock, self.trace, folder)
        more: dict[str, Any] = {"clock": self.clock, "trace": self.trace, "randomness": self.randomness}
        machines = machines_of(clusters, nodes or {})
        self.clusters = {
            name: Cluster(name, **more, registry=self.registry, machines=machines[name], without=without)
            for name in (clusters if not cluster else ())
        }
        if isinstance(self.clock, WallClock):
            real = connect(cluster, self.clock)
            self.clusters[real.name] = cast(Cluster, real)  # as much of one as agents, kubectl and pictures ask for
        self.agents: dict[str, ArgoCD | Flux | ImageUpdater | PushPipeline] = {}
        self.actions: list[Action] = []
        self.sessions: set[str] = set()
        """What kubectl calls each of its commands that has written through the API."""
        self.turn: AbstractContextManager[None] = nullcontext()
        """Held by whoever touches the world while a server does so on another thread."""
        self.horizon = float("inf")
        """No command waits beyond this time (simulated seconds)."""

    # ------------------------------------------------------------------ time

    @property
    def now(self) -> float:
        """Simulated seconds since :data:`gitops_sim.clock.EPOCH`, where a world begins unless ``starts`` says otherwise."""
        return self.clock.now

    def run(self, seconds: float | str = 0, *, minutes: float = 0, hours: float = 0) -> World:
        """Lets the time pass: ``world.run("3m")``, ``world.run(minutes=5)``."""
        with self.turn:
            self.clock.run_until(self.now + parse_duration(seconds) + 60 * minutes + 3600 * hours)
        return self

    def run_until(self, condition: Callable[[], bool], *, timeout: float | str = "10m") -> bool:
        """Runs from event to event until ``condition()`` holds, at most ``timeout``; says whether it held."""
        with self.turn:
            end = self.now + parse_duration(timeout)
            self.clock.settle()
            while not condition():
                upcoming = self.clock.next_look
                if upcoming is None or upcoming > end:
                    self.clock.run_until(end)
                    return condition()
                self.clock.run_until(upcoming)
        return True

    def wait(self, condition: Callable[[], bool], timeout: float) -> bool:
        """What a blocking command does while it waits: a week at most, even when the real one would wait for ever."""
        return self.run_until(condition, timeout=max(0.0, min(timeout, _PATIENCE, self.horizon - self.now)))

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
            agent = ArgoCD(home, self.git, self.clock, self.trace, self.randomness, fleet=self.clusters)
            self.agents[f"argocd/{home.name}"] = agent
        assert isinstance(agent, ArgoCD)
        return agent

    def image_updater_in(self, cluster: str = "") -> ImageUpdater:
        """The Argo CD Image Updater of a cluster, beside its Argo CD; both are installed at the first call."""
        home = self.cluster(cluster)
        self.argocd_in(home.name)
        agent = self.agents.get(f"image-updater/{home.name}")
        if agent is None:
            agent = ImageUpdater(home, self.git, self.registry, self.clock, self.trace)
            self.agents[f"image-updater/{home.name}"] = agent
        assert isinstance(agent, ImageUpdater)
        return agent

    def flux_in(self, cluster: str = "") -> Flux:
        """The Flux of a cluster; installed at the first call."""
        home = self.cluster(cluster)
        agent = self.agents.get(f"flux/{home.name}")
        if agent is None:
            agent = Flux(home, self.git, self.registry, self.clock, self.trace)
            self.agents[f"flux/{home.name}"] = agent
        assert isinstance(agent, Flux)
        return agent

    def add_flux(self, *, repo: str, path: str = "", branch: str = "", cluster: str = "", **settings: Any) -> Flux:
        """Installs Flux and points it at a folder of a repository, as ``flux bootstrap`` does: see :func:`bootstrap` for
        ``settings``."""
        agent, repository = self.flux_in(cluster), self.git.repository(repo)
        for obj in bootstrap(repository.url, branch=branch or repository.default_branch, path=path, **settings):
            agent.cluster.create(obj)
        self.clock.settle()
        return agent

    def pipeline(self, name: str = "") -> PushPipeline:
        """A pipeline by name; the first one when no name is given."""
        pipelines = {agent.name: agent for agent in self.agents.values() if isinstance(agent, PushPipeline)}
        chosen = pipelines.get(name or next(iter(pipelines), ""))
        if chosen is None:
            there = "use one of " + ", ".join(pipelines) if pipelines else "add one: world.add_pipeline(repo=...)"
            raise BadInput(f"no pipeline {name!r} in this world" if name else "no pipeline in this world", mend=there)
        return chosen

    def add_pipeline(self, name: str = "pipeline", *, repo: str, cluster: str = "", **settings: Any) -> PushPipeline:
        """A push pipeline for one repository: see :class:`PushPipeline` for ``settings``."""
        pipeline = PushPipeline(name, self.cluster(cluster), self.git, self.clock, self.trace, repo=repo, **settings)
        self.agents[f"pipeline/{name}"] = pipeline
        return pipeline

    # ------------------------------------------------------------------ what people do

    def do(self, action: Action | str, **fields: Any) -> Output:
        """Does something now, and adds it to :attr:`actions`: ``world.do("revert", repo="shop", commit="HEAD", by="ana")``.

        The names and their fields are those of the action log (:data:`gitops_sim.actions.FIELDS`). A command answers
        with its output, any other
        action with an empty one. Raises BadInput when it cannot be done; then nothing is recorded.
        """
        if isinstance(action, str):
            check_action(action, fields)
            action = Action(self.now, action, fields)
        with self.turn:
            output = perform(self, action)
            self.actions.append(action)
            self.clock.settle()
        return output

    def kubectl(
        self, args: str, *, by: str = LEARNER, cluster: str = "", files: Mapping[str, str] | None = None, stdin: str = ""
    ) -> Output:
        """Runs one kubectl command; ``files`` are the files of the working folder. A command that waits lets the time pass."""
        given = {"by": by, "cluster": cluster, "files": files, "stdin": stdin}
        return self.do("kubectl", args=args, **{name: value for name, value in given.items() if value})

    def argocd(self, args: str, *, by: str = LEARNER, cluster: str = "", files: Mapping[str, str] | None = None) -> Output:
        """Runs one command of the ``argocd`` CLI; ``files`` are the files of the working folder."""
        given = {"by": by, "cluster": cluster, "files": files}
        return self.do("argocd", args=args, **{name: value for name, value in given.items() if value})

    def flux(self, args: str, *, by: str = LEARNER, cluster: str = "", files: Mapping[str, str] | None = None) -> Output:
        """Runs one command of the ``flux`` CLI; ``files`` are the files of the working folder. A command that waits lets the time
        pass."""
        given = {"by": by, "cluster": cluster, "files": files}
        return self.do("flux", args=args, **{name: value for name, value in given.items() if value})

    def request(
        self,
        request: Request,
        *,
        cluster: str = "",
        allow: Callable[[Action], object] | None = None,
        looks: bool = False,
    ) -> Response:
        """Answers a request to the API of a cluster, as its user; what it may change is added to :attr:`actions`, if ``allow``
        does not raise BadInput for it. With ``looks`` so is what somebody looks at with kubectl."""
        from gitops_sim.apicalls import action_of, call, is_look

        done: list[Action] = []

        def note() -> Action:
            action = action_of(self, request, cluster, LEARNER)
            if allow is not None:
                allow(action)
            done.append(action)
            return action

        response = call(self, request, cluster, note)
        if response.wrote:
            self.sessions.add(request.session)
        elif looks and is_look(request, response):
            done.append(action_of(self, request, cluster, LEARNER))
        if done:
            self.actions += done
            self.clock.settle()
        return response

    def notice_pushes(self) -> bool:
        """Takes note of what a real ``git push`` brought since the last look, as actions; says whether there was anything."""
        pushes = self.git.notice_pushes()
        for push in pushes:
            fields = push.repository.export_push(push)
            if push.actor != LEARNER:
                fields["by"] = push.actor
            self.actions.append(Action(self.now, "push", fields))
        self.clock.settle()
        return bool(pushes)

    def serve(
        self,
        *,
        cluster: str = "",
        port: int = 0,
        speed: float = 1.0,
        kubeconfig: str | Path | None = None,
        ui_port: int = 0,
        host: Host | None = None,
    ) -> Any:
        """Serves the Kubernetes API of a cluster on loopback, for kubectl and other clients, until its ``stop()`` is called.

        Time passes with the wall's from now on, ``speed`` simulated seconds a second. Answers with a
        :class:`gitops_sim.server.Served`: its ``kubeconfig`` is a file, its ``server`` a URL, its ``ui`` a link for a browser, to
        a port of its own (``ui_port``). Needs the ``serve`` extra.
        ``host`` is for who does more with what happens in it than the world does.
        """
        given = host or Host(self)
        more: dict[str, Any] = {"speed": speed, "kubeconfig": kubeconfig, "ui_port": ui_port}
        return import_module("gitops_sim.server").serve(given, cluster=cluster, port=port, **more)

    # ------------------------------------------------------------------ other times, other worlds

    def at(self, time: float | str) -> Moment:
        """The world as it was at ``time``, to look at: what happened later is not in it, and nothing in it can be changed."""
        return Moment(self, parse_duration(time))

    def dashboard(self) -> Any:
        """The dashboard of this world, for a notebook cell: tree, Git log, agent, timeline and a transport bar.

        The one door that leads up: it is opened when somebody asks for it, and needs the ``notebook`` extra only for its buttons.
        """
        return import_module("gitops_sim.notebook.dashboard").Dashboard(self)

    def close(self) -> None:
        """Ends what a world with a real cluster holds open; a simulated one holds nothing."""
        for cluster in self.clusters.values():
            if isinstance(cluster, KindCluster):
                cluster.close()

    def fork(self) -> World:
        """An independent copy that goes its own way from here. What both have in common is shared, not copied."""
        return copy.deepcopy(self)


class Moment:
    """A world at one time in its past, read only."""

    def __init__(self, world: World, time: float) -> None:
        if time > world.now:
            raise BadInput(
                f"{time:g} s is in the future: the world is at {world.now:g} s", mend="let the time pass first: world.run()"
            )
        self.time = time
        self._world = world

    @property
    def records(self) -> list[Record]:
        """What had happened by then."""
        return self._world.trace.find(until=self.time)

    def cluster(self, name: str = "") -> Cluster:
        return self._world.cluster(name).at(self.time)

    def kubectl(self, args: str, *, cluster: str = "") -> Output:
        """A command that only reads: ``moment.kubectl("get pods")``."""
        return Kubectl(self.cluster(cluster)).run(args)
