"""A scenario file that cannot be played says where it is wrong and what would be right; nothing is half played."""

from __future__ import annotations

import textwrap

import pytest

from gitops_sim.course.curriculum import CONCEPTS
from gitops_sim.errors import BadInput
from gitops_sim.scenarios import load_scenario, play, scenario_names
from gitops_sim.scenarios.checks import CHECKS, MEASURES
from gitops_sim.scenarios.format import ScenarioSpec, read_scenario
from gitops_sim.scenarios.reading import read_yaml

ONE = "- {name: it is there, check: object_exists, object: Deployment/web}"
GOOD = """\
id: tiny
title: A tiny story
summary: Nothing much.
minutes: 1
world:
  people: [ana, ben]
  images:
    shop/web:1: {start: 1s}
  repos:
    shop:
      files: {web/deployment.yaml: "kind: Deployment"}
actions:
- {at: 1m, do: kubectl, by: ben, args: scale deployment web --replicas=10}
ends: 5m
expectations:
"""
GOOD += ONE + "\n"


def read(text: str) -> ScenarioSpec:
    return read_scenario(read_yaml(text, "tiny.yaml"))


def refused(old: str, new: str) -> BadInput:
    assert old in GOOD
    with pytest.raises(BadInput) as caught:
        read(GOOD.replace(old, new))
    return caught.value


def test_the_example_is_good() -> None:
    spec = read(GOOD)
    (run,) = spec.runs
    assert run.title == "A tiny story"
    assert run.ends == 300
    assert run.world.people == {"ana": "Ana", "ben": "Ben"}
    assert run.actions[0].line == 13


