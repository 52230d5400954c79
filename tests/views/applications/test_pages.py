"""Tiles, panels and tree: what they say, in markup that is whole and in words."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from gitops_sim.errors import BadInput
from gitops_sim.views.applications import clicks
from gitops_sim.views.applications.facts import Facts, all_facts, read_facts
from gitops_sim.views.applications.history import history
from gitops_sim.views.applications.nodes import resource_tree
from gitops_sim.views.applications.overview import overview, overview_text
from gitops_sim.views.applications.tiles import panels, panels_text, tile, tiles_text
from gitops_sim.views.html import el
from gitops_sim.views.resources import application_tree
from tests.agents.lab import Lab, application, config_map, deployment

VOID = ("br", "hr", "input", "link", "meta")


class Whole(HTMLParser):
    """Fails for an element that is not closed or is closed twice; keeps the text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text = ""
        self.links: list[str] = []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [value or "" for name, value in attrs if name == "href"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture
def shop(lab: Lab) -> Lab:
    lab.repo({"manifests/web.yaml": deployment(2), "manifests/a.yaml": config_map("a")})
    lab.add(application())
    return lab


def facts(lab: Lab) -> Facts:
    return read_facts(lab.argocd, lab.app())


def test_a_tile_says_what_it_is_how_it_stands_and_where_it_goes(shop: Lab) -> None:
    app = facts(shop)
    page = Whole(tile(app, shop.clock.now, link="/there"))
    for said in (
        "web",
        "OutOfSync",
        "Missing",
        "https://git.example/shop.git",
        "manifests",
        "main",
        "in-cluster / default",
        "never",
    ):
        assert said in page.text
    assert page.links == ["/there"]
    shop.cli("app sync web")
    shop.run(90)
    assert "Succeeded, 1m30s ago" in Whole(tile(facts(shop), shop.clock.now)).text
    (_, row) = tiles_text(all_facts(shop.argocd), shop.clock.now).splitlines()
    assert row.split()[:4] == ["web", "default", "Synced", "Healthy"]


def test_panels_tell_health_with_its_cause_sync_and_the_last_sync(shop: Lab) -> None:
    shop.cli("app sync web")
    app = facts(shop)
    text = Whole(panels(app, shop.clock.now)).text
    assert "Waiting for rollout to finish: 0 of 2 updated replicas are available" in text
    assert f"Synced to main ({app.revision[:7]})" in text
    assert "by ana" in text
    assert "Sync policy: Manual" in text
    for line in panels_text(app, shop.clock.now).splitlines():
        assert line
    shop.set_spec({"source": {"path": "nowhere"}})
    broken = Whole(panels(facts(shop), shop.clock.now)).text
    assert "ComparisonError" in broken
    assert "app path does not exist" in broken


def test_the_tree_links_every_object_and_has_its_words(shop: Lab) -> None:
    shop.cli("app sync web")
    shop.run(5)
    root = application_tree(shop.cluster, "web")
    page = Whole(resource_tree(root, shop.clock.now, lambda key: f"#{key}"))
    assert len(page.links) == len(root) - 1
    assert "#Deployment/default/web" in page.links
    assert page.text.count("Healthy") >= 2 * 5
    assert "age 5s" in page.text
    assert "└─ " in page.text


def test_the_page_of_an_application_is_whole_and_has_its_words(shop: Lab) -> None:
    shop.cli("app sync web")
    given = shop.argocd, {shop.cluster.name: shop.cluster}, shop.app(), shop.trace
    page = Whole(overview(*given))
    words = overview_text(*given)
    for said in ("App Health", "Deployment", "asks web to sync"):
        assert said in page.text
        assert said in words


def test_the_history_is_newest_first(shop: Lab) -> None:
    shop.cli("app sync web")
    shop.commit({"manifests/a.yaml": config_map("a", "b")})
    shop.cli("app sync web")
    found = history(shop.app())
    assert [(e.id, e.current, e.by) for e in found] == [(1, True, "ana"), (0, False, "ana")]


def test_clicks_are_the_words_that_the_dashboard_reads(shop: Lab) -> None:
    app = facts(shop)
    assert clicks.sync(app) == "sync web"
    assert clicks.sync(app, revision="main", flags={"prune", "force"}, options=[]) == "sync web --prune --force"
    chosen = clicks.sync(app, resources=[":ConfigMap:default/a"], options=["Replace=true", "PruneLast=true"])
    assert chosen == "sync web --options=Replace=true,PruneLast=true --resource=:ConfigMap:default/a"
    with pytest.raises(BadInput, match="no resource is ticked"):
        clicks.sync(app, resources=[])
    assert str(shop.dashboard().click(chosen)) == "web: OutOfSync, Healthy"
    assert shop.cluster.find("cm", "a") is not None
    assert shop.cluster.find("deploy", "web") is None
    shop.dashboard().click(clicks.sync(app))
    assert (
        str(shop.dashboard().click(clicks.rollback(app, "7"))) == "application 'web' does not have deployment id '7' in history"
    )
    assert str(shop.dashboard().click(clicks.auto_sync(app, on=True))).startswith("web: Synced")
    assert clicks.rollback_question(facts(shop))[0].startswith("Auto-sync is on.")
    assert str(shop.dashboard().click(clicks.delete(app, "none"))) == "web: deleted"
    shop.clock.settle()
    assert shop.cluster.find("cm", "a") is not None


def test_elements_escape_and_close() -> None:
    assert el("a", "x", href='"><b>', hidden=True, title=None) == '<a href="&quot;&gt;&lt;b&gt;" hidden>x</a>'
    assert el("input", name="a", checked=False) == '<input name="a">'
    assert el("div", class_="") == '<div class=""></div>'
