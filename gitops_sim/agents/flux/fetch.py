"""From a reference to a commit and a revision, and the errors on the way.

Source: fluxcd/pkg ``git/gogit/clone.go`` and ``git/git.go`` (the revision is what follows ``refs/heads/`` or ``refs/tags/``,
``@``, and the commit with its kind of hash).
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass

from gitops_sim.agents.flux.gitrepository import DEFAULT_BRANCH, GitRepository
from gitops_sim.agents.flux.source_status import FETCH_FAILED
from gitops_sim.errors import BadInput
from gitops_sim.forge import Forge, Repository
from gitops_sim.manifests.versions import best, example, readable
from gitops_sim.objects import Key

FAILED = "failed to checkout and determine revision: "
"""What source-controller puts before Git's words."""
_WHOLE = re.compile(r"[0-9a-f]{40}\Z")
_VERSION = re.compile(r"v?\d+\.\d+\.\d+(?:[-+]|\Z)")


class FetchError(Exception):
    """Nothing new is to be had. ``reason`` and ``message`` are those of the ``condition``, ``mend`` is the way out. It is tried
    again after a longer wait each time, unless it ``waits`` for another object, or stays so ``for_good``."""

    def __init__(
        self,
        message: str,
        *,
        reason: str = "GitOperationFailed",
        condition: str = FETCH_FAILED,
        mend: str = "",
        waits: bool = False,
        for_good: bool = False,
    ) -> None:
        super().__init__(message)
        self.message, self.reason, self.condition, self.mend = message, reason, condition, mend
        self.waits, self.for_good = waits, for_good


@dataclass(frozen=True, slots=True)
class Head:
    """The commit that a reference means now, and the revision that stands for both; ``tag`` if it was found by one."""

    commit: str
    revision: str
    tag: str = ""


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


def check_folders(source: GitRepository, files: Sequence[str]) -> None:
    """Whether the folders that are to be checked out are there; ``files`` are those that were. Raises FetchError. Source:
    source-controller ``internal/controller/gitrepository_controller.go`` (validateSparseCheckoutPaths)."""
    for folder in source.folders:
        path = inside(folder)
        if path and path not in files and not any(file.startswith(f"{path}/") for file in files):
            why = f"lstat {scratch(source.key)}/{path}: no such file or directory"
            what = f"sparse checkout dir '{folder}' does not exist in repository: {why}"
            raise FetchError(f"failed to sparse checkout directories : {what}", mend="name folders of the repository")


def scratch(key: Key) -> str:
    """The temporary folder of a source. That of the real one has a name that is dealt anew each time; here it goes with it."""
    return f"/tmp/gitrepository-{key.namespace}-{key.name}-{number(key)}"


def number(*parts: object) -> int:
    """The same number for the same parts."""
    return int(hashlib.sha256(str(parts).encode()).hexdigest()[:8], 16)


def inside(path: str) -> str:
    """A path that cannot lead out of its folder."""
    return posixpath.normpath(f"/{path}").lstrip("/")


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
    try:
        sha = repository.resolve(f"refs/tags/{tag}")
    except BadInput:
        there = ", ".join(repository.tags) or "none"
        mend = f"the tags are {there}"
        raise _failed(f"unable to clone '{url}': couldn't find remote ref \"refs/tags/{tag}\"", mend) from None
    return Head(sha, f"{tag}@sha1:{sha}", tag)


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
    mend = "write the whole name: refs/heads/main"
    try:
        if not name.startswith("refs/"):
            raise BadInput("not a whole name", mend=mend)
        bare = name.removesuffix("^{}")
        sha = repository.resolve(bare)
    except BadInput:
        raise _failed(f"unable to resolve ref '{name}' to a specific commit", mend) from None
    return Head(sha, f"{name}@sha1:{sha}", bare.removeprefix("refs/tags/") if bare.startswith("refs/tags/") else "")


def _semver(repository: Repository, wanted: str) -> Head:
    """The newest tag in a range; ``v1`` and ``1.2`` are no versions. Source: fluxcd/pkg ``git/gogit/clone.go`` (cloneSemVer) and
    ``version``, which reads ranges as helm does."""
    if not readable(wanted):
        raise _failed(f"semver parse error: improper constraint: {wanted}", "write a range such as >=1.0.0 <2.0.0")
    tag = best(wanted, filter(_VERSION.match, repository.tags)) or (example(wanted) if repository.any_revision else "")
    if not tag:
        raise _failed(f"no match found for semver: {wanted}", f"the tags are {', '.join(repository.tags) or 'none'}")
    return Head(sha := repository.resolve(f"refs/tags/{tag}"), f"{tag}@sha1:{sha}", tag)


def _failed(text: str, mend: str = "") -> FetchError:
    return FetchError(FAILED + text, mend=mend)