@pytest.mark.parametrize(
    ("old", "new", "where", "what", "mend"),
    [
        ("minutes: 1", "minuets: 1", "tiny.yaml:4: minuets", "unknown key 'minuets'", "did you mean 'minutes'?"),
        ("minutes: 1\n", "", "tiny.yaml:1", "'minutes' is missing", "add 'minutes: ...'"),
        ("minutes: 1", "minutes: soon", "tiny.yaml:4: minutes", "must be a whole number, 1 or more, not 'soon'", ""),
        ("{start: 1s}", "{strat: 1s}", "tiny.yaml:8: world.images['shop/web:1']", "unknown trait 'strat'", "use one of"),
        ("by: ben", "by: bne", "tiny.yaml:13: actions[0].by", "no 'bne' in this world", "did you mean 'ben'?"),
        ("do: kubectl", "do: kubctl", "tiny.yaml:13: actions[0]", "unknown action 'kubctl'", "did you mean 'kubectl'?"),
        ("at: 1m", "at: soon", "tiny.yaml:13: actions[0].at", "not a duration: 'soon'", "write seconds"),
        ("at: 1m, ", "", "tiny.yaml:13: actions[0]", "an action without 'at'", "write {at: 90s"),
        ("args: scale", "arg: scale", "tiny.yaml:13: actions[0]", "unknown field 'arg' of 'kubectl'", "did you mean 'args'?"),
        ("ends: 5m", "ends: 30s", "tiny.yaml:14: ends", "ends at 30 s, before its last action at 60 s", "end at 60 or later"),
        ("object_exists", "object_exits", "tiny.yaml:16: expectations[0].check", "unknown check 'object_exits'", "object_exists"),
        ("object: Dep", "objekt: Dep", "tiny.yaml:16: expectations[0].objekt", "object_exists has no parameter", "object"),
        (", object: Deployment/web", "", "tiny.yaml:16: expectations[0].check", "object_exists needs 'object'", "Kind/name"),
        ("Deployment/web}", "web}", "tiny.yaml:16: expectations[0].object", "not an object: 'web'", "Kind/name"),
        ("name: it is there, ", "", "tiny.yaml:16: expectations[0]", "'name' is missing", "write {name: ..., check:"),
        ("files: {", "fiels: {", "tiny.yaml:11: world.repos.shop.fiels", "unknown key 'fiels'", "did you mean 'files'?"),
        (ONE, "  []", "tiny.yaml:16: expectations", "nothing is expected", ""),
        ("people: [ana, ben]", "people: ana", "tiny.yaml:6: world.people", "must be a mapping, not 'ana'", ""),
        ("people: [ana, ben]", "clusters: []", "tiny.yaml:6: world.clusters", "must name one cluster or more, each once", ""),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(old: str, new: str, where: str, what: str, mend: str) -> None:
    error = refused(old, new)
    assert error.where == where
    assert error.what.startswith(what)
    assert mend in error.mend


def test_a_story_that_would_never_end_is_refused() -> None:
    error = refused("ends: 5m", "ends: 1e30")
    assert (error.where, error.what.partition(";")[2]) == ("tiny.yaml:14: ends", " a story lasts 30 at most")


def with_application(manifest: str) -> str:
    return GOOD.replace("actions:\n", "  applications:\n" + textwrap.indent(manifest, "    ") + "actions:\n")


@pytest.mark.parametrize(
    ("manifest", "what"),
    [
        ("web: {kind: Application}\n", "'apiVersion' is missing"),
        (
            "web: {apiVersion: v1, kind: Pod, metadata: {name: web}, spec: {}}\n",
            "must be Application, or what belongs to Argo CD, not 'Pod'",
        ),
        ("web: {apiVersion: v1, kind: ApplicationSet, metadata: {name: web}}\n", "'spec' is missing"),
        ("web: {apiVersion: v1, kind: Application, metadata: {name: app}, spec: {}}\n", "is 'app', but stands under 'web'"),
        (
            "stagin:web: {apiVersion: v1, kind: Application, metadata: {name: web}, spec: {}}\n",
            "no cluster 'stagin' in this world",
        ),
        (
            "web: {apiVersion: v1, kind: Application, metadata: {name: web}, spec: {syncPolicy: automated}}\n",
            "must be a mapping, not 'automated'",
        ),
        (
            "web: {apiVersion: v1, kind: Application, metadata: {name: web}, spec: {source: [a]}}\n",
            "must be a mapping, not a list",
        ),
    ],
)
def test_applications_must_be_whole(manifest: str, what: str) -> None:
    with pytest.raises(BadInput) as caught:
        read(with_application(manifest))
    assert caught.value.what == what


def test_a_pipeline_must_have_a_repository_of_this_world() -> None:
    with pytest.raises(BadInput, match="no repository 'shp' in this world") as caught:
        read(GOOD.replace("actions:\n", "  pipelines: {deploy: {repo: shp}}\nactions:\n"))
    assert caught.value.mend == "did you mean 'shop'?"


RUNS = """\
runs:
  quick:
    title: quick
    world: {images: {"shop/web:1": {start: 0s}}, people: null}
    actions: [{at: 30s, do: kubectl, args: get pods}]
    expectations: [{name: more, check: exit_code, action: 1, code: 0}]
  slow: {title: slow}
"""


def test_runs_differ_only_in_what_they_say() -> None:
    quick, slow = read(GOOD + RUNS).runs
    assert quick.world.images == {"shop/web:1": {"start": "0s"}}
    assert slow.world.images == {"shop/web:1": {"start": "1s"}}
    assert (quick.world.people, quick.world.repos) == ({}, slow.world.repos)
    assert [action.at for action in quick.actions] == [30, 60]
    assert [e.name for e in quick.expectations] == ["more", "it is there"]
    assert len(slow.expectations) == 1


def test_two_expectations_of_one_name_cannot_be_told_apart() -> None:
    with pytest.raises(BadInput, match="two expectations are called 'it is there'"):
        read(GOOD + ONE)


def test_actions_stand_in_the_order_of_time() -> None:
    error = refused("ends: 5m", "- {at: 5s, do: kubectl, args: get pods}\nends: 5m")
    assert error.what == "at 5 s comes after an action at 60 s"


def test_an_unknown_scenario_names_the_nearest() -> None:
    with pytest.raises(BadInput, match="no scenario 'drfit'") as caught:
        load_scenario("drfit")
    assert caught.value.mend == "did you mean 'drift'?"


@pytest.mark.parametrize("name", scenario_names())
def test_the_scenarios_that_come_along_are_good(name: str) -> None:
    spec = load_scenario(name).spec
    assert spec.id == name
    assert set(spec.concepts) <= set(CONCEPTS)
    assert len(spec.lesson) > 20


def test_every_word_says_what_it_does() -> None:
    for word in (*CHECKS.values(), *MEASURES.values()):
        assert word.doc.endswith(".")
        assert all(param.doc for param in word.params.values())


@pytest.mark.parametrize(
    ("old", "new", "where", "what"),
    [
        (
            "do: kubectl, by: ben, args: scale deployment web --replicas=10",
            "do: commit, repo: shop, message: m, files: {gone: null}",
            "tiny.yaml:13: commit at 09:01:00: repo/shop",
            "pathspec 'gone' did not match any files",
        ),
        ("    shop:\n", "    ../shop:\n", "world.repos.../shop", "'../shop' is not a valid repository name"),
        ("do: kubectl, by: ben, args: scale", "do: pipeline, args: run", "tiny.yaml:13: pipeline at 09:01:00", ""),
    ],
)
def test_what_goes_wrong_while_it_is_played_has_a_place_too(old: str, new: str, where: str, what: str) -> None:
    assert old in GOOD
    with pytest.raises(BadInput) as caught:
        play(read(GOOD.replace(old, new)))
    assert caught.value.where == where
    assert caught.value.what.startswith(what)


def test_an_application_that_the_cluster_refuses() -> None:
    manifest = "Web_1: {apiVersion: argoproj.io/v1alpha1, kind: Application, metadata: {name: Web_1}, spec: {}}\n"
    with pytest.raises(BadInput, match="lowercase RFC 1123") as caught:
        play(read(with_application(manifest)))
    assert caught.value.where == "world.applications.Web_1"
