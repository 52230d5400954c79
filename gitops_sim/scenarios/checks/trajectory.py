"""Words about the way there: what came in time, what never happened, what always held, and for how long."""

from __future__ import annotations

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


def _part(spans: list[Span], start: float, end: float) -> list[Span]:
    """The spans between two times; what only touches the borders is kept when it is the last one."""
    cut = [Span(max(s.start, start), min(s.end, end), s.holds) for s in spans if s.end >= start and s.start <= end]
    return [s for i, s in enumerate(cut) if s.end > s.start or i == len(cut) - 1]


def _range(evidence: Evidence, since: When | None, until: When | None) -> tuple[float, float] | str:
    """The times asked for, or which of them never came."""
    start = since.find(evidence) if since else 0.0
    end = until.find(evidence) if until else evidence.end
    if start is None:
        return f"never: {since}"
    return (start, evidence.end if end is None else end)


@check(
    until=CONDITION, since=SINCE, within=_WITHIN, by=_BY, stays=Param("whether it must hold to the end from then on", Reader.flag)
)
def converged_by(
    evidence: Evidence,
    *,
    until: Condition,
    since: When | None = None,
    within: float | None = None,
    by: float | None = None,
    stays: bool = False,
) -> Verdict:
    """A condition comes true in time: ``by`` a time, or ``within`` a duration of ``since``."""
    borders = _range(evidence, since, None)
    limit = f" within {seconds(within)}" if within is not None else f" by {time_of_day(by)}" if by is not None else ""
    expected = f"{until}{limit}"
    if isinstance(borders, str):
        return Verdict(False, expected, borders)
    start, end = borders
    part = _part(until.spans(evidence), start, end)
    good = part[-1:] if stays else part
    first = next((s.start for s in good if s.holds), None)
    if first is None:
        return Verdict(False, expected, f"not until the end ({seconds(end - start)}): {until.found(evidence, end)}", end)
    latest = min(start + within if within is not None else end, by if by is not None else end)
    actual = seconds(first - start) if since else time_of_day(first)
    return Verdict(first <= latest, expected, actual, first)


@check(condition=CONDITION, since=SINCE, until=UNTIL)
def never(evidence: Evidence, *, condition: Condition, since: When | None = None, until: When | None = None) -> Verdict:
    """A condition is not true for any time at all."""
    expected = f"never {condition}"
    borders = _range(evidence, since, until)
    if isinstance(borders, str):
        return Verdict(False, expected, borders)
    bad = [s for s in _part(condition.spans(evidence), *borders) if s.holds]
    if not bad:
        return Verdict(True, expected, "never")
    return Verdict(False, expected, f"from {time_of_day(bad[0].start)} for {_lasted(bad, evidence)}", bad[0].start)


@check(condition=CONDITION, since=SINCE, until=UNTIL)
def always(evidence: Evidence, *, condition: Condition, since: When | None = None, until: When | None = None) -> Verdict:
    """A condition is true all the time."""
    expected = f"always {condition}"
    borders = _range(evidence, since, until)
    if isinstance(borders, str):
        return Verdict(False, expected, borders)
    bad = [s for s in _part(condition.spans(evidence), *borders) if not s.holds]
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
    borders = _range(evidence, since, until)
    if isinstance(borders, str):
        return Verdict(False, expected, borders)
    start, end = borders
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
    borders = _range(evidence, since, until)
    if isinstance(borders, str):
        return Measured(None, borders)
    good = [s for s in _part(condition.spans(evidence), *borders) if s.holds]
    return Measured(sum(s.end - s.start for s in good), _lasted(good, evidence), good[0].start if good else None)


@measure("s", condition=CONDITION, since=SINCE, until=UNTIL)
def seconds_until(evidence: Evidence, *, condition: Condition, since: When | None = None, until: When | None = None) -> Measured:
    """How long it took until a condition came true."""
    borders = _range(evidence, since, until)
    if isinstance(borders, str):
        return Measured(None, borders)
    start, end = borders
    first = next((s.start for s in _part(condition.spans(evidence), start, end) if s.holds), None)
    if first is None:
        return Measured(None, f"never (in this run {seconds(end - start)})", end)
    return Measured(first - start, seconds(first - start), first)


def _lasted(spans: list[Span], evidence: Evidence) -> str:
    """``2 s``, or ``49m58s, until the end``."""
    total = seconds(sum(s.end - s.start for s in spans))
    return f"{total}, until the end" if spans and spans[-1].end >= evidence.end and spans[-1].end > spans[-1].start else total
