"""One repository of the forge: a bare Git repository on disk, and what people do to it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from gitops_sim.clock import EPOCH, Clock
from gitops_sim.errors import GitFailed
from gitops_sim.forge import history
from gitops_sim.forge.merge import MergeConflict, merge_trees
from gitops_sim.forge.objects import ObjectStore, edit_tree
from gitops_sim.forge.people import People
from gitops_sim.forge.process import run_git
from gitops_sim.forge.raw import EMPTY_TREE, EXECUTABLE, FILE, Entry, RawCommit, Signature
from gitops_sim.forge.refs import Refs, check_name
from gitops_sim.forge.tree import Tree
from gitops_sim.trace import Trace

_STEP = re.compile(r"([~^])(\d*)")
_SHORT = re.compile(r"[0-9a-f]{4,40}\Z")


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit as people speak of it. ``author`` is a person's id; ``time`` is in simulated seconds (negative before the world began)."""

    sha: str
    author: str
    author_name: str
    email: str
    time: float
    subject: str
    message: str
    parents: tuple[str, ...]
    tree: str

    @property
    def short(self) -> str:
        return self.sha[:7]


@dataclass(frozen=True, slots=True)
class Push:
    """A branch that moved: ``old`` is None when it is new, ``new`` is None when it is gone. ``actor`` is a person's id."""

    repository: Repository
    branch: str
    old: str | None
    new: str | None
    actor: str


Files = Mapping[str, str | bytes | None]
Listener = Callable[[Push], object]


