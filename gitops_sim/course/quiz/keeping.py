"""Keeping answers in a file: one line of JSON for each counted answer, written at once, so that nothing is lost."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from gitops_sim.course.quiz.session import Attempt, read_attempt
from gitops_sim.errors import BadInput


class AnswerFile:
    """Answers in the order in which they were given.

    A line that cannot be read (half-written, from another version, written by hand) is passed over and left as it is;
    ``skipped`` counts them after reading. Several programs may add to one file: each answer is one write at its end.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.skipped = path, 0

    def attempts(self) -> list[Attempt]:
        """All answers; none when there is no file yet. Raises BadInput for a file that cannot be opened."""
        self.skipped = 0
        try:
            lines = self.path.read_bytes().split(b"\n")
        except FileNotFoundError:
            return []
        except OSError as error:
            raise BadInput(f"cannot be read: {error.strerror}", where=str(self.path)) from None
        found = []
        for line in lines:
            if line.strip():
                try:
                    found.append(read_attempt(json.loads(line)))
                except (ValueError, RecursionError, BadInput):
                    self.skipped += 1
        return found

    def add(self, attempt: Attempt) -> None:
        """Raises BadInput when the file cannot be written."""
        line = json.dumps(attempt.as_json(), sort_keys=True).encode() + b"\n"
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab+", buffering=0) as file:
                file.seek(0, 2)
                if file.tell() and not self._ends_line(file.tell()):
                    line = b"\n" + line  # whatever was cut off before it stays a line of its own
                file.write(line)
        except OSError as error:
            mend = "choose another file with --answers"
            raise BadInput(f"cannot be written: {error.strerror}", where=str(self.path), mend=mend) from None

    def _ends_line(self, size: int) -> bool:
        with self.path.open("rb") as file:
            file.seek(size - 1)
            return file.read(1) == b"\n"


def latest_sitting(attempts: Iterable[Attempt], ids: Iterable[str], *, seed: int, exam: bool) -> Sequence[Attempt]:
    """The answers of the last sitting with this seed and mode over these questions. A first try at a question that has had one
    begins a new sitting."""
    wanted, mode = set(ids), "exam" if exam else "practice"
    sitting: list[Attempt] = []
    begun: set[str] = set()
    for attempt in attempts:
        if attempt.question not in wanted or (attempt.seed, attempt.mode) != (seed, mode):
            continue
        if attempt.at_attempt == 1:
            if attempt.question in begun:
                sitting, begun = [], set()
            begun.add(attempt.question)
        sitting.append(attempt)
    return sitting
