"""The agent that learners watched, at work on a real kind cluster: what its repository says is what the cluster shall be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import cast

from gitops_sim.agents.argocd.compare import Resource
from gitops_sim.errors import BadInput
from gitops_sim.forge import Followed
from gitops_sim.forge.process import require_git
from gitops_sim.kind import KindCluster, KindSettings
from gitops_sim.objects import Object, get_path
from gitops_sim.trace import Record
from gitops_sim.world import World

NAME = "app"
_LOOK = 1.0
"""Seconds between two looks at where the repository stands, and at what there is to tell."""


@dataclass(frozen=True, slots=True)
class Work:
    """What the agent is to keep: ``path`` of ``repo`` at ``revision``; ``prune`` and ``self_heal`` are an Application's."""

    repo: str
    path: str = ""
    revision: str = "HEAD"
    prune: bool = False
    self_heal: bool = True


class LiveAgent:
    """An Argo CD with one Application, on a kind cluster and the time of the wall.

    Raises BadInput, before anything is written, for a cluster that must not be touched and a repository that cannot be followed.
    With ``dry_run`` in ``settings`` it only compares.
    """

    def __init__(self, settings: KindSettings, work: Work) -> None:
        require_git()
        self.settings, self.work = settings, work
        self.world = World(cluster=settings)
        try:
            self.followed = Followed(self.world.git, NAME, work.repo, work.revision)
            tree = self.followed.repository.tree(self.followed.repository.tip(), work.path.strip("/"))
            if not any(file.endswith((".yaml", ".yml", ".json")) for file in tree.files()):
                raise BadInput("holds no manifest", where=work.path or ".", mend="name the folder of your manifests: --path DIR")
            self.argocd = self.world.argocd_in()
            self.argocd.cluster.create(self._application())
        except Exception:
            self.close()
            raise
        self._told = 0

    @property
    def cluster(self) -> KindCluster:
        return cast(KindCluster, self.world.cluster())

    def run(self, seconds: float, tell: Callable[[Record], object]) -> None:
        """Works for so long, and hands each record of the story to ``tell`` as it comes."""
        end = round(self.world.now + seconds, 6)  # as the clock rounds where it stands: it must come to stand there
        while self.world.now < end:
            self.followed.follow()
            self.world.run(min(_LOOK, end - self.world.now))
            for record in list(self.world.trace)[self._told :]:
                self._told = record.seq + 1
                if record.story:
                    tell(record)

    def settle(self, tell: Callable[[Record], object], *, timeout: float) -> bool:
        """Works until the application is Synced and Healthy, at most ``timeout`` seconds; says whether it is."""
        end = self.world.now + timeout
        while self.status != ("Synced", "Healthy") and self.world.now < end:
            self.run(_LOOK, tell)
        return self.status == ("Synced", "Healthy")

    @property
    def status(self) -> tuple[str, str]:
        """Sync status and health, as Argo CD says them; empty before the first look."""
        app = self.argocd.find(NAME)
        return get_path(app, ("status", "sync", "status"), ""), get_path(app, ("status", "health", "status"), "")

    def plan(self) -> Iterator[str]:
        """What a sync would do, object by object; nothing is written. Raises BadInput when Git cannot be compared."""
        self.argocd.refresh(self.argocd.find(NAME))
        comparison = self.argocd.comparison(NAME)
        if comparison is None or comparison.errors:
            why = comparison.errors[0].message if comparison else "the application cannot be used"
            raise BadInput(why, where=self.work.repo, mend="mend the manifests, commit, and start again")
        for resource in comparison.resources:
            yield self._step(resource)

    def close(self) -> None:
        """Stops watching. What it made stays: ``cleanup`` removes it."""
        self.world.close()
        if hasattr(self, "followed"):
            self.followed.close()

    def _step(self, resource: Resource) -> str:
        if resource.status != "OutOfSync":
            return f"{resource.label} stays as it is"
        if resource.live is None:
            return f"{resource.label} would be created"
        if resource.target is None:
            return f"{resource.label} would be pruned" if self.work.prune else f"{resource.label} would stay: prune is off"
        told = "; ".join(f"{difference}" for difference in resource.differences[:3])
        return f"{resource.label} would be changed: {told}"

    def _application(self) -> Object:
        automated = {"prune": self.work.prune, "selfHeal": self.work.self_heal}
        return {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Application",
            "metadata": {"name": NAME, "namespace": "argocd"},
            "spec": {
                "project": "default",
                "source": {
                    "repoURL": self.followed.repository.url,
                    "targetRevision": self.followed.branch,
                    "path": self.work.path.strip("/") or ".",
                    "directory": {"recurse": True},
                },
                "destination": {"server": "https://kubernetes.default.svc", "namespace": self.settings.namespace},
                "syncPolicy": {} if self.settings.dry_run else {"automated": automated},
            },
        }
