from __future__ import annotations

import sys

import pytest

from gitops_sim import BadInput, World
from gitops_sim.notebook.dashboard import Dashboard
from gitops_sim.notebook.worlds import edit, replicas, start


def ready(world: World) -> int:
    return world.cluster().get("deployment", "web")["status"].get("readyReplicas", 0)


def test_steps_move_the_world_and_tell_what_came_of_it():
    world = start()
    board = world.dashboard()
    edit(world, "Scale web to 5", "replicas: 3", "replicas: 5", by="ana")
    told = board.step("poll")
    assert "later: argocd syncs" in told
    assert replicas(world) == 5
    assert "nothing happened" in board.step("minutes", 0.5) or ready(world) == 5
    assert "GIT LOG OF SHOP" in board.text
    assert board.html.startswith("<")


def test_rewinding_shows_the_past_and_steps_are_refused_there():
    world = start()
    board = Dashboard(world)
    before = board.text
    edit(world, "Scale web to 5", "replicas: 3", "replicas: 5", by="ana")
    for _ in range(3):
        board.step("minutes", 2)
    now = world.now
    assert "looking at" in board.rewind(3)
    assert board.text != before
    assert board.shown.now < now
    assert "this is the past" in board.step("event")
    assert world.now == now
    assert "the present" in board.rewind(0)
    assert board.rewind(99).startswith("looking at")


def test_a_branch_goes_another_way_from_any_moment_and_the_world_stays():
    world = start()
    board = Dashboard(world)
    board.step("minutes", 1)
    board.step("minutes", 1)
    board.rewind(1)
    assert "branch 1 leaves main" in board.branch()
    edit(board.shown, "Scale web to 7", "replicas: 3", "replicas: 7", by="ben")
    board.step("minutes", 5)
    assert (ready(board.shown), ready(world)) == (7, 3)
    board.go("main")
    assert board.shown is world


def test_a_world_without_an_agent_has_a_dashboard_too():
    world = World()
    board = world.dashboard()
    assert "nothing is planned" in board.step("poll")
    world.kubectl("create deployment web --image=shop/web:1")
    board.step("minutes", 1)
    assert "Deployment/web" in board.text


def test_buttons_slider_and_words_do_what_the_calls_do():
    pytest.importorskip("ipywidgets")
    world = start()
    board = Dashboard(world)
    root = board.widget
    buttons = {w.description: w for w in _all(root) if type(w).__name__ == "Button"}
    assert set(buttons) >= {"Play", "Next event", "Next poll", "+1 min", "+10 min", "Branch", "Now"}
    assert all(b.tooltip for b in buttons.values())
    began = world.now
    buttons["+10 min"].click()
    assert world.now == began + 600
    (slider,) = [w for w in _all(root) if type(w).__name__ == "IntSlider"]
    slider.value = 0
    assert board.back == 1
    buttons["Branch"].click()
    (lines,) = [w for w in _all(root) if type(w).__name__ == "ToggleButtons"]
    assert lines.value == "branch 1"
    lines.value = "main"
    assert board.shown is world
    (words,) = [w for w in _all(root) if type(w).__name__ == "Checkbox"]
    words.value = True
    assert any("<pre>" in w.value and "GIT LOG OF SHOP" in w.value for w in _all(root) if type(w).__name__ == "HTML")
    (play,) = [w for w in _all(root) if type(w).__name__ == "Play"]
    now = world.now
    buttons["Play"].click()
    assert (play.playing, buttons["Play"].description) == (True, "Pause")
    play.value = 1
    assert world.now > now
    buttons["Play"].click()
    assert (play.playing, buttons["Play"].tooltip) == (False, "Play what happens")


def _all(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from _all(child)


def test_a_page_of_a_hundred_resources_has_them_all_and_needs_no_matplotlib():
    world = start("push")
    world.kubectl("scale deployment web --replicas=97", by="ben")
    world.run("1m")
    assert Dashboard(world).view().svg.count("Pod") > 90
    assert "matplotlib" not in sys.modules


def test_the_buttons_of_argo_cd_are_actions_of_the_shown_line():
    world = start()
    board = Dashboard(world)
    assert "web" in board.applications().text
    assert board.click("disable-auto-sync web").startswith("web: Synced")
    world.kubectl("scale deployment web --replicas=10")
    assert "OutOfSync" in board.application("web").text
    assert ".spec.replicas" in board.resource("web", "Deployment/web").text
    assert "you, 09:01:00" in board.resource("web", "Deployment/web").html
    board.branch()
    assert board.click("sync web").startswith("web: Synced")
    assert (replicas(board.shown), replicas(world)) == (3, 10)
    assert "no button" in board.click("fly web")
    board.rewind(1)
    assert "this is the past" in board.click("sync web")
    assert [action.do for action in world.actions] == ["dashboard", "kubectl"]
    with pytest.raises(BadInput, match="has no 'Deployment/wob'"):
        board.resource("web", "Deployment/wob")
    with pytest.raises(BadInput, match="no Argo CD"):
        Dashboard(World()).applications()


def test_the_panel_asks_before_it_does():
    pytest.importorskip("ipywidgets")
    world = start()
    world.do("dashboard", args="disable-auto-sync web")
    world.kubectl("scale deployment web --replicas=10")
    board = Dashboard(world)
    root = board.widget

    def press(text):
        [w for w in _all(root) if type(w).__name__ == "Button" and w.description == text][-1].click()

    def menu(text):
        return next(w for w in _all(root) if getattr(w, "description", "") == text)

    def says(text):
        return any(text in str(getattr(w, "value", "")) for w in _all(root))

    menu("Look at").value = "Deployment/web"
    assert says("Git states it and the cluster has another value")
    menu("Look at").value = "its diff"
    assert says("-  replicas: 10")
    press("Sync")
    menu("apps:Deployment:default/web").value = False
    menu(":Service:default/web").value = False
    press("Synchronize")
    assert says("no resource is ticked")
    press("Sync")
    press("Synchronize")
    assert replicas(world) == 3
    press("Enable Auto-Sync")
    press("History and Rollback")
    assert says("disable auto-sync and roll back application web?")
    press("Disable auto-sync and roll back")
    assert world.actions[-1].get("args") == "rollback web 0"
    menu("Look at").value = "Deployment/web"
    press("Delete object")
    press("Delete Deployment")
    assert world.actions[-1].get("args") == "delete-resource web apps:Deployment:default/web"
    press("+1 min")
    assert world.cluster().find("deploy", "web") is None
    press("Refresh")
    press("Hard Refresh")
    press("Delete")
    press("Cancel")
    assert world.actions[-1].get("args") == "refresh web --hard"
    press("Delete")
    press("Delete")
    press("+10 min")
    assert world.cluster().find("app", "web", "argocd") is None
    assert world.cluster().find("deploy", "web") is None
