"""Worlds for notebooks in which more can go wrong than in the first."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import as_file, files

from gitops_sim.errors import BadInput
from gitops_sim.manifests import load_manifests
from gitops_sim.nearest import nearest
from gitops_sim.notebook.worlds import SETTLED
from gitops_sim.scenarios import build_world, read_world
from gitops_sim.scenarios.reading import merged, read_file
from gitops_sim.scenarios.worlds import Placed
from gitops_sim.world import World


def scene(name: str, *, flux: str = "", seed: int = 0) -> World:
    """The shop under an Argo CD that pulls, changed as ``scenes.yaml`` says under ``name``, a minute after it began.

    With ``flux``, YAML of Flux's objects, a Flux that is told by them looks after it instead. Raises BadInput for an unknown
    name, which names the nearest, and for objects that Flux's API refuses.
    """
    folder = files(__package__)
    with as_file(folder / "shop.yaml") as shop, as_file(folder / "scenes.yaml") as scenes:
        base, known = read_file(shop).entries(), read_file(scenes).entries()
    if name not in known:
        raise BadInput(f"no scene {name!r}", mend=nearest(name, known))
    spec = read_world(merged(base["world"] if flux else merged(base["world"], base["pull"]), known[name]))
    if flux:
        told = load_manifests(flux, where="your YAML")
        spec = replace(spec, flux={manifest.title: Placed(spec.clusters[0], manifest.object) for manifest in told}, has_flux=True)
    return build_world(spec, seed=seed).run(SETTLED)
