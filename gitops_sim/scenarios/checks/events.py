"""Words about the trace, about who wrote to a cluster, and about what commands answered."""

from __future__ import annotations

import re
from typing import Any

from gitops_sim.clock import time_of_day
from gitops_sim.cluster.store import Change
from gitops_sim.objects import get_path
from gitops_sim.scenarios.checks.params import ACTION, ANY_VALUE, CLUSTER, PATTERN, TEXT, shown
from gitops_sim.scenarios.checks.vocabulary import Param, Verdict, check
from gitops_sim.scenarios.checks.when import EVENT, SINCE, UNTIL, EventPattern, When
from gitops_sim.scenarios.evidence import Evidence, Performed
from gitops_sim.scenarios.reading import Reader


def _borders(evidence: Evidence, since: When | None, until: When | None) -> tuple[float, float]:
    """From when until when; a ``since`` that never came leaves nothing, an ``until`` that never came leaves all."""
    start = since.find(evidence) if since else 0.0
    end = until.find(evidence) if until else None
    return (float("inf") if start is None else start, float("inf") if end is None else end)


@check(event=EVENT, count=Param("how many at least; 1 when left out", Reader.whole), since=SINCE, until=UNTIL)
def event_happened(
    evidence: Evidence, *, event: EventPattern, count: int = 1, since: When | None = None, until: When | None = None
) -> Verdict:
    """The trace holds an event, at least so many times."""
    found = event.find(evidence, *_borders(evidence, since, until))
    expected = f"{event}" + (f", at least {count} times" if count > 1 else "")
    if len(found) >= count:
        at = found[count - 1].time
        return Verdict(True, expected, f"at {time_of_day(at)}" if count == 1 else f"{len(found)} times", at)
    return Verdict(False, expected, f"{len(found)} times" if found else "did not happen", found[-1].time if found else None)


@check(event=EVENT, since=SINCE, until=UNTIL)
def event_absent(evidence: Evidence, *, event: EventPattern, since: When | None = None, until: When | None = None) -> Verdict:
    """The trace holds no such event."""
    found = event.find(evidence, *_borders(evidence, since, until))
    if not found:
        return Verdict(True, f"no {event}", "none")
    first = found[0]
    return Verdict(False, f"no {event}", f"{first.actor} {first.message or first.event} at {time_of_day(first.time)}", first.time)


@check(first=EVENT, then=EVENT)
def event_before(evidence: Evidence, *, first: EventPattern, then: EventPattern) -> Verdict:
    """One event comes before another: the first of each is compared."""
    expected = f"{first} before {then}"
    before, after = first.find(evidence), then.find(evidence)
    if not before or not after:
        return Verdict(False, expected, "no " + " and no ".join(str(p) for p, f in ((first, before), (then, after)) if not f))
    times = f"{time_of_day(before[0].time)} and {time_of_day(after[0].time)}"
    return Verdict(before[0].seq < after[0].seq, expected, times, after[0].time)


@check(cluster=CLUSTER, by=Param("only writes by this person", Reader.text), since=SINCE, until=UNTIL)
def no_direct_writes(
    evidence: Evidence, *, cluster: str = "", by: str = "", since: When | None = None, until: When | None = None
) -> Verdict:
    """Nobody wrote to the cluster but its own controllers and the agents: every change came through Git.

    It does not matter with what they wrote. A change of an Application, or of an object of Flux, tells its agent what to do: that
    is not past it."""
    start, end = _borders(evidence, since, until)
    home = evidence.cluster(cluster)
    inside = [c for c in home.store.log if start <= c.time <= end and evidence.is_person(c.user) and by in ("", c.user)]
    writes = [c for c in inside if not _tells_an_agent(c)]
    expected = f"no writes to {home.name} past Git"
    if not writes:
        return Verdict(True, expected, "none")
    who = ", ".join(dict.fromkeys(c.user for c in writes))
    first = writes[0]
    return Verdict(False, expected, f"{who} wrote {first.key} at {time_of_day(first.time)}", first.time)


def _tells_an_agent(change: Change) -> bool:
    gone = get_path(change.object, ("metadata", "deletionTimestamp"))
    return change.type == "MODIFIED" and change.key.group.endswith(("argoproj.io", ".toolkit.fluxcd.io")) and not gone


@check(question=Param("the question's id", Reader.text, required=True), value=ANY_VALUE)
def answered(evidence: Evidence, *, question: str, value: Any) -> Verdict:
    """The last answer that was given to a question is this one; the verdict does not give it away."""
    given = [r for r in evidence.world.trace.find(event="QuestionAnswered") if r.data["question"] == question]
    if not given:
        return Verdict(False, f"the right answer to {question!r}", "no answer")
    last = given[-1]
    return Verdict(last.data["value"] == value, f"the right answer to {question!r}", shown(last.data["value"]), last.time)


@check(action=ACTION, text=TEXT)
def output_contains(evidence: Evidence, *, action: int | str, text: str) -> Verdict:
    """What a command printed holds this text."""
    return _output(evidence, action, f"prints {text!r}", lambda shown: text in shown)


@check(action=ACTION, text=Param("the whole text", lambda value: value.text(empty=True), required=True))
def output_equals(evidence: Evidence, *, action: int | str, text: str) -> Verdict:
    """What a command printed is this text, but for spaces at its ends."""
    return _output(evidence, action, text.strip(), lambda shown: shown.strip() == text.strip())


@check(action=ACTION, pattern=PATTERN)
def output_matches(evidence: Evidence, *, action: int | str, pattern: re.Pattern[str]) -> Verdict:
    """What a command printed matches a regular expression."""
    return _output(evidence, action, f"prints {pattern.pattern}", lambda shown: bool(pattern.search(shown)))


@check(action=ACTION, code=Param("the exit code", Reader.whole, required=True))
def exit_code(evidence: Evidence, *, action: int | str, code: int) -> Verdict:
    """A command ended with this exit code."""
    chosen = _chosen(evidence, action)
    codes = [p.output.exit for p in chosen]
    return Verdict(code in codes, f"exit code {code}", ", ".join(map(str, codes)) or "no such action")


def _chosen(evidence: Evidence, action: int | str) -> list[Performed]:
    performed = list(evidence.performed)
    if action == "any":
        return performed
    if action == "last":
        return performed[-1:]
    assert isinstance(action, int)
    return performed[action - 1 : action]


def _output(evidence: Evidence, action: int | str, expected: str, fits: object) -> Verdict:
    assert callable(fits)
    answers = [(p, str(p.output)) for p in _chosen(evidence, action)]
    for performed, text in answers:
        if fits(text):
            return Verdict(True, expected, text.strip() or "(nothing)", performed.start)
    if not answers:
        return Verdict(False, expected, "no such action")
    return Verdict(False, expected, answers[-1][1].strip() or "(nothing)", answers[-1][0].start)
