"""One repository of the forge: a bare Git repository on disk, and what people do to it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gitops_sim.errors import GitFailed
from gitops_sim.forge import history
from gitops_sim.forge.branches import Branches
from gitops_sim.forge.commit import Contents
from gitops_sim.forge.edits import commit_files, is_text
from gitops_sim.forge.merge import MergeConflict, merge_commits, merge_trees
from gitops_sim.forge.people import Person
from gitops_sim.forge.raw import EMPTY_TREE, RawCommit, Signature
from gitops_sim.forge.refs import check_name
from gitops_sim.forge.transfer import receive_commit

if TYPE_CHECKING:
    import git


class Repository(Branches):
    """A bare repository that the real ``git`` can clone from and push to (at :attr:`path`).

    What people do here happens at the world's time and leaves records in the trace. ``author`` is a person's id. A method that
    fails raises GitFailed and changes nothing. Branches that are :attr:`protected` take changes by :meth:`merge` only, those with
    :attr:`rules` by pull request only; a real ``git push`` to them is refused as well.
    """

    def as_gitpython(self) -> git.Repo:
        """The repository as an object of GitPython, for whatever is not offered here."""
        from git import Repo

        return Repo(self.path)

    # ------------------------------------------------------------------ commit

    def commit(
        self,
        files: Contents,
        message: str,
        *,
        author: str | Person,
        branch: str = "",
        base: str = "",
        story: bool = True,
    ) -> str:
        """Commits new contents of files (None deletes one) to a branch and returns the commit's id. ``base`` is the revision that
        the branch begins at when it is not there yet. Without ``story`` the record of it is none that a story tells."""
        branch, person = branch or self.default_branch, self._person(author)
        self._refuse_protected(branch)
        old = parent = None
        if base and branch not in self.branches:
            check_name(branch)
            parent = self.resolve(base)
        elif branch != self.default_branch or self.branches:
            old = parent = self.tip(branch)
        tree = self._store.commit(parent).tree if parent else EMPTY_TREE
        edited = commit_files(self._store, tree, files, branch=branch, where=self._where)
        sha = self._write_commit(edited, (parent,) if parent else (), message, person)
        self._move(branch, old, sha)
        if parent != old:
            self._tell_pushed(person.id, branch, None, sha)
        else:
            text = f"commits {sha[:7]} to {branch}: {self._store.commit(sha).subject}"
            self._tell(person.id, "CommitPushed", text, branch, sha, old, story=story)
        return sha

    def start(self, files: Contents, message: str, *, author: str) -> str:
        """The first commit of an empty repository, without a record; the forge calls it."""
        tree = commit_files(self._store, EMPTY_TREE, files, branch=self.default_branch, where=self._where)
        sha = self._write_commit(tree, (), message, author)
        self._move(self.default_branch, None, sha)
        return sha

    def merge(
        self,
        branch: str,
        into: str = "",
        *,
        author: str,
        message: str | None = None,
        fast_forward: bool = False,
        pull_request: int = 0,
        why: str = "",
    ) -> str:
        """Merges a branch (or any revision) into a branch by a merge commit and returns its id.

        ``fast_forward`` moves the branch without a merge commit where it can. Works on protected branches: this is how changes
        get there; a branch with rules takes only what a ``pull_request`` of this number brings, for the reason ``why``. A
        conflict names the files and changes nothing.
        """
        into = into or self.default_branch
        if into in self.rules and not pull_request:
            self._refuse_protected(into)
        ours, theirs = self.tip(into), self.resolve(branch)
        bases = history.merge_bases(self._store, ours, theirs)
        if bases == [theirs]:
            raise GitFailed(f"Already up to date: {into} contains {branch}", where=self._where, mend="commit to the branch first")
        if not bases:
            raise GitFailed("refusing to merge unrelated histories", where=self._where, mend=f"start the branch from {into}")
        if fast_forward and bases == [ours]:
            sha = theirs
        else:
            sha = self._write_commit(
                self._merged(f"merge {branch}", ours, theirs, bases, (into, branch)),
                (ours, theirs),
                message or self._merge_message(branch, into),
                author,
            )
        self._move(into, ours, sha)
        named: dict[str, Any] = {"pull_request": pull_request} if pull_request else {}
        what = f"#{pull_request} ({branch})" if pull_request else branch
        text = f"merges {what} into {into} as {sha[:7]}" + (f": {why}" if why else "")
        self._tell(author, "BranchMerged", text, into, sha, ours, merged=branch, merged_commit=theirs, **named)
        return sha

    def conflicts(self, branch: str, into: str) -> tuple[str, ...]:
        """The files in which :meth:`merge` would find a conflict."""
        ours, theirs = self.resolve(into), self.resolve(branch)
        bases = history.merge_bases(self._store, ours, theirs)
        try:
            if bases:
                self._merge_trees(ours, theirs, bases, (into, branch))
        except MergeConflict as conflict:
            return tuple(conflict.paths)
        return ()

    def revert(self, commit: str = "HEAD", *, author: str, branch: str = "", mainline: int | None = None) -> str:
        """Commits the opposite of a commit to a branch, keeping what came later, and returns the new commit's id.

        ``HEAD`` is the tip of ``branch``. A merge needs ``mainline``: 1 goes back to the branch that was merged into. The message
        is the one of ``git revert`` (as of 2.43, where the revert of a revert says ``Reapply``).
        """
        branch = branch or self.default_branch
        self._refuse_protected(branch)
        ours = self.tip(branch)
        head = re.match(r"(HEAD|@)(?=[~^]|\Z)", commit)
        target = self.resolve(ours + commit[head.end() :] if head else commit)
        parent = self._parent_to_restore(target, mainline)
        raw = self._store.commit(target)
        mine = self._store.commit(ours).tree
        theirs = self._store.commit(parent).tree if parent else EMPTY_TREE
        labels = (branch, f"parent of {target[:7]}")
        try:
            tree = merge_trees(self._store, raw.tree, mine, theirs, labels=labels)
        except MergeConflict as conflict:
            raise self._conflict(f"revert {target[:7]}", conflict) from None
        if tree == mine:
            mend = "it was reverted already, or later commits replaced it: revert what is there now"
            what = f"nothing to commit, working tree clean: {branch} does not hold the changes of {target[:7]} any more"
            raise GitFailed(what, where=self._where, mend=mend)
        text = _revert_message(raw.subject, target, parent if mainline else None)
        sha = self._write_commit(tree, (ours,), text, author)
        self._move(branch, ours, sha)
        text = f"reverts {target[:7]} on {branch} by {sha[:7]}: {self._store.commit(sha).subject}"
        self._tell(author, "CommitReverted", text, branch, sha, ours, reverted=target)
        return sha

    def receive_push(self, ref: str, commits: Sequence[Mapping[str, Any]], to: str = "", *, author: str = "") -> str | None:
        """Makes a push again: writes the commits and moves the branch ``ref`` to the last one, or to ``to``; without either the
        branch is deleted. Returns the commit's id. Whoever wrote the newest commit pushed, unless ``author`` says who."""
        branch = check_name(ref.removeprefix("refs/heads/"))
        self._refuse_protected(branch)
        written = [receive_commit(self._store, data, where=f"{self._where} commits[{n}]") for n, data in enumerate(commits)]
        new = self.resolve(to) if to else written[-1] if written else None
        old = self.branches.get(branch)
        if new == old:
            raise GitFailed(f"Everything up-to-date: {branch} did not move", where=self._where, mend="leave this push out")
        self._move(branch, old, new)
        self._tell_pushed(author or self._commit(new or old or "").author, branch, old, new)
        return new

    # ------------------------------------------------------------------ inside

    def _person(self, author: str | Person) -> Person:
        return author if isinstance(author, Person) else self._people.lookup(author)

    def _write_commit(self, tree: str, parents: tuple[str, ...], message: str, author: str | Person) -> str:
        text = message.rstrip("\n")
        if not text.strip():
            raise GitFailed("Aborting commit due to empty commit message.", where=self._where, mend="say what changes, and why")
        if "\0" in text or not is_text(text):
            raise GitFailed("a NUL byte in commit log message not allowed.", where=self._where, mend="write it as plain text")
        person = self._person(author)
        signature = Signature(person.name, person.email, self._clock.unix())
        return self._store.write_commit(RawCommit(tree, parents, signature, signature, text + "\n"))

    def _merged(self, doing: str, ours: str, theirs: str, bases: list[str], labels: tuple[str, str]) -> str:
        try:
            return self._merge_trees(ours, theirs, bases, labels)
        except MergeConflict as conflict:
            raise self._conflict(doing, conflict) from None

    def _merge_trees(self, ours: str, theirs: str, bases: list[str], labels: tuple[str, str]) -> str:
        if len(bases) > 1:
            return merge_commits(self._store, ours, theirs)
        base, mine, other = (self._store.commit(commit).tree for commit in (bases[0], ours, theirs))
        return merge_trees(self._store, base, mine, other, labels=labels)

    def _conflict(self, doing: str, conflict: MergeConflict) -> GitFailed:
        what = f"could not {doing}: CONFLICT in {', '.join(conflict.paths)}; nothing was changed"
        mend = "both sides changed the same lines: commit the content that you want in these files yourself"
        return GitFailed(what, where=self._where, mend=mend)

    def _merge_message(self, branch: str, into: str) -> str:
        kind = "commit"
        for folder, word in (("tags", "tag"), ("heads", "branch")):
            if self._refs.read(f"refs/{folder}/{branch}"):
                kind = word
        return f"Merge {kind} '{branch}'" + ("" if into == "master" else f" into {into}")

    def _parent_to_restore(self, target: str, mainline: int | None) -> str | None:
        parents = self._store.parents(target)
        if len(parents) > 1 and mainline is None:
            mend = f"say which parent to go back to: mainline 1 is {parents[0][:7]}, the branch that was merged into"
            raise GitFailed(f"commit {target[:7]} is a merge but no mainline was given", where=self._where, mend=mend)
        if mainline is not None and (len(parents) < 2 or not 1 <= mainline <= len(parents)):
            what = f"mainline {mainline} was given but commit {target[:7]} " + (
                f"has {len(parents)} parents" if len(parents) > 1 else "is not a merge"
            )
            raise GitFailed(what, where=self._where, mend="leave mainline out, except for a merge: there say 1 or 2")
        return parents[(mainline or 1) - 1] if parents else None


def _revert_message(subject: str, target: str, parent: str | None) -> str:
    inner = subject.removeprefix('Revert "')
    again = inner != subject and not inner.startswith('Revert "')
    title = f'Reapply "{inner}' if again else f'Revert "{subject}"'
    if parent is None:
        return f"{title}\n\nThis reverts commit {target}."
    return f"{title}\n\nThis reverts commit {target}, reversing\nchanges made to {parent}."
