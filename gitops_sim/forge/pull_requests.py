"""Pull requests: a change is proposed, checked, looked at by somebody else, and merged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from gitops_sim.clock import Clock, Priority
from gitops_sim.errors import GitFailed
from gitops_sim.forge.branches import Push
from gitops_sim.forge.checks import CHECKS, CheckRun
from gitops_sim.forge.pull_request import PullRequest, Remark, Verdict
from gitops_sim.forge.rules import BranchRules
from gitops_sim.trace import Trace

if TYPE_CHECKING:
    from gitops_sim.forge.repository import Repository

CI = "forge"
"""Who acts when the forge's own checks have looked."""


class PullRequests:
    """The pull requests of a forge, by repository and number. Methods raise GitFailed for what cannot be done, and change nothing
    then.

    ``lookup`` finds a repository by its name. ``reviewers`` of a repository look, so many simulated seconds after its checks are
    done: they approve what passes, and ask for changes where something fails. Nobody reviews what is their own.
    """

    def __init__(self, lookup: Callable[[str], Repository], clock: Clock, trace: Trace) -> None:
        self._lookup, self._clock, self._trace = lookup, clock, trace
        self._known: dict[str, list[PullRequest]] = {}
        self.reviewers: dict[str, Mapping[str, float]] = {}

    def of(self, repo: str) -> list[PullRequest]:
        """All of a repository, oldest first."""
        return list(self._known.get(self._lookup(repo).name, ()))

    def find(self, repo: str, number: int) -> PullRequest:
        known = self.of(repo)
        if not 1 <= number <= len(known):
            mend = "there are " + ", ".join(f"#{pull.number}" for pull in known) if known else "open one first"
            raise GitFailed(f"no pull request #{number}", where=f"repo/{repo}", mend=mend)
        return known[number - 1]

    def of_branch(self, repo: str, branch: str) -> PullRequest:
        """The one that is open for a branch, the newest of several."""
        found = [pull for pull in self.of(repo) if pull.head == branch and pull.state == "open"]
        if not found:
            mend = "open one first, or give its number"
            raise GitFailed(f"no pull request is open for branch {branch!r}", where=f"repo/{repo}", mend=mend)
        return found[-1]

    def unmet(self, pull: PullRequest) -> list[str]:
        """What stands between it and the merge, in words: what the rules of its base ask for, and conflicts."""
        if pull.state != "open":
            return []
        repository = self._repository(pull)
        conflicts = repository.conflicts(pull.head, pull.base)
        told = [f"a conflict with {pull.base} in {', '.join(conflicts)} to be solved"] if conflicts else []
        return [*pull.unmet(repository.rules.get(pull.base, BranchRules())), *told]

    # ------------------------------------------------------------------ what people do

    def open(self, repo: str, head: str, into: str = "", *, title: str, body: str = "", author: str) -> PullRequest:
        """Proposes to merge ``head`` into a branch, the default one when none is named. Its checks begin."""
        repository = self._lookup(repo)
        base, where = into or repository.default_branch, f"repo/{repository.name}"
        repository.tip(base)
        commit = repository.tip(head)
        if repository.contains(base, commit):
            mend = "commit to a branch of your own first"
            raise GitFailed(f"No commits between {base} and {head}: there is nothing to merge", where=where, mend=mend)
        known = self._known.setdefault(repository.name, [])
        same = next((p for p in known if (p.head, p.base, p.state) == (head, base, "open")), None)
        if same:
            mend = f"commit to {head}: #{same.number} then holds that too"
            raise GitFailed(f"#{same.number} is open already for {head} into {base}", where=where, mend=mend)
        number = len(known) + 1
        title = " ".join(title.split())
        pull = PullRequest(number, repository.name, head, base, title, body, author, self._clock.now, commit)
        known.append(pull)
        text = f"opens pull request #{number}, {head} into {base}: {title}"
        self._tell(author, "PullRequestOpened", text, pull, files=sorted(self._files(pull)))
        return self._checked_anew(pull)

    def review(self, repo: str, number: int, verdict: str, text: str = "", *, author: str) -> PullRequest:
        """``approve`` or ``request-changes``, of the last commit."""
        pull = self._open(repo, number)
        if author == pull.author:
            mend = "have somebody else look; to add something, comment"
            raise GitFailed(f"#{number} is your own: nobody reviews what they wrote", where=_where(pull), mend=mend)
        done = "approves" if verdict == "approve" else "asks for changes in"
        return self._remark(pull, "PullRequestReviewed", done, cast(Verdict, verdict), text, author)

    def comment(self, repo: str, number: int, text: str, *, author: str) -> PullRequest:
        pull = self.find(repo, number)
        return self._remark(pull, "PullRequestCommented", "comments on", "comment", text, author)

    def merge(self, repo: str, number: int, *, author: str, message: str | None = None) -> PullRequest:
        """Merges by a merge commit. Refused while the rules of the branch are not met, and for a conflict."""
        pull = self._open(repo, number)
        unmet = self.unmet(pull)
        if unmet:
            mend = f"let the time pass, or mend it by a commit to {pull.head}; a conflict by a new branch from {pull.base}"
            what = f"#{number} cannot be merged into {pull.base} yet: {'; '.join(unmet)}"
            raise GitFailed(what, where=_where(pull), mend=mend)
        self._keep(replace(pull, state="merged"))
        by = pull.approved_by
        why = f"approved by {', '.join(by)}" if by else "nobody else has looked"
        try:
            sha = self._repository(pull).merge(
                pull.head,
                pull.base,
                author=author,
                message=message or f"Merge pull request #{number} from {pull.head}\n\n{pull.title}",
                pull_request=number,
                why=why,
            )
        except GitFailed:
            self._keep(pull)
            raise
        merged = self._keep(replace(pull, state="merged", merged=sha))
        files = self._repository(pull).changed_files(sha)
        text = f"merges pull request #{number} of {pull.author}: {pull.title}"
        more: dict[str, Any] = {"merge": sha, "approved_by": by, "files": files}
        self._tell(author, "PullRequestMerged", text, merged, story=False, reason=why, **more)
        return merged

    def close(self, repo: str, number: int, text: str = "", *, author: str) -> PullRequest:
        """Gives it up, without a merge."""
        return self._closed(self._open(repo, number), author, " ".join(text.split()))

    # ------------------------------------------------------------------ what happens by itself

    def pushed(self, push: Push) -> None:
        for pull in self._known.get(push.repository.name, ()):
            if pull.state != "open" or push.branch not in (pull.head, pull.base):
                continue
            if push.new is None:
                self._closed(pull, push.actor, f"branch {push.branch} is gone")
            elif not {pull.head, pull.base} <= push.repository.branches.keys():
                continue  # gone in the same push, which is told next
            elif push.repository.contains(pull.base, pull.head):
                self._closed(pull, push.actor, f"{pull.base} holds its commits already, without a review")
            elif push.branch == pull.head:
                self._checked_anew(replace(pull, commit=push.new))

    def _checked_anew(self, pull: PullRequest) -> PullRequest:
        for name, check in CHECKS.items():
            self._clock.after(check.seconds, self._check, pull.repo, pull.number, pull.commit, name, priority=Priority.AGENT)
        return self._keep(replace(pull, checks={name: CheckRun(name) for name in CHECKS}))

    def _check(self, repo: str, number: int, commit: str, name: str) -> None:
        pull = self.find(repo, number)
        if pull.state != "open" or pull.commit != commit:
            return
        problem = CHECKS[name].look(self._files(pull))
        run = CheckRun(name, "failed" if problem else "passed", problem)
        pull = self._keep(replace(pull, checks={**pull.checks, name: run}))
        done = all(other.status != "running" for other in pull.checks.values())
        passed = done and all(other.status == "passed" for other in pull.checks.values())
        text = f"check {name} of #{number} fails: {problem}" if problem else f"check {name} of #{number} passes"
        text = f"checks of #{number} pass: {', '.join(pull.checks)}" if passed else text
        said = {"check": name, "status": run.status}
        self._tell(CI, "PullRequestChecked", text, pull, story=passed or bool(problem), reason=CHECKS[name].about, **said)
        for person, after in self.reviewers.get(repo, {}).items():
            if done and person != pull.author:
                self._clock.after(after, self._look, repo, number, commit, person, priority=Priority.PEOPLE)

    def _look(self, repo: str, number: int, commit: str, person: str) -> None:
        pull = self.find(repo, number)
        said = pull.verdicts.get(person)
        if pull.state != "open" or pull.commit != commit or (said is not None and said.commit == commit):
            return
        failed = [f"{run.name} fails" for run in pull.checks.values() if run.status == "failed"]
        self.review(repo, number, "request-changes" if failed else "approve", ", ".join(failed), author=person)

    # ------------------------------------------------------------------ inside

    def _repository(self, pull: PullRequest) -> Repository:
        return self._lookup(pull.repo)

    def _files(self, pull: PullRequest) -> dict[str, bytes]:
        """What it adds or changes, as its branch has it."""
        repository = self._repository(pull)
        tree = repository.tree(pull.commit)
        there = set(tree.files())
        return {path: tree.read(path) for path in repository.changed_since(pull.base, pull.commit) if path in there}

    def _open(self, repo: str, number: int) -> PullRequest:
        pull = self.find(repo, number)
        if pull.state != "open":
            raise GitFailed(f"#{number} is {pull.state} already", where=_where(pull), mend="open another one")
        return pull

    def _remark(self, pull: PullRequest, event: str, done: str, verdict: Verdict, text: str, by: str) -> PullRequest:
        remark = Remark(by, verdict, text, pull.commit, self._clock.now)
        pull = self._keep(replace(pull, remarks=(*pull.remarks, remark)))
        said = " ".join(text.split())
        message = f"{done} #{pull.number} ({pull.commit[:7]})" + (f": {said}" if said else "")
        self._tell(by, event, message, pull, verdict=verdict, remark=text)
        return pull

    def _closed(self, pull: PullRequest, by: str, why: str) -> PullRequest:
        closed = self._keep(replace(pull, state="closed"))
        text = f"closes #{pull.number} without a merge" + (f": {why}" if why else "")
        self._tell(by, "PullRequestClosed", text, closed)
        return closed

    def _keep(self, pull: PullRequest) -> PullRequest:
        known = self._known[pull.repo]
        self._known[pull.repo] = [*known[: pull.number - 1], pull, *known[pull.number :]]
        return pull

    def _tell(
        self, actor: str, event: str, text: str, pull: PullRequest, *, story: bool = True, reason: str = "", **data: Any
    ) -> None:
        about = {"repo": pull.repo, "number": pull.number, "head": pull.head, "base": pull.base, "author": pull.author}
        self._trace.add(actor, event, _where(pull), text, story=story, reason=reason, **about, commit=pull.commit, **data)


def _where(pull: PullRequest) -> str:
    return f"pr/{pull.repo}/{pull.number}"
