"""A world with an Argo CD, an image updater beside it, and a repository with one kustomization."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitops_sim import World
from gitops_sim.objects import Object
from gitops_sim.trace import Record
from tests.agents.lab import application, deployment

URL = "https://git.example/shop.git"
OVERRIDES = "manifests/.argocd-source-web.yaml"
KUSTOMIZED = {
    "manifests/kustomization.yaml": "# what runs\nresources: [web.yaml]\n",
    "manifests/web.yaml": deployment(image="shop/web:1.5.0"),
}
CHART = {
    "manifests/Chart.yaml": "apiVersion: v2\nname: web\nversion: 0.1.0\n",
    "manifests/values.yaml": "# the image\nimage:\n  name: shop/web\n\n  tag: 1.5.0  # released\nport: 80\n",
    "manifests/templates/web.yaml": deployment(image='"{{ .Values.image.name }}:{{ .Values.image.tag }}"'),
}
CREDENTIALS = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {
        "name": "shop-repo",
        "namespace": "argocd",
        "labels": {"argocd.argoproj.io/secret-type": "repository"},
    },
    "stringData": {"type": "git", "url": URL, "username": "robot", "password": "secret"},
}
WEB = {"alias": "web", "imageName": "shop/web:1.x"}


def updater(
    *images: Mapping[str, Any], pattern: str = "web", ref: Mapping[str, Any] | None = None, **spec: Any
) -> dict[str, Any]:
    """An ImageUpdater with one rule for Applications; ``ref`` is what the rule says besides."""
    rule = {"namePattern": pattern, "images": list(images or (WEB,)), **(ref or {})}
    return {
        "apiVersion": "argocd-image-updater.argoproj.io/v1alpha1",
        "kind": "ImageUpdater",
        "metadata": {"name": "images", "namespace": "argocd"},
        "spec": {"applicationRefs": [rule], **spec},
    }


def git(target: str = "", branch: str = "", **more: Any) -> dict[str, Any]:
    config = {**({"writeBackTarget": target} if target else {}), **({"branch": branch} if branch else {}), **more}
    return {"method": "git", **({"gitConfig": config} if config else {})}


class Updated:
    """The world. ``tags`` of shop/web are pushed one after the other, a second apart, before it begins."""

    def __init__(self, files: Mapping[str, str] = KUSTOMIZED, tags: tuple[str, ...] = ("1.4.0", "1.5.0")) -> None:
        self.world = World()
        for number, tag in enumerate(tags):
            self.world.registry.push(f"shop/web:{tag}", at=float(number))
        self.repo = self.world.git.create("shop", files, author="ana")
        self.updater = self.world.image_updater_in()
        self.cluster = self.world.cluster()
        self.add(CREDENTIALS)

    def add(self, *objects: Mapping[str, Any]) -> Updated:
        for obj in objects:
            self.cluster.create(obj)
        self.world.run(0)
        return self

    def deployed(self, **settings: Any) -> Updated:
        """With the Application web, which is synced by itself."""
        self.add(application(automated={}, **settings))
        self.world.run("30s")
        return self

    def push(self, tag: str, image: str = "shop/web") -> None:
        self.world.do("registry", args=f"push {image}:{tag}", by="ci")

    def run(self, time: str = "2m") -> Updated:
        self.world.run(time)
        return self

    def file(self, path: str = OVERRIDES, branch: str = "main") -> str:
        tree = self.repo.tree(branch)
        return tree.read(path).decode() if tree.exists(path) else ""

    def app(self, name: str = "web") -> Object:
        return self.cluster.get("app", name, "argocd")

    def images(self, name: str = "web") -> Any:
        return self.app(name)["spec"]["source"].get("kustomize", {}).get("images")

    def running(self, name: str = "web") -> str:
        return str(self.cluster.get("deploy", name)["spec"]["template"]["spec"]["containers"][0]["image"])

    def status(self) -> Any:
        return self.cluster.get("imageupdater", "images", "argocd")["status"]

    def condition(self, type_: str = "Ready") -> tuple[str, str, str]:
        found = next(c for c in self.status()["conditions"] if c["type"] == type_)
        return found["status"], found["reason"], found["message"]

    def told(self, event: str) -> list[Record]:
        return self.world.trace.find(event=event, actor="image-updater")
