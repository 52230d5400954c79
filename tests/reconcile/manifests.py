"""Manifests of small GitOps repositories, and what is asked of a run."""

from __future__ import annotations

from gitops_sim.reconcile import Reconciled

CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n"
NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: web}\n"
HERE = "https://github.com/acme/shop"


def application(name: str, source: str, *, namespace: str = "default", extra: str = "", automated: bool = True) -> str:
    policy = "\n  syncPolicy: {automated: {}}" if automated else ""
    return (
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\n"
        f"metadata: {{name: {name}, namespace: argocd}}\nspec:\n  project: default\n"
        f"  destination: {{server: https://kubernetes.default.svc, namespace: {namespace}}}\n"
        f"  source: {{{source}}}{policy}{extra}\n"
    )


def kustomization(name: str, path: str, source: str = "flux-system", extra: str = "") -> str:
    return (
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n"
        f"metadata: {{name: {name}, namespace: flux-system}}\n"
        f"spec: {{interval: 10m, path: {path}, prune: true, sourceRef: {{kind: GitRepository, name: {source}}}{extra}}}\n"
    )


def states(done: Reconciled) -> dict[str, str]:
    return {f"{obj.kind}/{obj.name}": obj.state for obj in done.objects}


def why_of(done: Reconciled) -> str:
    return " | ".join(done.why)


def resources(done: Reconciled, name: str) -> list[str]:
    return [f"{node.kind}/{node.name}" for obj in done.objects if obj.name == name for node in obj.tree.children]


def source(kind: str, spec: str, name: str = "other", version: str = "source.toolkit.fluxcd.io/v1") -> str:
    return f"---\napiVersion: {version}\nkind: {kind}\nmetadata: {{name: {name}, namespace: flux-system}}\nspec: {spec}\n"


FLUX = {
    "clusters/production/apps.yaml": kustomization("apps", "./apps"),
    "clusters/staging/apps.yaml": kustomization("apps", "./staging"),
    "apps/kustomization.yaml": "resources: [c.yaml]\nnamespace: default\nnamePrefix: p-\n",
    "apps/c.yaml": CONFIG,
    "staging/c.yaml": CONFIG.replace("name: c", "name: s, namespace: default"),
}
