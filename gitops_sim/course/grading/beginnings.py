"""Worlds of exercises as they stand shortly before learners begin to act: made once, copied for each replay.

A copy goes on exactly as a world that was built anew and had come as far; tests hold every exercise to that.
"""

from __future__ import annotations

from gitops_sim.clock import Bounds
from gitops_sim.course.exercises import Exercise
from gitops_sim.course.exercises.engine import Begun, advance, begin

_MOST = 6
_GRID = 60.0


class Beginnings:
    """For each exercise, the world at a few whole minutes. Nothing of a learner is ever in it."""

    def __init__(self) -> None:
        self._worlds: dict[str, dict[float, Begun]] = {}

    def prepare(self, exercise: Exercise, first: float) -> bool:
        """Keeps the world at the last whole minute before ``first``, the simulated second in which somebody began to act. Says
        whether that is new."""
        kept = self._worlds.setdefault(exercise.id, {})
        time = min(first, exercise.ends) // _GRID * _GRID
        if len(kept) >= _MOST or time in kept:
            return False
        world, begins = begin(exercise, seed=exercise.seed)
        advance(world, time)
        kept[time] = Begun(world, begins)
        return True

    def copy(self, exercise: Exercise, first: float, bounds: Bounds, *, forked: bool = False) -> Begun | None:
        """A world of its own for one replay, at the latest kept time that is not after ``first``; None when there is none.

        ``forked``: this process is a copy already, made for this one replay; then only the repositories have to be copied.
        """
        kept = self._worlds.get(exercise.id, {})
        time = max((time for time in kept if time <= first), default=None)
        if time is None:
            return None
        world = kept[time].world
        if forked:
            world.git.move()
        else:
            world = world.fork()
        world.clock.bounds = bounds
        return Begun(world, kept[time].begins)
