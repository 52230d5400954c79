"""The world behind a computed question: a small scenario that is played with the question's seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gitops_sim.actions import Action
from gitops_sim.clock import time_of_day
from gitops_sim.course.quiz.probes import PROBES
from gitops_sim.errors import BadInput
from gitops_sim.nearest import nearest
from gitops_sim.scenarios import Evidence, WorldSpec, build_world, perform, read_world
from gitops_sim.scenarios.checks import Call, read_call
from gitops_sim.scenarios.checks.when import When, read_when
from gitops_sim.scenarios.format import read_actions
from gitops_sim.scenarios.reading import Reader, merged, read_file
from gitops_sim.trace import Record
from gitops_sim.views.story import Finding, Style, tell_run

STORY_WIDTH = 96


@dataclass(frozen=True, slots=True)
class RunSpec:
    """What is played, and which part of the story explains the answer: from ``since`` to ``until`` (the whole when left out),
    with what commands printed or without. ``facts`` of the run are told in the question: a time of day, or what a probe found.
    """

    world: WorldSpec
    actions: Sequence[Action]
    ends: float
    since: When | None = None
    until: When | None = None
    shows_output: bool = False
    facts: Mapping[str, When | Call] = field(default_factory=dict)

    def play(self, seed: int) -> PlayedRun:
        world = build_world(self.world, seed=seed)
        begins = len(world.trace)
        return PlayedRun(self, Evidence(world, perform(world, self.actions, self.ends)), begins)


@dataclass(frozen=True, slots=True)
class PlayedRun:
    """A run that was played, as the one who tells stories wants it. ``built`` records tell how the world was built."""

    spec: RunSpec
    evidence: Evidence
    built: int
    heading: str = ""
    title: str = ""
    expectations: Sequence[Finding] = ()

    @property
    def records(self) -> Sequence[Record]:
        """All that happened, up to where the explanation ends."""
        end = self.spec.until.find(self.evidence) if self.spec.until else None
        return self.evidence.world.trace.find(until=self.evidence.end if end is None else end)

    @property
    def begins(self) -> int:
        """The number of records before the explanation begins."""
        start = self.spec.since.find(self.evidence) if self.spec.since else None
        return max(self.built, sum(record.time < (start or 0.0) for record in self.records))

    def fact(self, name: str) -> str:
        """A fact in words. Raises BadInput when it did not come about."""
        known = self.spec.facts[name]
        if isinstance(known, Call):
            return known.measure(self.evidence).text
        time = known.find(self.evidence)
        if time is None:
            raise BadInput(f"fact {name!r} never came about in this run", mend="mend it, or let the run last longer")
        return time_of_day(time)

    def story(self) -> str:
        """The explanation, told: times of the world, one actor a line."""
        return tell_run(self, Style(width=STORY_WIDTH), shows_output=self.spec.shows_output)


def read_run(value: Reader, worlds: Path) -> RunSpec:
    """``{world, with, actions, ends, since, until}``: ``world`` is a world, or the name of a file in the folder ``worlds``; what
    stands under ``with`` is merged into it."""
    entries = value.mapping(("world", "ends"), ("with", "actions", "since", "until", "shows_output", "facts"))
    described = entries["world"] if entries["world"].is_mapping else _named(entries["world"], worlds)
    if "with" in entries:
        described = merged(described, entries["with"])
    world = read_world(described)
    actions = read_actions(entries["actions"], world) if "actions" in entries else []
    ends = entries["ends"].duration()
    if actions and ends < actions[-1].at:
        entries["ends"].fail("is before the last action", f"end at {actions[-1].at:g} or later")
    since = read_when(entries["since"]) if "since" in entries else None
    until = read_when(entries["until"]) if "until" in entries else None
    shows_output = entries["shows_output"].flag() if "shows_output" in entries else False
    facts = {name: _fact(inner) for name, inner in entries["facts"].entries().items()} if "facts" in entries else {}
    return RunSpec(world, actions, ends, since, until, shows_output, facts)


def _fact(value: Reader) -> When | Call:
    entries = value.entries() if value.is_mapping else {}
    return read_call(entries, "probe", PROBES) if "probe" in entries else read_when(value)


def _named(value: Reader, worlds: Path) -> Reader:
    known = {path.stem: path for path in sorted(worlds.glob("*.yaml"))}
    name = value.text()
    return read_file(known[name]) if name in known else value.fail(f"no world {name!r}", nearest(name, known))
