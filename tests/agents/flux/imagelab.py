"""A small world for tests of image automation: a registry, a repository whose image is marked, and Flux's three objects."""

from __future__ import annotations

from typing import Any

from gitops_sim.trace import Record
from tests.agents.flux.lab import FluxLab, git_repository

MARKED = """\
# the shop's front
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: web
        image: "shop/web:1.5.0" # {"$imagepolicy": "flux-system:web"}
"""
BOT = {"name": "Flux", "email": "fluxcdbot@users.noreply.github.com"}


def image(kind: str, /, name: str = "web", namespace: str = "flux-system", **spec: Any) -> dict[str, Any]:
    meta = {"name": name, "namespace": namespace}
    return {"apiVersion": "image.toolkit.fluxcd.io/v1", "kind": kind, "metadata": meta, "spec": spec}


def image_repository(name: str = "web", /, **spec: Any) -> dict[str, Any]:
    return image("ImageRepository", name, **{"image": "shop/web", "interval": "1m", **spec})


def image_policy(name: str = "web", /, repository: Any = "web", **spec: Any) -> dict[str, Any]:
    ref = {"name": repository} if isinstance(repository, str) else repository
    given: dict[str, Any] = {"imageRepositoryRef": ref, "policy": {"semver": {"range": "1.5.x"}}, **spec}
    return image("ImagePolicy", name, **given)


def automation(name: str = "web", /, *, template: str = "", git: Any = None, **spec: Any) -> dict[str, Any]:
    commit = {"author": BOT, **({"messageTemplate": template} if template else {})}
    given: dict[str, Any] = {
        "interval": "30m",
        "sourceRef": {"kind": "GitRepository", "name": "shop"},
        "git": {"commit": commit, **(git or {})},
        **spec,
    }
    return image("ImageUpdateAutomation", name, **{key: value for key, value in given.items() if value is not None})


class ImageLab(FluxLab):
    def __init__(self, *tags: str, files: dict[str, str] | None = None, shuffle: int | None = None) -> None:
        images = {f"shop/web:{tag}": {} for tag in tags or ("1.4.9", "1.5.0")}
        super().__init__(files or {"deploy/web.yaml": MARKED}, images=images, shuffle=shuffle)

    def begin(self, *objects: dict[str, Any], **spec: Any) -> ImageLab:
        """The GitRepository and Flux's three objects, the automation with ``spec``; or those given instead."""
        self.start(git_repository(), *(objects or (image_repository(), image_policy(), automation(**spec))))
        self.run("10s")
        return self

    def push(self, tag: str) -> None:
        self.world.do("registry", by="ci", args=f"push shop/web:{tag}")

    def file(self, path: str = "deploy/web.yaml", branch: str = "main") -> str:
        return self.repo.tree(branch).read(path).decode()

    def told(self, event: str) -> list[Record]:
        return [record for record in self.world.trace if record.event == event]
