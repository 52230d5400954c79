"""What a command-line tool answered."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Output:
    """Standard output, standard error and the exit code of ``kubectl``, ``argocd`` or another simulated tool.

    In a notebook, and with ``print``, it reads as in a terminal.
    """

    stdout: str = ""
    stderr: str = ""
    exit: int = 0

    def __str__(self) -> str:
        return (self.stdout + self.stderr).rstrip("\n")

    __repr__ = __str__
