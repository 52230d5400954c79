"""Worlds for notebooks in which more can go wrong than in the first."""

from __future__ import annotations

from importlib.resources import as_file, files

from gitops_sim.errors import BadInput
from gitops_sim.nearest import nearest
from gitops_sim.notebook.worlds import SETTLED
from gitops_sim.scenarios import build_world, read_world
from gitops_sim.scenarios.reading import merged, read_file
from gitops_sim.world import World


def scene(name: str, *, seed: int = 0) -> World:
    """The shop under an agent that pulls, changed as ``scenes.yaml`` says under ``name``, a minute after it began.

    Raises BadInput for an unknown name, which names the nearest.
    """
    folder = files(__package__)
    with as_file(folder / "shop.yaml") as shop, as_file(folder / "scenes.yaml") as scenes:
        base, known = read_file(shop).entries(), read_file(scenes).entries()
    if name not in known:
        raise BadInput(f"no scene {name!r}", mend=nearest(name, known))
    world = build_world(read_world(merged(merged(base["world"], base["pull"]), known[name])), seed=seed)
    return world.run(SETTLED)
