"""Committing what was edited, and pushing it.

Source: image-automation-controller ``internal/source/source.go`` (CommitAndPush, PushResult), fluxcd/pkg ``git/gogit/client.go``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gitops_sim.agents.flux.images.automation import Automation
from gitops_sim.agents.flux.images.checkout import Checkout, Origin
from gitops_sim.agents.flux.images.failures import RunFailed
from gitops_sim.errors import GitFailed
from gitops_sim.forge import Forge, Repository

_HEADS = "refs/heads/"


@dataclass(frozen=True, slots=True)
class Pushed:
    commit: str
    branch: str
    refspec: str
    message: str

    @property
    def summary(self) -> str:
        """What the event says."""
        more = f" and refspecs '{self.refspec}'" if self.refspec else ""
        return f"pushed commit '{self.commit[:7]}' to branch '{self.branch}'{more}\n{self.message}"


def push(
    forge: Forge, wanted: Automation, origin: Origin, checkout: Checkout, contents: Mapping[str, str], message: str
) -> Pushed:
    """One commit on the branch of an automation, made when it is not there. Raises RunFailed."""
    repository, branch = checkout.repository, origin.branch
    robot = forge.people.signing(wanted.author, wanted.email)
    try:
        commit = repository.commit(contents, message, author=robot, branch=branch, base=checkout.base)
    except GitFailed as error:
        raise _refused(repository, branch, error) from None
    if wanted.refspec:
        _push_to(repository, wanted.refspec, commit, robot.id)
    return Pushed(commit, branch, wanted.refspec, message)


def _push_to(repository: Repository, refspec: str, commit: str, author: str) -> None:
    """The commit goes to another branch, too."""
    target = refspec.removeprefix("+").partition(":")[2]
    branch = target.removeprefix(_HEADS)
    try:
        if not target.startswith(_HEADS):
            raise GitFailed(f"{target} is no branch", mend=f"write {_HEADS}main:{_HEADS}updates: only branches are simulated")
        if branch not in repository.branches:
            repository.branch(branch, commit, author=author)
        elif repository.tip(branch) != commit:
            repository.reset(branch, commit, author=author)
    except GitFailed as error:
        raise _refused(repository, branch, error) from None


def _refused(repository: Repository, branch: str, error: GitFailed) -> RunFailed:
    what = f"command error on {_HEADS}{branch}: protected branch hook declined" if branch in repository.protected else error.what
    mend = error.mend
    if branch in repository.protected:
        mend = "name a branch of its own in spec.git.push.branch, and have that merged"
    return RunFailed("GitOperationFailed", f"failed to update source: failed to push to remote: {what}", mend)
