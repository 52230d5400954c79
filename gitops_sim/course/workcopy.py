"""The files of a repository in a folder, to be changed with any editor and committed from there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from gitops_sim.errors import BadInput
from gitops_sim.forge import Repository

MINE = ".mine"
"""The ending of a file of the learner's that made room for a newer one from Git."""
_BASE, _BRANCH = ".base", ".branch"
MOST_FILES, MOST_BYTES = 500, 1_000_000


class WorkCopy:
    """``folder`` holds a branch of the repository as it was at the last :meth:`pull`, and the learner's changes. It is the
    default branch until :meth:`switch` chooses another."""

    def __init__(self, folder: Path, repository: Repository) -> None:
        self.folder, self._repository = folder, repository

    @property
    def branch(self) -> str:
        """The branch that is worked on; the default branch once another one is gone."""
        try:
            chosen = (self.folder / _BRANCH).read_text(encoding="utf-8").strip()
        except (OSError, ValueError):
            chosen = ""
        return chosen if chosen in self._repository.branches else self._repository.default_branch

    def switch(self, branch: str) -> list[str]:
        """Goes on with another branch; changes come along, as :meth:`pull` brings them. Raises BadInput for an unknown one."""
        self._repository.tip(branch)
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / _BRANCH).write_text(branch, encoding="utf-8")
        return self.pull()

    def changes(self) -> dict[str, str | None]:
        """What differs from the commit that the folder came from: new contents by path, None for a file that is gone.

        Raises BadInput for files that are not text, and for more than a commit may hold."""
        base, here = self._at(self._base()), self._here()
        changed: dict[str, str | None] = {path: text for path, text in here.items() if base.get(path) != text}
        return changed | {path: None for path in base if path not in here}

    def to_commit(self) -> dict[str, str | None]:
        """The changes, to be committed to the branch as it is now. Raises BadInput when there are none, and when somebody else
        has changed the same files meanwhile."""
        changed = self.changes()
        if not changed:
            raise BadInput("nothing to commit", where=str(self.folder), mend="change a file in that folder first")
        base, tip = self._at(self._base()), self._at(self._tip())
        both = [path for path, text in changed.items() if base.get(path) != tip.get(path) and tip.get(path) != text]
        if both:
            mend = f"'exercise git pull' brings theirs and keeps yours as FILE{MINE}"
            raise BadInput(f"somebody else has changed {', '.join(both)} meanwhile", where=str(self.folder), mend=mend)
        return {path: text for path, text in changed.items() if tip.get(path) != text}

    def pull(self, *, unchanged: bool = False) -> list[str]:
        """Brings the branch as it is now. Changes that stand in the way are kept beside, and named. ``unchanged``: the learner is
        known to have changed nothing, though the commit that the folder came from may be gone."""
        base, tip = self._at(self._base()), self._at(self._tip())
        changed = {} if unchanged or not self.folder.is_dir() else self.changes()
        kept: list[str] = []
        for path in sorted({*base, *tip, *(self._here() if unchanged else ())}):
            if path in changed and (base.get(path) == tip.get(path) or changed[path] == tip.get(path)):
                continue
            file = self.folder / path
            if path in changed and changed[path] is not None:
                file.replace(file.with_name(file.name + MINE))
                kept.append(path + MINE)
            if path in tip:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(tip[path], encoding="utf-8", newline="")
            else:
                file.unlink(missing_ok=True)
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / _BASE).write_text(self._tip(), encoding="utf-8")
        return kept

    # ------------------------------------------------------------------ three states of the files

    def _tip(self) -> str:
        return self._repository.tip(self.branch) if self._repository.branches else ""

    def _base(self) -> str:
        """The commit that the folder came from; none where it is unknown, or was taken back."""
        try:
            return self._repository.resolve((self.folder / _BASE).read_text(encoding="utf-8").strip() or "-")
        except (OSError, ValueError, BadInput):
            return ""

    def _at(self, commit: str) -> Mapping[str, str]:
        if not commit:
            return {}
        tree = self._repository.tree(commit)
        return {path: tree.read(path).decode("utf-8", errors="replace") for path in tree.files()}

    def _here(self) -> dict[str, str]:
        files = [
            f for f in sorted(self.folder.rglob("*")) if f.is_file() and not f.is_symlink() and not _left_out(f, self.folder)
        ]
        if len(files) > MOST_FILES or sum(file.stat().st_size for file in files) > MOST_BYTES:
            what = f"holds more than {MOST_FILES} files or {MOST_BYTES} bytes"
            raise BadInput(what, where=str(self.folder), mend="move what is not for this repository out of it")
        found = {}
        for file in files:
            try:
                found[file.relative_to(self.folder).as_posix()] = file.read_bytes().decode("utf-8")
            except (OSError, UnicodeDecodeError) as error:
                raise BadInput(f"is not text that can be committed: {error}", where=str(file), mend="move it elsewhere") from None
        return found


def _left_out(file: Path, folder: Path) -> bool:
    """Files of editors and systems (hidden, backups), and those kept beside."""
    parts = file.relative_to(folder).parts
    return any(part.startswith(".") for part in parts) or parts[-1].endswith((MINE, "~", ".swp", ".orig"))
