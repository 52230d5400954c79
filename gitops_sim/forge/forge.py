"""The forge: where the repositories of a world live, who works there, and who is told about pushes."""

from __future__ import annotations

import copy
import os
import re
import shutil
import tempfile
import weakref
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from gitops_sim.clock import Clock
from gitops_sim.errors import GitFailed
from gitops_sim.forge.addresses import Addresses
from gitops_sim.forge.adopt import Source, examine
from gitops_sim.forge.bare import borrow, make_bare
from gitops_sim.forge.branches import Listener, Push
from gitops_sim.forge.objects import ObjectStore
from gitops_sim.forge.people import People
from gitops_sim.forge.pull_requests import PullRequests
from gitops_sim.forge.refs import Refs, check_name
from gitops_sim.forge.repository import Repository
from gitops_sim.forge.webhooks import Webhooks
from gitops_sim.trace import Trace

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*\Z")
_URL = re.compile(r"(?:(?:https?|ssh|git)://(?:[^/@]*@)?git\.example(?::\d+)?/|git@git\.example:)(.+)\Z")


class Forge:
    """Bare Git repositories in one folder, worked on by the people of a world at the world's times.

    Without ``folder`` they live in a temporary one that goes with this object. A deep copy of the forge gets its own copy of the
    repositories, in a temporary folder: object files are linked, not copied, for they never change.
    """

    def __init__(self, clock: Clock, trace: Trace, folder: Path | None = None) -> None:
        self._clock, self._trace = clock, trace
        self.people = People()
        self.folder = folder if folder is not None else _temporary_folder(self)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._repositories: dict[str, Repository] = {}
        self._addresses = Addresses()
        self._listeners: list[Listener] = []
        self.pull_requests = PullRequests(self.repository, clock, trace)
        self.webhooks = Webhooks(clock, trace)
        self.on_push(self.pull_requests.pushed)
        self.on_push(self.webhooks.pushed)

    @property
    def repositories(self) -> list[Repository]:
        """In the order in which they came."""
        return list(self._repositories.values())

    def on_push(self, listener: Listener) -> None:
        """Calls ``listener(push)`` after every :class:`Push`, whether made here or noticed from a real ``git push``."""
        self._listeners.append(listener)

    def notice_pushes(self) -> list[Push]:
        """Looks whether a real ``git push`` moved any branch since the last look, and tells the listeners."""
        return [push for repository in self.repositories for push in repository.notice_pushes()]

    def repository(self, name_or_url: str) -> Repository:
        """By name, or by URL: ``shop``, ``https://git.example/shop``, ``https://git.example/shop.git``."""
        url = _URL.match(name_or_url)
        name = (url.group(1) if url else name_or_url).rstrip("/").removesuffix(".git")
        name = name if name in self._repositories else self._addresses.repository(name_or_url) or name
        if name in self._repositories:
            return self._repositories[name]
        near = get_close_matches(name, self._repositories, n=1, cutoff=0.4)
        if near:
            mend = f"did you mean '{near[0]}' ({self._repositories[near[0]].url})?"
        else:
            mend = "there are " + ", ".join(self._repositories) if self._repositories else "create one first"
        raise GitFailed(f"repository '{name_or_url}' not found", mend=mend)

    def know(self, repository: Repository, url: str) -> None:
        """From now on ``url``, however it is spelt, means this repository."""
        self._addresses.add(url, repository.name)

    def publish(self, repository: Repository, url: str) -> None:
        """From now on the files of the default branch can be downloaded below ``url``, as from the pages of a forge."""
        self._addresses.publish(url, repository.name)

    def published(self, url: str) -> tuple[Repository, str] | None:
        """The repository whose files are published there, and the path of the file; None for nothing."""
        found = self._addresses.file(url)
        return (self._repositories[found[0]], found[1]) if found else None

    def create(
        self,
        name: str,
        files: Mapping[str, str | bytes],
        *,
        author: str = "platform",
        message: str = "Initial commit",
        branch: str = "main",
        protected: Sequence[str] = (),
    ) -> Repository:
        """Makes a repository whose first commit holds ``files``; without files it has no commit yet."""
        path = self._prepare(name, branch)
        (path / "protected-branches").write_text("".join(f"{check_name(b)}\n" for b in protected))
        repository = self._open(name, path, branch)
        sha, text = "", f"creates repository {name}"
        if files:
            try:
                sha = repository.start(files, message, author=author)
            except GitFailed:
                shutil.rmtree(path)
                raise
            text += f" with {len(files)} file{'s' * (len(files) != 1)}, {sha[:7]} on {branch}"
        self._repositories[name] = repository
        names: dict[str, Any] = {"repo": name, "branch": branch, "commit": sha, "files": sorted(files)}
        self._trace.add(author, "RepositoryCreated", f"repo/{name}", text, **names)
        return repository

    def adopt(self, name: str, source_path: str | Path, revision: str = "HEAD") -> Repository:
        """Takes in somebody's repository at one revision without copying it: a bare repository with one branch that borrows the
        objects of ``source_path``, a work tree or a bare repository. Nothing is ever written to the source.

        The branch is called as in the source, ``main`` when ``revision`` is no branch. Raises BadInput for what is not a Git
        repository, has no commit, or lacks the revision.
        """
        source = examine(Path(source_path), revision)
        path = self._prepare(name, source.branch)
        self._borrow(path, source)
        self._repositories[name] = repository = self._open(name, path, source.branch)
        repository.origin = source.origin
        text = f"takes in {source.path.name} at {source.commit[:7]} as {name}"
        names: dict[str, Any] = {"repo": name, "branch": source.branch, "commit": source.commit}
        self._trace.add("platform", "RepositoryAdopted", f"repo/{name}", text, **names)
        return repository

    # ------------------------------------------------------------------ inside

    def _borrow(self, path: Path, source: Source) -> None:
        borrow(path, source.objects)
        if source.shallow is not None:
            shutil.copyfile(source.shallow, path / "shallow")
        Refs(path).write(f"refs/heads/{source.branch}", source.commit)

    def _prepare(self, name: str, branch: str) -> Path:
        """An empty bare repository."""
        if not _NAME.match(name) or name.endswith((".git", ".lock")) or ".." in name:
            mend = "use letters, digits, '-', '_' and '.', as in shop or acme/shop"
            raise GitFailed(f"'{name}' is not a valid repository name", mend=mend)
        check_name(branch)
        path = self.folder / f"{name}.git"
        if name in self._repositories or path.exists():
            raise GitFailed(f"repository '{name}' already exists", mend="choose another name")
        make_bare(path, branch)
        return path

    def _open(self, name: str, path: Path, branch: str) -> Repository:
        opened = self._make(name, path, branch)
        opened._moves += ((self._clock.now, known, sha) for known, sha in opened._known.items())
        return opened

    def _make(self, name: str, path: Path, branch: str, store: ObjectStore | None = None) -> Repository:
        """Without a look at the clock: while a world is copied, its clock may not tell the time yet."""
        return Repository(
            name,
            path,
            clock=self._clock,
            trace=self._trace,
            people=self.people,
            listeners=self._listeners,
            default_branch=branch,
            store=store,
            keeper=self,
        )

    def move(self) -> None:
        """Goes on in a temporary folder of its own. For a forked process, whose forge still works in its parent's folder."""
        folder = _temporary_folder(self)
        for name, repository in self._repositories.items():
            path = folder / f"{name}.git"
            _copy(repository.path, path)
            repository.move(path)
        self.folder = folder

    def __deepcopy__(self, memo: dict[int, Any]) -> Forge:
        twin = Forge.__new__(Forge)
        memo[id(self)] = twin
        twin.folder = _temporary_folder(twin)
        twin._clock, twin._trace = copy.deepcopy(self._clock, memo), copy.deepcopy(self._trace, memo)
        twin.people = copy.deepcopy(self.people, memo)
        twin._listeners, twin._repositories, twin._addresses = [], {}, copy.deepcopy(self._addresses)
        for name, repository in self._repositories.items():
            path = twin.folder / f"{name}.git"
            _copy(repository.path, path)
            store = repository._store.twin(path)
            copied = twin._make(name, path, repository.default_branch, store)
            copied._moves = list(repository._moves)
            copied.rules = dict(repository.rules)
            copied.origin, copied.any_revision = repository.origin, repository.any_revision
            twin._repositories[name] = memo[id(repository)] = copied
        twin.pull_requests = copy.deepcopy(self.pull_requests, memo)
        twin.webhooks = copy.deepcopy(self.webhooks, memo)
        twin._listeners += copy.deepcopy(self._listeners, memo)
        return twin


def _temporary_folder(owner: Forge) -> Path:
    folder = tempfile.mkdtemp(prefix="gitops-sim-")
    weakref.finalize(owner, _remove, folder, os.getpid())
    return Path(folder)


def _remove(folder: str, owner: int) -> None:
    """Removes a temporary folder, unless this process is a forked child of the one that made it."""
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)


def _copy(source: Path, target: Path) -> None:
    """Copies a bare repository. Object files are linked where that is possible: they are never written to again."""
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("objects"))
    waiting = ["objects"]
    while waiting:
        folder = waiting.pop()
        os.mkdir(f"{target}/{folder}")
        for entry in os.scandir(f"{source}/{folder}"):
            if entry.is_dir():
                waiting.append(f"{folder}/{entry.name}")
                continue
            try:
                os.link(entry.path, f"{target}/{folder}/{entry.name}")
            except OSError:  # another file system, or one without links
                shutil.copy2(entry.path, f"{target}/{folder}/{entry.name}")
