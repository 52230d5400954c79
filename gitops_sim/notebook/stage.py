"""Looking at a world: every picture of it, at its present and on the way there."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gitops_sim.agents.argocd import ArgoCD
from gitops_sim.agents.flux import Flux, inventory
from gitops_sim.agents.pipeline import PushPipeline
from gitops_sim.clock import format_duration
from gitops_sim.errors import BadInput
from gitops_sim.forge import Repository
from gitops_sim.nearest import nearest
from gitops_sim.notebook.film import Film, Frame
from gitops_sim.objects import Object, get_path
from gitops_sim.scenarios import Evidence
from gitops_sim.scenarios.divergence import wrong_spans
from gitops_sim.trace import Record
from gitops_sim.views import reading
from gitops_sim.views.compare import compare
from gitops_sim.views.countdown import AgentState, Wait, agent, countdown
from gitops_sim.views.dashboard import dashboard
from gitops_sim.views.flow import Flow, Style, flow
from gitops_sim.views.gitlog import git_log
from gitops_sim.views.resources import application_tree, namespace_tree, objects_tree
from gitops_sim.views.standing import Standing, follow
from gitops_sim.views.timeline import Interval, timeline
from gitops_sim.views.tree import tree
from gitops_sim.views.view import View, stack
from gitops_sim.world import World


class Stage:
    """The pictures of one world with one application: deployed by an Argo CD or a Flux that pulls, or by a pipeline that pushes.

    ``since``: the number of the first record that belongs to what is told; when it is left out, the one after the commits that
    were there from the start. Raises BadInput for a world in which nobody deploys anything.
    """

    def __init__(self, world: World, *, since: int | None = None) -> None:
        self.world, self.since = world, _begins(world) if since is None else since
        agents = list(world.agents.values())
        self.argocd = next((a for a in agents if isinstance(a, ArgoCD)), None)
        self.pipeline = next((a for a in agents if isinstance(a, PushPipeline)), None)
        apps = self.argocd.applications() if self.argocd else []
        self.flux = None if apps else next((a for a in agents if isinstance(a, Flux) and a.all_kustomizations()), None)
        if not deploys(world):
            raise BadInput("nobody deploys anything in this world", mend="use start('pull') or start('push')")
        found = apps or (self.flux.all_kustomizations() if self.flux else [])
        self.application = str(found[0]["metadata"]["name"]) if found else ""
        self.style: Style = "pull" if found else "push"
        self.repository: Repository = world.git.repository(self._address(found))

    # ------------------------------------------------------------------ pictures of now

    def flow(self) -> View:
        """Push or pull, with what moved last."""
        return self.flow_at(len(self._records()) - 1)

    def tree(self) -> View:
        """The resources in the cluster."""
        cluster = self.world.cluster()
        if self.flux:
            return tree(
                objects_tree(cluster, "Kustomization", self.application, inventory.read(self.flux.find(self.application)))
            )
        if self.style == "pull":
            return tree(application_tree(cluster, self.application))
        return tree(namespace_tree(cluster))

    def log(self, *, width: float = 620, most: int = 6) -> View:
        """The Git log, and who stands where in it."""
        now = self._standing()
        worker = self._worker() or "pipeline"
        places = reading.pointers(now.branch, now.tip, seen=now.seen, agent=worker, applied=now.applied, wrong=bool(now.wrong))
        title = f"Git log of {self.repository.name}"
        return git_log(reading.commits(self.repository, now.tip), places, title=title, width=width, most=most)

    def timeline(self, *, legend: bool = True) -> View:
        """Who did what, and how long the cluster was not what Git said."""
        events = reading.happenings(self._records(), since=self.since)
        return timeline(events, self.intervals(), now=self.world.now, legend=legend)

    def compare(self) -> View:
        """The fields in which cluster and Git differ, as Argo CD's last look found them."""
        fields = reading.fields(self.argocd, self.application) if self.argocd and self.application else []
        return compare(fields, subject=self.application)

    def agent(self) -> View:
        """What the agent says and when it looks again."""
        if self.flux:
            return agent(reading.kustomization_state(self.flux, self.application), self._wait())
        if self.argocd and self.application:
            return agent(reading.agent_state(self.argocd, self.application), self._wait())
        return agent(AgentState(self.repository.name, note="deploys once for every push"), self._wait())

    def countdown(self) -> View:
        """How long until the next look at Git."""
        return countdown(self._wait())

    def dashboard(self) -> View:
        """Everything on one page."""
        return dashboard(self.log(width=506, most=4), self.agent(), self.tree(), self.timeline())

    def picture(self, name: str) -> View:
        """By the name of its method. Raises BadInput for a picture that there is not."""
        makers: dict[str, Callable[[], View]] = {
            "dashboard": self.dashboard,
            "flow": self.flow,
            "tree": self.tree,
            "log": self.log,
            "timeline": self.timeline,
            "compare": self.compare,
            "agent": self.agent,
            "countdown": self.countdown,
        }
        if name not in makers:
            raise BadInput(f"no picture {name!r}", mend=nearest(name, makers))
        return makers[name]()

    # ------------------------------------------------------------------ on the way here

    def film(self, title: str = "") -> Film:
        """The flow diagram, moment by moment."""
        moments = reading.moves(self._records(), since=self.since)
        frames = [Frame("before anything happens", self.flow_at(self.since - 1))]
        seqs = [seq for seq, _ in moments[:-1]] + [len(self._records()) - 1]
        frames += [Frame(f"{move.actor} {move.what}", self.flow_at(seq)) for (_, move), seq in zip(moments, seqs, strict=False)]
        if not moments:
            frames.append(Frame("and in the end", self.flow_at(seqs[-1], time=self.world.now)))
        return Film(frames, title=title or f"{self.style.capitalize()}, moment by moment")

    def intervals(self) -> list[Interval]:
        """When the cluster was not what Git said, since the story began."""
        begins = self._records()[self.since].time if self.since < len(self._records()) else self.world.now
        return [Interval(start, end) for start, end in wrong_spans(Evidence(self.world), begins)]

    # ------------------------------------------------------------------ inside

    def _records(self) -> Sequence[Record]:
        return list(self.world.trace)

    def _standing(self) -> Standing:
        found = follow(self._records())
        return found[-1] if found else Standing()

    def _wait(self) -> Wait:
        if self.flux:
            return reading.wait_of_flux(self.flux, self.application)
        if self.argocd and self.application:
            return reading.wait_of(self.argocd, self.application)
        return Wait(self.world.now, None, agent="the pipeline")

    def flow_at(self, seq: int, *, time: float | None = None) -> View:
        """The diagram after record ``seq``; with a ``time`` later than its last move, nothing is lit any more."""
        records = self._records()
        told = [move for number, move in reading.moves(records, since=self.since) if number <= seq]
        standing = follow(records)[seq] if 0 <= seq < len(records) else Standing()
        people = dict.fromkeys(move.actor for move in told if move.arrow in ("commit", "manual"))
        return flow(
            Flow(
                self.style,
                told,
                standing.texts,
                standing.wrong,
                quiet=time is not None and (not told or told[-1].time < time),
                next=self._next() if seq == len(records) - 1 else "",
                person=", ".join(people) or "people",
                worker=self._worker() or (self.pipeline.name if self.pipeline else ""),
                watches=self.flux is None,
            )
        )

    def _worker(self) -> str:
        """Who pulls; empty when nobody does."""
        if self.flux:
            return self.flux.name
        return self.argocd.name if self.style == "pull" and self.argocd else ""

    def _address(self, found: Sequence[Object]) -> str:
        """Where what the first of these asks for comes from."""
        if self.flux:
            return self.flux.source_of(found[0])
        if found:
            return str(get_path(found[0], ("spec", "source", "repoURL")))
        return self.pipeline.repo if self.pipeline else ""

    def _next(self) -> str:
        wait = self._wait()
        return "no look planned" if wait.left is None else f"next poll in {format_duration(wait.left)}"


