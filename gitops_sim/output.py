"""What a command-line tool answered."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Output:
    """Standard output, standard error and the exit code of ``kubectl``, ``argocd`` or another simulated tool.

    ``mend`` is ours, not the tool's: the way out of what failed. In a notebook, and with ``print``, all reads as in a terminal,
    the way out last, on a line of its own.
    """

    stdout: str = ""
    stderr: str = ""
    exit: int = 0
    mend: str = ""

    @property
    def said(self) -> str:
        """The tool's own words."""
        return (self.stdout + self.stderr).rstrip("\n")

    def __str__(self) -> str:
        return self.said + (f"\n  to mend it: {self.mend}" if self.mend else "")

    __repr__ = __str__
