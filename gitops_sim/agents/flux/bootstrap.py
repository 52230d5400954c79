"""What ``flux bootstrap`` leaves in a cluster: a GitRepository and a Kustomization, both called ``flux-system``.

Source: flux2 ``pkg/manifestgen/sync/sync.go``. What the real one also commits to the repository is left out.
"""

from __future__ import annotations

from gitops_sim.agents.flux.toolkit import NAMESPACE
from gitops_sim.objects import Object, with_path


def in_flux_system(manifest: Object) -> Object:
    """A manifest in the namespace ``flux-system``, unless it names one or is a Namespace itself."""
    if manifest["kind"] == "Namespace" or manifest["metadata"].get("namespace"):
        return manifest
    placed: Object = with_path(manifest, ("metadata", "namespace"), NAMESPACE)
    return placed


def bootstrap(
    url: str,
    *,
    branch: str = "main",
    path: str = "",
    name: str = NAMESPACE,
    fetch_every: str = "1m0s",
    apply_every: str = "10m0s",
    prune: bool = True,
    wait: bool = False,
) -> list[Object]:
    """Two manifests. ``fetch_every`` is how often Git is asked, ``apply_every`` how often all is compared and applied again."""
    meta = {"name": name, "namespace": NAMESPACE}
    source = {"interval": fetch_every, "ref": {"branch": branch}, "url": url}
    applied = {
        "interval": apply_every,
        "path": f"./{path.strip('/').removeprefix('./')}",
        "prune": prune,
        "sourceRef": {"kind": "GitRepository", "name": name},
        **({"wait": True} if wait else {}),
    }
    return [
        {"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "GitRepository", "metadata": meta, "spec": source},
        {"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization", "metadata": meta, "spec": applied},
    ]