class Repository:
    """A bare repository that the real ``git`` can clone from and push to (:attr:`path`).

    What people do here happens at the world's time and leaves records in the trace. A method that fails raises GitFailed and changes
    nothing. Branches named in ``protected`` take changes by :meth:`merge` only; the real ``git push`` is refused as well.
    """

    def __init__(
        self,
        name: str,
        path: Path,
        *,
        clock: Clock,
        trace: Trace,
        people: People,
        listeners: list[Listener],
        default_branch: str = "main",
        store: ObjectStore | None = None,
    ) -> None:
        self.name, self.path, self.default_branch = name, path, default_branch
        self.url = f"https://git.example/{name}.git"
        self._clock, self._trace, self._people, self._listeners = clock, trace, people, listeners
        self._store = store or ObjectStore(path)
        self._refs = Refs(path)
        self._known: dict[str, str] = self._refs.list("refs/heads/")

    def __repr__(self) -> str:
        return f"Repository({self.name!r})"

    def __deepcopy__(self, memo: dict[int, Any]) -> Repository:
        raise TypeError("a repository is copied with its forge: copy the forge or the world")

    # ------------------------------------------------------------------ look

    @property
    def branches(self) -> dict[str, str]:
        """``{branch: commit id}``, sorted by name."""
        self.notice_pushes()
        return dict(self._known)

    @property
    def tags(self) -> dict[str, str]:
        """``{tag: commit id}``, sorted by name."""
        return {name: self._peel(sha) for name, sha in self._refs.list("refs/tags/").items()}

    def tip(self, branch: str = "") -> str:
        """The commit that a branch points at (the default branch when none is named)."""
        branch = branch or self.default_branch
        sha = self._refs.read(f"refs/heads/{branch}")
        if sha != self._known.get(branch):
            self.notice_pushes()
        if sha is None:
            raise self._unknown(branch, list(self._known), "branch")
        return sha

    def resolve(self, revision: str = "HEAD") -> str:
        """The commit id of a branch, a tag, a full or short id, ``HEAD`` (the default branch), and ``~n`` or ``^n`` behind them."""
        cut = min((i for i in (revision.find("~"), revision.find("^")) if i > 0), default=len(revision))
        sha = self._resolve_name(revision[:cut] or "HEAD", revision)
        rest = revision[cut:]
        if _STEP.sub("", rest):
            raise self._unknown(revision, [], "revision")
        for sign, digits in _STEP.findall(rest):
            number = int(digits) if digits else 1
            for which in [1] * number if sign == "~" else [number] if number else []:
                parents = self._store.parents(sha)
                if len(parents) < which:
                    raise GitFailed(
                        f"bad revision '{revision}': {sha[:7]} has {len(parents)} parents",
                        where=self._where,
                        mend="go back fewer steps",
                    )
                sha = parents[which - 1]
        return sha

    def commit_at(self, revision: str = "HEAD") -> Commit:
        """The commit that a revision names."""
        return self._commit(self.resolve(revision))

    def log(self, revision: str = "", *, path: str | None = None, limit: int | None = None) -> list[Commit]:
        """Commits from ``revision`` (the default branch) back, in the order of ``git log``; with ``path``, those that changed it."""
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
        parents = self._store.parents(sha)
        before = self._store.commit(parents[0]).tree if parents else None
        return history.changed_paths(self._store, before, self._store.commit(sha).tree)

    def diff(self, old: str, new: str, *, path: str = "") -> str:
        """The differences between two revisions as ``git diff`` prints them."""
        return self._diff(self.resolve(old), self.resolve(new), path)

    def show(self, commit: str = "HEAD") -> str:
        """The differences that a commit made against its first parent, as ``git diff`` prints them."""
        sha = self.resolve(commit)
        parents = self._store.parents(sha)
        return self._diff(parents[0] if parents else EMPTY_TREE, sha, "")

    def protected(self) -> list[str]:
        """The branches that take changes by merge only, sorted."""
        file = self.path / "protected-branches"
        return sorted(file.read_text().split()) if file.exists() else []

    # ------------------------------------------------------------------ change

    def commit(self, files: Files, message: str, *, author: str, branch: str = "") -> str:
        """Commits new contents of files (None deletes one) to a branch and returns the commit's id."""
        branch = branch or self.default_branch
        self._refuse_protected(branch)
        first = not self._known and not self.branches and branch == self.default_branch
        old = None if first else self.tip(branch)
        tree = self._store.commit(old).tree if old else EMPTY_TREE
        new_tree = edit_tree(self._store, tree, self._entries(tree, files))
        if new_tree == tree:
            raise GitFailed(
                f"On branch {branch}: nothing to commit, working tree clean",
                where=self._where,
                mend="the branch already holds exactly this content; change something first",
            )
        sha = self._write_commit(new_tree, (old,) if old else (), message, author)
        self._move(branch, old, sha)
        changed = history.changed_paths(self._store, tree, new_tree)
        text = f"commits {sha[:7]} to {branch}: {self._store.commit(sha).subject}"
        self._tell(author, "CommitPushed", text, branch=branch, commit=sha, parent=old, files=changed)
        self._announce(branch, old, sha, author)
        return sha

    def branch(self, name: str, at: str = "", *, author: str = "platform") -> str:
        """Creates a branch at a revision (the default branch) and returns the commit's id."""
        check_name(name)
        if name in self.branches:
            raise GitFailed(f"a branch named '{name}' already exists", where=self._where, mend="choose another name")
        in_the_way = next((b for b in self._known if b.startswith(name + "/") or name.startswith(b + "/")), None)
        if in_the_way:
            raise GitFailed(
                f"'{in_the_way}' exists; cannot create '{name}'", where=self._where, mend="choose a name that is no folder of another"
            )
        sha = self.resolve(at or self.default_branch)
        self._move(name, None, sha)
        self._tell(author, "BranchCreated", f"creates branch {name} at {sha[:7]}", branch=name, commit=sha)
        self._announce(name, None, sha, author)
        return sha

    def delete_branch(self, name: str, *, author: str = "platform") -> None:
        """Deletes a branch; its commits stay in the repository."""
        self._refuse_protected(name)
        old = self.tip(name)
        if name == self.default_branch:
            raise GitFailed(
                f"refusing to delete the default branch '{name}'", where=self._where, mend="delete the branches that were merged"
            )
        self._refs.delete(f"refs/heads/{name}")
        del self._known[name]
        self._tell(author, "BranchDeleted", f"deletes branch {name} (was {old[:7]})", branch=name, commit=old)
        self._announce(name, old, None, author)

    def tag(self, name: str, at: str = "", *, author: str = "platform") -> str:
        """Creates a lightweight tag at a revision (the default branch) and returns the commit's id."""
        check_name(name)
        if self._refs.read(f"refs/tags/{name}") is not None:
            raise GitFailed(f"tag '{name}' already exists", where=self._where, mend="a tag should not move: choose another name")
        sha = self.resolve(at or self.default_branch)
        self._refs.write(f"refs/tags/{name}", sha)
        self._tell(author, "TagCreated", f"tags {sha[:7]} as {name}", tag=name, commit=sha)
        return sha

    def merge(
        self, branch: str, into: str = "", *, author: str, message: str | None = None, fast_forward: bool = False
    ) -> str:
        """Merges a branch (or any revision) into a branch by a merge commit and returns its id.

        ``fast_forward`` moves the branch without a commit where it can. Works on protected branches: this is how changes get there.
        """
        into = into or self.default_branch
        ours, theirs = self.tip(into), self.resolve(branch)
        bases = history.merge_bases(self._store, ours, theirs)
        if bases == [theirs]:
            raise GitFailed(f"Already up to date: {into} contains {branch}", where=self._where, mend="commit to the branch first")
        if not bases:
            raise GitFailed("refusing to merge unrelated histories", where=self._where, mend=f"start {branch} from {into}")
        if fast_forward and bases == [ours]:
            sha = theirs
        else:
            trees = [self._store.commit(commit).tree for commit in (bases[0], ours, theirs)]
            tree = self._merged(f"merge {branch}", trees[0], trees[1], trees[2], (into, branch))
            text = message or f"Merge branch '{branch}'" + ("" if into == "master" else f" into {into}")
            sha = self._write_commit(tree, (ours, theirs), text, author)
        self._move(into, ours, sha)
        changed = history.changed_paths(self._store, self._store.commit(ours).tree, self._store.commit(sha).tree)
        self._tell(
            author,
            "BranchMerged",
            f"merges {branch} into {into} as {sha[:7]}",
            branch=into,
            commit=sha,
            parent=ours,
            merged=branch,
            merged_commit=theirs,
            files=changed,
        )
        self._announce(into, ours, sha, author)
        return sha

    def revert(self, commit: str = "HEAD", *, author: str, branch: str = "", mainline: int | None = None) -> str:
        """Commits the opposite of a commit to a branch, keeping what came later, and returns the new commit's id.

        The message is the one that ``git revert`` writes (git 2.43: the revert of a revert says ``Reapply``). A merge needs ``mainline``: 1 keeps the
        branch that was merged into. ``HEAD`` is the tip of ``branch``.
        """
        branch = branch or self.default_branch
        self._refuse_protected(branch)
        ours = self.tip(branch)
        is_head = re.match(r"(HEAD|@)(?=[~^]|\Z)", commit)
        target = self.resolve(ours + commit[is_head.end() :] if is_head else commit)
        parents = self._store.parents(target)
        if len(parents) > 1 and mainline is None:
            raise GitFailed(
                f"commit {target[:7]} is a merge but no mainline was given",
                where=self._where,
                mend=f"say which parent to go back to: mainline 1 is {parents[0][:7]}, the branch that was merged into",
            )
        if mainline is not None and (len(parents) < 2 or not 1 <= mainline <= len(parents)):
            raise GitFailed(
                f"mainline {mainline} was given but commit {target[:7]} has {len(parents)} parent{'s' * (len(parents) != 1)}",
                where=self._where,
                mend="leave mainline out for a commit that is not a merge; for a merge say 1 or 2",
            )
        parent = parents[(mainline or 1) - 1] if parents else None
        raw = self._store.commit(target)
        base, theirs = raw.tree, self._store.commit(parent).tree if parent else EMPTY_TREE
        mine = self._store.commit(ours).tree
        tree = self._merged(f"revert {target[:7]}", base, mine, theirs, (branch, f"parent of {target[:7]}"))
        if tree == mine:
            raise GitFailed(
                f"nothing to commit: {branch} does not hold the changes of {target[:7]} any more",
                where=self._where,
                mend="it was reverted already, or later commits replaced it; revert what is there now",
            )
        sha = self._write_commit(tree, (ours,), _revert_message(raw.subject, target, parent if mainline else None), author)
        self._move(branch, ours, sha)
        self._tell(
            author,
            "CommitReverted",
            f"reverts {target[:7]} on {branch} by {sha[:7]}: {self._store.commit(sha).subject}",
            branch=branch,
            commit=sha,
            parent=ours,
            reverted=target,
            files=history.changed_paths(self._store, mine, tree),
        )
        self._announce(branch, ours, sha, author)
        return sha

    def reset(self, branch: str, to: str, *, author: str = "platform") -> str:
        """Moves a branch to any revision, as ``git push --force`` does; returns the commit's id. Commits may drop out of its history."""
        self._refuse_protected(branch)
        old, new = self.tip(branch), self.resolve(to)
        if old == new:
            raise GitFailed(f"Everything up-to-date: {branch} is at {new[:7]}", where=self._where, mend="name another revision")
        lost = [sha for sha in history.walk(self._store, old) if sha not in history.ancestors(self._store, new)]
        self._move(branch, old, new)
        gone = f"; {len(lost)} commit{'s' * (len(lost) != 1)} dropped out of its history" if lost else ""
        text = f"force-pushes {branch} from {old[:7]} to {new[:7]}{gone}"
        self._tell(author, "BranchForcePushed", text, branch=branch, commit=new, parent=old, lost=lost)
        self._announce(branch, old, new, author)
        return new

    force_push = reset

    def notice_pushes(self) -> list[Push]:
        """Looks at the branches on disk and tells the listeners what a real ``git push`` moved since the last look."""
        now = self._refs.list("refs/heads/")
        if now == self._known:
            return []
        before, self._known = self._known, now
        pushes: list[Push] = []
        for branch in sorted({*before, *now}):
            old, new = before.get(branch), now.get(branch)
            if old != new:
                pushes.append(self._noticed(branch, old, new))
        for push in pushes:
            for listener in tuple(self._listeners):
                listener(push)
        return pushes

    # ------------------------------------------------------------------ inside

    @property
    def _where(self) -> str:
        return f"repo/{self.name}"

    def _commit(self, sha: str) -> Commit:
        raw = self._store.commit(sha)
        person = self._people.of(raw.author)
        time = float(raw.author.unix - int(EPOCH.timestamp()))
        parents = self._store.parents(sha)
        return Commit(sha, person.id, raw.author.name, raw.author.email, time, raw.subject, raw.message, parents, raw.tree)

    def _resolve_name(self, name: str, revision: str) -> str:
        if name in ("HEAD", "@"):
            return self.tip(self.default_branch)
        branch = name.removeprefix("refs/").removeprefix("heads/")
        if self._refs.read(f"refs/heads/{branch}"):
            return self.tip(branch)
        tag = self._refs.read("refs/tags/" + name.removeprefix("refs/").removeprefix("tags/"))
        if tag:
            return self._peel(tag)
        if _SHORT.match(name):
            found = [name] if len(name) == 40 else self._store.starting_with(name)
            commits = [sha for sha in found if self._store.kind(sha) in ("commit", "tag")]
            if len(commits) > 1:
                raise GitFailed(f"short id {name} is ambiguous", where=self._where, mend="give more digits of it")
            if commits:
                return self._peel(commits[0])
            asked = run_git("rev-parse", "--verify", "-q", f"{name}^{{commit}}", cwd=self.path, env={"GIT_DIR": str(self.path)})
            if asked.returncode == 0:
                return asked.stdout.decode().strip()
        raise self._unknown(revision, [*self._known, *self._refs.list("refs/tags/")], "revision")

    def _peel(self, sha: str) -> str:
        kind, data = self._store.read(sha)
        while kind == "tag":
            sha = data.split(b"\n", 1)[0].removeprefix(b"object ").decode()
            kind, data = self._store.read(sha)
        if kind != "commit":
            raise GitFailed(f"{sha[:7]} is a {kind}, not a commit", where=self._where, mend="name a branch, a tag or a commit")
        return sha

    def _unknown(self, name: str, known: list[str], what: str) -> GitFailed:
        near = get_close_matches(name, known, n=1)
        if near:
            mend = f"did you mean '{near[0]}'?"
        elif known:
            mend = "there are " + ", ".join(known[:8]) + (", ..." if len(known) > 8 else "")
        else:
            mend = "commit something first" if not self._known else "look at the log for what there is"
        return GitFailed(f"unknown {what} '{name}'", where=self._where, mend=mend)

    def _refuse_protected(self, branch: str) -> None:
        if branch in self.protected() and branch in self._known:
            raise GitFailed(
                f"protected branch update failed: changes to {branch} must be made through a merge",
                where=self._where,
                mend=f"commit to a branch of your own, then have it merged into {branch}",
            )

    def _entries(self, tree: str, files: Files) -> dict[str, Entry | None]:
        entries: dict[str, Entry | None] = {}
        for path, content in files.items():
            old = self._store.entry(tree, _checked(path, self._where))
            if content is not None:
                data = content if isinstance(content, bytes) else content.encode()
                mode = EXECUTABLE if old is not None and old.mode == EXECUTABLE else FILE
                entries[path] = Entry(mode, self._store.write_blob(data))
            elif old is None:
                raise GitFailed(f"pathspec '{path}' did not match any files", where=self._where, mend="only what is there can be deleted")
            elif old.is_tree:
                raise GitFailed(f"not removing '{path}' recursively", where=self._where, mend="name each of its files")
            else:
                entries[path] = None
        return entries

    def _write_commit(self, tree: str, parents: tuple[str, ...], message: str, author: str) -> str:
        text = message.rstrip("\n")
        if not text.strip():
            raise GitFailed("Aborting commit due to empty commit message.", where=self._where, mend="say why you change it")
        if "\0" in text:
            raise GitFailed("a NUL byte in commit log message not allowed.", where=self._where, mend="write the message as plain text")
        person = self._people.lookup(author)
        signature = Signature(person.name, person.email, self._clock.unix())
        return self._store.write_commit(RawCommit(tree, parents, signature, signature, text + "\n"))

    def _merged(self, doing: str, base: str, ours: str, theirs: str, labels: tuple[str, str]) -> str:
        try:
            return merge_trees(self._store, base, ours, theirs, labels=labels)
        except MergeConflict as conflict:
            files = ", ".join(conflict.paths)
            raise GitFailed(
                f"could not {doing}: CONFLICT in {files}; nothing was changed",
                where=self._where,
                mend="both sides changed the same lines: commit the content that you want to these files yourself",
            ) from None

    def _move(self, branch: str, old: str | None, new: str) -> None:
        ref = f"refs/heads/{branch}"
        if self._refs.read(ref) != old:
            raise GitFailed(f"failed to push: {branch} has moved meanwhile", where=self._where, mend="try again on its new tip")
        self._refs.write(ref, new)
        self._known = dict(sorted({**self._known, branch: new}.items()))

    def _tell(self, actor: str, event: str, message: str, **data: Any) -> None:
        self._trace.add(actor, event, self._where, message, story=True, repo=self.name, **data)

    def _announce(self, branch: str, old: str | None, new: str | None, actor: str) -> None:
        push = Push(self, branch, old, new, actor)
        for listener in tuple(self._listeners):
            listener(push)

    def _noticed(self, branch: str, old: str | None, new: str | None) -> Push:
        """Records what a real ``git push`` did to one branch; its author counts as the one who pushed."""
        if new is None:
            assert old is not None
            actor = self._commit(old).author
            self._tell(actor, "BranchDeleted", f"deletes branch {branch} (was {old[:7]})", branch=branch, commit=old)
            return Push(self, branch, old, None, actor)
        tip = self._commit(new)
        if old is None:
            text = f"pushes new branch {branch} at {tip.short}: {tip.subject}"
            self._tell(tip.author, "BranchCreated", text, branch=branch, commit=new)
        elif history.is_ancestor(self._store, old, new):
            known = history.ancestors(self._store, old)
            count = sum(1 for sha in history.walk(self._store, new) if sha not in known)
            changed = history.changed_paths(self._store, self._store.commit(old).tree, tip.tree)
            text = f"pushes {tip.short} to {branch}{f' ({count} commits)' if count > 1 else ''}: {tip.subject}"
            self._tell(tip.author, "CommitPushed", text, branch=branch, commit=new, parent=old, files=changed)
        else:
            kept = history.ancestors(self._store, new)
            lost = [sha for sha in history.walk(self._store, old) if sha not in kept]
            text = f"force-pushes {branch} from {old[:7]} to {tip.short}; {len(lost)} commit{'s' * (len(lost) != 1)} dropped out of its history"
            self._tell(tip.author, "BranchForcePushed", text, branch=branch, commit=new, parent=old, lost=lost)
        return Push(self, branch, old, new, tip.author)

    def _diff(self, old: str, new: str, path: str) -> str:
        options = ("--no-color", "--no-ext-diff", "--no-textconv", "--abbrev=7", "--no-renames")
        paths = ("--", path) if path else ()
        done = run_git("diff", *options, old, new, *paths, cwd=self.path, env={"GIT_DIR": str(self.path)})
        return done.stdout.decode("utf-8", "replace")


def _revert_message(subject: str, target: str, parent: str | None) -> str:
    inner = subject.removeprefix('Revert "')
    if inner != subject and not inner.startswith('Revert "'):
        title = f'Reapply "{inner}'
    else:
        title = f'Revert "{subject}"'
    if parent is None:
        return f"{title}\n\nThis reverts commit {target}."
    return f"{title}\n\nThis reverts commit {target}, reversing\nchanges made to {parent}."


def _checked(path: str, where: str) -> str:
    """``path`` itself. Raises GitFailed when Git would refuse to check it out."""
    parts = path.split("/")
    if not path or "\0" in path or any(p in ("", ".", "..") or p.lower() == ".git" for p in parts):
        raise GitFailed(
            f"invalid path '{path}'", where=where, mend="write it relative to the repository, with '/', without '..' and '.git'"
        )
    return path
