"""Following somebody's repository while it goes on: its branch here stands where it stands there."""

from __future__ import annotations

import tempfile
from pathlib import Path

from gitops_sim.errors import BadInput
from gitops_sim.forge.adopt import examine
from gitops_sim.forge.forge import Forge
from gitops_sim.forge.process import require_git, run_git
from gitops_sim.forge.refs import Refs
from gitops_sim.forge.repository import Repository


class Followed:
    """A repository of the forge that follows ``source``: a folder on this machine, or an address that git can clone.

    Raises BadInput when there is no such repository, or it lacks ``revision``.
    """

    def __init__(self, forge: Forge, name: str, source: str, revision: str = "HEAD") -> None:
        self._copy: tempfile.TemporaryDirectory[str] | None = None
        self._revision = revision
        if "://" in source or (":" in source and not Path(source).exists()):
            self._copy = _clone(source)
            self._folder = Path(self._copy.name)
        else:
            self._folder = Path(source)
        self.repository: Repository = forge.adopt(name, self._folder, revision)
        self.branch = self.repository.default_branch

    def follow(self) -> bool:
        """Looks where the branch stands now; says whether it moved. What was noticed stays when the source cannot be read."""
        if self._copy is not None and run_git("fetch", "-q", "--prune", "origin", cwd=self._folder, users_config=True).returncode:
            return False
        try:
            commit = examine(self._folder, self._revision).commit
        except BadInput:
            return False
        if commit == self.repository.tip(self.branch):
            return False
        Refs(self.repository.path).write(f"refs/heads/{self.branch}", commit)
        self.repository.notice_pushes()
        return True

    def close(self) -> None:
        """Removes the copy of a repository that was cloned."""
        if self._copy is not None:
            self._copy.cleanup()


def _clone(address: str) -> tempfile.TemporaryDirectory[str]:
    require_git()
    folder = tempfile.TemporaryDirectory(prefix="gitops-sim-clone-")
    done = run_git("clone", "-q", "--mirror", "--", address, folder.name, cwd=Path(folder.name).parent, users_config=True)
    if done.returncode:
        folder.cleanup()
        why = done.stderr.decode("utf-8", "replace").strip().splitlines()
        what = f"cannot be cloned: {why[-1] if why else 'git says no more'}"
        raise BadInput(what, where=address, mend="see that 'git clone' of it works in this terminal")
    return folder
