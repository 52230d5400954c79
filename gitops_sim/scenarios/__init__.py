"""Stories as data: a world, what people do in it, and what must come of it."""

from gitops_sim.scenarios.building import build_world
from gitops_sim.scenarios.evidence import Evidence, Performed
from gitops_sim.scenarios.library import DEFAULT_SCENARIOS, Scenario, load_scenario, scenario_names
from gitops_sim.scenarios.player import Played, Result, Run, perform, play
from gitops_sim.scenarios.worlds import WorldSpec, read_world

__all__ = [
    "DEFAULT_SCENARIOS",
    "Evidence",
    "Performed",
    "Played",
    "Result",
    "Run",
    "Scenario",
    "WorldSpec",
    "build_world",
    "load_scenario",
    "perform",
    "play",
    "read_world",
    "scenario_names",
]
