"""What has switches: an Application of Argo CD, or a Kustomization of Flux; and how the platform team flips them."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from gitops_sim.agents.argocd.settings import CONFIG_MAP
from gitops_sim.agents.flux.flux import GIT_REPOSITORIES
from gitops_sim.agents.flux.kustomization import KIND as KUSTOMIZATIONS
from gitops_sim.agents.flux.kustomization import read_kustomization
from gitops_sim.cluster import Cluster
from gitops_sim.errors import BadInput
from gitops_sim.nearest import nearest
from gitops_sim.objects import Object, get_path
from gitops_sim.world import World

APPLICATIONS = "applications.argoproj.io"
Agent = Literal["argocd", "flux"]
Act = dict[str, Any]
"""An action to do: its ``do``, and its fields."""
_RECEIVER = "what-if"
_RECEIVER_MANIFEST = """\
apiVersion: v1
kind: Secret
metadata: {name: %(name)s, namespace: flux-system}
stringData: {token: what-if}
---
apiVersion: notification.toolkit.fluxcd.io/v1
kind: Receiver
metadata: {name: %(name)s, namespace: flux-system}
spec:
  type: github
  events: [push]
  secretRef: {name: %(name)s}
  resources:
  - {kind: GitRepository, name: %(source)s, namespace: %(namespace)s}
"""


@dataclass(frozen=True, slots=True)
class Target:
    """One Application or Kustomization, in its cluster."""

    world: World
    cluster: Cluster
    object: Object
    agent: Agent

    @property
    def name(self) -> str:
        return str(self.object["metadata"]["name"])

    def patch(self, spec: Mapping[str, Any]) -> Iterator[Act]:
        """A merge patch of its spec."""
        kind = "application" if self.agent == "argocd" else KUSTOMIZATIONS
        yield self._patch(kind, self.object, spec)

    def poll(self, every: str) -> Iterator[Act]:
        """Git is asked ``every`` so often: for all Applications at once, or by the source of the Kustomization."""
        if self.agent == "argocd":
            yield from self._configure({"timeout.reconciliation": every, "timeout.reconciliation.jitter": "0s"})
            return
        app = read_kustomization(self.object)
        source = self.cluster.get(GIT_REPOSITORIES, app.source.name, app.source.namespace)
        yield self._patch(GIT_REPOSITORIES, source, {"interval": every})
        yield from self.patch({"interval": every})

    def webhook(self, state: str) -> Iterator[Act]:
        """The forge tells the agent of pushes; Flux gets a Receiver for it."""
        url, repo = (self._argo_cd() if self.agent == "argocd" else None), self._repository()
        if url is None:
            flux = self.world.flux_in(self.cluster.name)
            if self.cluster.find("receivers.notification.toolkit.fluxcd.io", _RECEIVER, "flux-system") is None:
                app = read_kustomization(self.object)
                names = {"name": _RECEIVER, "source": app.source.name, "namespace": app.source.namespace}
                yield {**self._kubectl("apply -f receiver.yaml"), "files": {"receiver.yaml": _RECEIVER_MANIFEST % names}}
            url = flux.webhook(_RECEIVER)
        yield {"do": "webhook", "repo": repo, "url": url, "state": state}

    # ------------------------------------------------------------------ inside

    def _argo_cd(self) -> str:
        return self.world.argocd_in(self.cluster.name).webhook

    def _repository(self) -> str:
        if self.agent == "argocd":
            return self.world.git.repository(get_path(self.object, ("spec", "source", "repoURL"), "")).name
        return self.world.git.repository(self.world.flux_in(self.cluster.name).source_of(self.object)).name

    def _configure(self, settings: Mapping[str, str]) -> Iterator[Act]:
        """Settings in argocd-cm, which is made when it is not there."""
        if self.cluster.find("ConfigMap", CONFIG_MAP, "argocd") is None:
            pairs = " ".join(f"--from-literal={shlex.quote(f'{key}={value}')}" for key, value in settings.items())
            yield self._kubectl(f"create configmap {CONFIG_MAP} -n argocd {pairs}")
        else:
            data = shlex.quote(json.dumps({"data": settings}))
            yield self._kubectl(f"patch configmap {CONFIG_MAP} -n argocd --type merge -p {data}")

    def _patch(self, kind: str, obj: Object, spec: Mapping[str, Any]) -> Act:
        place = f"{kind} {obj['metadata']['name']} -n {obj['metadata']['namespace']}"
        return self._kubectl(f"patch {place} --type merge -p {shlex.quote(json.dumps({'spec': spec}))}")

    def _kubectl(self, args: str) -> Act:
        return {"do": "kubectl", "args": args, "cluster": self.cluster.name}


def targets(world: World) -> dict[str, Target]:
    """Whatever has switches, by name: Applications before Kustomizations."""
    found: dict[str, Target] = {}
    kinds: tuple[tuple[str, Agent], ...] = ((APPLICATIONS, "argocd"), (KUSTOMIZATIONS, "flux"))
    for kind, agent in kinds:
        for cluster in world.clusters.values():
            for obj in cluster.list(kind) if cluster.kinds.find(kind) else ():
                found.setdefault(obj["metadata"]["name"], Target(world, cluster, obj, agent))
    return found


def find_target(world: World, name: str = "") -> Target:
    """The one of a name; the first one when none is given. Raises BadInput when there is none."""
    found = targets(world)
    if not found:
        what = "the switches are those of Argo CD's Applications and Flux's Kustomizations, and there is none here"
        raise BadInput(what, mend="choose a story with one, such as drift")
    if name and name not in found:
        raise BadInput(f"no Application and no Kustomization {name!r} here", mend=nearest(name, found))
    return found[name or next(iter(found))]
