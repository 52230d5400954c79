"""``pr ...``: what a learner does with pull requests, in words near those of GitHub's ``gh pr``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from gitops_sim.clock import time_of_day
from gitops_sim.course.commands import take_option
from gitops_sim.errors import BadInput
from gitops_sim.forge import PullRequest
from gitops_sim.output import Output

if TYPE_CHECKING:
    from gitops_sim.course.session import Session

USAGE = (
    'pr open [BRANCH] --title "Deploy web 1.5.0" [--into main] [--body TEXT], pr list, pr view N, pr diff N, '
    "pr comment N --body TEXT, pr review N --approve|--request-changes [--body TEXT], pr merge N, pr close N; --repo R"
)
_TITLE, _BODY = ("--title", "-t"), ("--body", "-b", "--message", "-m")
_INTO, _HEAD, _REPO = ("--into", "--base", "-B"), ("--head", "-H"), ("--repo", "-R")


def run_pr_command(session: Session, words: list[str], branch_of: Callable[[str], str] = lambda repo: "") -> Output:
    """``branch_of(repository)`` is the branch that is worked on, for ``pr open`` without one; empty where that is unknown."""
    words = list(words)
    options = {name: take_option(words, name) for name in (_TITLE, _BODY, _INTO, _HEAD, _REPO)}
    repo = options[_REPO] or session.only_repo()
    verb, *rest = words or ["list"]
    if verb == "list" and not rest:
        pulls = session.world.git.pull_requests.of(repo)
        return Output("".join(f"#{p.number}  {p.state:<7} {p.head} into {p.base}: {p.title}\n" for p in pulls) or "none yet\n")
    if verb in ("open", "create"):
        head = options[_HEAD] or (rest.pop(0) if rest else branch_of(repo))
        if rest or not head or not options[_TITLE] or head.startswith("-"):
            raise _bad("a pull request needs a branch and a title")
        more = {name: text for name, text in (("into", options[_INTO]), ("body", options[_BODY])) if text}
        return session.do("pr", repo=repo, open={"branch": head, "title": options[_TITLE], **more})
    number = rest.pop(0).removeprefix("#") if rest else ""
    if not number.isdecimal() or len(number) > 9:
        raise _bad(f"which pull request? 'pr {verb}' needs its number" if verb in _VERBS else f"there is no 'pr {verb}'")
    return _on_one(session, repo, verb, int(number), rest, options[_BODY])


_VERBS = ("view", "diff", "comment", "review", "merge", "close")


def _on_one(session: Session, repo: str, verb: str, number: int, flags: list[str], text: str) -> Output:
    said = {"text": text} if text else {}
    if verb == "view" and not flags:
        return Output(_told(session, session.world.git.pull_requests.find(repo, number)))
    if verb == "diff" and not flags:
        pull = session.world.git.pull_requests.find(repo, number)
        return session.git(f"diff {pull.merged}^1 {pull.merged}" if pull.merged else f"diff {pull.base}...{pull.head}", repo=repo)
    if verb == "review" and flags in (["--approve"], ["--request-changes"]):
        return session.do("pr", repo=repo, review={"number": number, "verdict": flags[0].removeprefix("--"), **said})
    if verb == "comment" and not flags and text:
        return session.do("pr", repo=repo, comment={"number": number, **said})
    if verb == "merge" and flags in ([], ["--merge"]):
        return session.do("pr", repo=repo, merge={"number": number, **({"message": text} if text else {})})
    if verb == "close" and not flags:
        return session.do("pr", repo=repo, close={"number": number, **said})
    raise _bad(f"'pr {verb}' is not to be had like that")


def _told(session: Session, pull: PullRequest) -> str:
    opened = f"{pull.head} into {pull.base}, by {pull.author} at {time_of_day(pull.opened)}"
    lines = [f"#{pull.number} {pull.title}", f"{pull.state}: {opened}", *pull.body.splitlines()]
    lines += [f"check {run.name}: {run.status}" + (f": {run.reason}" if run.reason else "") for run in pull.checks.values()]
    for remark in pull.remarks:
        done = {"approve": "approves", "request-changes": "asks for changes", "comment": "says"}[remark.verdict]
        lines.append(f"{time_of_day(remark.time)} {remark.by} {done}" + (f": {remark.text}" if remark.text else ""))
    if pull.state == "open":
        lines.append(f"approved by: {', '.join(pull.approved_by) or 'nobody yet'}")
    lines += [f"it waits for: {what}" for what in session.world.git.pull_requests.unmet(pull)]
    return "\n".join(lines) + "\n"


def _bad(what: str) -> BadInput:
    return BadInput(what, mend=USAGE)
