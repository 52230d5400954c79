"""Flux's rules are worked out from its objects, and nothing looks as if a Flux had run.

Expected values: Flux documentation, GitRepository and Kustomization.
"""

from __future__ import annotations

import re

import pytest

from gitops_sim.errors import BadInput
from gitops_sim.notebook import beside, edit, flux_rules, predict, replicas, start, switch
from gitops_sim.world import World

OBJECTS = """
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: shop, namespace: flux-system}
spec:
  interval: 1m
  url: https://git.example/shop.git
  ref: {branch: main}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: web, namespace: flux-system}
spec:
  interval: 10m
  path: ./web
  prune: true
  sourceRef: {kind: GitRepository, name: shop}
"""


def said(row: str, text: str) -> str:
    """What the table says in a row."""
    (line,) = [line for line in flux_rules(text).text.splitlines() if line.strip().startswith(row + "  ")]
    return line.strip().removeprefix(row).strip().split("  ")[0]


def test_each_interval_answers_its_own_question() -> None:
    rules = flux_rules(OBJECTS)
    assert (rules.commit_within, rules.drift_within, rules.prunes) == (60, 600, True)
    assert (said("a commit is applied", OBJECTS), said("drift is undone", OBJECTS)) == ("within 1m", "within 10m")


def test_a_source_without_a_ref_follows_master_and_a_tag_counts_more_than_a_branch() -> None:
    assert said("follows", OBJECTS) == "branch main"
    assert said("follows", OBJECTS.replace("  ref: {branch: main}\n", "")) == "branch master"
    assert said("follows", OBJECTS.replace("branch: main", "branch: main, tag: v1")) == "tag v1"


def test_prune_and_wait_are_read() -> None:
    kept = OBJECTS.replace("prune: true", "prune: false\n  wait: true")
    assert not flux_rules(kept).prunes
    assert said("what has left Git", kept).startswith("stays")
    assert "healthy or not" in said("Ready as soon as", OBJECTS)
    assert said("Ready as soon as", kept) == "all that was applied is healthy"
    named = OBJECTS.replace("prune: true", "prune: true\n  healthChecks: [{apiVersion: apps/v1, kind: Deployment, name: web}]")
    assert said("Ready as soon as", named) == "what healthChecks name is healthy"


def test_what_is_suspended_does_nothing() -> None:
    stopped = flux_rules(OBJECTS.replace("prune: true", "prune: true\n  suspend: true"))
    assert (stopped.commit_within, stopped.drift_within) == (None, None)
    assert stopped.drift_is_undone == "not while it is suspended"
    assert not stopped.prunes
    with pytest.raises(BadInput, match="resource is suspended"):
        stopped.reconciled("old", "new", with_source=False)
    deaf = flux_rules(OBJECTS.replace("interval: 1m", "interval: 1m\n  suspend: true"))
    assert (deaf.commit_within, deaf.drift_within) == (None, 600)


def test_a_reconciled_kustomization_fetches_only_when_told_to() -> None:
    rules = flux_rules(OBJECTS)
    assert rules.reconciled("old", "new", with_source=False) == "old"
    assert rules.reconciled("old", "new", with_source=True) == "new"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("  prune: true\n", "", "Kustomization: spec.prune: Required value"),
        ("prune: true", "prune: please", "spec.prune: must be true or false"),
        ("interval: 10m", "interval: 10", "write it with a unit"),
        ("interval: 10m", "interval: soon", "not a duration"),
        ("interval: 1m", "timeout: 1m", "GitRepository: spec.interval: Required value"),
        ("source.toolkit.fluxcd.io/v1", "source.toolkit.fluxcd.io/v1beta2", "today it is source.toolkit.fluxcd.io/v1"),
        ("kustomize.toolkit.fluxcd.io/v1", "kustomize.config.k8s.io/v1beta1", "today it is kustomize.toolkit.fluxcd.io/v1"),
        ("kind: Kustomization", "kind: Kustomisation", "0 objects of kind Kustomization"),
        ("GitRepository, name: shop", "GitRepository, name: store", "sourceRef names 'store'"),
        ("metadata: {name: shop, namespace: flux-system}\n", "", "sourceRef names 'shop'"),
        ("---", "--- {", "your YAML"),
    ],
)
def test_what_the_api_would_refuse_is_refused_with_a_way_out(old: str, new: str, words: str) -> None:
    assert old in OBJECTS
    with pytest.raises(BadInput, match=words.replace("(", r"\(")):
        flux_rules(OBJECTS.replace(old, new))


def test_odd_values_break_nothing() -> None:
    assert said("follows", OBJECTS.replace("{branch: main}", "[main]")) == "branch master"
    assert said("what is applied", OBJECTS.replace("./web", "[<b>]")).startswith("[")
    assert "<b>" not in flux_rules(OBJECTS.replace("./web", "[<b>]")).html


def by_hand(world: World) -> int | None:
    world.kubectl("scale deployment web --replicas=10", by="ben")
    world.run(minutes=5)
    return replicas(world)


def test_runs_and_rules_stand_beside_each_other_and_are_told_apart() -> None:
    healing = start()
    worlds = {"heals": healing, "does not": switch(healing, selfHeal=False)}
    told = beside({"scaled": by_hand}, worlds, {"": "Flux", "scaled": "3, in 5m"})
    head, scaled = (re.split(" {2,}", line.strip()) for line in told.text.splitlines()[1:])
    assert head == ["heals (run)", "does not (run)", "Flux (by rule)"]
    assert scaled == ["scaled", "3", "10", "3, in 5m"]
    assert replicas(healing) == 3


def test_a_story_that_goes_wrong_takes_no_other_row_along() -> None:
    stories = {"refused": lambda w: edit(w, "x", "no such text", "y"), "failed": lambda w: w.nothing, "scaled": by_hand}
    told = beside(stories, {"a": start()}, {"": "Flux", "refused": "-", "failed": "-", "scaled": "-"}).text
    assert "refused: 'no such text' does not stand in web/deployment.yaml" in told
    assert "failed: AttributeError" in told
    assert re.search(r"scaled +3 ", told)


def test_an_incident_without_a_rule_is_no_row() -> None:
    with pytest.raises(BadInput, match="no rule for 'scaled'"):
        beside({"scaled": by_hand}, {"a": start()}, {"": "Flux"})


def test_a_prediction_about_a_rule_needs_no_world_and_says_whose_rule_it_is() -> None:
    asked = predict("drift-under-flux", lambda: 300)
    assert "BY FLUX'S RULE  5 minutes" in asked.text
    assert "OUTCOME" not in asked.text
    assert "What happened" not in asked.html
    assert "By Flux&#x27;s rule" in asked.html
    asked.choice = "1 minute"
    assert "What happened" not in asked._compared()


def test_a_prediction_about_what_happens_needs_a_world() -> None:
    with pytest.raises(BadInput, match="needs a world"):
        predict("deleted-by-hand", lambda: "no Service")
