"""Replaying one submission in a fresh world: the only place in which what a learner wrote is read and played.

It runs in a process of its own. What comes out is plain data, so that nothing but text goes back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from gitops_sim.actions import LIMITS, ActionLog, load_actions
from gitops_sim.clock import bounded
from gitops_sim.course.exercises import Exercise, Graded, exercise_ids, load_exercise, play
from gitops_sim.course.grading.beginnings import Beginnings
from gitops_sim.course.grading.budget import Budget
from gitops_sim.course.grading.names import identity, shown, shown_lines
from gitops_sim.errors import BadInput, OutOfBounds
from gitops_sim.nearest import nearest
from gitops_sim.views.story import Finding, Style, tell_run
from gitops_sim.yaml_in import load_document

if TYPE_CHECKING:
    from gitops_sim.trace import Record

STORY_WIDTH = 100
MOST_STORY = 60_000
MOST_ID = 200
GRADED, REFUSED, STOPPED = "graded", "refused", "stopped"


@dataclass(frozen=True, slots=True)
class _Told:
    """A run as the one who tells stories wants it; its checks are told elsewhere."""

    records: Sequence[Record]
    begins: int
    heading: str
    title: str = ""
    expectations: Sequence[Finding] = field(default=())


def replay(
    content: bytes, where: str, budget: Budget, beginnings: Beginnings | None = None, *, forked: bool = False
) -> dict[str, Any]:
    """What came of one submission, as JSON-like data: ``state`` is ``graded``; ``refused`` (it cannot be used) or ``stopped`` (it
    asked for too much), both with a ``reason``; ``learner`` and ``exercise`` as far as they are known.

    ``beginnings`` are worlds to start from; ``forked`` says that this process is a copy, made for this replay alone.
    """
    try:
        log = load_actions(content, where)
    except BadInput as error:
        return {"state": REFUSED, "reason": _plain(error, where), **_peek(content)}
    known: dict[str, Any] = {
        "learner": _learner(log.learner),
        "exercise": {name: log.exercise[name] for name in ("id", "version") if name in log.exercise},
    }
    try:
        _check_learner(log)
        exercise = _exercise(log)
        known["exercise"]["title"] = exercise.title
        with bounded(budget.bounds):
            begun = beginnings.copy(exercise, first_act(log), budget.bounds, forked=forked) if beginnings else None
            graded = play(exercise, log, seed=exercise.seed, begun=begun)
            return {**known, **_as_json(graded, log)}
    except BadInput as error:
        return {"state": REFUSED, "reason": _plain(error, where), **known}
    except OutOfBounds as error:
        return {"state": STOPPED, "reason": f"the replay was stopped: it came to {error} in the simulated world", **known}
    except MemoryError:
        return {"state": STOPPED, "reason": memory_reason(budget), **known}


def first_act(log: ActionLog) -> float:
    """When the learner began to act, in simulated seconds; the end where they never did."""
    return log.actions[0].at if log.actions else log.ends


def memory_reason(budget: Budget) -> str:
    return f"the replay was stopped: it needs more than {budget.memory / 1e6:g} MB of memory"


@lru_cache(maxsize=64)
def exercise_of(id: str) -> Exercise:
    """One that comes with the course; an id is never taken for a path. Raises BadInput."""
    known = exercise_ids()
    if id not in known:
        raise BadInput(f"no exercise {shown(id, 60)!r} in this course", mend=nearest(id[:100], known))
    return load_exercise(id)


# ---------------------------------------------------------------------- what it says of itself


def _check_learner(log: ActionLog) -> None:
    id = identity(log.learner.get("id", ""))
    if len(id) > MOST_ID or len(log.learner.get("name", "")) > MOST_ID:
        raise BadInput(f"the id or the name is longer than {MOST_ID} characters", mend="submit it again, with your own id")


def _exercise(log: ActionLog) -> Exercise:
    if not log.exercise:
        raise BadInput("does not say which exercise it is for", mend="submit it from the exercise")
    exercise = exercise_of(log.exercise["id"])
    version = log.exercise.get("version")
    if version != exercise.version:
        said = f"version {version}" if version is not None else "no version"
        what = f"was made with {said} of {exercise.id!r}; this course has version {exercise.version}"
        raise BadInput(what, mend="grade it with that version of the course, or let the learner play it again")
    if log.seed != exercise.seed:
        what = f"was played with seed {log.seed}; the exercise has {exercise.seed}: another world, in which luck may differ"
        raise BadInput(what, mend="let the learner play it again")
    return exercise


def _learner(learner: Mapping[str, str]) -> dict[str, str]:
    return {name: identity(learner.get(name, "")) for name in ("id", "name")}


_ID = re.compile(r"^learner:[ \t]*(?:\{[ \t]*|\r?\n[ \t]+(?:name:.*\r?\n[ \t]+)?)id:[ \t]*[\"']?([^\"'\s,}#][^\"',}\r\n]*)", re.M)


def _peek(content: bytes) -> dict[str, Any]:
    """Whose it seems to be, of a file that cannot be used otherwise: enough for a row with the reason."""
    learner: Any = None
    exercise: Any = None
    try:
        data = load_document(content, where="", limits=LIMITS)
        if isinstance(data, dict):
            learner, exercise = data.get("learner"), data.get("exercise")
    except BadInput:
        found = _ID.search(content[:4_000].decode("utf-8", "replace"))
        learner = {"id": found[1].strip()} if found else None
    id = learner.get("id") if isinstance(learner, dict) else None
    name = learner.get("name") if isinstance(learner, dict) else None
    exercise_id = exercise.get("id") if isinstance(exercise, dict) else None
    usable = isinstance(id, str) and len(id) <= MOST_ID
    return {
        "learner": _learner({"id": id, "name": name if isinstance(name, str) and len(name) <= MOST_ID else ""})  # type: ignore[dict-item]
        if usable
        else {},
        "exercise": {"id": exercise_id} if isinstance(exercise_id, str) and len(exercise_id) <= MOST_ID else {},
    }


# ---------------------------------------------------------------------- what came of it


def _as_json(graded: Graded, log: ActionLog) -> dict[str, Any]:
    story, cut = _story(graded)
    return {
        "state": GRADED,
        "points": graded.points,
        "max_points": graded.max_points,
        "checks": [{**check.as_json(), "belief": check.belief} for check in graded.checks],
        "answers": [dict(answer.as_json()) for answer in graded.answers],
        "questions": [item.id for item in graded.exercise.questions],
        "seed": graded.seed,
        "help": {"hints": int(log.help.get("hints", 0)), "solution": bool(log.help.get("solution", False))},
        "actions": len(log.actions),
        "first": first_act(log),
        "simulated_seconds": graded.world.now,
        "trace_digest": graded.world.trace.digest(),
        "story": story,
        "story_cut": cut,
    }


def _story(graded: Graded) -> tuple[str, bool]:
    heading = f"{graded.exercise.id} · seed {graded.seed}"
    told = tell_run(_Told(list(graded.world.trace), graded.begins, heading), Style(width=STORY_WIDTH))
    if len(told) <= MOST_STORY:
        return shown_lines(told), False
    return shown_lines(told[:MOST_STORY].rpartition("\n")[0]), True


def _plain(error: BadInput, where: str) -> str:
    """The reason on one line, with the place in the file but without its name, which the row has."""
    place = error.where.removeprefix(where).strip(": ")
    if re.match(r"\d", place):
        line, _, rest = place.partition(":")
        column, _, rest = rest.partition(":")
        place = f"line {line}, column {column}" if column.isdecimal() and not rest else f"line {place}"
    parts = (place, error.what)
    mend = f" (to mend it: {error.mend})" if error.mend else ""
    return shown(": ".join(part for part in parts if part) + mend, 600)
