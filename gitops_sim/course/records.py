"""What is kept of a learner, as plain data with a version: exercises, help used, predictions."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

VERSION = 1
MOST_ATTEMPTS = 500


class UnreadableError(ValueError):
    """Not records of this version; says what is wrong with them."""


@dataclass(frozen=True, slots=True)
class Check:
    """One time that the learner had an exercise checked, and the help used until then."""

    version: int
    points: int
    max_points: int
    hints: int
    solution: bool

    @property
    def passed(self) -> bool:
        return self.points == self.max_points


@dataclass(slots=True)
class ExerciseRecord:
    """One exercise. ``hints`` is how many of its rungs were read, ``solution`` whether the solution was; starting again does not
    take that back. ``submitted`` are the points of what was handed in last; None when nothing was."""

    attempts: list[Check] = field(default_factory=list)
    hints: int = 0
    solution: bool = False
    submitted: int | None = None

    @property
    def passed(self) -> bool:
        return any(attempt.passed for attempt in self.attempts)

    @property
    def passed_unaided(self) -> bool:
        """Passed before the solution was read. Hints are help, and no harm."""
        return any(attempt.passed and not attempt.solution for attempt in self.attempts)


@dataclass(slots=True)
class PredictionRecord:
    """What the learner said would happen (empty: they asked to be shown), and whether it did; None when nobody can say."""

    choice: str
    right: bool | None = None


@dataclass(slots=True)
class Records:
    """``current`` is the exercise that the terminal goes on with, by id or folder; ``learner`` is ``{id, name}`` as submissions
    carry it."""

    exercises: dict[str, ExerciseRecord] = field(default_factory=dict)
    predictions: dict[str, PredictionRecord] = field(default_factory=dict)
    current: str = ""
    learner: dict[str, str] = field(default_factory=dict)

    def exercise(self, id: str) -> ExerciseRecord:
        """The record of an exercise; a new one when there is none."""
        return self.exercises.setdefault(id, ExerciseRecord())


def empty_records() -> Records:
    return Records()


def dump_records(records: Records) -> str:
    """JSON, always the same for the same records."""
    return json.dumps({"version": VERSION, **asdict(records)}, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def load_records(text: str) -> Records:
    """Raises UnreadableError for anything that :func:`dump_records` did not write."""
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        raise UnreadableError("is broken or half-written") from None
    if not isinstance(whole, dict) or "version" not in whole:
        raise UnreadableError("is not a progress file")
    if whole["version"] != VERSION:
        raise UnreadableError(f"is of version {whole['version']!r}, and this is version {VERSION}")
    try:
        return Records(
            exercises={str(id): _exercise(value) for id, value in whole["exercises"].items()},
            predictions={
                str(key): PredictionRecord(_text(value["choice"]), _flag_or_none(value["right"]))
                for key, value in whole["predictions"].items()
            },
            current=_text(whole["current"]),
            learner={key: _text(whole["learner"][key]) for key in ("id", "name") if key in whole["learner"]},
        )
    except (KeyError, TypeError, AttributeError):
        raise UnreadableError("does not hold what a progress file holds") from None


def _exercise(value: Any) -> ExerciseRecord:
    attempts = [
        Check(
            _whole(one["version"]), _whole(one["points"]), _whole(one["max_points"]), _whole(one["hints"]), _flag(one["solution"])
        )
        for one in value["attempts"]
    ]
    submitted = value["submitted"]
    return ExerciseRecord(
        attempts[-MOST_ATTEMPTS:],
        _whole(value["hints"]),
        _flag(value["solution"]),
        None if submitted is None else _whole(submitted),
    )


def _typed(kind: type) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if type(value) is not kind:
            raise TypeError
        return value

    return read


_whole, _flag, _text = _typed(int), _typed(bool), _typed(str)


def _flag_or_none(value: Any) -> bool | None:
    return None if value is None else bool(_flag(value))
