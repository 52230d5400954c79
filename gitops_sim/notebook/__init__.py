"""What a notebook cell calls.

``start`` a world; ``predict`` before it runs; ``show`` where it stands; ``play`` with it; ``git``, ``edit``, ``self_heal`` and
``replicas`` for what people do in it and look at.
"""

from __future__ import annotations

from gitops_sim.notebook.film import Film
from gitops_sim.notebook.playground import Playground
from gitops_sim.notebook.predict import Prediction, predict
from gitops_sim.notebook.stage import Stage
from gitops_sim.notebook.worlds import edit, git, replicas, self_heal, start
from gitops_sim.views.view import View
from gitops_sim.world import World

__all__ = [
    "Film",
    "Playground",
    "Prediction",
    "Stage",
    "View",
    "edit",
    "git",
    "play",
    "predict",
    "replicas",
    "self_heal",
    "show",
    "start",
]


def show(world: World, what: str = "dashboard") -> View:
    """One picture of a world: ``dashboard``, ``flow``, ``tree``, ``log``, ``timeline``, ``compare``, ``agent`` or ``countdown``.

    Raises BadInput for any other.
    """
    return Stage(world).picture(what)


def play(world: World) -> Playground:
    """A copy of the world to do with as you like."""
    return Playground(world)
