"""Looking at a repository: branches, revisions, log, files and differences."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

from gitops_sim.clock import EPOCH
from gitops_sim.errors import GitFailed
from gitops_sim.forge import history
from gitops_sim.forge.commit import Commit
from gitops_sim.forge.objects import ObjectStore
from gitops_sim.forge.people import People
from gitops_sim.forge.process import run_git
from gitops_sim.forge.raw import EMPTY_TREE, Signed, signed_commit, signed_tag
from gitops_sim.forge.refs import Refs
from gitops_sim.forge.tree import Tree

_STEP = re.compile(r"([~^])(\d*)")
_SHORT = re.compile(r"[0-9a-f]{4,40}\Z")
_EPOCH = int(EPOCH.timestamp())


class RepositoryView(ABC):
    """What can be seen of a bare repository. A revision is a branch, a tag, a full or short commit id, or ``HEAD`` (the default
    branch), with ``~n`` and ``^n`` behind it. Methods raise GitFailed for what is not there."""

    def __init__(self, name: str, path: Path, default_branch: str, people: People, store: ObjectStore) -> None:
        self.name, self.path, self.default_branch = name, path, default_branch
        self.url = f"https://git.example/{name}.git"
        self.origin = ""
        """The address that it was cloned from, when it was taken in."""
        self.any_revision = False
        """Whether a revision that is not there means the default branch, for a repository that stands for another place's."""
        self._people, self._store, self._refs = people, store, Refs(path)

    def move(self, path: Path) -> None:
        """Goes on at ``path``, where a copy of it is already."""
        self.path, self._store, self._refs = path, self._store.twin(path), Refs(path)

    @property
    @abstractmethod
    def branches(self) -> dict[str, str]:
        """``{branch: commit id}``, sorted by name."""

    @abstractmethod
    def tip(self, branch: str = "") -> str:
        """The commit id that a branch points at; the default branch when none is named."""

    @property
    def tags(self) -> dict[str, str]:
        """``{tag: commit id}``, sorted by name."""
        return {name: self._peel(sha) for name, sha in self._refs.list("refs/tags/").items()}

    @property
    def protected(self) -> list[str]:
        """The branches that take changes by merge only, sorted."""
        file = self.path / "protected-branches"
        return sorted(file.read_text(encoding="utf-8").split()) if file.exists() else []

    def resolve(self, revision: str = "HEAD") -> str:
        """The commit id of a revision."""
        cut = min((at for at in (revision.find("~"), revision.find("^")) if at > 0), default=len(revision))
        sha, steps = self._resolve_name(revision[:cut]), revision[cut:]
        if _STEP.sub("", steps):
            raise self._unknown("revision", revision, ())
        for sign, digits in _STEP.findall(steps):
            number = int(digits) if digits else 1
            for which in [1] * number if sign == "~" else [number] * (number > 0):
                parents = self._store.parents(sha)
                if len(parents) < which:
                    what = f"bad revision '{revision}': {sha[:7]} has {len(parents) or 'no'} parent{'s' * (len(parents) > 1)}"
                    raise GitFailed(what, where=self._where, mend="go back fewer steps")
                sha = parents[which - 1]
        return sha

    def commit_at(self, revision: str = "HEAD") -> Commit:
        """The commit that a revision names."""
        return self._commit(self.resolve(revision))

    def signed(self, revision: str = "HEAD") -> Signed:
        """What the signature of a commit speaks of, and the signature."""
        return signed_commit(self._store.read(self.resolve(revision))[1])

    def signed_tag(self, name: str) -> tuple[str, Signed] | None:
        """The id of a tag's own object, with what its signature speaks of; None for a tag that is only a name for a commit."""
        sha = self._refs.read(f"refs/tags/{name}") or ""
        return (sha, signed_tag(self._store.read(sha)[1])) if sha and self._store.kind(sha) == "tag" else None

    def log(self, revision: str = "", *, path: str | None = None, limit: int | None = None) -> list[Commit]:
        """Commits from ``revision`` (the default branch) back, ordered as by ``git log``; with ``path``, only its changes."""
        commits: list[Commit] = []
        for sha in history.walk(self._store, self.resolve(revision or self.default_branch), (path or "").strip("/")):
            if limit is not None and len(commits) >= limit:
                break
            commits.append(self._commit(sha))
        return commits

    def contains(self, branch: str, commit: str) -> bool:
        """Whether a commit can be reached from a branch."""
        return history.is_ancestor(self._store, self.resolve(commit), self.tip(branch))

    def tree(self, revision: str = "HEAD", path: str = "") -> Tree:
        """The files at a revision, those below ``path`` when one is given."""
        sha = self.resolve(revision)
        return Tree(self._store, self._store.commit(sha).tree, path, where=f"{self.name}@{sha[:7]}")

    def changed_files(self, commit: str = "HEAD") -> list[str]:
        """The paths that a commit changed against its first parent, sorted."""
        sha = self.resolve(commit)
        return history.changed_paths(self._store, self._tree_before(sha), self._store.commit(sha).tree)

    def changed_since(self, base: str, revision: str) -> list[str]:
        """The paths that ``revision`` has changed since it parted from ``base``, sorted."""
        ours, theirs = self.resolve(base), self.resolve(revision)
        common = history.merge_bases(self._store, ours, theirs)
        before = self._store.commit(common[0]).tree if common else EMPTY_TREE
        return history.changed_paths(self._store, before, self._store.commit(theirs).tree)

    def diff(self, old: str, new: str, *, path: str = "") -> str:
        """The differences between two revisions, as ``git diff`` prints them."""
        return self._diff(self.resolve(old), self.resolve(new), path)

    def show(self, commit: str = "HEAD", *, path: str = "") -> str:
        """The differences that a commit made against its first parent, as ``git diff`` prints them."""
        sha = self.resolve(commit)
        return self._diff(self._tree_before(sha), sha, path)

    # ------------------------------------------------------------------ inside

    @property
    def _where(self) -> str:
        return f"repo/{self.name}"

    def _commit(self, sha: str) -> Commit:
        raw = self._store.commit(sha)
        return Commit(
            sha,
            self._people.of(raw.author).id,
            raw.author.name,
            raw.author.email,
            float(raw.author.unix - _EPOCH),
            raw.subject,
            raw.message,
            self._store.parents(sha),
            raw.tree,
        )

    def _tree_before(self, sha: str) -> str:
        parents = self._store.parents(sha)
        return self._store.commit(parents[0]).tree if parents else EMPTY_TREE

    def _resolve_name(self, name: str) -> str:
        if name in ("", "HEAD", "@"):
            return self.tip()
        short = name.removeprefix("refs/")
        if self._refs.read(f"refs/heads/{short.removeprefix('heads/')}"):
            return self.tip(short.removeprefix("heads/"))
        tag = self._refs.read(f"refs/tags/{short.removeprefix('tags/')}")
        if tag:
            return self._peel(tag)
        if _SHORT.match(name):
            found = self._find_short(name)
            if found:
                return found
        if self.any_revision:
            return self.tip()
        raise self._unknown("revision", name, [*self._refs.list("refs/heads/"), *self._refs.list("refs/tags/")])

    def _find_short(self, short: str) -> str | None:
        candidates = [short] if len(short) == 40 else self._store.starting_with(short)
        commits = [sha for sha in candidates if self._store.kind(sha) in ("commit", "tag")]
        if len(commits) > 1:
            raise GitFailed(f"short id {short} is ambiguous", where=self._where, mend="give more digits of it")
        if commits:
            return self._peel(commits[0])
        asked = run_git("rev-parse", "--verify", "-q", f"{short}^{{commit}}", cwd=self.path, env={"GIT_DIR": str(self.path)})
        return asked.stdout.decode().strip() if asked.returncode == 0 else None

    def _peel(self, sha: str) -> str:
        kind = self._store.kind(sha)
        while kind == "tag":
            sha = self._store.read(sha)[1].split(b"\n", 1)[0].removeprefix(b"object ").decode()
            kind = self._store.kind(sha)
        if kind != "commit":
            mend = "name a branch, a tag or a commit"
            raise GitFailed(f"{sha[:7]} is {f'a {kind}' if kind else 'missing'}, not a commit", where=self._where, mend=mend)
        return sha

    def _unknown(self, what: str, name: str, known: Iterable[str]) -> GitFailed:
        names = list(known)
        near = get_close_matches(name, names, n=1)
        if near:
            mend = f"did you mean '{near[0]}'?"
        elif names:
            mend = "there are " + ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")
        else:
            mend = "look at the log for what there is" if self._refs.list("refs/heads/") else "commit something first"
        return GitFailed(f"unknown {what} '{name}'", where=self._where, mend=mend)

    def _diff(self, old: str, new: str, path: str) -> str:
        options = ("--no-color", "--no-ext-diff", "--no-textconv", "--abbrev=7", "--no-renames")
        paths = ("--", path) if path else ()
        done = run_git("diff", *options, old, new, *paths, cwd=self.path, env={"GIT_DIR": str(self.path)})
        return done.stdout.decode("utf-8", "replace")
