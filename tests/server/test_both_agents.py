"""The manifests of both agents, as their users write them, applied with the real kubectl to a served world."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.server.tools import KUBECTLS, Shell, Terminal, serving

FLUX = """\
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata:
  name: my-app
  namespace: flux-system
spec:
  interval: 1m
  url: https://git.example/my-app.git
  ref:
    branch: main
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: my-app
  namespace: flux-system
spec:
  interval: 5m
  path: ./kubernetes
  prune: true
  wait: true
  targetNamespace: default
  sourceRef:
    kind: GitRepository
    name: my-app
"""
APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: my-app
  namespace: argocd
spec:
  project: default
  source:
    repoURL: https://git.example/my-app.git
    path: kubernetes
    targetRevision: main
  destination:
    server: https://kubernetes.default.svc
    namespace: argo-demo
  syncPolicy:
    automated: {}
    syncOptions:
      - CreateNamespace=true
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: my-app
spec:
  replicas: 2
  selector:
    matchLabels: {app: my-app}
  template:
    metadata:
      labels: {app: my-app}
    spec:
      containers:
        - name: my-app
          image: nginx:1.29
"""


def repository(home: Path) -> Path:
    """``my-app``: a Git repository as a learner has it."""
    folder = home / "my-app"
    (folder / "kubernetes").mkdir(parents=True)
    (folder / "kubernetes" / "deployment.yaml").write_text(DEPLOYMENT, encoding="utf-8")
    me = ["-c", "user.name=me", "-c", "user.email=me@example.com"]
    for command in (["init", "-q", "-b", "main"], ["add", "-A"], [*me, "commit", "-qm", "Deploy my-app"]):
        subprocess.run(["git", *command], cwd=folder, check=True)
    return folder


@pytest.mark.parametrize("version", KUBECTLS)
def test_flux_becomes_ready_and_argo_cd_synced_and_healthy(version: str, tmp_path: Path) -> None:
    shell = Shell(tmp_path / "home", Path("/nowhere"), {"kubectl": KUBECTLS[version]})
    (shell.home / "flux.yaml").write_text(FLUX, encoding="utf-8")
    (shell.home / "application.yaml").write_text(APPLICATION, encoding="utf-8")
    with serving(tmp_path, "--repo", str(repository(tmp_path)), "--speed", "30") as (_, export), Terminal(shell) as terminal:

        def ok(line: str) -> str:
            said = terminal(line)
            assert said.exit == 0, f"{line}\n{said}"
            return said.stdout

        ok(export)
        assert ok("kubectl apply -f flux.yaml -f application.yaml") == (
            "gitrepository.source.toolkit.fluxcd.io/my-app created\n"
            "kustomization.kustomize.toolkit.fluxcd.io/my-app created\n"
            "application.argoproj.io/my-app created\n"
        )
        ok("kubectl wait -n flux-system kustomization/my-app --for=condition=Ready --timeout=60s")
        for field, value in (("sync", "Synced"), ("health", "Healthy")):
            path = f"jsonpath='{{.status.{field}.status}}'={value}"
            ok(f"kubectl wait -n argocd application/my-app --for={path} --timeout=60s")
        said = ok("kubectl get kustomizations -n flux-system --no-headers").split()
        assert said[0] == "my-app"
        assert said[2] == "True"
        assert " ".join(said[3:]).startswith("Applied revision: main@sha1:")
        assert ok("kubectl get applications -n argocd --no-headers").split() == ["my-app", "Synced", "Healthy"]
        for namespace in ("default", "argo-demo"):
            assert ok(f"kubectl get deployment my-app -n {namespace} --no-headers").split()[:2] == ["my-app", "2/2"]
