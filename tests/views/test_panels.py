"""Desired beside actual, the countdown, and the page of all."""

import re

from gitops_sim.views.compare import Field, compare
from gitops_sim.views.countdown import AgentState, Wait, agent, countdown
from gitops_sim.views.dashboard import dashboard
from gitops_sim.views.gitlog import Commit, git_log
from gitops_sim.views.timeline import Happening, timeline
from gitops_sim.views.tree import Node, tree


def test_a_field_differs_only_where_git_says_something() -> None:
    assert Field(".spec.replicas", 3, 10).verdict == "differs"
    assert Field(".spec.replicas", 3, None).verdict == "differs"
    assert Field(".spec.replicas", 3, 3).verdict == "same"
    assert Field(".metadata.labels.team", None, "blue").verdict == "Git is silent"


def test_the_table_in_words() -> None:
    view = compare([Field(".spec.replicas", 3, 10), Field(".spec.paused", False, None)], subject="Deployment/web")
    assert view.title == "Desired and actual: Deployment/web"
    assert view.text == (
        "FIELD            GIT     CLUSTER\n.spec.replicas   3       10        differs\n.spec.paused     false   (none)    differs"
    )
    assert view.summary == "2 of 2 fields differ: .spec.replicas, .spec.paused"
    assert compare([]).summary == "0 of 0 fields differ"


def test_the_countdown_says_when_and_how_long() -> None:
    view = countdown(Wait(30, 151, 180, "argocd"))
    assert view.text == "2m1s until argocd polls Git (at 09:02:31, now 09:00:30)"
    assert ">2m1s<" in view.svg


def test_the_ring_empties_with_the_time() -> None:
    def large(now: float) -> str:
        found = re.search(r"A36 36 0 (\d)", countdown(Wait(now, 180, 180)).body)
        return found.group(1) if found else "none"

    assert [large(now) for now in (0, 60, 120, 180, 500)] == ["none", "1", "0", "none", "none"]


def test_a_pipeline_never_looks_by_itself() -> None:
    view = countdown(Wait(0, None, agent="pipeline"))
    assert view.text == "no look planned pipeline does not look by itself (now 09:00:00)"


def test_the_agent_s_panel_tells_both_axes_and_its_switches() -> None:
    state = AgentState("shop", "Synced", "Degraded", "4be1c07aa", [("auto-sync", True), ("self-heal", False)], "one condition")
    view = agent(state, Wait(0, 60, 180, "argocd"))
    assert view.text.split("\n")[:4] == ["shop: Synced, Degraded", "compared with 4be1c07", "auto-sync: on", "self-heal: off"]
    assert ">self-heal off<" in view.svg
    assert "no status yet" in agent(AgentState("shop"), Wait(0, None)).text


def test_the_dashboard_holds_all_four_and_says_all_four() -> None:
    log = git_log([Commit("4be1c07aaa", "Scale web to 3", "ana", 0)])
    who = agent(AgentState("shop", "Synced", "Healthy"), Wait(0, 60, 180, "argocd"))
    page = dashboard(log, who, tree(Node("Application", "shop")), timeline([Happening(0, "ana", "commits")], now=5))
    for heading in ("GIT LOG", "ARGOCD: SHOP", "RESOURCE TREE", "WHO DID WHAT"):
        assert heading in page.text
    for text in ("Scale web to 3", "Healthy", "until argocd polls Git", "commits"):
        assert text in page.svg
