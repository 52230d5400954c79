"""Words about the way there: what came in time, what never happened, what always held, and for how long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gitops_sim.clock import time_of_day
from gitops_sim.objects import Path, dotted, get_path
from gitops_sim.scenarios.checks.conditions import CONDITION, Condition
from gitops_sim.scenarios.checks.params import FIELD, OBJECT
from gitops_sim.scenarios.checks.vocabulary import Measured, Param, Verdict, check, measure
from gitops_sim.scenarios.checks.when import SINCE, UNTIL, When
from gitops_sim.scenarios.evidence import Evidence, ObjectRef, Span, seconds
from gitops_sim.scenarios.reading import Reader

_WITHIN = Param("at most this long after 'since'", Reader.duration)
_BY = Param("no later than this time", Reader.duration)


@dataclass(frozen=True, slots=True)
class _Range:
    """A time to look at. The instant of ``end`` itself belongs to it only when it is the end of the run."""

    start: float
    end: float
    to_the_end: bool

    def cut(self, spans: Sequence[Span]) -> list[Span]:
        """The parts of the spans that lie in it; each lasts for a while, but for the last one at the end of the run."""
        cut = [Span(max(s.start, self.start), min(s.end, self.end), s.holds) for s in spans]
        last = cut[-1:] if self.to_the_end else []
        return [s for s in cut if s.end > s.start] + [s for s in last if s.end == s.start]


def _range(evidence: Evidence, since: When | None, until: When | None) -> _Range | str:
    """The time asked for, or what never came."""
    start = since.find(evidence) if since else 0.0
    end = until.find(evidence) if until else evidence.end
    if start is None:
        return f"never: {since}"
    if start > evidence.end:
        return f"it is not yet {time_of_day(start)}"
    return _Range(start, evidence.end if end is None else max(end, start), end is None or end >= evidence.end)


@check(
    condition=CONDITION,
    since=SINCE,
    within=_WITHIN,
    by=_BY,
    stays=Param("whether it must hold to the end from then on", Reader.flag),
)
def converged_by(
    evidence: Evidence,
    *,
    condition: Condition,
    since: When | None = None,
    within: float | None = None,
    by: float | None = None,
    stays: bool = False,
) -> Verdict:
    """A condition comes true in time: ``by`` a time, or ``within`` a duration of ``since``."""
    time = _range(evidence, since, None)
    limit = f" within {seconds(within)}" if within is not None else f" by {time_of_day(by)}" if by is not None else ""
    expected = f"{condition}{limit}"
    if isinstance(time, str):
        return Verdict(False, expected, time)
    start, end = time.start, time.end
    part = time.cut(condition.spans(evidence))
    good = part[-1:] if stays else part
    first = next((s.start for s in good if s.holds), None)
    if first is None:
        return Verdict(False, expected, f"not until the end ({seconds(end - start)}): {condition.found(evidence, end)}", end)
    latest = min(start + within if within is not None else end, by if by is not None else end)
    actual = seconds(first - start) if since else time_of_day(first)
    return Verdict(first <= latest, expected, actual, first)


@check(condition=CONDITION, since=SINCE, until=UNTIL)
def never(evidence: Evidence, *, condition: Condition, since: When | None = None, until: When | None = None) -> Verdict:
    """A condition is not true for any time at all."""
    expected = f"never {condition}"
    time = _range(evidence, since, until)
    if isinstance(time, str):
        return Verdict(False, expected, time)
    bad = [s for s in time.cut(condition.spans(evidence)) if s.holds]
    if not bad:
        return Verdict(True, expected, "never")
    return Verdict(False, expected, f"from {time_of_day(bad[0].start)} for {_lasted(bad, evidence)}", bad[0].start)


@check(condition=CONDITION, since=SINCE, until=UNTIL)
def always(evidence: Evidence, *, condition: Condition, since: When | None = None, until: When | None = None) -> Verdict:
    """A condition is true all the time."""
    expected = f"always {condition}"
    time = _range(evidence, since, until)
    if isinstance(time, str):
        return Verdict(False, expected, time)
    bad = [s for s in time.cut(condition.spans(evidence)) if not s.holds]
    if not bad:
        return Verdict(True, expected, "always")
    found = condition.found(evidence, bad[0].start)
    return Verdict(False, expected, f"{found} from {time_of_day(bad[0].start)} for {_lasted(bad, evidence)}", bad[0].start)


@check(object=OBJECT, field=FIELD, least=Param("the least number", Reader.number, required=True), since=SINCE, until=UNTIL)
def always_at_least(
    evidence: Evidence, *, object: ObjectRef, field: Path, least: float, since: When | None = None, until: When | None = None
) -> Verdict:
    """A number in an object never falls below a bound, such as the ready replicas during a rollout."""
    expected = f"{object} {dotted(field)} always at least {least:g}"
    time = _range(evidence, since, until)
    if isinstance(time, str):
        return Verdict(False, expected, time)
    start, end = time.start, time.end
    steps = evidence.steps(object)
    lasting = [(s, n.time if n else end) for s, n in zip(steps, [*steps[1:], None], strict=True)]
    seen = [(_number(s.object, field), max(s.time, start)) for s, stop in lasting if stop > start and s.time <= end]
    lowest, at = min(seen, key=lambda pair: pair[0])
    return Verdict(lowest >= least, expected, f"lowest {lowest:g} at {time_of_day(at)}", at)


def _number(obj: object, field: Path) -> float:
    found = get_path(obj, field, 0)
    return float(found) if isinstance(found, int | float) else 0.0


@measure("s", condition=CONDITION, since=SINCE, until=UNTIL)
def seconds_while(evidence: Evidence, *, condition: Condition, since: When | None = None, until: When | None = None) -> Measured:
    """How long a condition was true, all spans together."""
    time = _range(evidence, since, until)
    if isinstance(time, str):
        return Measured(None, time)
    good = [s for s in time.cut(condition.spans(evidence)) if s.holds]
    return Measured(sum(s.end - s.start for s in good), _lasted(good, evidence), good[0].start if good else None)


@measure("s", condition=CONDITION, since=SINCE, until=UNTIL)
def seconds_until(evidence: Evidence, *, condition: Condition, since: When | None = None, until: When | None = None) -> Measured:
    """How long it took until a condition came true."""
    time = _range(evidence, since, until)
    if isinstance(time, str):
        return Measured(None, time)
    start, end = time.start, time.end
    first = next((s.start for s in time.cut(condition.spans(evidence)) if s.holds), None)
    if first is None:
        return Measured(None, f"never (in this run {seconds(end - start)})", end)
    return Measured(first - start, seconds(first - start), first)


def _lasted(spans: list[Span], evidence: Evidence) -> str:
    """``2 s``, or ``49m58s, until the end``."""
    total = seconds(sum(s.end - s.start for s in spans))
    return f"{total}, until the end" if spans and spans[-1].end >= evidence.end and spans[-1].end > spans[-1].start else total
