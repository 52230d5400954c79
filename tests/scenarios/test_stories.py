"""The stories that come with the package: they hold whatever chance does, and are the same to the byte in every process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gitops_sim.scenarios import Played, load_scenario, scenario_names
from gitops_sim.views.story import PAST_GIT, Style, tell

ROOT = Path(__file__).parents[2]
SEEDS = range(25)
SHUFFLES = range(1, 9)


def complaints(played: Played) -> list[str]:
    return [f"{r.name}: expected {r.expected}, found {r.actual}" for r in played.expectations if not r.passed]


@pytest.mark.parametrize("name", scenario_names())
def test_expectations_hold_at_every_seed(name: str) -> None:
    scenario = load_scenario(name)
    failed = {seed: found for seed in SEEDS if (found := complaints(scenario.play(seed=seed)))}
    assert not failed


@pytest.mark.parametrize("name", scenario_names())
def test_expectations_hold_however_events_of_one_instant_are_dealt(name: str) -> None:
    scenario = load_scenario(name)
    failed = {deal: found for deal in SHUFFLES if (found := complaints(scenario.play(seed=deal, shuffle=deal)))}
    assert not failed


def test_a_seed_fixes_everything_and_another_changes_chance() -> None:
    one, same, other = (load_scenario("sync").play(seed=seed) for seed in (7, 7, 8))
    assert one.trace_digest == same.trace_digest != other.trace_digest
    assert tell(one) == tell(same) != tell(other)


def test_the_json_of_the_demo_is_equal_in_every_process() -> None:
    found = {
        subprocess.run(
            [sys.executable, "-m", "gitops_sim", "demo", *scenario_names(), "--json"],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            check=True,
        ).stdout
        for hash_seed in ("random", "1", "4294967295")
    }
    (text,) = found
    stories = json.loads(text)["scenarios"]
    assert [list(story) for story in stories] == [
        ["name", "seed", "passed", "expectations", "trace_digest", "simulated_seconds"]
    ] * len(stories)
    assert all(story["passed"] is True for story in stories)
    assert list(stories[0]["expectations"][0]) == ["name", "passed", "expected", "actual"]


def test_drift_tells_the_modules_story() -> None:
    """3 replicas, somebody makes it 10, and with selfHeal it is 3 again; without, the next commit takes it back."""
    played = load_scenario("drift").play(seed=0)
    healed, left = played.runs
    lines = tell(played, Style(110)).splitlines()
    assert "drift · Argo CD, auto-sync with selfHeal · seed 0" in lines
    assert sum(line.endswith(PAST_GIT) for line in lines) == 2
    assert "  09:10:02  cluster  7 pods stopped, web 3/3 ready" in lines
    wrong = dict(played.comparison)
    assert wrong["wrong, until 3 pods run again"][0] == "2 s"
    assert healed.measures[2].value == 2
    assert left.measures[2].value is not None
    assert left.measures[2].value > 48 * 60


def test_push_leaves_behind_what_pull_prunes() -> None:
    played = load_scenario("push-vs-pull").play(seed=0)
    table = dict(played.comparison)
    assert table["left behind in the cluster"] == ["ConfigMap/banner", "nothing"]
    assert table["the change by hand was noticed by"] == ["nobody", "argocd, at once"]
    assert "outside cluster" in table["key to the cluster"][0]
    assert "inside cluster" in table["key to the cluster"][1]


def test_only_a_revert_leaves_a_trace_in_git() -> None:
    revert, dashboard = load_scenario("rollback").play(seed=0).runs
    logs = [[commit.subject for commit in run.world.git.repository("shop").log()] for run in (revert, dashboard)]
    assert logs == [
        ['Revert "Deploy web 1.5.0"', "Deploy web 1.5.0", "Deploy web 1.4.0"],
        ["Deploy web 1.5.0", "Deploy web 1.4.0"],
    ]


def test_hands_on_shows_what_the_commands_print() -> None:
    told = tell(load_scenario("hands-on").play(seed=0))
    assert "| gitops-demo   5/5     5            5           70s" in told
    assert "| nginx:1.25" in told
    assert PAST_GIT not in told


@pytest.mark.parametrize("name", scenario_names())
def test_a_story_is_short_enough_to_be_read(name: str) -> None:
    """Within the minutes that it promises, at seven lines a minute."""
    played = load_scenario(name).play()
    for run in played.runs:
        assert sum(record.story for record in run.records) <= max(32, 7 * played.spec.minutes)


def test_what_nobody_does_breaks_the_story(tmp_path: Path) -> None:
    """An expectation that is not met fails the scenario: the same file without the drift."""
    path = tmp_path / "no-drift.yaml"
    text = (ROOT / "gitops_sim/scenarios/data/drift.yaml").read_text()
    path.write_text(text.replace("--replicas=10", "--replicas=3"))
    played = load_scenario(path).play()
    assert not played.passed
    assert "no-self-heal: the drift stays, though auto-sync is on: expected always Deployment/web .spec.replicas = 10" in (
        "\n".join(complaints(played))
    )
