"""What a branch asks of a change before it lets it in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BranchRules:
    """A branch with rules takes changes by pull request only: with so many ``approvals`` of its last commit by others than its
    author, with these ``checks`` passed, and with nobody asking for changes.

    As on GitHub with "Dismiss stale approvals" switched on: what was approved is what is merged.
    """

    approvals: int = 0
    checks: tuple[str, ...] = ()
