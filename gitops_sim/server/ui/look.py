"""A served world as the pages see it: its Argo CD, and its Applications."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitops_sim.agents.argocd import ArgoCD
from gitops_sim.agents.argocd.requests import RefusedError, Requests
from gitops_sim.clock import time_of_day
from gitops_sim.errors import BadInput
from gitops_sim.objects import Object
from gitops_sim.verbs import LEARNER
from gitops_sim.views.applications.facts import Facts, read_facts

if TYPE_CHECKING:
    from gitops_sim.world import World


class Look:
    """``cluster`` is the name of the one that is served: its Argo CD is shown, or the first one that there is."""

    def __init__(self, world: World, cluster: str) -> None:
        self.world, self.cluster = world, world.cluster(cluster)

    @property
    def argocd(self) -> ArgoCD | None:
        found = {agent.cluster.name: agent for agent in self.world.agents.values() if isinstance(agent, ArgoCD)}
        return found.get(self.cluster.name) or next(iter(found.values()), None)

    @property
    def agents_cluster(self) -> str:
        """What an action says of the cluster whose Argo CD is meant: nothing for the first one."""
        name = self.argocd.cluster.name if self.argocd else ""
        return "" if name == next(iter(self.world.clusters)) else name

    @property
    def now(self) -> float:
        return self.world.now

    @property
    def clock(self) -> str:
        return time_of_day(self.now)

    @property
    def place(self) -> str:
        argocd = self.argocd
        return f"cluster {argocd.cluster.name if argocd else self.cluster.name}"

    def applications(self) -> list[Facts]:
        """Those that the learner may see, by name."""
        argocd = self.argocd
        return [read_facts(argocd, obj) for obj in Requests(argocd, LEARNER, "dashboard").all()] if argocd else []

    def application(self, namespace: str, name: str) -> tuple[ArgoCD, Object, Facts]:
        """Raises BadInput when there is no such Application (any more), and for one that the learner may not see."""
        argocd = self.argocd
        if argocd is None:
            raise BadInput("no Argo CD runs here", mend="serve a world with one: gitops-sim serve --scenario drift")
        obj = argocd.find(f"{namespace}/{name}")
        try:
            Requests(argocd, LEARNER, "dashboard").get(f"{namespace}/{name}")
        except RefusedError as error:
            raise BadInput(error.message, mend="ConfigMap argocd-rbac-cm says who may see what") from None
        return argocd, obj, read_facts(argocd, obj)
