"""From a reference to a commit and a revision, and the errors on the way.

Source: fluxcd/pkg ``git/gogit/clone.go`` and ``git/git.go`` (the revision is what follows ``refs/heads/`` or ``refs/tags/``,
``@``, and the commit with its kind of hash).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from gitops_sim.agents.flux.gitrepository import DEFAULT_BRANCH, GitRepository
from gitops_sim.errors import BadInput
from gitops_sim.forge import Forge, Repository

_WHOLE = re.compile(r"[0-9a-f]{40}\Z")


class FetchError(Exception):
    """Git's side is not to be had. ``reason`` and ``message`` are those of the condition, ``mend`` is the way out."""

    def __init__(self, message: str, *, reason: str = "GitOperationFailed", mend: str = "") -> None:
        super().__init__(message)
        self.message, self.reason, self.mend = message, reason, mend


@dataclass(frozen=True, slots=True)
class Head:
    """The commit that a reference means now, and the revision that stands for both."""

    commit: str
    revision: str


def head_of(forge: Forge, source: GitRepository, *, known: bool) -> Head:
    """Raises FetchError. ``known`` says that there is an artifact: the remote is then listed before anything is cloned."""
    ref = source.reference
    try:
        repository = forge.repository(source.url)
    except BadInput as error:
        text = f"unable to list remote for '{source.url}': repository not found"
        if not known and not ref.name:
            text = f"unable to clone: repository not found: git repository: '{source.url}'"
        raise _failed(text, error.mend) from None
    if not repository.branches:
        raise FetchError("git repository is empty", reason="EmptyGitRepository", mend="commit something first")
    if ref.commit:
        return _commit(repository, ref.commit, ref.branch)
    if ref.name:
        return _name(repository, ref.name)
    if ref.semver:
        return _semver(repository, ref.semver)
    if ref.tag:
        return _tag(repository, source.url, ref.tag)
    return _branch(repository, source.url, ref.branch or DEFAULT_BRANCH)


def short(revision: str) -> str:
    """``main@4be1c07``, for people; the revision itself when it has another form."""
    name, at, digest = revision.rpartition("@")
    kind, _, sha = digest.rpartition(":")
    return f"{name}{at}{sha[:7]}" if kind == "sha1" else revision


def commit_of(revision: str) -> str:
    """The commit of a revision; empty for none."""
    return revision.rpartition(":")[2]


def _branch(repository: Repository, url: str, branch: str) -> Head:
    try:
        sha = repository.tip(branch)
    except BadInput as error:
        raise _failed(f"unable to clone '{url}': couldn't find remote ref \"refs/heads/{branch}\"", error.mend) from None
    return Head(sha, f"{branch}@sha1:{sha}")


def _tag(repository: Repository, url: str, tag: str) -> Head:
    sha = repository.tags.get(tag)
    if sha is None:
        there = ", ".join(repository.tags) or "none"
        raise _failed(f"unable to clone '{url}': couldn't find remote ref \"refs/tags/{tag}\"", f"the tags are {there}")
    return Head(sha, f"{tag}@sha1:{sha}")


def _commit(repository: Repository, commit: str, branch: str) -> Head:
    try:
        if not _WHOLE.match(commit):
            raise BadInput("not a whole commit id", mend="give all 40 digits of the commit")
        sha = repository.resolve(commit)
    except BadInput as error:
        raise _failed(f"unable to resolve commit object for '{commit}': object not found", error.mend) from None
    return Head(sha, f"{branch}@sha1:{sha}" if branch else f"sha1:{sha}")


def _name(repository: Repository, name: str) -> Head:
    """The revision keeps the whole name."""
    branch, tag = name.removeprefix("refs/heads/"), name.removeprefix("refs/tags/").removesuffix("^{}")
    sha = (
        repository.branches.get(branch) if branch != name else repository.tags.get(tag) if name.startswith("refs/tags/") else None
    )
    if sha is None:
        raise _failed(f"unable to resolve ref '{name}' to a specific commit", "write the whole name: refs/heads/main")
    return Head(sha, f"{name}@sha1:{sha}")


def _semver(repository: Repository, wanted: str) -> Head:
    raise _failed(f"no match found for semver: {wanted}", "name a tag: ranges of versions are not simulated yet")


def _failed(text: str, mend: str = "") -> FetchError:
    return FetchError(f"failed to checkout and determine revision: {text}", mend=mend)
