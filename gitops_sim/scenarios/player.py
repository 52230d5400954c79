"""Playing a scenario: build its world, do what its people do when they do it, and judge what came of it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gitops_sim.actions import Action
from gitops_sim.clock import time_of_day
from gitops_sim.errors import BadInput
from gitops_sim.scenarios.building import build_world
from gitops_sim.scenarios.checks import Measured
from gitops_sim.scenarios.evidence import Evidence, Performed
from gitops_sim.scenarios.format import Expectation, RunSpec, ScenarioSpec
from gitops_sim.trace import Record
from gitops_sim.world import World


@dataclass(frozen=True, slots=True)
class Result:
    """One expectation and what was found."""

    name: str
    passed: bool
    expected: str
    actual: str
    at: float | None = None

    def as_json(self) -> dict[str, Any]:
        return {"name": self.name, "passed": self.passed, "expected": self.expected, "actual": self.actual}


@dataclass(frozen=True, slots=True)
class Run:
    """One run as it was played. ``begins`` is the number of trace records that tell how the world was built, before the story."""

    spec: RunSpec
    heading: str
    evidence: Evidence
    begins: int
    expectations: Sequence[Result]
    measures: Sequence[Measured]

    @property
    def world(self) -> World:
        return self.evidence.world

    @property
    def title(self) -> str:
        return self.spec.title

    @property
    def records(self) -> Sequence[Record]:
        """What happened in the story, and how it was set up before."""
        return list(self.world.trace)

    @property
    def passed(self) -> bool:
        return all(result.passed for result in self.expectations)


@dataclass(frozen=True, slots=True)
class Played:
    """A scenario that was played: its runs, and how they compare."""

    spec: ScenarioSpec
    seed: int
    runs: Sequence[Run]

    @property
    def name(self) -> str:
        return self.spec.id

    @property
    def summary(self) -> str:
        return self.spec.summary

    @property
    def lesson(self) -> str:
        return self.spec.lesson

    @property
    def shows_output(self) -> bool:
        return self.spec.shows_output

    @property
    def passed(self) -> bool:
        return all(run.passed for run in self.runs)

    @property
    def expectations(self) -> list[Result]:
        """Of all runs; where there are several, each name starts with its run's."""
        several = len(self.runs) > 1
        return [
            Result(f"{run.spec.id}: {r.name}" if several else r.name, r.passed, r.expected, r.actual, r.at)
            for run in self.runs
            for r in run.expectations
        ]

    @property
    def comparison(self) -> list[tuple[str, list[str]]]:
        """``(measure, what each run had)``, in the order of the file."""
        return [
            (measure.name, [run.measures[index].text for run in self.runs]) for index, measure in enumerate(self.spec.measures)
        ]

    @property
    def trace_digest(self) -> str:
        """Of the one run's trace; of all runs' digests where there are several."""
        digests = [run.world.trace.digest() for run in self.runs]
        return digests[0] if len(digests) == 1 else hashlib.sha256("\n".join(digests).encode()).hexdigest()

    @property
    def simulated_seconds(self) -> float:
        return round(sum(run.world.now for run in self.runs), 6)

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "seed": self.seed,
            "passed": self.passed,
            "expectations": [result.as_json() for result in self.expectations],
            "trace_digest": self.trace_digest,
            "simulated_seconds": self.simulated_seconds,
        }


def play(spec: ScenarioSpec, *, seed: int | None = None, shuffle: int | None = None) -> Played:
    """Plays all runs. ``seed`` overrides the file's; ``shuffle`` deals the events of one instant in another order."""
    chosen = spec.runs[0].world.seed if seed is None else seed
    return Played(spec, chosen, [_play_run(spec, run, chosen, shuffle) for run in spec.runs])


def perform(world: World, actions: Sequence[Action], ends: float, *, source: str = "") -> list[Performed]:
    """Does the actions at their times, then lets the world run until ``ends``.

    People act before anything else happens in an instant. A command that waits moves time on; what should have been done
    meanwhile is done as soon as it is back. Raises BadInput, with the line in the file ``source``, for what cannot be done.
    """
    performed: list[Performed] = []
    for action in actions:
        world.clock.run_before(max(action.at, world.now))
        start = world.now
        try:
            output = world.do(action)
        except BadInput as error:
            raise BadInput(error.what, where=_place(source, action, error.where), mend=error.mend) from None
        performed.append(Performed(action, start, world.now, output))
    world.clock.run_until(max(ends, world.now))
    return performed


def _place(source: str, action: Action, inner: str) -> str:
    line = f"{source}:{action.line}" if action.line else source
    return ": ".join(part for part in (line, f"{action.do} at {time_of_day(action.at)}", inner) if part)


def judge(evidence: Evidence, expectations: Sequence[Expectation]) -> list[Result]:
    """Each expectation beside what was found."""
    results: list[Result] = []
    for expectation in expectations:
        verdict = expectation.call.check(evidence)
        results.append(Result(expectation.name, verdict.passed, verdict.expected, verdict.actual, verdict.at))
    return results


def _play_run(spec: ScenarioSpec, run: RunSpec, seed: int, shuffle: int | None) -> Run:
    world = build_world(run.world, seed=seed, shuffle=shuffle)
    begins = 1 + max((r.seq for r in world.trace if r.subject.startswith("repo/")), default=-1)
    evidence = Evidence(world, perform(world, run.actions, run.ends, source=spec.source))
    heading = f"{spec.id} · {run.title} · seed {seed}"
    measures = [measure.call.measure(evidence) for measure in spec.measures]
    return Run(run, heading, evidence, begins, judge(evidence, run.expectations), measures)
