"""``gitops-sim exercise git ...``: what a learner does with Git, in the words of the real one."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

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
    """``commit -m MESSAGE``, ``branch NAME``, ``merge NAME``, ``revert [COMMIT]``, ``status``, ``pull``, or a question to the
    real git."""
    repo = _option(words, ("--repo",))
    verb, *rest = words or [""]
    if verb == "commit":
        return _commit(session, repo, rest)
    if verb in ("branch", "merge") and len(rest) == 1 and not rest[0].startswith("-"):
        return _branch(session, verb, rest[0], _copy(session, repo)[0])
    if verb == "revert":
        rest = [word for word in rest if word != "--no-edit"]
        mainline = _option(rest, ("-m", "--mainline"))
        if len(rest) > 1 or (rest and rest[0].startswith("-")) or (mainline and not mainline.isdigit()):
            raise BadInput("git revert takes one commit", mend="git revert COMMIT, or git revert -m 1 COMMIT for a merge")
        said = session.revert(*rest, repo=repo, mainline=int(mainline) if mainline else None)
        return Output(said.stdout + _pulled(session, repo), said.stderr, said.exit)
    if verb == "pull":
        return Output(_pulled(session, repo) or "Already up to date.\n")
    if verb == "status":
        return Output(_status(session, repo))
    return session.git(shlex.join(words), repo=repo)


def _commit(session: Session, repo: str, words: list[str]) -> Output:
    message, branch = _option(words, _MESSAGE), _option(words, ("--branch",))
    words = [word for word in words if word not in ("-a", "--all")]
    if not message or any(word.startswith("-") for word in words):
        raise BadInput("git commit needs a message", mend='git commit -m "Scale web to 5" [--branch B] [FILE ...]')
    name, copy = _copy(session, repo)
    files = copy.to_commit()
    unknown = [word for word in words if word not in files]
    if unknown:
        raise BadInput(f"{', '.join(unknown)}: not changed", where=str(copy.folder), mend=f"changed: {', '.join(files)}")
    chosen = {path: text for path, text in files.items() if not words or path in words}
    said = session.commit(message, chosen, repo=name, branch=branch)
    return Output(said.stdout + _pulled(session, name), said.stderr, said.exit)


def _branch(session: Session, verb: str, name: str, repo: str) -> Output:
    """Starts a branch where the default branch is, or merges one into it."""
    if verb == "branch":
        session.do("branch", repo=repo, name=name)
        return Output(f"branch {name} starts here; commit to it with: git commit --branch {name} -m MESSAGE\n")
    session.do("merge", repo=repo, branch=name)
    said = session.git("log -1 --oneline", repo=repo)
    return Output(said.stdout + _pulled(session, repo), said.stderr, said.exit)


def _status(session: Session, repo: str) -> str:
    chosen = [_copy(session, repo)[1]] if repo else [*work_copies(session).values()]
    lines = []
    for copy in chosen:
        changes = copy.changes()
        lines += [f"{copy.folder}: {'changed' if changes else 'nothing changed'}"]
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


def _option(words: list[str], names: tuple[str, ...]) -> str:
    """Takes an option and its value out of the words; empty when it is not there."""
    for index, word in enumerate(words):
        name, equals, value = word.partition("=")
        if name in names and equals:
            del words[index]
            return value
        if word in names and index + 1 < len(words):
            value = words[index + 1]
            del words[index : index + 2]
            return value
    return ""
