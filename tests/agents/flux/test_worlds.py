"""Flux in whole worlds: described, forked, shuffled, in an exercise, and beside others."""

from __future__ import annotations

import re
from typing import Any

import pytest

from gitops_sim.errors import BadInput
from gitops_sim.scenarios import Evidence, build_world, read_world
from gitops_sim.scenarios.divergence import sources
from gitops_sim.scenarios.reading import read_yaml
from gitops_sim.world import World
from tests.agents.flux.lab import FluxLab, config_map, deployment, git_repository, kustomization

WORLD = """\
clusters: [production, staging]
repos:
  shop: {files: {"web/conf.yaml": "{apiVersion: v1, kind: ConfigMap, metadata: {name: conf}, data: {a: b}}"}}
flux:
  staging:GitRepository/shop:
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: GitRepository
    metadata: {name: shop}
    spec: {interval: 1m, url: "https://git.example/shop.git", ref: {branch: main}}
  staging:Kustomization/web:
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata: {name: web}
    spec: {interval: 10m, path: ./web, prune: true, targetNamespace: default, sourceRef: {kind: GitRepository, name: shop}}
"""


def built(text: str) -> World:
    return build_world(read_world(read_yaml(text, "world.yaml")))


def test_a_world_as_described() -> None:
    world = built(WORLD).run("1m")
    assert list(world.agents) == ["flux/staging"]
    assert world.cluster("staging").find("cm", "conf") is not None
    assert world.cluster("production").find("cm", "conf") is None
    found = [(s.reader, s.repo, s.branch, s.path, s.cluster) for s in sources(Evidence(world))]
    assert found == [("web", "shop", "main", "web", "staging")]
    assert list(built("repos: {}\nflux: {}\n").agents) == ["flux/production"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("kind: Kustomization", "kind: Deployment", "is Deployment/web, but stands under"),
        ("metadata: {name: web}", "metadata: {name: api}", "is Kustomization/api, but stands under"),
        ("apiVersion: kustomize.toolkit.fluxcd.io/v1\n    kind", "apiVersion: apps/v1\n    kind", "is no object of Flux"),
        ("interval: 10m", "interval: -1m", "spec.interval"),
        ("staging:Kustomization", "nowhere:Kustomization", "no cluster 'nowhere' in this world"),
        ("    metadata: {name: web}\n", "", "'metadata' is missing"),
    ],
)
def test_what_cannot_be_built_says_where(old: str, new: str, message: str) -> None:
    with pytest.raises(BadInput) as wrong:
        built(WORLD.replace(old, new))
    assert message in str(wrong.value)
    assert "flux" in wrong.value.where or "world.yaml" in wrong.value.where


def test_add_flux_is_what_bootstrap_does() -> None:
    world = World()
    world.git.create("shop", {"apps/web.yaml": deployment(2).replace("name: web\n", "name: web\n  namespace: default\n", 1)})
    flux = world.add_flux(repo="shop", path="apps", wait=True)
    world.run("1m")
    spec = world.cluster().get("ks", "flux-system", "flux-system")["spec"]
    assert (spec["interval"], spec["path"], spec["prune"]) == ("10m0s", "./apps", True)
    assert world.flux("get ks").stdout.splitlines()[1].split("\t")[3].strip() == "True"
    assert flux.next_run("flux-system") == 605
    assert [(c.target, c.access) for c in flux.credentials()] == [
        ("cluster/production", "write"),
        ("https://git.example/shop.git", "read"),
    ]
    assert flux is world.flux_in() is world.flux_in("production")
    with pytest.raises(BadInput, match="no Kustomization 'web'"):
        flux.find("web")


def test_a_forked_world_goes_its_own_way() -> None:
    lab = FluxLab().start(wait=True)
    lab.run(2)
    other = lab.world.fork()
    other.run("10m")
    lab.kubectl("scale deploy web --replicas=10")
    lab.run("20m")
    other.git.repository("shop").commit({"manifests/web.yaml": deployment(7)}, "Seven", author="ana")
    other.run("2m")
    assert lab.replicas() == 3
    assert other.cluster().get("deploy", "web")["spec"]["replicas"] == 7
    assert other.flux("logs").stdout != lab.world.flux("logs").stdout


def _played(shuffle: int | None) -> tuple[Any, ...]:
    lab = FluxLab(shuffle=shuffle).start(wait=True)
    lab.run("12m")
    lab.kubectl("scale deploy web --replicas=10")
    lab.run("12m")
    lab.commit({"manifests/web.yaml": deployment(5)})
    lab.run("5m")
    spec = lab.cluster.get("deploy", "web")["spec"]
    return spec["replicas"], lab.ready(), lab.inventory(), [line for line in lab.story() if "flux" in line]


def test_the_story_does_not_hang_on_the_order_of_one_instant() -> None:
    told = _played(None)
    assert all(_played(shuffle) == told for shuffle in range(1, 9))


def test_the_same_world_leaves_the_same_trace() -> None:
    digests = set()
    for _ in range(2):
        lab = FluxLab().start(wait=True)
        lab.run("1h")
        digests.add(lab.world.trace.digest())
    assert len(digests) == 1


def test_what_flux_does_is_told_and_what_ben_does_past_git_is_marked() -> None:
    from gitops_sim.views.story import past_git

    lab = FluxLab().start()
    lab.kubectl("scale deploy web --replicas=10", by="ben")
    lab.world.flux("suspend ks shop", by="ben")
    records = list(lab.world.trace)
    assert [records[seq].message for seq in sorted(past_git(records))] == ["kubectl scale deploy web --replicas=10"]


def test_where_there_are_two_kustomizations_every_line_says_which_one_it_is_about() -> None:
    lab = FluxLab({"web/web.yaml": deployment(3), "web/a.yaml": config_map("a"), "db/db.yaml": deployment(1, name="db")})
    lab.start(git_repository(), kustomization("web", path="./web", prune=True), kustomization("db", path="./db"))
    lab.commit({"web/a.yaml": None})
    lab.run("5m")
    lab.kubectl("scale deploy web --replicas=9", by="ben")
    lab.run("30m")
    lines = [record.message for record in lab.world.trace.story() if record.actor == "flux" and "app" in record.data]
    assert [line for line in lines if not re.search(r"(?<![\w/])(web|db)\b", line)] == []
    story = "\n".join(lines)
    for words in (
        "prunes ConfigMap/a of web: it is in the inventory, not in Git",
        "compares web (every 10m): Deployment/web drifted  .spec.replicas  Git 3, cluster 9",
        " again to web: Deployment/web configured",
    ):
        assert words in story, story


def test_flux_and_argo_cd_may_share_a_cluster() -> None:
    lab = FluxLab().start()
    lab.world.argocd_in()
    lab.run("1h")
    assert lab.ready()[0] == "True"


def test_an_idle_hour_costs_a_handful_of_steps() -> None:
    lab = FluxLab().start()
    lab.run("11m")
    steps, writes = lab.world.clock._steps, lab.cluster.store.revision
    lab.run("1h")
    assert lab.world.clock._steps - steps < 200
    assert lab.cluster.store.revision - writes == 12
