"""A cluster with a clock that the tests turn, and a kubectl to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitops_sim.cluster import Cluster
from gitops_sim.kubectl import Kubectl
from gitops_sim.output import Output
from gitops_sim.registry import Registry
from tests.kubectl.transcripts import run_clock

WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: nginx, image: "nginx:1.24", ports: [{containerPort: 80}]}]}
"""
CONF = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: conf}\ndata:\n  a: '1'\n"


class Stage:
    def __init__(self, files: Mapping[str, str] | None = None, images: Mapping[str, Any] | None = None) -> None:
        self.files = {"web.yaml": WEB, "conf.yaml": CONF, **(files or {})}
        self.cluster = Cluster(registry=Registry(images or {}))
        self.kubectl = Kubectl(self.cluster, wait=lambda condition, timeout: run_clock(self.cluster.clock, condition, timeout))

    def run(self, line: str | list[str], *, stdin: str = "") -> Output:
        return self.kubectl.run(line, files=self.files, stdin=stdin)

    def ok(self, line: str | list[str], *, stdin: str = "") -> str:
        """Standard output of a command that must go well."""
        output = self.run(line, stdin=stdin)
        assert output.exit == 0, output
        return output.stdout

    def error(self, line: str | list[str], *, stdin: str = "") -> str:
        """Standard error of a command that must fail."""
        output = self.run(line, stdin=stdin)
        assert output.exit == 1, output
        return output.stderr

    def after(self, seconds: float) -> None:
        self.cluster.clock.run_until(self.cluster.clock.now + seconds)
