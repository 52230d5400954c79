"""What the forge says about commits and pushes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gitops_sim.forge.branches import Branches

Contents = Mapping[str, str | bytes | None]
"""New contents of files by their path; None deletes the file."""


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit as people speak of it.

    ``author`` is a person's id; ``time`` is in simulated seconds, negative before the world began.
    """

    sha: str
    author: str
    author_name: str
    email: str
    time: float
    subject: str
    message: str
    parents: tuple[str, ...]
    tree: str

    @property
    def short(self) -> str:
        """The first seven digits of the id."""
        return self.sha[:7]


@dataclass(frozen=True, slots=True)
class Push:
    """A branch that moved: ``old`` is None when it is new, ``new`` is None when it is gone. ``actor`` is a person's id."""

    repository: Branches
    branch: str
    old: str | None
    new: str | None
    actor: str


Listener = Callable[[Push], object]
