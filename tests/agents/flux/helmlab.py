"""A small world for the tests of Flux's Helm half: a chart in Git, or in a chart repository, and a HelmRelease of it."""

from __future__ import annotations

from typing import Any

from gitops_sim.manifests.helm import pack, write_index
from gitops_sim.objects import Object
from tests.agents.flux.lab import FluxLab, git_repository

RAW = "https://git.example/charts/raw/main"
TEMPLATE = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  replicas: {{ .Values.replicas }}
  selector:
    matchLabels: {app: {{ .Release.Name }}}
  template:
    metadata:
      labels: {app: {{ .Release.Name }}}
    spec:
      containers:
      - name: web
        image: {{ .Values.image }}
"""
IMAGES = {"nginx:bad": {"pull_error": "not found"}, "busybox:ok": {"complete": "2s"}, "busybox:bad": {"crash": "2s"}}


def chart(version: str = "1.0.0", **files: str) -> dict[str, str]:
    """The files of a chart called ``web``; a name with ``__`` in it stands for a path: ``templates__job``."""
    more = {f"{name.replace('__', '/')}.yaml": text for name, text in files.items()}
    return {
        "Chart.yaml": f"apiVersion: v2\nname: web\nversion: {version}\nappVersion: '1.4'\n",
        "values.yaml": "replicas: 3\nimage: nginx:1\n",
        "templates/web.yaml": TEMPLATE,
        **more,
    }


def hook(name: str, event: str, image: str = "busybox:ok", *, weight: int = 0, policy: str = "") -> str:
    notes = f"    helm.sh/hook: {event}\n    helm.sh/hook-weight: '{weight}'\n"
    notes += f"    helm.sh/hook-delete-policy: {policy}\n" if policy else ""
    return (
        f"apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: {name}\n  annotations:\n{notes}spec:\n  backoffLimit: 0\n"
        f"  template:\n    spec:\n      restartPolicy: Never\n      containers:\n      - {{name: main, image: '{image}'}}\n"
    )


def helm_release(name: str = "web", **spec: Any) -> dict[str, Any]:
    source = {"chart": "./charts/web", "sourceRef": {"kind": "GitRepository", "name": "shop"}}
    given = {"interval": "10m", "targetNamespace": "default", "releaseName": name, "chart": {"spec": source}, **spec}
    return {
        "apiVersion": "helm.toolkit.fluxcd.io/v2",
        "kind": "HelmRelease",
        "metadata": {"name": name, "namespace": "flux-system"},
        "spec": {key: value for key, value in given.items() if value is not None},
    }


def helm_repository(name: str = "charts", url: str = RAW, interval: str = "5m", **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "source.toolkit.fluxcd.io/v1",
        "kind": "HelmRepository",
        "metadata": {"name": name, "namespace": "flux-system"},
        "spec": {"interval": interval, "url": url, **spec},
    }


class HelmLab(FluxLab):
    """``files`` are those of a chart in Git."""

    def __init__(self, files: dict[str, str] | None = None, *, shuffle: int | None = None) -> None:
        super().__init__(_placed(files or chart()), shuffle=shuffle, images=IMAGES)

    def release(self, *more: dict[str, Any], **spec: Any) -> HelmLab:
        """The GitRepository, ``more`` and a HelmRelease, and a minute later."""
        self.start(git_repository(), *more, helm_release(**spec))
        self.run("1m")
        return self

    def publish(self, *versions: dict[str, str]) -> None:
        """Packages in a chart repository, with an index over all that are there."""
        packages: dict[str, bytes] = {}
        for files in versions:
            version = files["Chart.yaml"].partition("version: ")[2].partition("\n")[0]
            packages[f"web-{version}.tgz"] = pack({name: text.encode() for name, text in files.items()}, "web")
        index = write_index(packages, created="2026-01-05T09:00:00Z").encode()
        content: dict[str, Any] = {"index.yaml": index, **packages}
        if "charts" in {repository.name for repository in self.world.git.repositories}:
            self.world.git.repository("charts").commit(content, "Publish", author="ana")
        else:
            self.world.git.create("charts", content, author="ana")

    def change_chart(self, files: dict[str, str], message: str = "Change the chart") -> str:
        return self.commit(dict(_placed(files)), message)

    def hr(self, name: str = "web") -> Object:
        return self.cluster.get("hr", name, "flux-system")

    def set(self, name: str = "web", **change: Any) -> None:
        self.spec(name, "hr", **change)

    def told(self, name: str = "web") -> list[tuple[str, str, str, int]]:
        return self.events(name, "HelmRelease")

    def history(self, name: str = "web") -> list[tuple[int, str]]:
        """Revision and status, as the HelmRelease remembers them."""
        return [(s["version"], s["status"]) for s in self.hr(name)["status"].get("history", [])]

    def secrets(self, namespace: str = "flux-system") -> list[tuple[str, str]]:
        found = [s for s in self.cluster.list("secrets", namespace) if s.get("type") == "helm.sh/release.v1"]
        return [(s["metadata"]["name"], s["metadata"]["labels"]["status"]) for s in found]

    def image(self, name: str = "web") -> str:
        return str(self.cluster.get("deploy", name)["spec"]["template"]["spec"]["containers"][0]["image"])


def _placed(files: dict[str, str]) -> dict[str, str]:
    return {f"charts/web/{name}": text for name, text in files.items()}
