"""Looking at somebody's Git repository before it is taken in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gitops_sim.errors import BadInput
from gitops_sim.forge.process import require_git, run_git


@dataclass(frozen=True, slots=True)
class Source:
    """A repository that can be taken in: where its objects are and which commit is meant.

    ``shallow`` is the file that lists the edge of a shallow clone, ``origin`` the address that it was cloned from, if any.
    """

    path: Path
    origin: str
    objects: Path
    shallow: Path | None
    branch: str
    commit: str


def examine(path: Path, revision: str = "HEAD") -> Source:
    """Raises BadInput, with the way to mend it, when there is nothing at ``path`` that can be taken in."""
    require_git()
    where = str(path)
    if not path.exists():
        raise BadInput("no such folder", where=where, mend="give the path of a Git repository")
    if not path.is_dir():
        raise BadInput("is a file, not a Git repository", where=where, mend="give the folder that holds the repository")
    _check_repository(path, where)
    if (_ask(path, "rev-parse", "--show-object-format") or "sha1") != "sha1":
        mend = "use a repository with SHA-1 names, Git's default"
        raise BadInput("the repository uses SHA-256 object names", where=where, mend=mend)
    if _ask(path, "rev-parse", "--verify", "-q", "HEAD^{commit}") is None and not _ask(path, "for-each-ref", "--count=1"):
        raise BadInput("the repository is empty: it has no commit yet", where=where, mend="commit the manifests first")
    commit = _ask(path, "rev-parse", "--verify", "-q", "--end-of-options", f"{revision}^{{commit}}")
    if commit is None:
        names = (_ask(path, "for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/tags") or "").split()
        there = ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")
        raise BadInput(
            f"unknown revision '{revision}'", where=where, mend=f"there are {there}" if names else "give the id of a commit"
        )
    if revision in ("HEAD", "@"):
        name = _ask(path, "symbolic-ref", "-q", "HEAD") or ""
    else:
        name = (_ask(path, "rev-parse", "--symbolic-full-name", "--end-of-options", revision) or "").rpartition("\n")[2]
    branch = name.removeprefix("refs/heads/") if name.startswith("refs/heads/") else "main"
    objects = _ask(path, "rev-parse", "--git-path", "objects") or ""
    shallow = path / (_ask(path, "rev-parse", "--git-path", "shallow") or "")
    origin = _ask(path, "config", "--get", "remote.origin.url") or ""
    return Source(path.resolve(), origin, (path / objects).resolve(), shallow if shallow.is_file() else None, branch, commit)


def _check_repository(path: Path, where: str) -> None:
    done = run_git("rev-parse", "--is-bare-repository", "--show-prefix", cwd=path, users_config=True)
    error = done.stderr.decode("utf-8", "replace")
    if "dubious ownership" in error:
        raise BadInput(
            "the repository belongs to another user, so git refuses to read it",
            where=where,
            mend=f"if you trust it: git config --global --add safe.directory {path.resolve()}",
        )
    if done.returncode != 0:
        raise BadInput("not a Git repository", where=where, mend="clone or 'git init' it first, and commit the manifests")
    bare, _, prefix = done.stdout.decode("utf-8", "surrogateescape").partition("\n")
    if bare == "false" and prefix.strip():
        top = _ask(path, "rev-parse", "--show-toplevel")
        raise BadInput(
            f"is a folder inside the repository {top}", where=where, mend=f"give {top} and the path {prefix.strip().rstrip('/')}"
        )


def _ask(path: Path, *args: str) -> str | None:
    """Git's answer, without the last newline; None when it failed."""
    done = run_git(*args, cwd=path, users_config=True)
    return done.stdout.decode("utf-8", "surrogateescape").rstrip("\n") if done.returncode == 0 else None
