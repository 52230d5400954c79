"""GitOps Sim: a simulated Kubernetes cluster, real Git, GitOps agents and a clock that you control.

Start with :class:`World`. Names are loaded when they are first used, so that the command line starts fast.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gitops_sim.agents.argocd import ArgoCD
    from gitops_sim.agents.flux import Flux
    from gitops_sim.agents.pipeline import PushPipeline
    from gitops_sim.cluster import Cluster
    from gitops_sim.course.exercises import Exercise, load_exercise
    from gitops_sim.course.quiz import Quiz, load_quiz
    from gitops_sim.errors import ApiError, BadInput, GitFailed, GitOpsSimError
    from gitops_sim.forge import Forge
    from gitops_sim.registry import Registry
    from gitops_sim.scenarios import Scenario, load_scenario
    from gitops_sim.world import World

_HOMES = {
    # the simulation
    "World": "gitops_sim.world",
    "Cluster": "gitops_sim.cluster",
    "Forge": "gitops_sim.forge",
    "Registry": "gitops_sim.registry",
    # who deploys
    "ArgoCD": "gitops_sim.agents.argocd",
    "Flux": "gitops_sim.agents.flux",
    "PushPipeline": "gitops_sim.agents.pipeline",
    # the course
    "Scenario": "gitops_sim.scenarios",
    "load_scenario": "gitops_sim.scenarios",
    "Exercise": "gitops_sim.course.exercises",
    "load_exercise": "gitops_sim.course.exercises",
    "Quiz": "gitops_sim.course.quiz",
    "load_quiz": "gitops_sim.course.quiz",
    # what can go wrong
    "ApiError": "gitops_sim.errors",
    "BadInput": "gitops_sim.errors",
    "GitFailed": "gitops_sim.errors",
    "GitOpsSimError": "gitops_sim.errors",
}

__all__ = [
    "ApiError",
    "ArgoCD",
    "BadInput",
    "Cluster",
    "Exercise",
    "Flux",
    "Forge",
    "GitFailed",
    "GitOpsSimError",
    "PushPipeline",
    "Quiz",
    "Registry",
    "Scenario",
    "World",
    "load_exercise",
    "load_quiz",
    "load_scenario",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'gitops_sim' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
