"""The branches and tags of one bare repository: small files, read and replaced as Git itself does it."""

from __future__ import annotations

import os
import re
from pathlib import Path

from gitops_sim.errors import GitFailed

_HEX = re.compile(r"[0-9a-f]{40}\Z")
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(/|\Z)|\.\Z|\A[./-]|/\Z|\A@\Z|\AHEAD\Z")
"""What git-check-ref-format(1) refuses in a branch's name."""


def check_name(name: str) -> str:
    """``name`` itself. Raises GitFailed when Git would refuse it for a branch or a tag."""
    if not name or _FORBIDDEN.search(name):
        raise GitFailed(f"'{name}' is not a valid branch or tag name", mend="use letters, digits, '-', '_', '.' and '/'")
    return name


class Refs:
    """Reads and writes refs by their full name (``refs/heads/main``). Values are commit ids in hex, or a tag object's."""

    def __init__(self, git_dir: Path) -> None:
        self._root = str(git_dir)
        self._packed: dict[str, str] = {}
        self._packed_stamp: tuple[int, int] | None = None

    def read(self, ref: str) -> str | None:
        try:
            file = os.open(f"{self._root}/{ref}", os.O_RDONLY)
            try:
                value = os.read(file, 40).decode("ascii")
            finally:
                os.close(file)
        except (OSError, ValueError):  # not there, a folder, or no possible name
            return self._read_packed().get(ref)
        return value if _HEX.match(value) else None

    def list(self, prefix: str) -> dict[str, str]:
        """``{name without prefix: id}`` of all refs below ``prefix`` (``refs/heads/``), sorted by name."""
        found = {ref: sha for ref, sha in self._read_packed().items() if ref.startswith(prefix)}
        for folder, _, files in os.walk(f"{self._root}/{prefix}"):
            for file in files:
                ref = os.path.relpath(os.path.join(folder, file), self._root).replace(os.sep, "/")
                value = None if ref.endswith(".lock") else self.read(ref)
                if value is not None:
                    found[ref] = value
        return {ref.removeprefix(prefix): found[ref] for ref in sorted(found)}

    def write(self, ref: str, sha: str) -> None:
        """Replaces a ref in one step, under the same lock file as the real git."""
        path = f"{self._root}/{ref}"
        mend = "another git is writing it: try again; or a name is in the way of which it would be the folder: choose another"
        try:
            if any(known.startswith(ref + "/") or ref.startswith(known + "/") for known in self._read_packed()):
                raise FileExistsError
            os.makedirs(os.path.dirname(path), exist_ok=True)
            if os.path.isdir(path):
                self._drop_empty_folders(path)
            with open(path + ".lock", "x", encoding="ascii", newline="\n") as file:
                file.write(sha + "\n")
        except (FileExistsError, NotADirectoryError):
            raise GitFailed(f"cannot lock ref '{ref}'", mend=mend) from None
        try:
            os.replace(path + ".lock", path)
        except OSError:
            os.unlink(path + ".lock")
            raise GitFailed(f"cannot lock ref '{ref}'", mend=mend) from None

    def delete(self, ref: str) -> None:
        """Forgets a branch, wherever it is written down."""
        if ref in self._read_packed():
            path = f"{self._root}/packed-refs"
            with open(path, encoding="utf-8") as file:
                lines = file.read().splitlines(keepends=True)
            kept = [line for line in lines if not line.endswith(f" {ref}\n")]
            with open(path + ".lock", "x", encoding="utf-8", newline="\n") as file:
                file.writelines(kept)
            os.replace(path + ".lock", path)
        if os.path.exists(f"{self._root}/{ref}"):
            os.unlink(f"{self._root}/{ref}")

    def _drop_empty_folders(self, path: str) -> None:
        for folder, _, files in os.walk(path, topdown=False):
            if files:
                return
            os.rmdir(folder)

    def _read_packed(self) -> dict[str, str]:
        path = f"{self._root}/packed-refs"
        try:
            stat = os.stat(path)
        except FileNotFoundError:
            return {}
        if self._packed_stamp != (stat.st_mtime_ns, stat.st_size):
            with open(path, encoding="utf-8", errors="surrogateescape") as file:
                pairs = (line.split() for line in file if line[0] not in "#^\n")
                self._packed = {pair[1]: pair[0] for pair in pairs if len(pair) == 2}
            self._packed_stamp = (stat.st_mtime_ns, stat.st_size)
        return self._packed
