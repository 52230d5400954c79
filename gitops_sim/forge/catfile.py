"""Objects that only the real git can read: packed ones, and those of another repository's store."""

from __future__ import annotations

import os
import subprocess
import weakref
from pathlib import Path

from gitops_sim.forge.process import environment, require_git


class CatFile:
    """Asks ``git cat-file``, by processes that start with the first question and stay until :meth:`close`, or as long as this
    object. An answer takes some 50 microseconds."""

    def __init__(self, git_dir: Path) -> None:
        self._git_dir = git_dir
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        weakref.finalize(self, _end, self._processes, os.getpid())

    def header(self, sha: str) -> tuple[str, int] | None:
        """Kind and size of an object; None when there is none."""
        return self._ask("--batch-check", sha)

    def content(self, sha: str) -> tuple[str, bytes] | None:
        """Kind and content of an object; None when there is none."""
        found = self._ask("--batch", sha)
        if found is None:
            return None
        kind, size = found
        stdout = self._processes["--batch"].stdout
        assert stdout is not None
        data = stdout.read(size)
        stdout.read(1)
        return kind, data

    def close(self) -> None:
        """Ends the processes; a later question starts them again."""
        _end(self._processes, os.getpid())

    def _ask(self, mode: str, sha: str) -> tuple[str, int] | None:
        words = self._line(mode, sha) or self._line(mode, sha)  # a process that died is started again, once
        return (words[1].decode(), int(words[2])) if len(words) == 3 else None

    def _line(self, mode: str, sha: str) -> list[bytes]:
        process = self._processes.get(mode) or self._start(mode)
        assert process.stdin is not None
        assert process.stdout is not None
        words: list[bytes] = []
        try:
            process.stdin.write(sha.encode() + b"\n")
            process.stdin.flush()
            words = process.stdout.readline().split()
        except OSError:
            pass
        if not words:
            self.close()
        return words

    def _start(self, mode: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [require_git(), f"--git-dir={self._git_dir}", "cat-file", mode],
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._processes[mode] = process
        return process


def _end(processes: dict[str, subprocess.Popen[bytes]], owner: int) -> None:
    while processes and os.getpid() == owner:  # a forked child leaves its parent's processes alone
        _, process = processes.popitem()
        process.kill()  # it only reads
        process.communicate()
