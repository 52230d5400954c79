"""Where the branches and tags of a repository point, who moves them, and who is told."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from gitops_sim.clock import Clock
from gitops_sim.errors import GitFailed
from gitops_sim.forge import history
from gitops_sim.forge.look import RepositoryView
from gitops_sim.forge.objects import ObjectStore
from gitops_sim.forge.people import People
from gitops_sim.forge.refs import check_name
from gitops_sim.forge.rules import BranchRules
from gitops_sim.forge.transfer import export_commits
from gitops_sim.trace import Trace


@dataclass(frozen=True, slots=True)
class Push:
    """A branch that moved: ``old`` is None when it is new, ``new`` is None when it is gone. ``actor`` is a person's id."""

    repository: Branches
    branch: str
    old: str | None
    new: str | None
    actor: str


Listener = Callable[[Push], object]


class Branches(RepositoryView):
    """The moving part of a repository: each move happens at the world's time, leaves a record in the trace, and is told to the
    listeners. Branches that are :attr:`protected` take changes by merges only, those with :attr:`rules` by pull request only.

    ``keeper`` is the forge, which lives, with its folder, as long as this does.
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
        keeper: object = None,
    ) -> None:
        super().__init__(name, path, default_branch, people, store or ObjectStore(path))
        self._clock, self._trace, self._listeners = clock, trace, listeners
        self._keeper = keeper
        self._known = self._refs.list("refs/heads/")
        self._moves: list[tuple[float, str, str | None]] = []
        self.rules: dict[str, BranchRules] = {}
        """What a branch asks of a pull request; see :meth:`protect`."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """A repository is copied together with the forge that keeps it."""
        copy.deepcopy(self._keeper, memo)
        twin: Self = memo[id(self)]
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
