"""A small world for Flux's tests: a repository, a GitRepository and a Kustomization on it."""

from __future__ import annotations

from typing import Any

from gitops_sim.objects import Object
from gitops_sim.output import Output
from gitops_sim.world import World
from tests.agents.lab import config_map, deployment

URL = "https://git.example/shop.git"


def git_repository(name: str = "shop", *, url: str = URL, interval: str = "1m", ref: Any = None, **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "source.toolkit.fluxcd.io/v1",
        "kind": "GitRepository",
        "metadata": {"name": name, "namespace": "flux-system"},
        "spec": {"interval": interval, "url": url, "ref": {"branch": "main"} if ref is None else ref, **spec},
    }


def kustomization(
    name: str = "shop", *, path: str = "./manifests", interval: str = "10m", prune: bool = True, source: str = "shop", **spec: Any
) -> dict[str, Any]:
    ref = {"kind": "GitRepository", "name": source}
    given = {"interval": interval, "path": path, "prune": prune, "sourceRef": ref, "targetNamespace": "default", **spec}
    return {
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "metadata": {"name": name, "namespace": "flux-system"},
        "spec": {key: value for key, value in given.items() if value is not None},
    }


class FluxLab:
    def __init__(self, files: dict[str, str] | None = None, *, shuffle: int | None = None, images: Any = None) -> None:
        self.world = World(shuffle=shuffle, images=images)
        self.cluster = self.world.cluster()
        self.repo = self.world.git.create("shop", files or {"manifests/web.yaml": deployment(3)}, author="ana")
        self.flux = self.world.flux_in()

    # ------------------------------------------------------------------ doing

    def start(self, *objects: dict[str, Any], **spec: Any) -> FluxLab:
        """Both objects, or those given, and the first instant."""
        for obj in objects or (git_repository(), kustomization(**spec)):
            self.cluster.create(obj)
        self.world.clock.settle()
        return self

    def add(self, obj: dict[str, Any]) -> None:
        self.cluster.create(obj)
        self.world.clock.settle()

    def run(self, time: float | str) -> None:
        self.world.run(time)

    def commit(self, files: dict[str, str | None], message: str = "Change") -> str:
        return self.repo.commit(files, message, author="ana")

    def patch(self, change: dict[str, Any], name: str = "shop", kind: str = "ks") -> None:
        self.cluster.patch(kind, name, "flux-system", change, type="merge")
        self.world.clock.settle()

    def spec(self, name: str = "shop", kind: str = "ks", **change: Any) -> None:
        self.patch({"spec": change}, name, kind)

    def kubectl(self, args: str, **more: Any) -> Output:
        return self.world.kubectl(args, **more)

    # ------------------------------------------------------------------ looking

    def ks(self, name: str = "shop") -> Object:
        return self.cluster.get("ks", name, "flux-system")

    def source(self, name: str = "shop") -> Object:
        return self.cluster.get("gitrepo", name, "flux-system")

    def status(self, name: str = "shop") -> Any:
        return self.ks(name)["status"]

    def conditions(self, name: str = "shop", kind: str = "ks") -> dict[str, tuple[str, str, str]]:
        found = self.cluster.get(kind, name, "flux-system")["status"].get("conditions", [])
        return {c["type"]: (c["status"], c["reason"], c["message"]) for c in found}

    def ready(self, name: str = "shop", kind: str = "ks") -> tuple[str, str, str]:
        return self.conditions(name, kind)["Ready"]

    def events(self, name: str = "shop", kind: str = "Kustomization") -> list[tuple[str, str, str, int]]:
        """``(type, reason, message, count)``, in the order in which they came."""
        found = [e for e in self.cluster.list("events", "flux-system") if e["involvedObject"]["kind"] == kind]
        mine = [e for e in found if e["involvedObject"]["name"] == name]
        mine.sort(key=lambda e: int(e["metadata"]["name"].rpartition(".")[2], 16))
        return [(e["type"], e["reason"], e["message"], e["count"]) for e in mine]

    def replicas(self, name: str = "web") -> int:
        return int(self.cluster.get("deploy", name)["spec"]["replicas"])

    def inventory(self, name: str = "shop") -> list[str]:
        return [entry["id"] for entry in self.status(name).get("inventory", {}).get("entries", [])]

    def story(self, since: float = 0.0) -> list[str]:
        """What people and Flux did; the cluster tells its own side elsewhere."""
        return [f"{r.actor} {r.message}" for r in self.world.trace.story() if r.time >= since and r.actor != "cluster"]


__all__ = ["FluxLab", "config_map", "deployment", "git_repository", "kustomization"]
