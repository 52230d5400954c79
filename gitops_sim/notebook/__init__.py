"""What a notebook cell calls.

``start`` a world; ``predict`` before it runs; ``show`` where it stands; ``play`` with it; ``git``, ``edit``, ``self_heal`` and
``replicas`` for what people do in it and look at; ``sweep`` and ``propose`` for changes as teams make them, ``chain`` for how
long they were on their way; ``vary`` tells a story in two worlds, ``what_if`` one with a switch flipped; ``quiz`` asks;
``exercise`` is one to do; ``Desk`` is a terminal.
"""

from __future__ import annotations

from gitops_sim.notebook.beside import beside
from gitops_sim.notebook.chain import chain, health
from gitops_sim.notebook.changes import propose, sweep, wait_for
from gitops_sim.notebook.desk import Desk
from gitops_sim.notebook.exercise import Task, exercise
from gitops_sim.notebook.film import Film
from gitops_sim.notebook.keeping import Resume, resume
from gitops_sim.notebook.looks import drifted, image, keys, merge, polled, protect, ready, status, switch
from gitops_sim.notebook.manners import be_plain
from gitops_sim.notebook.playground import Playground
from gitops_sim.notebook.predict import Prediction, predict
from gitops_sim.notebook.quiz import quiz
from gitops_sim.notebook.scenes import scene
from gitops_sim.notebook.stage import Stage
from gitops_sim.notebook.vary import vary
from gitops_sim.notebook.whatif import what_if
from gitops_sim.notebook.worlds import edit, git, replicas, self_heal, start
from gitops_sim.views.view import View
from gitops_sim.world import World

__all__ = [
    "Desk",
    "Film",
    "Playground",
    "Prediction",
    "Resume",
    "Stage",
    "Task",
    "View",
    "beside",
    "chain",
    "drifted",
    "edit",
    "exercise",
    "git",
    "health",
    "image",
    "keys",
    "merge",
    "play",
    "polled",
    "predict",
    "propose",
    "protect",
    "quiz",
    "ready",
    "replicas",
    "resume",
    "scene",
    "self_heal",
    "show",
    "start",
    "status",
    "sweep",
    "switch",
    "vary",
    "wait_for",
    "what_if",
]

be_plain()


def show(world: World, what: str = "dashboard") -> View:
    """One picture of a world: ``dashboard``, ``flow``, ``tree``, ``log``, ``timeline``, ``compare``, ``agent`` or ``countdown``.

    Raises BadInput for any other.
    """
    return Stage(world).picture(what)


def play(world: World) -> Playground:
    """A copy of the world to do with as you like."""
    return Playground(world)
