"""Two agents beside each other in a notebook: the shop under Flux, and tables of what becomes of the same incidents."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_sim.errors import BadInput
from gitops_sim.notebook import beside, edit, predict, replicas, scene, show, start, vary
from gitops_sim.world import World

OBJECTS = """
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: shop, namespace: flux-system}
spec: {interval: 1m, url: https://git.example/shop.git, ref: {branch: main}}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: web, namespace: flux-system}
spec:
  interval: 10m
  path: ./web
  prune: true
  targetNamespace: default
  sourceRef: {kind: GitRepository, name: shop}
"""


@pytest.fixture(scope="module")
def flux() -> World:
    return scene("missing-image", flux=OBJECTS)


def by_hand(world: World) -> int | None:
    world.kubectl("scale deployment web --replicas=10", by="ben")
    world.run(minutes=11)
    return replicas(world)


def test_flux_itself_looks_after_the_shop(flux: World) -> None:
    world = flux.fork()
    edit(world, "Scale web to 4", "replicas: 3", "replicas: 4", by="ana")
    assert world.run_until(lambda: replicas(world) == 4, timeout="1m")
    assert not world.argocd_in().applications()


def test_the_objects_decide(flux: World) -> None:
    suspended = scene("missing-image", flux=OBJECTS.replace("prune: true", "prune: true\n  suspend: true"))
    assert suspended.cluster().find("Deployment", "web") is None
    assert by_hand(flux.fork()) == 3


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("  prune: true\n", "", "spec.prune: Required value"),
        ("interval: 10m", "interval: 5", "spec.interval"),
        ("kustomize.toolkit.fluxcd.io/v1", "kustomize.toolkit.fluxcd.io/v1beta1", 'no matches for kind "Kustomization"'),
        ("interval: 10m", "interval: -5m", "spec.interval"),
    ],
)
def test_what_flux_would_refuse_is_refused_in_the_words_of_its_api(old: str, new: str, problem: str) -> None:
    with pytest.raises(BadInput) as refused:
        scene("missing-image", flux=OBJECTS.replace(old, new))
    assert problem in str(refused.value)


def test_every_picture_is_there_for_a_world_under_flux(flux: World) -> None:
    world = flux.fork()
    by_hand(world)
    for picture in ("dashboard", "flow", "tree", "log", "timeline", "agent", "countdown"):
        assert show(world, picture).svg.startswith("<svg")
    assert "Kustomization/web" in show(world, "tree").text
    assert "until flux compares" in show(world, "agent").text
    assert "prune: on" in show(world, "agent").text
    assert ">compares<" in show(world, "flow").svg
    assert ">watch<" in show(start(), "flow").svg


def test_the_table_holds_what_came_of_each_incident_in_each_world(flux: World) -> None:
    told = beside({"scaled": by_hand}, {"Argo CD": start(), "Flux": flux}).text
    assert [line.split() for line in told.splitlines()[1:]] == [["Argo", "CD", "Flux"], ["scaled", "3", "3"]]


def test_the_worlds_of_a_table_stay_as_they_were(flux: World) -> None:
    records = len(flux.trace)
    beside({"scaled": by_hand}, {"Flux": flux})
    assert (replicas(flux), len(flux.trace)) == (3, records)


def test_a_story_that_fails_says_so_in_its_cell() -> None:
    def refused(world: World) -> Any:
        return edit(world, "No", "what is not there", "anything")

    def failed(world: World) -> Any:
        raise ValueError("<script>")

    card = beside({"refused": refused, "failed": failed, "scaled": by_hand}, {"a": start()})
    assert "refused: 'what is not there' does not stand in" in card.text
    assert "failed: ValueError: <script>" in card.text
    assert "<script>" not in card.html


def test_nothing_to_compare_is_refused(flux: World) -> None:
    with pytest.raises(BadInput, match="nothing to compare"):
        beside({}, {"Flux": flux})


def test_a_prediction_under_flux_tells_and_draws_what_flux_did(flux: World) -> None:
    told = predict("How many?", by_hand, flux, options=[3, 10])
    assert told.outcome.option == "3"
    assert "applies main@" in told.text
    assert "flux" in told.html


def test_vary_tells_flux_beside_argo_cd(flux: World) -> None:
    told = vary(by_hand, {"Argo CD": start(), "Flux": flux}, asked="replicas").text
    assert "by argocd, at once" in told
    assert "by flux, after" in told
