"""What the forge says about a commit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

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
