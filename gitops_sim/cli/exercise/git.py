"""``gitops-sim exercise git ...``: what a learner does with Git, in the words of the real one."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from gitops_sim.course.commands import look_with_git, take_option
from gitops_sim.course.workcopy import WorkCopy
from gitops_sim.errors import BadInput
from gitops_sim.output import Output

if TYPE_CHECKING:
    from gitops_sim.course.session import Session

_MESSAGE = ("-m", "-am", "--message")


def work_copies(session: Session) -> dict[str, WorkCopy]:
    """The folders with the files of each repository of the exercise."""
    home = session.workspace.folder / "work" / session.exercise.id
    return {repository.name: WorkCopy(home / repository.name, repository) for repository in session.world.git.repositories}


def run_git_command(session: Session, words: list[str]) -> Output:
    """Commit, revert, branch, switch, merge, reset, status, pull as in the real git; anything else is a question to it."""
    repo = take_option(words, ("--repo",))
    verb, *rest = words or [""]
    if verb in _BRANCHES:
        return _BRANCHES[verb](session, repo, rest)
    if verb == "commit":
        return _commit(session, repo, rest)
    if verb == "revert":
        rest = [word for word in rest if word != "--no-edit"]
        mainline = take_option(rest, ("-m", "--mainline"))
        if len(rest) > 1 or (rest and rest[0].startswith("-")) or (mainline and not mainline.isdigit()):
            raise BadInput("git revert takes one commit", mend="git revert COMMIT, or git revert -m 1 COMMIT for a merge")
        name, copy = _copy(session, repo)
        said = session.revert(*rest, repo=name, branch=_named(copy, session), mainline=int(mainline) if mainline else None)
        return Output(said.stdout + _pulled(session, name), said.stderr, said.exit)
    if verb == "pull":
        return Output(_pulled(session, repo) or "Already up to date.\n")
    if verb == "status":
        return Output(_status(session, repo))
    if repo or len(session.exercise.world.repos) == 1:
        _, copy = _copy(session, repo)
        return look_with_git(
            session.world.git.repository(copy.folder.name), shlex.join(words), branch=copy.branch, folder=copy.folder
        )
    return session.git(shlex.join(words), repo=repo)


def _commit(session: Session, repo: str, words: list[str]) -> Output:
    message, branch = take_option(words, _MESSAGE), take_option(words, ("--branch",))
    words = [word for word in words if word not in ("-a", "--all")]
    if not message or any(word.startswith("-") for word in words):
        raise BadInput("git commit needs a message", mend='git commit -m "Scale web to 5" [--branch B] [FILE ...]')
    name, copy = _copy(session, repo)
    files = copy.to_commit()
    unknown = [word for word in words if word not in files]
    if unknown:
        raise BadInput(f"{', '.join(unknown)}: not changed", where=str(copy.folder), mend=f"changed: {', '.join(files)}")
    chosen = {path: text for path, text in files.items() if not words or path in words}
    said = session.commit(message, chosen, repo=name, branch=branch or _named(copy, session))
    return Output(said.stdout + _pulled(session, name), said.stderr, said.exit)


def _branch(session: Session, repo: str, words: list[str]) -> Output:
    name, copy = _copy(session, repo)
    if not words:
        branches = session.world.git.repository(name).branches
        return Output("".join(f"{'*' if branch == copy.branch else ' '} {branch}\n" for branch in sorted(branches)))
    if len(words) > 2 or words[0].startswith("-"):
        raise BadInput("git branch takes a name", mend="git branch NAME [START]; git switch NAME goes on there")
    session.branch(*words, repo=name)
    new = words[0]
    return Output(f"branch {new} starts here; to go on there: git switch {new}, or git commit --branch {new} -m MESSAGE\n")


def _switch(session: Session, repo: str, words: list[str]) -> Output:
    new = words[:1] in (["-c"], ["-b"], ["--create"])
    named = words[1:] if new else words
    if len(named) != 1 or named[0].startswith("-"):
        raise BadInput("git switch takes a branch", mend="git switch NAME, or git switch -c NAME for a new one")
    name, copy = _copy(session, repo)
    if new:
        session.branch(named[0], copy.branch, repo=name)
        copy = _copy(session, name)[1]
    kept = copy.switch(named[0])
    return Output(f"Switched to branch '{named[0]}'\n" + "".join(f"kept beside: {path}\n" for path in kept))


def _merge(session: Session, repo: str, words: list[str]) -> Output:
    message = take_option(words, _MESSAGE)
    if len(words) != 1 or words[0].startswith("-"):
        raise BadInput("git merge takes a branch", mend="git switch main, then git merge BRANCH [-m MESSAGE]")
    name, copy = _copy(session, repo)
    said = session.merge(words[0], _named(copy, session), repo=name, message=message)
    return Output(said.stdout + _pulled(session, name), said.stderr, said.exit)


def _reset(session: Session, repo: str, words: list[str]) -> Output:
    if len(words) != 2 or words[0] != "--hard":
        raise BadInput(
            "git reset takes --hard and a commit", mend="git reset --hard HEAD~1; the branch then forgets what came after"
        )
    name, copy = _copy(session, repo)
    session.do("reset", repo=name, branch=copy.branch, to=words[1])
    return Output(session.git(f"log -1 --oneline {copy.branch}", repo=name).stdout + _pulled(session, name))


_BRANCHES = {"branch": _branch, "switch": _switch, "checkout": _switch, "merge": _merge, "reset": _reset}


def _named(copy: WorkCopy, session: Session) -> str:
    """The branch of a folder; empty for the default one, as logs leave it out."""
    default = session.world.git.repository(copy.folder.name).default_branch
    return "" if copy.branch == default else copy.branch


def _status(session: Session, repo: str) -> str:
    chosen = [_copy(session, repo)[1]] if repo else [*work_copies(session).values()]
    lines = []
    for copy in chosen:
        changes = copy.changes()
        lines += [f"{copy.folder}, branch {copy.branch}: {'changed' if changes else 'nothing changed'}"]
        lines += [f"  {'deleted ' if text is None else 'modified'}  {path}" for path, text in changes.items()]
    return "\n".join(lines) + "\n"


def _pulled(session: Session, repo: str) -> str:
    """Brings what is new in Git into the folder; says what of the learner's made room."""
    kept = _copy(session, repo)[1].pull()
    return "".join(f"kept beside: {path}\n" for path in kept)


def _copy(session: Session, repo: str) -> tuple[str, WorkCopy]:
    copies = work_copies(session)
    if repo not in copies and (repo or len(copies) != 1):
        raise BadInput(f"no repository {repo!r}" if repo else "which repository?", mend="--repo " + " or ".join(copies))
    name = repo or next(iter(copies))
    return name, copies[name]
