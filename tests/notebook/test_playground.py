"""A world to play with, and a way back from everything."""

from typing import Any

import pytest

from gitops_sim.notebook import play, start
from gitops_sim.notebook.playground import Playground
from gitops_sim.world import World


@pytest.fixture(scope="module")
def world() -> World:
    return start()


def buttons(widget: Any) -> dict[str, Any]:
    found = {}
    for child in getattr(widget, "children", ()):
        if type(child).__name__ == "Button":
            found[child.description] = child
        found |= buttons(child)
    return found


def named(widget: Any, kind: str, description: str = "") -> Any:
    for child in getattr(widget, "children", ()):
        if type(child).__name__ == kind and (not description or child.description == description):
            return child
        found = named(child, kind, description)
        if found is not None:
            return found
    return None


def test_moves_tell_what_came_of_them(world: World) -> None:
    ground = play(world)
    assert ground.do("scale", 10).endswith("deployment.apps/web scaled")
    assert ground.do("minutes", 10) == "10m later"
    assert ground.do("commit", 6).endswith("Scale web to 6")
    assert ground.in_git() == 6
    assert ground.do("poll").endswith("s later")
    assert "polls" in ground.picture("Who did what").text
    assert ground.do("heal", False) == "self-heal is off"
    assert ground.heals() is False


def test_everything_can_be_undone(world: World) -> None:
    ground = play(world)
    states = [ground.world.trace.digest()]
    for move, value in (("scale", 10), ("heal", False), ("commit", 4), ("event", None)):
        ground.do(move, value)
        states.append(ground.world.trace.digest())
    for state in reversed(states[:-1]):
        ground.do("undo")
        assert ground.world.trace.digest() == state
    assert ground.do("undo") == "nothing to undo"
    ground.do("scale", 10)
    ground.do("again")
    assert ground.world.trace.digest() == states[0]


def test_the_world_that_was_given_stays_as_it_is(world: World) -> None:
    before = world.trace.digest()
    play(world).do("scale", 10)
    assert world.trace.digest() == before


def test_a_move_that_cannot_be_done_changes_nothing_and_says_so(world: World) -> None:
    ground = play(world)
    ground.do("commit", 7)
    before = ground.world.trace.digest()
    told = ground.do("commit", 7)
    assert "7" in told or "nothing" in told.lower()
    assert ground.world.trace.digest() == before
    assert ground.in_git() == 7


def test_in_a_push_world_nobody_looks_again() -> None:
    ground = play(start("push"))
    assert ground.heals() is None
    assert ground.do("poll") == "nothing is planned: nobody looks again by itself"


def test_buttons_do_the_moves_and_controls_follow_the_world(world: World) -> None:
    ground = Playground(world)
    widget = ground.widget
    pressed = buttons(widget)
    heal = named(widget, "Checkbox", "self-heal")
    assert heal.value is True
    pressed["Scale by hand"].click()
    assert "3/3" in ground.picture("Push or pull").text
    heal.value = False
    assert ground.heals() is False
    pressed["Undo"].click()
    assert heal.value is True
    assert ground.heals() is True
    named(widget, "BoundedIntText").value = 4
    pressed["Commit to Git"].click()
    assert ground.in_git() == 4
    for name in ("Next event", "Next poll", "+1 minute", "+10 minutes"):
        before = ground.world.now
        pressed[name].click()
        assert ground.world.now > before
    pressed["Start again"].click()
    assert ground.world.now == world.now


def test_every_control_says_what_it_does(world: World) -> None:
    for name, button in buttons(Playground(world).widget).items():
        assert name
        assert button.tooltip


def test_each_picture_can_be_seen_and_read(world: World) -> None:
    ground = Playground(world)
    look, words = named(ground.widget, "ToggleButtons"), named(ground.widget, "Checkbox", "in words")
    picture = ground.widget.children[-1]
    for name in look.options:
        look.value = name
        assert picture.value.startswith("<svg")
        words.value = True
        assert picture.value.startswith("<pre>")
        words.value = False


def test_without_a_front_end_it_shows_where_the_world_stands_and_the_same_moves_in_code(world: World) -> None:
    text = Playground(world).text
    assert 'world.kubectl("scale deployment web --replicas=10")' in text
    assert "Synced, Healthy" in text
    assert "self_heal(world, False)" in Playground(world).html
