"""Words about Git, and about the distance between Git and the cluster."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from gitops_sim.clock import time_of_day
from gitops_sim.errors import BadInput
from gitops_sim.nearest import nearest
from gitops_sim.objects import Path, dotted, get_path
from gitops_sim.scenarios.checks.conditions import Ready
from gitops_sim.scenarios.checks.params import ANY_VALUE, BRANCH, FIELD, OBJECT, PATTERN, REPO, glob, optional, shown
from gitops_sim.scenarios.checks.vocabulary import Measured, Param, Verdict, check, measure
from gitops_sim.scenarios.checks.when import SINCE, UNTIL, When, read_when
from gitops_sim.scenarios.divergence import Divergence, Source, desired_at, differing, divergences, sources, tips
from gitops_sim.scenarios.evidence import Evidence, ObjectRef, seconds
from gitops_sim.scenarios.reading import Reader
from gitops_sim.yaml_in import load_documents

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


_PATH = Param("a file's path in the repository", Reader.text, required=True)
_WHEN = Param("when: a time, {action: n} or {event: ...}; the end when left out", read_when)


@check(repo=REPO, path=_PATH, pattern=PATTERN, branch=BRANCH, at=_WHEN)
def file_matches(
    evidence: Evidence, *, repo: str, path: str, pattern: re.Pattern[str], branch: str = "", at: When | None = None
) -> Verdict:
    """A file of a branch holds text that matches, whoever reads it."""
    time = at.find(evidence) if at else evidence.end
    expected = f"{path} in {repo} with {pattern.pattern}"
    if time is None:
        return Verdict(False, expected, f"never: {at}")
    content = _file(evidence, repo, path, branch, time)
    if content is None:
        return Verdict(False, expected, f"no file {path}", time)
    found = pattern.search(content)
    return Verdict(found is not None, expected, found[0].strip() if found else f"{path} without it", time)


@check(repo=REPO, path=_PATH, branch=BRANCH, at=_WHEN)
def file_absent(evidence: Evidence, *, repo: str, path: str, branch: str = "", at: When | None = None) -> Verdict:
    """A branch holds no file of this path."""
    time = at.find(evidence) if at else evidence.end
    if time is None:
        return Verdict(False, f"no {path} in {repo}", f"never: {at}")
    missing = _file(evidence, repo, path, branch, time) is None
    return Verdict(missing, f"no {path} in {repo}", f"no file {path}" if missing else f"{path} is there", time)


def _file(evidence: Evidence, repo: str, path: str, branch: str, time: float) -> str | None:
    repository = evidence.world.git.repository(repo)
    tip = repository.branches_at(time).get(branch or repository.default_branch)
    if tip is None:
        return None
    tree = repository.tree(tip)
    return tree.read(path).decode("utf-8", "replace") if path in tree.files() else None


_KIND = Param("the kind of the document, as Kustomization.kustomize.toolkit.fluxcd.io; any when left out", Reader.text)
_ANY_PATH = Param("a file's path in the repository, in which * stands for anything", Reader.text, required=True)


@check(repo=REPO, path=_ANY_PATH, kind=_KIND, field=FIELD, value=ANY_VALUE, branch=BRANCH)
def file_field_equals(
    evidence: Evidence, *, repo: str, path: str, kind: str = "", field: Path, value: Any, branch: str = ""
) -> Verdict:
    """A document in a file of a branch states this value, whether anybody reads it or not; null means that it states none."""
    return _stated(evidence, repo, path, kind, field, branch, shown(value), lambda found: bool(found == value))


@check(repo=REPO, path=_ANY_PATH, kind=_KIND, field=FIELD, pattern=PATTERN, branch=BRANCH)
def file_field_matches(
    evidence: Evidence, *, repo: str, path: str, kind: str = "", field: Path, pattern: re.Pattern[str], branch: str = ""
) -> Verdict:
    """A document in a file of a branch states text here that matches."""
    return _stated(evidence, repo, path, kind, field, branch, f"like {pattern.pattern}", _matcher(pattern))


def _matcher(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    return lambda found: isinstance(found, str) and pattern.search(found) is not None


def _stated(
    evidence: Evidence, repo: str, path: str, kind: str, field: Path, branch: str, wanted: str, fits: Callable[[Any], bool]
) -> Verdict:
    """All documents of the kind must fit: a second one that says otherwise is a mistake, too."""
    expected = f"{path}: {kind.partition('.')[0] or 'document'} {dotted(field)} = {wanted}"
    tree = evidence.world.git.repository(repo).tree(branch or "HEAD")
    files = [name for name in tree.files() if glob(name, path)]
    if not files:
        return Verdict(False, expected, f"no file {path}")
    values = []
    for name in files:
        try:
            documents = load_documents(tree.read(name), where=name)
        except BadInput as error:
            return Verdict(False, expected, f"{error.where}: {error.what}")
        values += [get_path(d.value, field) for d in documents if isinstance(d.value, dict) and _is_kind(d.value, kind)]
    if not values:
        return Verdict(False, expected, f"no {kind or 'document'} in {', '.join(files)}")
    wrong = [value for value in values if not fits(value)]
    return Verdict(not wrong, expected, shown((wrong or values)[0]))


def _is_kind(document: Mapping[str, Any], kind: str) -> bool:
    name, _, group = kind.partition(".")
    own = str(document.get("apiVersion", "")).rpartition("/")[0]
    return kind == "" or (document.get("kind") == name and group in ("", own))


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