def _begins(world: World) -> int:
    return 1 + max((r.seq for r in world.trace if r.time == 0 and r.subject.startswith("repo/")), default=-1)


def deploys(world: World) -> bool:
    """Whether anybody deploys anything in this world, so that there is a stage to look at."""
    return any(_works(agent) for agent in world.agents.values())


def _works(agent: object) -> bool:
    if isinstance(agent, Flux):
        return bool(agent.all_kustomizations())
    return isinstance(agent, PushPipeline) or (isinstance(agent, ArgoCD) and bool(agent.applications()))


def side_by_side(stages: Sequence[Stage], title: str) -> Film:
    """Several worlds in one film, each as it stands at the same time; what happens in one instant is shown step by step."""
    told = [reading.moves(list(stage.world.trace), since=stage.since) for stage in stages]
    frames = [Frame("before anything happens", stack([stage.flow_at(stage.since - 1) for stage in stages], title=title))]
    at = [stage.since - 1 for stage in stages]
    for time in sorted({move.time for moments in told for _, move in moments}):
        now = [[(seq, move) for seq, move in moments if move.time == time] for moments in told]
        for step in range(max(map(len, now))):
            captions = []
            for index, stage in enumerate(stages):
                if step < len(now[index]):
                    at[index], move = now[index][step]
                    captions.append(f"{stage.style}: {move.actor} {move.what}")
            shown = [stage.flow_at(seq, time=time) for stage, seq in zip(stages, at, strict=True)]
            frames.append(Frame("; ".join(captions), stack(shown, title=title)))
    return Film(frames, title=title)
