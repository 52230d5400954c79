"""What if: a story is played on from one moment in two worlds that differ in one switch."""

from __future__ import annotations

import pytest

from gitops_sim import BadInput, load_scenario
from gitops_sim.counterfactual import Counterfactual, what_if_in
from gitops_sim.notebook import start, what_if
from gitops_sim.objects import get_path
from gitops_sim.scenarios.switches import SWITCHES, read_flip


def told(story: str, switch: str, **more: object) -> Counterfactual:
    return what_if_in(load_scenario(story), read_flip(switch), **more)  # type: ignore[arg-type]


def test_without_self_heal_the_drift_would_have_stayed_until_the_next_commit() -> None:
    found = told("drift", "selfHeal=false")
    rows = dict(found.comparison)
    assert rows["self-heals"] == ["1", "0"]
    assert rows["not what Git says for"][1] == "48m29s"
    assert found.parted
    text = found.text()
    assert "... as above until" in text, "what both have in common is told once"
    assert text.count("self-heals, attempt 1") == 1
    assert "leaves it so: self-heal is off" in text


def test_the_story_as_it_was_is_the_story_itself() -> None:
    """Rewinding must not change the past: the first timeline is the very trace that the story leaves."""
    story = load_scenario("drift")
    found = told("drift", "selfHeal=false", at=1200.0)
    assert found.actual.world.trace.digest() == story.play().runs[0].world.trace.digest()
    shared = [record for record in found.other.world.trace if record.time < 1200]
    assert shared == [record for record in found.actual.world.trace if record.time < 1200]


def test_a_switch_flipped_after_the_matter_is_settled_makes_no_difference() -> None:
    found = told("sync", "prune=true", at=650.0)
    assert not found.parted


@pytest.mark.parametrize(
    ("story", "switch", "row", "was_longer"),
    [
        ("sync", "webhook=on", "not what Git says for", True),
        ("sync", "interval=10s", "not what Git says for", True),
        ("sync", "interval=0", "not what Git says for", False),
        ("sync", "automated=false", "syncs", None),
        ("drift", "ignoreDifferences=/spec/replicas", "not what Git says for", False),
    ],
)
def test_every_switch_shows_in_the_numbers(story: str, switch: str, row: str, was_longer: bool | None) -> None:
    was, would = dict(told(story, switch).comparison)[row]
    assert was != would
    if was_longer is not None:
        assert (told(story, switch).actual.wrong > told(story, switch).other.wrong) is was_longer


@pytest.mark.parametrize(
    ("switch", "row"),
    [
        ("prune=false", "objects pruned"),
        ("interval=10m", "self-heals"),
        ("webhook=on", "not what Git says for"),
        ("ignoreDifferences=/spec/replicas", "self-heals"),
        ("suspend=true", "self-heals"),
    ],
)
def test_fluxs_switches_show_in_the_numbers_too(switch: str, row: str) -> None:
    was, would = dict(told("argo-vs-flux", switch, run="flux", of="web").comparison)[row]
    assert was != would


def test_without_wait_flux_is_ready_whatever_becomes_of_the_pods() -> None:
    found = told("argo-vs-flux", "wait=false", run="flux", of="web", at=3000.0)
    assert "reports web not Ready" in "\n".join(record.message for record in found.actual.records)
    assert "reports web not Ready" not in "\n".join(record.message for record in found.other.records)


def test_a_switch_of_the_other_agent_is_explained() -> None:
    with pytest.raises(BadInput, match="a Kustomization has no switch selfHeal"):
        told("argo-vs-flux", "selfHeal=true", run="flux")
    with pytest.raises(BadInput, match="an Application has no switch wait"):
        told("drift", "wait=true")


def test_prune_decides_what_becomes_of_a_removed_manifest() -> None:
    world = start()
    world.run(minutes=5)
    before = world.fork()
    world.do("commit", repo=world.git.repositories[0].name, message="Drop it", files={_manifest(world): None}, by="ana")
    world.run(minutes=10)
    card = what_if(before, world, "prune=true")
    assert "objects pruned" in card.text
    assert "kubectl patch application" in card.text


def _manifest(world: object) -> str:
    repository = world.git.repositories[0]  # type: ignore[attr-defined]
    return next(path for path in repository.tree(repository.tip()).files() if path.endswith("service.yaml"))


def test_neither_world_of_a_notebook_is_changed() -> None:
    world = start()
    world.run(minutes=5)
    before = world.fork()
    world.kubectl("scale deployment web --replicas=10", by="ben")
    world.run(minutes=5)
    digests = before.trace.digest(), world.trace.digest()
    card = what_if(before, world, "selfHeal=false")
    assert (before.trace.digest(), world.trace.digest()) == digests
    assert "ben" in card.text
    assert "<svg" in card.html
    with pytest.raises(BadInput, match="no earlier copy"):
        what_if(world, before, "selfHeal=false")


def test_flipping_is_an_action_of_the_platform_team_and_replays() -> None:
    found = told("drift", "selfHeal=false")
    flipped = [action for action in found.other.world.actions if action.by == "platform"]
    assert [action.do for action in flipped] == ["kubectl"]
    app = found.other.world.cluster().get("applications.argoproj.io", "web", "argocd")
    assert get_path(app, ("spec", "syncPolicy", "automated", "selfHeal")) is False


@pytest.mark.parametrize(
    ("switch", "problem", "mend"),
    [
        ("selfHeal", "says no value", "selfHeal=true"),
        ("selfheal=true", "no switch 'selfheal'", "selfHeal"),
        ("selfHeal=maybe", "selfHeal cannot be 'maybe'", "true or false"),
        ("interval=soon", "interval cannot be 'soon'", ""),
        ("webhook=off", "webhook cannot be 'off'", "write one of them"),
        ("ignoreDifferences=spec.replicas", "JSON pointers", "/spec/replicas"),
    ],
)
def test_a_switch_that_there_is_not_is_explained(switch: str, problem: str, mend: str) -> None:
    with pytest.raises(BadInput, match=problem) as caught:
        read_flip(switch)
    assert mend in str(caught.value)


def test_what_cannot_be_told_is_explained() -> None:
    with pytest.raises(BadInput, match="the story is over"):
        told("drift", "selfHeal=false", at=9999.0)
    with pytest.raises(BadInput, match="no Application and no Kustomization 'shop' here"):
        told("drift", "selfHeal=false", of="shop")
    with pytest.raises(BadInput, match="no run 'other'"):
        told("drift", "selfHeal=false", run="other")
    with pytest.raises(BadInput, match="there is none here"):
        told("push-vs-pull", "selfHeal=false", run="push")


def test_a_switch_that_stands_so_already_is_told() -> None:
    with pytest.raises(BadInput, match="has selfHeal=true already"):
        told("drift", "selfHeal=true")


def test_every_switch_has_a_line_of_its_own() -> None:
    assert all(len(switch.doc.splitlines()) == 1 and switch.doc for switch in SWITCHES.values())
