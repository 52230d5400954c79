"""Changes as teams make them, and the table of how long they were on their way."""

from __future__ import annotations

from itertools import pairwise

import pytest

from gitops_sim.errors import BadInput
from gitops_sim.notebook import chain, edit, git, health, image, propose, replicas, scene, start, sweep, wait_for
from gitops_sim.notebook.predict import predict
from gitops_sim.notebook.stage import Stage
from gitops_sim.world import World


@pytest.fixture
def teams() -> World:
    return scene("environments")


def waits(told: str) -> list[tuple[str, ...]]:
    """``(waited, who, where)`` of each row of a chain."""
    head, *rows = told.splitlines()
    at = [head.index(word) for word in ("waited", "who", "where", "what")]
    return [tuple(row[i:j].strip() for i, j in pairwise(at)) for row in rows]


class TestSweep:
    def test_one_commit_reaches_every_file_of_one_repository_and_no_other(self) -> None:
        world = scene("monorepo")
        sweep(world, "Move to 1.4.1", ":1.4.0", ":1.4.1", by="ana")
        world.run(minutes=5)
        assert [image(world, name).rpartition(":")[2] for name in ("web", "wishlist", "worker")] == ["1.4.1"] * 3
        world = scene("polyrepo")
        sweep(world, "Move to 1.4.1", ":1.4.0", ":1.4.1", by="ana")
        world.run(minutes=5)
        assert [image(world, name).rpartition(":")[2] for name in ("web", "wishlist", "worker")] == ["1.4.1", "1.4.0", "1.4.0"]

    def test_a_text_that_stands_nowhere_is_refused(self) -> None:
        with pytest.raises(BadInput, match=r"'9\.9\.9' stands nowhere in shop"):
            sweep(start(), "x", "9.9.9", "1")


class TestPropose:
    def test_it_is_merged_when_somebody_else_has_approved_and_not_before(self, teams: World) -> None:
        begin = teams.now
        propose(teams, "Promote web 1.4.1", "web:1.4.0", "web:1.4.1", file="staging/web.yaml", by="ben")
        assert teams.now - begin > 6 * 60
        told = [(r.event, r.actor) for r in teams.trace if r.event in ("PullRequestReviewed", "BranchMerged")]
        assert told == [("PullRequestReviewed", "ana"), ("BranchMerged", "ben")]
        assert "web:1.4.1" in git(teams, "show main:staging/web.yaml").stdout

    def test_the_second_one_is_of_a_branch_of_its_own(self, teams: World) -> None:
        for environment in ("staging", "prod"):
            propose(teams, f"Promote to {environment}", "web:1.4.0", "web:1.4.1", file=f"{environment}/web.yaml", by="ben")
        wait_for(teams, "prod")
        assert (image(teams, namespace="prod"), replicas(teams, namespace="prod")) == ("shop/web:1.4.1", 4)
        assert image(teams, namespace="dev") == "shop/web:1.4.0"

    def test_what_nobody_approves_says_so(self) -> None:
        with pytest.raises(BadInput, match="nobody has approved #1 within an hour"):
            propose(start(), "Scale", "replicas: 3", "replicas: 4", file="web/deployment.yaml", by="ben")

    def test_a_text_that_is_not_in_the_file_is_refused_before_anything_is_opened(self, teams: World) -> None:
        with pytest.raises(BadInput, match=r"'9\.9\.9' does not stand in dev/web\.yaml"):
            propose(teams, "x", "9.9.9", "1", file="dev/web.yaml")
        assert teams.git.pull_requests.of("shop") == []


class TestWaitFor:
    def test_it_waits_for_the_newest_commit_not_for_the_last_good_state(self) -> None:
        world = start()
        edit(world, "Deploy web 1.4.1", "web:1.4.0", "web:1.4.1", by="ana")
        waited = wait_for(world, "web")
        assert image(world) == "shop/web:1.4.1"
        assert 0 < waited <= 200
        assert health(world) == {"web": "Synced, Healthy"}

    def test_it_gives_up_after_an_hour(self) -> None:
        world = scene("release")
        edit(world, "Deploy web 1.5.0", "web:1.4.0", "web:1.5.0", by="ana")
        assert wait_for(world, "web") == 3600
        assert health(world) == {"web": "Synced, Degraded"}


class TestChain:
    def test_the_waits_of_the_rows_add_up(self) -> None:
        world = start()
        begin = world.now
        world.do("registry", args="push shop/web:1.4.2", by="ci")
        world.run(minutes=2)
        edit(world, "Update web", "web:1.4.0", "web:1.4.2", by="bot")
        world.run(minutes=4)
        rows = waits(repr(chain(world, begin)))
        assert [(who, where) for _, who, where in rows] == [
            ("ci", ""),
            ("bot", ""),
            ("argocd", "web"),
            ("cluster", "web"),
            ("", ""),
        ]
        assert rows[1][0] == "2m"

    def test_namesakes_are_told_apart_by_their_namespace(self, teams: World) -> None:
        begin = teams.now
        edit(teams, "Try", "web:1.4.0", "web:1.4.1", file="dev/web.yaml", by="ben")
        wait_for(teams, "dev")
        teams.run(minutes=1)
        assert [where for _, who, where in waits(repr(chain(teams, begin))) if who in ("argocd", "cluster")] == ["dev", "dev"]

    def test_without_a_step_it_says_so(self) -> None:
        world = start()
        with pytest.raises(BadInput, match="nothing was pushed"):
            chain(world, world.now)


class TestPodsInPictures:
    def test_pods_that_somebody_deletes_are_missed_until_new_ones_are_ready(self) -> None:
        world = start()
        since = len(world.trace)
        world.kubectl("delete pods -l app=web --wait=false", by="ben")
        assert "web 0/3" in Stage(world, since=since).flow().text
        world.run(minutes=1)
        assert "web 3/3" in Stage(world, since=since).flow().text

    def test_a_film_in_which_nothing_moves_ends_with_how_it_ended(self) -> None:
        def patched(world: World) -> str:
            world.do("registry", args="push shop/web:latest", image={"start": "2s", "never_ready": True}, by="ci")
            world.kubectl("delete pods -l app=web", by="ben")
            world.run(minutes=5)
            return "done"

        shows = predict("What is left?", patched, scene("latest"), options=["done", "nothing"]).outcome.shows
        assert shows is not None
        assert "web 0/3" in shows.text
        assert "nothing has happened yet" not in shows.html

    def test_namesakes_in_several_namespaces_are_all_told(self, teams: World) -> None:
        assert "7/7 in all: dev/web 1/1, staging/web 2/2, prod/web 4/4" in Stage(teams).flow().text
