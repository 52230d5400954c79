"""A pull request as it stands: who wants what merged where, and what others said of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from gitops_sim.forge.checks import CheckRun
from gitops_sim.forge.rules import BranchRules

Verdict = Literal["approve", "request-changes", "comment"]


@dataclass(frozen=True, slots=True)
class Remark:
    """What somebody said at ``time`` (simulated seconds) of the commit that was the last one then."""

    by: str
    verdict: Verdict
    text: str
    commit: str
    time: float


@dataclass(frozen=True, slots=True)
class PullRequest:
    """``head`` is to be merged into ``base``; ``commit`` is the last one of ``head``. ``checks`` are those of that commit;
    ``merged`` is the merge commit, once there is one."""

    number: int
    repo: str
    head: str
    base: str
    title: str
    body: str
    author: str
    opened: float
    commit: str
    state: Literal["open", "merged", "closed"] = "open"
    remarks: tuple[Remark, ...] = ()
    checks: Mapping[str, CheckRun] = field(default_factory=dict)
    merged: str = ""

    @property
    def verdicts(self) -> dict[str, Remark]:
        """The last verdict of everybody but the author; comments are none."""
        return {r.by: r for r in self.remarks if r.verdict != "comment" and r.by != self.author}

    @property
    def approved_by(self) -> list[str]:
        """Who approved the last commit, in order of time."""
        return [by for by, r in self.verdicts.items() if r.verdict == "approve" and r.commit == self.commit]

    def unmet(self, rules: BranchRules) -> list[str]:
        """What stands between it and the merge, in words; empty when nothing does."""
        found = []
        missing = rules.approvals - len(self.approved_by)
        if missing > 0:
            stale = [by for by, r in self.verdicts.items() if r.verdict == "approve" and r.commit != self.commit]
            late = f" ({', '.join(stale)} approved an earlier commit)" if stale else ""
            found.append(f"{missing} approval{'s' * (missing > 1)} by somebody else than {self.author}{late}")
        if rules.approvals:
            asking = [by for by, r in self.verdicts.items() if r.verdict == "request-changes"]
            found += [f"{by} asked for changes" for by in asking]
        for name in rules.checks:
            run = self.checks[name]
            if run.status != "passed":
                found.append(f"check {name} is still running" if run.status == "running" else f"check {name} fails: {run.reason}")
        return found
