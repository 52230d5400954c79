"""What the probes of one container will find, computed ahead: nothing polls a container that stays as it is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from gitops_sim.registry import Image

What = Literal["started", "failing", "unready", "ready", "kill", "exit"]
_ORDER: tuple[What, ...] = ("started", "failing", "unready", "ready", "kill", "exit")
_FOREVER = math.inf


@dataclass(frozen=True, slots=True)
class Milestone:
    """One thing that will happen to a running container.

    ``kind`` is the probe's (``Readiness``, ``Liveness``, ``Startup``). A ``failing`` milestone stands for the probe that fails
    for the ``number``-th time in a row of ``count`` such probes, which began at ``since`` and come every ``period`` seconds;
    ``told`` of them had their event before. ``code`` is an exit's.
    """

    time: float
    what: What
    kind: str = ""
    number: int = 0
    told: int = 0
    count: float = 0
    since: float = 0.0
    period: float = 0.0
    code: int = 0

    @property
    def rank(self) -> tuple[float, int]:
        return self.time, _ORDER.index(self.what)

    def next_failure(self) -> Milestone | None:
        """The next failing probe worth an event: after the second one every other, fourth, eighth ..., and the last."""
        if self.number >= self.count:
            return None
        number = int(min(self.number * 2, self.count))
        at = round(self.since + (number - 1) * self.period, 6)
        return Milestone(at, "failing", self.kind, number, self.number, self.count, self.since, self.period)


@dataclass(frozen=True, slots=True)
class Probe:
    """A probe of a container's spec. Times in seconds; the thresholds are probes in a row."""

    kind: str
    delay: float
    period: float
    successes: int
    failures: int

    def first(self, running: float, started: float) -> float:
        """The moment of the first probe of a container that runs since ``running`` and passed its startup probe at
        ``started``."""
        return max(running + self.delay, started)

    def window(self, first: float, good_from: float, good_until: float) -> tuple[float, float]:
        """The index of the first probe that passes, and of the first one after it that fails; infinity for what never comes."""
        good, bad = self._index(first, good_from), self._index(first, good_until)
        return (good, bad) if good < bad else (_FOREVER, _FOREVER)

    def _index(self, first: float, time: float) -> float:
        return _FOREVER if time == _FOREVER else max(0, math.ceil(round((time - first) / self.period, 6)))

    def at(self, first: float, index: float) -> float:
        return _FOREVER if index == _FOREVER else round(first + index * self.period, 6)


def probe_of(container: Mapping[str, Any], kind: str) -> Probe | None:
    """The ``Readiness``, ``Liveness`` or ``Startup`` probe, with the API's defaults for what it leaves open."""
    spec = container.get(f"{kind.lower()}Probe")
    if spec is None:
        return None
    return Probe(
        kind,
        float(spec.get("initialDelaySeconds") or 0),
        float(spec.get("periodSeconds") or 10),
        int(spec.get("successThreshold") or 1),
        int(spec.get("failureThreshold") or 3),
    )


def failure_text(container: Mapping[str, Any], kind: str, address: str) -> str:
    """What the kubelet says of a failed probe. Source: ``pkg/kubelet/prober/prober.go``, ``pkg/probe``."""
    spec = container[f"{kind.lower()}Probe"]
    if "httpGet" in spec:
        found = "HTTP probe failed with statuscode: 503"
    elif "tcpSocket" in spec:
        port = spec["tcpSocket"].get("port", 0)
        named = [p["containerPort"] for p in container.get("ports") or () if p.get("name") == port]
        found = f"dial tcp {address}:{named[0] if named else port}: connect: connection refused"
    elif "grpc" in spec:
        found = 'service unhealthy (responded with "NOT_SERVING")'
    else:
        found = ""
    return f"{kind} probe failed: {found}"


def plan(container: Mapping[str, Any], image: Image, running: float, exits: Milestone | None) -> list[Milestone]:
    """All that will happen to a container that runs since ``running``, in order, up to its end."""
    good_from = _FOREVER if image.never_ready else running + image.ready
    good_until = _FOREVER if image.hang is None else running + image.hang
    steps: list[Milestone] = [exits] if exits is not None else []
    started = running
    startup = probe_of(container, "Startup")
    if startup is not None:
        started = _startup(startup, running, good_from, good_until, steps)
    if started < _FOREVER:
        steps.append(Milestone(started, "started"))
        _liveness(probe_of(container, "Liveness"), running, started, good_from, good_until, steps)
        _readiness(probe_of(container, "Readiness"), running, started, good_from, good_until, steps)
    steps.sort(key=lambda step: step.rank)
    end = next((i for i, step in enumerate(steps) if step.what in ("kill", "exit")), len(steps))
    return steps[: end + 1]


def _startup(probe: Probe, running: float, good_from: float, good_until: float, steps: list[Milestone]) -> float:
    first = probe.first(running, running)
    good, _ = probe.window(first, good_from, good_until)
    _fails(probe, first, 0, min(good, probe.failures), steps)
    if good < probe.failures:
        return probe.at(first, good)
    steps.append(Milestone(probe.at(first, probe.failures - 1), "kill", probe.kind))
    return _FOREVER


def _liveness(
    probe: Probe | None, running: float, started: float, good_from: float, good_until: float, steps: list[Milestone]
) -> None:
    if probe is None:
        return
    first = probe.first(running, started)
    good, bad = probe.window(first, good_from, good_until)
    if good < probe.failures:
        _fails(probe, first, 0, good, steps)
    else:
        bad = 0
    if bad < _FOREVER:
        _fails(probe, first, bad, probe.failures, steps)
        steps.append(Milestone(probe.at(first, bad + probe.failures - 1), "kill", probe.kind))


def _readiness(
    probe: Probe | None, running: float, started: float, good_from: float, good_until: float, steps: list[Milestone]
) -> None:
    if probe is None:
        steps.append(Milestone(started, "ready"))
        return
    first = probe.first(running, started)
    good, bad = probe.window(first, good_from, good_until)
    _fails(probe, first, 0, good, steps)
    _fails(probe, first, bad, _FOREVER, steps)
    if good + probe.successes <= bad and good < _FOREVER:
        steps.append(Milestone(probe.at(first, good + probe.successes - 1), "ready"))
        if bad < _FOREVER:
            steps.append(Milestone(probe.at(first, bad + probe.failures - 1), "unready", probe.kind))


def _fails(probe: Probe, first: float, index: float, count: float, steps: list[Milestone]) -> None:
    """``count`` probes in a row fail, from the one at ``index`` on."""
    if count > 0 and index < _FOREVER:
        since = probe.at(first, index)
        steps.append(Milestone(since, "failing", probe.kind, 1, 0, count, since, probe.period))
