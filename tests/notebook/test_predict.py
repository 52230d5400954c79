"""Predict, run, explain."""

from typing import Any

import pytest

from gitops_sim.errors import BadInput
from gitops_sim.notebook import edit, live, predict, replicas, self_heal, start
from gitops_sim.notebook.stops import stop, stop_names
from gitops_sim.world import World


@pytest.fixture(scope="module")
def world() -> World:
    return start()


def by_hand(world: World) -> object:
    world.kubectl("scale deployment web --replicas=10", by="ben")
    world.run(minutes=5)
    return replicas(world)


def half_an_hour(push: World, pull: World) -> object:
    for world in (push, pull):
        edit(world, "Scale web to 5", "replicas: 3", "replicas: 5", by="ana")
        world.run(minutes=5)
        by_hand(world)
        world.run(minutes=20)
    right = [replicas(world) == 5 for world in (push, pull)]
    return "both" if all(right) else "push" if right[0] else "pull" if right[1] else "neither"


def test_nothing_runs_before_the_learner_has_committed(world: World) -> None:
    runs = []

    def run(world: World) -> object:
        runs.append(world)
        return 3

    asked = predict("by-hand", run, world)
    widget = asked.widget
    _, question, options, buttons, answer = widget.children
    commit = buttons.children[0]
    assert runs == []
    assert commit.disabled
    options.value = "10"
    assert not commit.disabled
    assert runs == []
    commit.click()
    assert len(runs) == 1
    assert asked.choice == "10"
    assert asked.right is False
    assert options.disabled
    told = "".join(getattr(child, "value", "") for child in answer.children)
    for words in ("You said", "What happened", "Not what you expected", "It was 10, for less than a second."):
        assert words in told
    assert "Ben" in question.value


def test_a_right_prediction_is_said_to_be_right(world: World) -> None:
    asked = predict("by-hand", by_hand, world)
    asked.widget.children[2].value = "3"
    asked.widget.children[3].children[0].click()
    assert asked.right is True
    assert "As you said." in asked.widget.children[4].children[0].value


def test_just_show_me_is_allowed_and_remembered(world: World) -> None:
    asked = predict("by-hand", by_hand, world)
    asked.widget.children[3].children[1].click()
    assert asked.shown
    assert asked.choice == ""
    assert asked.right is None
    assert "You said" not in asked.widget.children[4].children[0].value


def test_the_world_that_was_given_stays_as_it_is(world: World) -> None:
    before = world.trace.digest()
    assert predict("by-hand", by_hand, world).outcome.option == "3"
    assert predict("by-hand", by_hand, world).outcome.option == "3"
    assert world.trace.digest() == before


def test_outcome_and_reason_come_from_the_trace(world: World) -> None:
    text = predict("by-hand", by_hand, world).text
    assert text.startswith("PREDICT  Ben runs")
    assert text.index("Decide before you read on.") < text.index("OUTCOME  3")
    assert "argocd   self-heals, attempt 1, no wait: Deployment/web configured" in text
    assert "WHY  The cluster had drifted from Git." in text


def test_the_page_keeps_the_answer_folded(world: World) -> None:
    page = predict("by-hand", by_hand, world).html
    assert page.index("<details>") < page.index("What happened")


def test_one_switch_changes_the_outcome(world: World) -> None:
    careless = world.fork()
    self_heal(careless, False)
    assert predict("by-hand-no-self-heal", by_hand, careless).outcome.option == "10"
    assert predict("by-hand", by_hand, world).outcome.option == "3"


def test_two_worlds_are_played_side_by_side_and_compared_in_numbers(world: World) -> None:
    outcome = predict("push-and-pull", half_an_hour, start("push"), world).outcome
    assert outcome.option == "pull"
    rows = {name: list(cells) for name, cells in outcome.facts}
    assert rows[""] == ["push", "pull"]
    assert rows["change by hand noticed"] == ["never", "by argocd, at once"]
    assert rows["key to the cluster kept"] == ["outside the cluster", "inside the cluster"]
    assert rows["not what Git says for"][0].endswith(", and still")
    assert rows["commit to ready"][0] == "46s"


@pytest.mark.parametrize("seed", range(5))
def test_a_commit_is_live_within_three_minutes_whatever_the_seed(seed: int) -> None:
    def commit_and_wait(world: World) -> object:
        begin = world.now
        edit(world, "Scale web to 5", "replicas: 3", "replicas: 5", by="ana")
        world.run_until(lambda: replicas(world) == 5)
        return world.now - begin

    asked = predict("commit-and-wait", commit_and_wait, start(seed=seed))
    assert asked.outcome.option == "when the agent asks Git the next time, 3 minutes at most"
    assert asked.outcome.value.endswith("s")


@pytest.mark.parametrize(
    ("seconds", "option"), [(0, "at once: Git tells the cluster"), (None, "never, until somebody applies the file"), (1000, "")]
)
def test_seconds_are_matched_to_their_range(world: World, seconds: Any, option: str) -> None:
    assert predict("commit-and-wait", lambda world: seconds, world).outcome.option == option


def broken(world: World) -> object:
    raise KeyError("spec")


def impossible(world: World) -> object:
    return edit(world, "Nothing", "replicas: 77", "replicas: 78")


@pytest.mark.parametrize(
    ("run", "says"), [(broken, "The cell's function failed: KeyError"), (impossible, "does not stand in web/deployment.yaml")]
)
def test_a_broken_cell_is_told_and_never_a_traceback(world: World, run: Any, says: str) -> None:
    asked = predict("by-hand", run, world)
    assert says in asked.outcome.failed
    assert "Traceback" not in asked.text + asked.html
    asked.widget.children[3].children[1].click()
    assert says.split("'")[0] in asked.widget.children[4].children[0].value


def test_bad_calls_say_how_to_mend_them(world: World) -> None:
    with pytest.raises(BadInput, match="needs a world"):
        predict("by-hand", by_hand)
    with pytest.raises(BadInput, match=r"did you mean 'by-hand'"):
        predict("by-hnd", by_hand, world)
    with pytest.raises(BadInput, match="two options"):
        predict("How many?", by_hand, world, options=[3])


def test_a_question_of_one_s_own(world: World) -> None:
    asked = predict("How many <b>now</b>?", by_hand, world, options=[3, 10], why="Git `wins`.")
    assert asked.outcome.option == "3"
    assert "How many &lt;b&gt;now&lt;/b&gt;?" in asked.html
    assert "<code>wins</code>" in asked.html


def test_every_wrong_option_has_an_answer_of_its_own() -> None:
    for name in stop_names():
        asked = stop(name)
        assert sum(not option.but for option in asked.options) == 1, name
        assert asked.why


def test_without_a_kernel_only_page_and_words_are_shown(world: World) -> None:
    bundle = predict("by-hand", by_hand, world)._repr_mimebundle_()
    assert sorted(bundle) == ["text/html", "text/plain"]


def test_in_a_kernel_the_widget_comes_along_and_the_rest_stays_the_same(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = predict("by-hand", by_hand, world)._repr_mimebundle_()
    monkeypatch.setattr(live, "in_kernel", lambda: True)
    rich = predict("by-hand", by_hand, world)._repr_mimebundle_()
    assert rich.pop(live.WIDGET_MIME)["model_id"]
    assert rich == plain


def test_without_ipywidgets_static_pages_take_over(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "in_kernel", lambda: True)
    monkeypatch.setattr(live, "find_spec", lambda name: None)
    asked = predict("by-hand", by_hand, world)
    assert asked.widget is None
    assert sorted(asked._repr_mimebundle_()) == ["text/html", "text/plain"]
