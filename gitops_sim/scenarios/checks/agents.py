"""Words about agents: who noticed, and who holds which key."""

from __future__ import annotations

from gitops_sim.agents.credentials import Credential
from gitops_sim.scenarios.checks.params import one_of
from gitops_sim.scenarios.checks.vocabulary import Measured, Param, Verdict, check, measure
from gitops_sim.scenarios.checks.when import EVENT, SINCE, UNTIL, EventPattern, When
from gitops_sim.scenarios.evidence import Evidence, seconds
from gitops_sim.scenarios.reading import Reader


@measure("s", event=EVENT, since=SINCE)
def noticed(evidence: Evidence, *, event: EventPattern, since: When | None = None) -> Measured:
    """Who was first to notice something, and how long it took them."""
    start = since.find(evidence) if since else 0.0
    if start is None:
        return Measured(None, f"never: {since}")
    found = event.find(evidence, since=start)
    if not found:
        return Measured(None, "nobody")
    delay = found[0].time - start
    return Measured(delay, f"{found[0].actor}, " + (f"after {seconds(delay)}" if delay else "at once"), found[0].time)


_TROUBLE = ("SyncFailed", "ComparisonFailed", "BuildFailed", "FetchFailed", "SourceMissing", "SpecInvalid")


@measure("s", since=SINCE, until=UNTIL)
def trouble_told(evidence: Evidence, *, since: When | None = None, until: When | None = None) -> Measured:
    """How long it took until an agent said that something is wrong, and what it said."""
    start = since.find(evidence) if since else 0.0
    end = until.find(evidence) if until else evidence.end
    if start is None:
        return Measured(None, f"never: {since}")
    for record in evidence.world.trace:
        degraded = record.event == "HealthChanged" and record.data.get("new") == "Degraded"
        if (degraded or record.event in _TROUBLE) and start <= record.time <= (evidence.end if end is None else end):
            said = record.message.partition(":")[0]
            return Measured(record.time - start, f"{seconds(record.time - start)}: {said}", record.time)
    return Measured(None, "nobody said so")


_HOLDER = Param("who holds it: the agent's or pipeline's name", Reader.text)
_TARGET = Param("what it opens: a cluster, a repository", Reader.text)
_PLACE = Param("where it is kept: inside cluster, or outside cluster", one_of(("inside cluster", "outside cluster")))
_ACCESS = Param("what it allows: read, write or admin", one_of(("read", "write", "admin")))


@check(holder=_HOLDER, target=_TARGET, place=_PLACE, access=_ACCESS)
def credential_held(evidence: Evidence, *, holder: str = "", target: str = "", place: str = "", access: str = "") -> Verdict:
    """Somebody holds such a credential."""
    found = _credentials(evidence, holder, target, place, access)
    expected = "a credential" + _described(holder, target, place, access)
    return Verdict(bool(found), expected, "; ".join(map(_text, found)) or "none")


@check(holder=_HOLDER, target=_TARGET, place=_PLACE, access=_ACCESS)
def credential_absent(evidence: Evidence, *, holder: str = "", target: str = "", place: str = "", access: str = "") -> Verdict:
    """Nobody holds such a credential."""
    found = _credentials(evidence, holder, target, place, access)
    expected = "no credential" + _described(holder, target, place, access)
    return Verdict(not found, expected, "; ".join(map(_text, found)) or "none")


@measure(holder=_HOLDER, target=_TARGET, place=_PLACE, access=_ACCESS)
def credentials(evidence: Evidence, *, holder: str = "", target: str = "", place: str = "", access: str = "") -> Measured:
    """How many such credentials are held, and by whom."""
    found = _credentials(evidence, holder, target, place, access)
    return Measured(len(found), "; ".join(map(_text, found)) or "nobody")


def _credentials(evidence: Evidence, holder: str, target: str, place: str, access: str) -> list[Credential]:
    return [
        c
        for agent in evidence.world.agents.values()
        for c in agent.credentials()
        if holder in ("", c.holder) and target in ("", c.target) and place in ("", c.place) and access in ("", c.access)
    ]


def _text(credential: Credential) -> str:
    return f"{credential.holder} ({credential.place}): {credential.target} {credential.access}"


def _described(holder: str, target: str, place: str, access: str) -> str:
    return "".join(
        f" {word} {value}" for word, value in (("of", holder), ("for", target), ("to", access), ("", place)) if value
    ).replace("  ", " ")
