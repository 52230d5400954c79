"""The repositories of the kit: the module's layouts, whole and deployable."""

from __future__ import annotations

import pytest
import yaml

from gitops_sim import BadInput
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
