"""Words about Git, and about the distance between Git and the cluster."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from gitops_sim.clock import time_of_day
from gitops_sim.errors import BadInput
from gitops_sim.nearest import nearest
from gitops_sim.objects import Path, dotted, get_path
from gitops_sim.scenarios.checks.conditions import Ready
from gitops_sim.scenarios.checks.params import ANY_VALUE, BRANCH, FIELD, OBJECT, PATTERN, REPO, optional, shown
from gitops_sim.scenarios.checks.vocabulary import Measured, Param, Verdict, check, measure
from gitops_sim.scenarios.checks.when import SINCE, UNTIL, When
from gitops_sim.scenarios.divergence import Divergence, Source, desired_at, differing, divergences, sources, tips
from gitops_sim.scenarios.evidence import Evidence, ObjectRef, seconds
from gitops_sim.scenarios.reading import Reader

_AUTHOR = Param("only commits by this person", Reader.text)


@check(repo=REPO, message=PATTERN, author=_AUTHOR, branch=BRANCH)
def history_has(evidence: Evidence, *, repo: str, message: re.Pattern[str], author: str = "", branch: str = "") -> Verdict:
    """The Git log of a branch holds a commit whose message matches."""
    found = _commits(evidence, repo, message, author, branch)
    expected = f"a commit like {message.pattern!r} in {repo}" + (f" by {author}" if author else "")
    if found:
        return Verdict(True, expected, f"{found[0].short} {found[0].subject}", max(found[0].time, 0.0))
    latest = evidence.world.git.repository(repo).log(branch, limit=1)
    return Verdict(False, expected, f"none; the newest is {latest[0].short} {latest[0].subject}" if latest else "no commits")


@check(repo=REPO, message=PATTERN, author=_AUTHOR, branch=BRANCH)
def history_lacks(evidence: Evidence, *, repo: str, message: re.Pattern[str], author: str = "", branch: str = "") -> Verdict:
    """The Git log of a branch holds no commit whose message matches."""
    found = _commits(evidence, repo, message, author, branch)
    expected = f"no commit like {message.pattern!r} in {repo}"
    return Verdict(not found, expected, f"{found[0].short} {found[0].subject}" if found else "none")


@measure(repo=REPO, message=optional(PATTERN), author=_AUTHOR, branch=BRANCH)
def commits(
    evidence: Evidence, *, repo: str, message: re.Pattern[str] | None = None, author: str = "", branch: str = ""
) -> Measured:
    """How many commits of a branch match."""
    found = _commits(evidence, repo, message or re.compile(""), author, branch)
    return Measured(len(found), f"{len(found)}: {found[0].short} {found[0].subject}" if found else "none")


def _commits(evidence: Evidence, repo: str, message: re.Pattern[str], author: str, branch: str) -> list[Any]:
    log = evidence.world.git.repository(repo).log(branch)
    return [commit for commit in log if message.search(commit.message) and author in ("", commit.author)]


@check(object=OBJECT, field=FIELD, value=ANY_VALUE)
def git_says(evidence: Evidence, *, object: ObjectRef, field: Path, value: Any) -> Verdict:
    """The manifest at the tip of the branch states this value, whatever the cluster has."""
    key = evidence.key(object)
    expected = f"Git: {object} {dotted(field)} = {shown(value)}"
    for source in sources(evidence):
        known = tips(evidence, source)
        manifest = desired_at(evidence, source, known[-1][1]).get(key) if known else None
        if manifest is not None:
            found = get_path(manifest, field)
            return Verdict(found == value, expected, shown(found))
    return Verdict(False, expected, f"no {object} in Git")


# ---------------------------------------------------------------------- drift and delay

_READER = Param("only the Application or pipeline of this name", Reader.text)


@measure("s", object=optional(OBJECT), reader=_READER, since=SINCE, until=UNTIL)
def drift_seconds(
    evidence: Evidence,
    *,
    object: ObjectRef | None = None,
    reader: str = "",
    since: When | None = None,
    until: When | None = None,
) -> Measured:
    """How long the cluster differed from what Git states because the cluster had moved."""
    return _differed(evidence, [d for d in _chosen(evidence, object, reader) if d.mover == "cluster"], since, until)


@measure("s", object=optional(OBJECT), reader=_READER, since=SINCE, until=UNTIL)
def lag_seconds(
    evidence: Evidence,
    *,
    object: ObjectRef | None = None,
    reader: str = "",
    since: When | None = None,
    until: When | None = None,
) -> Measured:
    """How long the cluster differed from what Git states because Git had moved."""
    return _differed(evidence, [d for d in _chosen(evidence, object, reader) if d.mover == "git"], since, until)


@measure(reader=_READER)
def left_behind(evidence: Evidence, *, reader: str = "") -> Measured:
    """How many objects are still in the cluster at the end though Git has them no more."""
    left = [d for d in _chosen(evidence, None, reader) if not d.field and d.live is not None and d.end is None]
    names = ", ".join(dict.fromkeys(f"{d.key.kind}/{d.key.name}" for d in left))
    return Measured(len(left), names or "nothing", left[0].start if left else None)


@measure("s", repo=REPO, message=optional(PATTERN), reader=_READER)
def merge_to_deploy(evidence: Evidence, *, repo: str, message: re.Pattern[str] | None = None, reader: str = "") -> Measured:
    """How long it took from a commit on the branch until all that it states was live and ready; the last commit that matches."""
    chosen = [s for s in sources(evidence) if s.repo == repo and reader in ("", s.reader)]
    if not chosen:
        names = [s.repo for s in sources(evidence)]
        raise BadInput(f"no agent or pipeline reads repository {repo!r}", mend=nearest(repo, names))
    repository = evidence.world.git.repository(repo)
    pushed = [
        (time, sha)
        for time, sha in tips(evidence, chosen[0])
        if message is None or message.search(repository.commit_at(sha).message)
    ]
    if not pushed:
        return Measured(None, "no such commit")
    time, sha = pushed[-1]
    live = [_live_at(evidence, source, sha, time) for source in chosen]
    if any(moment is None for moment in live):
        return Measured(None, f"never (in this run {seconds(evidence.end - time)})")
    latest = max(moment for moment in live if moment is not None)
    return Measured(latest - time, seconds(latest - time), latest)


def _live_at(evidence: Evidence, source: Source, commit: str, since: float) -> float | None:
    """When everything that the commit states was live, and its workloads ready."""
    cluster = evidence.cluster(source.cluster)
    wanted = desired_at(evidence, source, commit)
    refs = {
        key: ObjectRef(f"{key.kind}.{key.group}" if key.group else key.kind, key.namespace, key.name, source.cluster)
        for key in wanted
    }
    times = {since} | {step.time for ref in refs.values() for step in evidence.steps(ref) if step.time >= since}
    for time in sorted(times):
        if all(
            (live := evidence.object_at(refs[key], time)) is not None
            and not differing(cluster, manifest, live)
            and (key.kind not in _WORKLOADS or Ready(refs[key]).fits(live))
            for key, manifest in wanted.items()
        ):
            return time
    return None


_WORKLOADS = ("Deployment", "StatefulSet", "ReplicaSet")


def _chosen(evidence: Evidence, object: ObjectRef | None, reader: str) -> Iterable[Divergence]:
    key = evidence.key(object) if object else None
    return [d for d in divergences(evidence) if key in (None, d.key) and reader in ("", d.source.reader)]


def _differed(evidence: Evidence, found: list[Divergence], since: When | None, until: When | None) -> Measured:
    start = since.find(evidence) if since else 0.0
    end = until.find(evidence) if until else None
    if start is None:
        return Measured(None, f"never: {since}")
    stop = evidence.end if end is None else end
    total, last, first = 0.0, start, None
    for d in found:
        began, ended = max(d.start, last), min(stop if d.end is None else d.end, stop)
        if d.start <= stop and (d.end is None or d.end >= start) and first is None:
            first = d.start
        if ended > began:
            total, last = total + ended - began, ended
    still = any(d.end is None for d in found) and total > 0
    text = seconds(total) + (", until the end" if still else "")
    return Measured(total, text if first is None or total else f"{text} ({found[0]} at {time_of_day(first)})", first)
