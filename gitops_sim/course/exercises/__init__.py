"""Exercises: a world that starts wrong, or with nothing in it, and a learner who puts it right. Each is a folder of data."""

from gitops_sim.course.exercises.engine import Cause, CheckResult, Graded, play
from gitops_sim.course.exercises.format import CheckSpec, Exercise, WrongWay
from gitops_sim.course.exercises.library import exercise_ids, load_exercise

__all__ = [
    "Cause",
    "CheckResult",
    "CheckSpec",
    "Exercise",
    "Graded",
    "WrongWay",
    "exercise_ids",
    "load_exercise",
    "play",
]
