"""What if one switch had stood otherwise? The same story is played on from one moment in two worlds, and both are told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gitops_sim.actions import Action
from gitops_sim.agents.flux.kustomization import KIND as KUSTOMIZATIONS
from gitops_sim.clock import format_duration, time_of_day
from gitops_sim.errors import BadInput
from gitops_sim.objects import get_path
from gitops_sim.scenarios import Evidence, Performed, Result, Scenario, build_world, perform
from gitops_sim.scenarios.divergence import wrong_spans
from gitops_sim.scenarios.format import RunSpec
from gitops_sim.scenarios.switches import Flip, flip
from gitops_sim.scenarios.targets import APPLICATIONS, targets
from gitops_sim.trace import Record
from gitops_sim.views import reading
from gitops_sim.views.story import Style, tell
from gitops_sim.views.svg import label, tag
from gitops_sim.views.timeline import Interval, timeline
from gitops_sim.views.view import View, stack
from gitops_sim.world import World


@dataclass(frozen=True, slots=True)
class Timeline:
    """One of the two: what happened in ``world``. ``begins``: the number of the first record of the story; ``since``: when the
    two part (simulated seconds)."""

    title: str
    heading: str
    world: World
    begins: int
    since: float
    performed: Sequence[Performed] = ()
    expectations: Sequence[Result] = ()

    @property
    def records(self) -> Sequence[Record]:
        return list(self.world.trace)

    @property
    def wrong(self) -> float:
        """For how many simulated seconds the cluster was not what Git said, from the parting on."""
        return sum((self.world.now if end is None else end) - start for start, end in self._spans())

    def facts(self) -> dict[str, str]:
        """What came of it from the parting on, in numbers and words."""
        later = [record for record in self.world.trace if record.time >= self.since]
        still = any(end is None for _, end in self._spans())
        found = {"not what Git says for": format_duration(self.wrong) + (", and still" if still else "")}
        for name, events in _COUNTED.items():
            found[name] = str(sum(record.event in events for record in later))
        for cluster in self.world.clusters.values():
            for obj in cluster.list(APPLICATIONS) if cluster.kinds.find(APPLICATIONS) else ():
                sync, health = (get_path(obj, ("status", part, "status"), "-") for part in ("sync", "health"))
                found[f"{obj['metadata']['name']} in the end"] = f"{sync}, {health}"
            for obj in cluster.list(KUSTOMIZATIONS) if cluster.kinds.find(KUSTOMIZATIONS) else ():
                conditions: Sequence[Mapping[str, str]] = get_path(obj, ("status", "conditions")) or ()
                ready = next((c for c in conditions if c["type"] == "Ready"), {})
                found[f"{obj['metadata']['name']} in the end"] = f"Ready {ready.get('status', '-')}, {ready.get('reason', '-')}"
        return found

    def picture(self) -> View:
        told = reading.happenings(self.records, since=self.begins)
        return timeline(told, [Interval(*span) for span in self._spans()], now=self.world.now, title=self.title)

    def _spans(self) -> list[tuple[float, float | None]]:
        return wrong_spans(Evidence(self.world), self.since)


_COUNTED = {
    "syncs": ("SyncSucceeded", "SyncFailed"),
    "self-heals": ("SelfHealed",),
    "drift seen": ("DriftDetected",),
    "objects pruned": ("Pruned",),
}


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """A story as it was, and as it would have been with ``flip`` from ``at`` on (simulated seconds). ``names``: whatever has
    switches here, the one whose switch was flipped first."""

    flip: Flip
    at: float
    actual: Timeline
    other: Timeline
    names: Sequence[str] = ()
    summary: str = ""
    lesson: str = ""
    shows_output: bool = False

    @property
    def runs(self) -> Sequence[Timeline]:
        return (self.actual, self.other)

    @property
    def comparison(self) -> list[tuple[str, list[str]]]:
        """``(what, [as it was, as it would have been])``; what is the same in both is left out, unless all is."""
        was, would = self.actual.facts(), self.other.facts()
        rows = [(name, [was.get(name, "-"), would.get(name, "-")]) for name in dict.fromkeys([*was, *would])]
        return [row for row in rows if row[1][0] != row[1][1]] or rows

    @property
    def parted(self) -> bool:
        """Whether the switch made any difference to what the agents did or found."""
        return any(was != would for _, (was, would) in self.comparison)

    @property
    def verdict(self) -> str:
        """What is to be said when the switch made no difference; empty when it did."""
        if self.parted:
            return ""
        of, others = self.names[0], ", ".join(self.names[1:])
        return "The switch made no difference here." + (f" It was that of {of}; there are also: {others}." if others else "")

    def text(self, style: Style | None = None) -> str:
        """Both timelines, what they have in common told once, and how they compare."""
        return tell(self, style or Style())

    def picture(self) -> View:
        """Both timelines, one under the other."""
        views = []
        for run in self.runs:
            view = run.picture()
            body = label(0, 16, run.title, "strong") + tag("g", view.body, transform="translate(0 24)")
            views.append(View(run.title, view.text, body, view.width, view.height + 24, view.summary))
        return stack(views, title=f"As it was, and with {self.flip}")

    def as_json(self) -> dict[str, Any]:
        return {
            "flip": str(self.flip),
            "at": self.at,
            "parted": self.parted,
            "comparison": [{"what": what, "actual": was, "other": would} for what, (was, would) in self.comparison],
            "trace_digests": [run.world.trace.digest() for run in self.runs],
        }


def what_if(
    start: World,
    actions: Sequence[Action],
    ends: float,
    wanted: Flip,
    *,
    at: float = 0.0,
    of: str = "",
    title: str = "",
    source: str = "",
) -> Counterfactual:
    """Plays ``actions`` from ``start``, a world that nobody else uses, until ``ends``; and from ``at`` on a second time, with the
    switch flipped just before whatever people do in that instant. ``of`` names the Application whose switch it is; ``title`` and
    ``source`` (a file) name the story.

    Raises BadInput when the switch is not there, cannot be flipped, or would be flipped after the end.
    """
    if at >= ends:
        mend = f"flip it before {format_duration(ends)}"
        raise BadInput(f"the story is over at {format_duration(ends)}, before {format_duration(at)}", mend=mend)
    built = 1 + max((r.seq for r in start.trace if r.subject.startswith("repo/")), default=-1)
    begins = len(start.trace) if start.now else built
    world = start
    common = perform(world, [a for a in actions if a.at < at], max(at, world.now), source=source) if at > world.now else []
    later = list(actions[len(common) :])
    since = world.now
    twin = world.fork()
    flip(twin, wanted, of)
    names = sorted(targets(twin), key=lambda name: name != of)
    whose = f" of {names[0]}" if len(names) > 1 else ""
    played = [(world, "as it was"), (twin, f"with {wanted}{whose} from {time_of_day(since)} on")]
    timelines = []
    for one, name in played:
        performed = [*common, *perform(one, later, ends, source=source)]
        heading = " · ".join(part for part in (title, name) if part)
        timelines.append(Timeline(name, heading, one, begins, since, performed))
    return Counterfactual(wanted, since, timelines[0], timelines[1], names)


def what_if_in(
    scenario: Scenario, wanted: Flip, *, run: str = "", at: float | None = None, of: str = "", seed: int | None = None
) -> Counterfactual:
    """The counterfactual of a story: of its first run, or the one that is named. ``at``: just before the first thing that people
    do, when left out."""
    chosen = _run(scenario, run)
    world = world_of(scenario, run, seed)
    when = (chosen.actions[0].at if chosen.actions else 0.0) if at is None else at
    title = f"{scenario.id}, {chosen.title}" if chosen.id else scenario.id
    return what_if(world, chosen.actions, chosen.ends, wanted, at=when, of=of, title=title, source=scenario.spec.source)


def world_of(scenario: Scenario, run: str = "", seed: int | None = None) -> World:
    """The world with which a run of a story begins."""
    spec = _run(scenario, run).world
    return build_world(spec, seed=spec.seed if seed is None else seed)


def _run(scenario: Scenario, name: str) -> RunSpec:
    runs: dict[str, RunSpec] = {run.id: run for run in scenario.spec.runs}
    if name and name not in runs:
        raise BadInput(
            f"{scenario.id} has no run {name!r}", mend="use one of " + ", ".join(runs) if any(runs) else "leave it out"
        )
    return runs[name] if name else scenario.spec.runs[0]
