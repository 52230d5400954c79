"""One Argo CD, many clusters: who is known, who is reached, and what is said of the others."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from gitops_sim import World
from gitops_sim.objects import get_path
from tests.agents.lab import IN_CLUSTER, application, config_map, deployment

STAGING = "https://staging.example:6443"


@pytest.fixture
def world() -> World:
    world = World(clusters=("hub", "staging", "production"))
    world.git.create("shop", {"manifests/a.yaml": config_map(), "manifests/web.yaml": deployment()}, author="ana")
    world.argocd_in("hub")
    return world


def secret(name: str, server: str, **more: str) -> dict[str, Any]:
    meta = {"name": f"cluster-{name}", "namespace": "argocd", "labels": {"argocd.argoproj.io/secret-type": "cluster"}}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": meta, "stringData": {"name": name, "server": server, **more}}


def add(world: World, destination: dict[str, str], name: str = "web", **more: Any) -> None:
    app = application(name, automated={"prune": True, "selfHeal": True}, **more)
    app["spec"]["destination"] = {"namespace": "default", **destination}
    world.cluster("hub").create(app)
    world.clock.settle()


def status(world: World, name: str = "web") -> Any:
    return world.cluster("hub").get("app", name, "argocd")["status"]


@pytest.mark.parametrize(
    ("destination", "message"),
    [
        ({}, "Destination server missing from app spec"),
        (
            {"server": IN_CLUSTER, "name": "in-cluster"},
            f"application destination can't have both name and server defined: in-cluster {IN_CLUSTER}",
        ),
        ({"name": "staging"}, "there are no clusters with this name: staging"),
        (
            {"server": "https://1.2.3.4"},
            'error getting cluster by server "https://1.2.3.4": rpc error: code = NotFound desc = '
            'cluster "https://1.2.3.4" not found',
        ),
    ],
)
def test_a_destination_that_is_none(world: World, destination: dict[str, str], message: str) -> None:
    add(world, destination)
    assert [c["message"] for c in status(world)["conditions"] if c["type"] == "InvalidSpecError"] == [message]


@pytest.mark.parametrize("destination", [{"name": "staging"}, {"server": STAGING}, {"server": STAGING + "/"}])
def test_a_cluster_is_known_from_its_secret_by_name_and_by_address(world: World, destination: dict[str, str]) -> None:
    add(world, destination)
    assert status(world)["sync"]["status"] == "Unknown"
    world.cluster("hub").create(secret("staging", STAGING))
    world.run(30)
    assert (status(world)["sync"]["status"], status(world)["health"]["status"]) == ("Synced", "Healthy")
    assert world.cluster("staging").get("deploy", "web")["spec"]["replicas"] == 2
    assert world.cluster("hub").find("deploy", "web") is None


def test_drift_in_a_spoke_is_seen_at_once_and_healed(world: World) -> None:
    world.argocd("cluster add staging", cluster="hub")
    add(world, {"name": "staging"})
    world.run(30)
    world.kubectl("scale deployment web --replicas=5", cluster="staging", by="ben")
    world.run(1)
    assert world.cluster("staging").get("deploy", "web")["spec"]["replicas"] == 2
    world.kubectl("delete configmap settings", cluster="staging", by="ben")
    world.run(10)
    assert world.cluster("staging").find("cm", "settings") is not None


def test_one_folder_in_many_clusters(world: World) -> None:
    for name in ("staging", "production"):
        world.argocd(f"cluster add {name}", cluster="hub")
        add(world, {"name": name}, name=f"web-{name}")
    world.run(30)
    for name in ("staging", "production"):
        assert status(world, f"web-{name}")["sync"]["status"] == "Synced"
        assert world.cluster(name).find("deploy", "web") is not None
    world.git.repository("shop").commit({"manifests/a.yaml": config_map(value="b")}, "Change", author="ana")
    world.run("5m")
    assert {world.cluster(name).get("cm", "settings")["data"]["key"] for name in ("staging", "production")} == {"b"}


def test_deleting_the_application_deletes_what_it_has_in_the_spoke(world: World) -> None:
    world.argocd("cluster add staging", cluster="hub")
    add(world, {"name": "staging"})
    world.run(30)
    world.argocd("app delete web --yes", cluster="hub")
    world.run(60)
    assert world.cluster("hub").find("app", "web", "argocd") is None
    assert world.cluster("staging").find("deploy", "web") is None


def test_moving_to_another_cluster_leaves_what_was_deployed_behind(world: World) -> None:
    for name in ("staging", "production"):
        world.argocd(f"cluster add {name}", cluster="hub")
    add(world, {"name": "staging"})
    world.run(30)
    world.cluster("hub").patch("app", "web", "argocd", {"spec": {"destination": {"name": "production"}}}, type="merge")
    world.run(30)
    assert world.cluster("production").find("deploy", "web") is not None
    assert world.cluster("staging").find("deploy", "web") is not None
    before = len(world.trace.find(event=("DriftDetected",)))
    world.kubectl("scale deployment web --replicas=5", cluster="staging", by="ben")
    world.run(10)
    assert len(world.trace.find(event=("DriftDetected",))) == before
    assert world.cluster("staging").get("deploy", "web")["spec"]["replicas"] == 5


def test_a_cluster_at_whose_address_nothing_answers(world: World) -> None:
    world.cluster("hub").create(secret("lost", "https://lost.example:6443"))
    add(world, {"name": "lost"})
    [condition] = status(world)["conditions"]
    assert condition["type"] == "ComparisonError"
    assert condition["message"].startswith(
        'Failed to load live state: failed to get cluster info for "https://lost.example:6443"'
    )
    assert status(world)["sync"]["status"] == "Unknown"
    output = world.argocd("app sync web", cluster="hub")
    assert "Operation has completed with phase: Error" in output.stderr
    assert "lost.example: no such host" in status(world)["operationState"]["message"]


def test_two_clusters_of_one_name(world: World) -> None:
    world.cluster("hub").create(secret("staging", STAGING))
    twin = secret("staging", "https://production.example:6443")
    world.cluster("hub").create({**twin, "metadata": {**twin["metadata"], "name": "twin"}})
    add(world, {"name": "staging"})
    [condition] = status(world)["conditions"]
    text = f"there are 2 clusters with the same name: [{STAGING} https://production.example:6443]"
    assert condition["message"] == text


def test_a_cluster_that_is_for_one_project(world: World) -> None:
    world.cluster("hub").create(secret("staging", STAGING, project="team-a"))
    meta = {"name": "team-a", "namespace": "argocd"}
    rules = {"sourceRepos": ["*"], "destinations": [{"server": IN_CLUSTER, "namespace": "default"}]}
    world.cluster("hub").create({"apiVersion": "argoproj.io/v1alpha1", "kind": "AppProject", "metadata": meta, "spec": rules})
    add(world, {"name": "staging"}, project="team-a")
    assert status(world)["sync"]["status"] == "Synced"


def test_argocd_cluster(world: World) -> None:
    added = world.argocd("cluster add staging --name eu", cluster="hub")
    assert added.stdout == f"Cluster '{STAGING}' added\n"
    [made] = world.cluster("hub").list("secrets", "argocd", labels="argocd.argoproj.io/secret-type=cluster")
    assert base64.b64decode(get_path(made, ("data", "server"))).decode() == STAGING
    assert world.cluster("staging").find("sa", "argocd-manager", "kube-system") is not None
    rows = [line.split() for line in world.argocd("cluster list", cluster="hub").stdout.splitlines()]
    assert rows[0] == ["SERVER", "NAME", "VERSION", "STATUS", "MESSAGE", "PROJECT"]
    assert rows[1][:3] == [STAGING, "eu", "Unknown"]
    assert rows[2][:3] == [IN_CLUSTER, "in-cluster", "Unknown"]
    add(world, {"name": "eu"})
    rows = [line.split() for line in world.argocd("cluster list", cluster="hub").stdout.splitlines()]
    assert rows[1] == [STAGING, "eu", "1.36", "Successful"]
    assert world.argocd("cluster rm eu --yes", cluster="hub").stdout == "Cluster 'eu' removed\n"
    assert status(world)["conditions"][0]["message"] == "there are no clusters with this name: eu"
    assert world.argocd("cluster add nowhere", cluster="hub").exit == 1


def test_a_fork_has_spokes_of_its_own(world: World) -> None:
    world.argocd("cluster add staging", cluster="hub")
    add(world, {"name": "staging"})
    world.run(30)
    fork = world.fork()
    fork.kubectl("scale deployment web --replicas=5", cluster="staging", by="ben")
    fork.run(5)
    assert fork.cluster("staging").get("deploy", "web")["spec"]["replicas"] == 2
    assert len(fork.trace.find(event=("SelfHealed",))) == 1
    assert world.trace.find(event=("SelfHealed",)) == []
