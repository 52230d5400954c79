"""``gitops-sim exercise dashboard``: Argo CD's pages in words, and its buttons."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from gitops_sim.agents.argocd import ArgoCD
from gitops_sim.errors import BadInput
from gitops_sim.nearest import nearest
from gitops_sim.output import Output
from gitops_sim.views.applications.facts import all_facts
from gitops_sim.views.applications.overview import overview_text, resources_of, tree_of
from gitops_sim.views.applications.resource import read_resource, resource_text
from gitops_sim.views.applications.tiles import tiles_text

if TYPE_CHECKING:
    from gitops_sim.course.session import Session
    from gitops_sim.world import World


def run_dashboard(session: Session, words: list[str]) -> Output:
    """``show [APP [KIND/NAME]]``, or nothing, looks, which is no action; anything else presses a button."""
    if words and words[0] != "show":
        return session.dashboard(shlex.join(words))
    return Output(_page(session.world, words[1:]) + "\n")


def _page(world: World, words: list[str]) -> str:
    argocd = next((agent for agent in world.agents.values() if isinstance(agent, ArgoCD)), None)
    if argocd is None:
        raise BadInput("no Argo CD runs in this exercise", mend="look with: gitops-sim exercise kubectl get all")
    if not words:
        return tiles_text(all_facts(argocd), argocd.clock.now)
    app = argocd.find(words[0])
    if len(words) == 1:
        return overview_text(argocd, world.clusters, app, world.trace)
    known = resources_of(tree_of(argocd, world.clusters, app))
    found = read_resource(argocd, app, known[words[1]], world.trace) if words[1] in known else None
    if found is None or len(words) > 2:
        raise BadInput(f"{words[0]} has no {' '.join(words[1:])!r}", mend=nearest(words[1], known))
    return resource_text(found)
