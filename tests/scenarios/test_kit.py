"""The repositories of the kit: the module's layouts, whole and deployable."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from gitops_sim import BadInput, World
from gitops_sim.objects import get_path
from gitops_sim.scenarios import build_world, read_world
from gitops_sim.scenarios.kit import kit_files, kit_names
from gitops_sim.scenarios.reading import read_yaml


def test_the_monorepo_is_laid_out_as_the_module_says() -> None:
    files = kit_files("monorepo")
    folders = {path.rpartition("/")[0] for path in files}
    assert folders >= {
        "apps/frontend",
        "apps/backend",
        "apps/database",
        "infrastructure/ingress-nginx",
        "infrastructure/cert-manager",
        "infrastructure/monitoring",
        "clusters/production",
        "clusters/staging",
    }
    assert "kind: StatefulSet" in files["apps/database/statefulset.yaml"]


def test_the_polyrepos_are_there_for_both_agents() -> None:
    assert kit_names() == [
        "monorepo",
        "polyrepo/backend-app",
        "polyrepo/fleet-config",
        "polyrepo/frontend-app",
        "polyrepo/gitops-config",
    ]
    apps = list(yaml.safe_load_all(kit_files("polyrepo/gitops-config")["clusters/staging/apps.yaml"]))
    assert {app["spec"]["source"]["repoURL"] for app in apps} == {
        "https://git.example/frontend-app.git",
        "https://git.example/backend-app.git",
    }
    assert {app["spec"]["destination"]["name"] for app in apps} == {"staging"}


def test_a_world_begins_with_a_repository_of_the_kit_and_may_change_it() -> None:
    text = "repos: {fleet: {kit: monorepo, files: {apps/backend/service.yaml: null, notes.md: Ours.}}}\n"
    world = build_world(read_world(read_yaml(text, "world.yaml")))
    repository = world.git.repository("fleet")
    files = repository.tree(repository.tip()).files()
    assert "notes.md" in files
    assert "apps/backend/service.yaml" not in files
    assert "clusters/production/kustomization.yaml" in files


@pytest.mark.parametrize("name", ["monorepos", "../../data", "polyrepo"])
def test_a_repository_that_the_kit_lacks_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match="monorepo"):
        read_world(read_yaml(f"repos: {{fleet: {{kit: {name}}}}}\n", "world.yaml"))


# ---------------------------------------------------------------------- both agents deploy both layouts to two clusters

CLUSTERS = ("staging", "production")


def estate() -> World:
    """A hub and two clusters, and all repositories of the kit."""
    world = World(clusters=("hub", *CLUSTERS))
    for name in kit_names():
        world.git.create(name.rpartition("/")[2], kit_files(name))
    return world


def flux_reads(world: World, cluster: str, repo: str) -> None:
    meta = {"name": "fleet", "namespace": "flux-system"}
    source = {"interval": "1m", "url": f"https://git.example/{repo}.git", "ref": {"branch": "main"}}
    applied = {
        "interval": "10m",
        "path": f"./clusters/{cluster}",
        "prune": True,
        "wait": True,
        "sourceRef": {"kind": "GitRepository", "name": "fleet"},
    }
    world.flux_in(cluster)
    for api, kind, spec in (("source", "GitRepository", source), ("kustomize", "Kustomization", applied)):
        made = {"apiVersion": f"{api}.toolkit.fluxcd.io/v1", "kind": kind, "metadata": meta, "spec": spec}
        world.cluster(cluster).create(made)


def argo_cd_reads(world: World, cluster: str, repo: str, destination: dict[str, Any]) -> None:
    assert world.argocd(f"cluster add {cluster} --name {cluster}", cluster="hub").exit == 0
    source = {"repoURL": f"https://git.example/{repo}.git", "path": f"clusters/{cluster}", "targetRevision": "main"}
    spec = {
        "project": "default",
        "source": source,
        "destination": destination,
        "syncPolicy": {"automated": {"prune": True, "selfHeal": True}},
    }
    meta = {"name": cluster, "namespace": "argocd"}
    made = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": meta, "spec": spec}
    world.cluster("hub").create(made)


def ready(world: World, cluster: str) -> dict[str, int]:
    """Workloads of the shop, and how many of their Pods are ready."""
    found = [obj for kind in ("Deployment", "StatefulSet") for obj in world.cluster(cluster).list(kind, "shop")]
    return {obj["metadata"]["name"]: obj["status"].get("readyReplicas", 0) for obj in found}


def flux_says(world: World, cluster: str) -> dict[str, str]:
    found = world.cluster(cluster).list("kustomizations.kustomize.toolkit.fluxcd.io")
    return {
        obj["metadata"]["name"]: next(c["status"] for c in obj["status"]["conditions"] if c["type"] == "Ready") for obj in found
    }


def argo_cd_says(world: World) -> dict[str, tuple[str, str]]:
    apps = world.cluster("hub").list("applications.argoproj.io")
    return {
        app["metadata"]["name"]: (get_path(app, ("status", "sync", "status")), get_path(app, ("status", "health", "status")))
        for app in apps
    }


MONOREPO = {
    "staging": {"backend": 1, "frontend": 1, "database": 1},
    "production": {"backend": 2, "frontend": 3, "database": 1},
}


def test_flux_in_each_cluster_deploys_the_monorepo() -> None:
    world = estate()
    for cluster in CLUSTERS:
        flux_reads(world, cluster, "monorepo")
    world.run(minutes=5)
    assert {cluster: flux_says(world, cluster) for cluster in CLUSTERS} == {key: {"fleet": "True"} for key in CLUSTERS}
    assert {cluster: ready(world, cluster) for cluster in CLUSTERS} == MONOREPO


def test_argo_cd_in_the_hub_deploys_the_monorepo() -> None:
    world = estate()
    world.argocd_in("hub")
    for cluster in CLUSTERS:
        argo_cd_reads(world, cluster, "monorepo", {"name": cluster, "namespace": "default"})
    world.run(minutes=5)
    assert argo_cd_says(world) == dict.fromkeys(CLUSTERS, ("Synced", "Healthy"))
    assert {cluster: ready(world, cluster) for cluster in CLUSTERS} == MONOREPO


def test_flux_in_each_cluster_deploys_the_polyrepos_that_its_fleet_names() -> None:
    world = estate()
    for cluster in CLUSTERS:
        flux_reads(world, cluster, "fleet-config")
    world.run(minutes=5)
    wanted = {"fleet": "True", "frontend": "True", "backend": "True"}
    assert {cluster: flux_says(world, cluster) for cluster in CLUSTERS} == dict.fromkeys(CLUSTERS, wanted)
    assert ready(world, "staging") == {"backend": 1, "frontend": 1}
    assert ready(world, "production") == {"backend": 3, "frontend": 3}


def test_argo_cd_in_the_hub_deploys_the_polyrepos_that_its_config_names() -> None:
    world = estate()
    world.argocd_in("hub")
    for cluster in CLUSTERS:
        argo_cd_reads(world, cluster, "gitops-config", {"server": "https://kubernetes.default.svc", "namespace": "argocd"})
    world.run(minutes=5)
    names = [*CLUSTERS, *(f"{cluster}-{app}" for cluster in CLUSTERS for app in ("frontend", "backend"))]
    assert argo_cd_says(world) == dict.fromkeys(names, ("Synced", "Healthy"))
    assert {cluster: ready(world, cluster) for cluster in CLUSTERS} == {key: {"backend": 2, "frontend": 2} for key in CLUSTERS}
