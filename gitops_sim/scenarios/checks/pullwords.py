"""Words about pull requests: what was merged, and who had looked at it."""

from __future__ import annotations

from gitops_sim.clock import time_of_day
from gitops_sim.scenarios.checks.params import BRANCH, REPO, glob
from gitops_sim.scenarios.checks.vocabulary import Measured, Param, Verdict, check, measure
from gitops_sim.scenarios.checks.when import SINCE, UNTIL, When
from gitops_sim.scenarios.evidence import Evidence
from gitops_sim.scenarios.reading import Reader
from gitops_sim.trace import Record

_AUTHOR = Param("only what this person opened", Reader.text)
_PATH = Param("only those that change such a file; * stands for anything", Reader.text)


@check(repo=REPO, branch=BRANCH, author=_AUTHOR, path=_PATH, since=SINCE, until=UNTIL)
def merged_by_pull_request(
    evidence: Evidence,
    *,
    repo: str,
    branch: str = "",
    author: str = "",
    path: str = "",
    since: When | None = None,
    until: When | None = None,
) -> Verdict:
    """A pull request was merged into a branch."""
    found = _merged(evidence, repo, branch, author, path, since, until)
    expected = f"a pull request merged in {repo}" + (f" by {author}" if author else "") + (f" with {path}" if path else "")
    if found:
        return Verdict(True, expected, f"#{found[0].data['number']} at {time_of_day(found[0].time)}", found[0].time)
    known = evidence.world.git.pull_requests.of(repo)
    states = ", ".join(f"#{pull.number} is {pull.state}" for pull in known)
    return Verdict(False, expected, states or "no pull request was opened")


@check(repo=REPO, branch=BRANCH, author=_AUTHOR, path=_PATH, since=SINCE, until=UNTIL)
def reviewed_before_merge(
    evidence: Evidence,
    *,
    repo: str,
    branch: str = "",
    author: str = "",
    path: str = "",
    since: When | None = None,
    until: When | None = None,
) -> Verdict:
    """Every pull request that was merged, one at least, had its last commit approved by somebody else before."""
    found = _merged(evidence, repo, branch, author, path, since, until)
    expected = "an approval by somebody else, before the merge"
    if not found:
        return Verdict(False, expected, "no pull request was merged")
    for record in found:
        if not record.data["approved_by"]:
            told = f"#{record.data['number']} was merged without one at {time_of_day(record.time)}"
            return Verdict(False, expected, told, record.time)
    by = ", ".join(dict.fromkeys(name for record in found for name in record.data["approved_by"]))
    return Verdict(True, expected, f"approved by {by}", found[-1].time)


@measure(repo=REPO, branch=BRANCH, by=Param("only pushes by this person", Reader.text), since=SINCE, until=UNTIL)
def pushes_past_review(
    evidence: Evidence,
    *,
    repo: str,
    branch: str = "",
    by: str = "",
    since: When | None = None,
    until: When | None = None,
) -> Measured:
    """How often a branch moved otherwise than by merging a pull request."""
    start, end = _borders(evidence, since, until)
    repository = evidence.world.git.repository(repo)
    found = [
        r
        for r in evidence.world.trace.find(event=_MOVES, subject=f"repo/{repository.name}", since=start, until=end)
        if r.data["branch"] == (branch or repository.default_branch) and by in ("", r.actor) and not r.data.get("pull_request")
    ]
    if not found:
        return Measured(0, "never")
    return Measured(len(found), f"{found[0].actor} {found[0].message}", found[0].time)


_MOVES = ("CommitPushed", "BranchMerged", "CommitReverted", "BranchForcePushed")


def _merged(
    evidence: Evidence, repo: str, branch: str, author: str, path: str, since: When | None, until: When | None
) -> list[Record]:
    repository = evidence.world.git.repository(repo)
    start, end = _borders(evidence, since, until)
    return [
        r
        for r in evidence.world.trace.find(event="PullRequestMerged", since=start, until=end)
        if r.data["repo"] == repository.name
        and r.data["base"] == (branch or repository.default_branch)
        and author in ("", r.data["author"])
        and any(glob(file, path) for file in r.data["files"])
    ]


def _borders(evidence: Evidence, since: When | None, until: When | None) -> tuple[float, float]:
    start = since.find(evidence) if since else 0.0
    end = until.find(evidence) if until else None
    return float("inf") if start is None else start, float("inf") if end is None else end
