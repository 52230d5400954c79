"""One repository of the forge: a bare Git repository on disk, and what people do to it."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gitops_sim.clock import Clock
from gitops_sim.errors import GitFailed
from gitops_sim.forge import history
from gitops_sim.forge.commit import Contents, Listener, Push
from gitops_sim.forge.edits import commit_files, is_text
from gitops_sim.forge.look import RepositoryView
from gitops_sim.forge.merge import MergeConflict, merge_commits, merge_trees
from gitops_sim.forge.objects import ObjectStore
from gitops_sim.forge.people import People
from gitops_sim.forge.raw import EMPTY_TREE, RawCommit, Signature
from gitops_sim.forge.refs import check_name
from gitops_sim.forge.rules import BranchRules
from gitops_sim.forge.transfer import export_commits, receive_commit
from gitops_sim.trace import Trace

if TYPE_CHECKING:
    import git

    from gitops_sim.forge.forge import Forge


class Repository(RepositoryView):
    """A bare repository that the real ``git`` can clone from and push to (at :attr:`path`).

    What people do here happens at the world's time and leaves records in the trace. ``author`` is a person's id. A method that
    fails raises GitFailed and changes nothing. Branches that are :attr:`protected` take changes by :meth:`merge` only, those with
    :attr:`rules` by pull request only; a real ``git push`` to them is refused as well.
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
        forge: Forge | None = None,
    ) -> None:
        super().__init__(name, path, default_branch, people, store or ObjectStore(path))
        self._clock, self._trace, self._listeners = clock, trace, listeners
        self._forge = forge  # keeps a temporary folder alive, too
        self._known = self._refs.list("refs/heads/")
        self._moves: list[tuple[float, str, str | None]] = []
        self.rules: dict[str, BranchRules] = {}
        """What a branch asks of a pull request; see :meth:`protect`."""

    def __repr__(self) -> str:
        return f"Repository({self.name!r})"

    def __deepcopy__(self, memo: dict[int, Any]) -> Repository:
        """A repository is copied together with its forge."""
        copy.deepcopy(self._forge, memo)
        twin: Repository = memo[id(self)]
        return twin

    @property
    def branches(self) -> dict[str, str]:
        """``{branch: commit id}``, sorted by name."""
        self.notice_pushes()
        return dict(self._known)

    def branches_at(self, time: float) -> dict[str, str]:
        """The branches as they were at a simulated time."""
        found: dict[str, str] = {}
        for moment, branch, sha in self._moves:
            if moment <= time:
                found.pop(branch, None)
                if sha is not None:
                    found[branch] = sha
        return dict(sorted(found.items()))

    def tip(self, branch: str = "") -> str:
        """The commit id that a branch points at; the default branch when none is named. One small read: polling is cheap."""
        branch = branch or self.default_branch
        sha = self._refs.read(f"refs/heads/{branch}")
        if sha != self._known.get(branch):
            self.notice_pushes()
        if sha is None and self.any_revision and branch != self.default_branch:
            return self.tip()
        if sha is None:
            raise self._unknown("branch", branch, self._known)
        return sha

    def as_gitpython(self) -> git.Repo:
        """The repository as an object of GitPython, for whatever is not offered here."""
        from git import Repo

        return Repo(self.path)

    # ------------------------------------------------------------------ commit

    def commit(self, files: Contents, message: str, *, author: str, branch: str = "", story: bool = True) -> str:
        """Commits new contents of files (None deletes one) to a branch and returns the commit's id. Without ``story`` the record
        of it is none that a story tells."""
        branch = branch or self.default_branch
        self._refuse_protected(branch)
        old = None if branch == self.default_branch and not self.branches else self.tip(branch)
        tree = self._store.commit(old).tree if old else EMPTY_TREE
        edited = commit_files(self._store, tree, files, branch=branch, where=self._where)
        sha = self._write_commit(edited, (old,) if old else (), message, author)
        self._move(branch, old, sha)
        text = f"commits {sha[:7]} to {branch}: {self._store.commit(sha).subject}"
        self._tell(author, "CommitPushed", text, branch, sha, old, story=story)
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

    # ------------------------------------------------------------------ branches and tags

    def protect(self, branch: str, rules: BranchRules) -> None:
        """From now on the branch takes pull requests only, those that meet the rules."""
        self.tip(branch)
        self.rules[branch] = rules
        names = sorted({*self.protected, branch})
        (self.path / "protected-branches").write_text("".join(f"{name}\n" for name in names), encoding="utf-8")

    def branch(self, name: str, at: str = "", *, author: str = "platform") -> str:
        """Creates a branch at a revision (the default branch) and returns the commit's id."""
        check_name(name)
        known = self.branches
        if name in known:
            raise GitFailed(f"a branch named '{name}' already exists", where=self._where, mend="choose another name")
        in_the_way = next((b for b in known if b.startswith(name + "/") or name.startswith(b + "/")), None)
        if in_the_way:
            what = f"cannot create branch '{name}': '{in_the_way}' exists"
            raise GitFailed(what, where=self._where, mend="a branch cannot be the folder of another: choose another name")
        sha = self.resolve(at or self.default_branch)
        self._move(name, None, sha)
        self._tell(author, "BranchCreated", f"creates branch {name} at {sha[:7]}", name, sha, None)
        return sha

    def delete_branch(self, name: str, *, author: str = "platform") -> None:
        """Deletes a branch; its commits stay in the repository."""
        self._refuse_protected(name)
        old = self.tip(name)
        if name == self.default_branch:
            mend = "delete branches that were merged into it"
            raise GitFailed(f"refusing to delete the default branch '{name}'", where=self._where, mend=mend)
        self._move(name, old, None)
        self._tell(author, "BranchDeleted", f"deletes branch {name} (was {old[:7]})", name, None, old)

    def reset(self, branch: str, to: str, *, author: str = "platform") -> str:
        """Moves a branch to any revision, as ``git push --force`` does, and returns the commit's id. Commits may drop out of its
        history; the trace names them."""
        self._refuse_protected(branch)
        old, new = self.tip(branch), self.resolve(to)
        if old == new:
            raise GitFailed(f"Everything up-to-date: {branch} is at {new[:7]}", where=self._where, mend="name another revision")
        self._move(branch, old, new)
        self._tell_moved(author, branch, old, new)
        return new

    force_push = reset

    def tag(self, name: str, at: str = "", *, author: str = "platform") -> str:
        """Creates a lightweight tag at a revision (the default branch) and returns the commit's id."""
        check_name(name)
        if self._refs.read(f"refs/tags/{name}") is not None:
            mend = "people rely on a tag that stays: choose another name"
            raise GitFailed(f"tag '{name}' already exists", where=self._where, mend=mend)
        sha = self.resolve(at or self.default_branch)
        self._refs.write(f"refs/tags/{name}", sha)
        text = f"tags {sha[:7]} as {name}"
        self._trace.add(author, "TagCreated", self._where, text, story=True, repo=self.name, tag=name, commit=sha)
        return sha

    # ------------------------------------------------------------------ pushes from outside

    def notice_pushes(self) -> list[Push]:
        """Looks at the branches on disk, records what a real ``git push`` moved since the last look, and tells the listeners.

        The author of the newest commit counts as the one who pushed: Git keeps no other name.
        """
        now = self._refs.list("refs/heads/")
        if now == self._known:
            return []
        before, self._known = self._known, now
        moved = [(name, before.get(name), now.get(name)) for name in sorted({*before, *now})]
        pushes: list[Push] = []
        for name, old, new in moved:
            if old != new:
                self._moves.append((self._clock.now, name, new))
                pushes.append(self._tell_pushed(self._commit(new or old or "").author, name, old, new))
        return pushes

    def _tell_pushed(self, actor: str, branch: str, old: str | None, new: str | None) -> Push:
        if new is None:
            return self._tell(actor, "BranchDeleted", f"deletes branch {branch} (was {(old or '')[:7]})", branch, None, old)
        tip = self._commit(new)
        if old is None:
            text = f"pushes new branch {branch} at {tip.short}: {tip.subject}"
            return self._tell(actor, "BranchCreated", text, branch, new, None)
        if not history.is_ancestor(self._store, old, new):
            return self._tell_moved(actor, branch, old, new)
        count = len(history.only_in(self._store, new, old))
        text = f"pushes {tip.short} to {branch}{f' ({count} commits)' * (count > 1)}: {tip.subject}"
        return self._tell(actor, "CommitPushed", text, branch, new, old)

    def export_push(self, push: Push) -> dict[str, Any]:
        """The fields of a ``push`` action that makes a push again elsewhere, with the same ids: repo, ref, commits, to."""
        fields: dict[str, Any] = {"repo": self.name, "ref": f"refs/heads/{push.branch}", "commits": []}
        if push.new is not None:
            known = [sha for name, sha in self._known.items() if name != push.branch]
            fields["commits"] = export_commits(self._store, push.new, [*known, *([push.old] if push.old else [])])
            fields["to"] = push.new
        return fields

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

    def _tell_moved(self, actor: str, branch: str, old: str, new: str) -> Push:
        lost = history.only_in(self._store, old, new)
        gone = f": {len(lost)} commit{'s' * (len(lost) != 1)} dropped out of its history" if lost else ""
        text = f"force-pushes {branch} from {old[:7]} to {new[:7]}{gone}"
        return self._tell(actor, "BranchForcePushed", text, branch, new, old, lost=lost)

    def _tell(
        self,
        actor: str,
        event: str,
        text: str,
        branch: str,
        new: str | None,
        old: str | None,
        *,
        story: bool = True,
        **data: Any,
    ) -> Push:
        """Records that a branch went from ``old`` to ``new``, then tells the listeners."""
        if new and old:
            data["files"] = history.changed_paths(self._store, self._store.commit(old).tree, self._store.commit(new).tree)
        elif new and event == "CommitPushed":
            data["files"] = self.changed_files(new)
        data = {"repo": self.name, "branch": branch, "commit": new, "parent": old, **data}
        self._trace.add(actor, event, self._where, text, story=story, **data)
        push = Push(self, branch, old, new, actor)
        for listener in tuple(self._listeners):
            listener(push)
        return push

    def _move(self, branch: str, old: str | None, new: str | None) -> None:
        ref = f"refs/heads/{branch}"
        if self._refs.read(ref) != old:
            raise GitFailed(f"failed to push: {branch} has moved meanwhile", where=self._where, mend="do it again on its new tip")
        known = {name: sha for name, sha in self._known.items() if name != branch}
        if new is None:
            self._refs.delete(ref)
        else:
            self._refs.write(ref, new)
            known[branch] = new
        self._known = dict(sorted(known.items()))
        self._moves.append((self._clock.now, branch, new))

    def _refuse_protected(self, branch: str) -> None:
        if branch in self.protected and self._refs.read(f"refs/heads/{branch}"):
            what = f"Protected branch update failed: changes to {branch} must be made through a pull request"
            then = "open a pull request" if branch in self.rules else "have it merged"
            mend = f"commit to a branch of your own, then {then} into {branch}"
            raise GitFailed(what, where=self._where, mend=mend)

    def _write_commit(self, tree: str, parents: tuple[str, ...], message: str, author: str) -> str:
        text = message.rstrip("\n")
        if not text.strip():
            raise GitFailed("Aborting commit due to empty commit message.", where=self._where, mend="say what changes, and why")
        if "\0" in text or not is_text(text):
            raise GitFailed("a NUL byte in commit log message not allowed.", where=self._where, mend="write it as plain text")
        person = self._people.lookup(author)
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
