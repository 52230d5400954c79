"""What a learner does comes to the same on both clusters; where it does not, the field is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitops_sim.course.exercises import load_exercise
from gitops_sim.course.parity import parity
from gitops_sim.errors import BadInput
from gitops_sim.kind import KindSettings
from tests.kind.served import stand


def test_the_hands_on_exercise_differs_in_nothing(tmp_path: Path) -> None:
    told: list[str] = []
    with stand(tmp_path) as there:
        assert parity(load_exercise("hands-on"), there.settings, patience=10, tell=told.append) == []
        with there.world.turn:
            names = {change.key.name for change in there.world.cluster().store.log if change.key.namespace == "gitops-sim"}
    assert "gitops-demo" in names
    assert any("kubectl scale deployment gitops-demo --replicas=5" in line for line in told)


def test_an_agent_does_the_same_on_both(tmp_path: Path) -> None:
    with stand(tmp_path) as there:
        assert parity(load_exercise("drift-and-reconcile"), there.settings, patience=10) == []


def test_a_cluster_that_behaves_otherwise_is_found_out(tmp_path: Path) -> None:
    with stand(tmp_path) as there:
        there.world.registry.push("nginx:1.25", {"crash": "1s"})
        found = parity(load_exercise("hands-on"), there.settings, patience=1)
    assert any(d.object == "Deployment/gitops-demo" and d.field == ".status.readyReplicas" for d in found)


def test_exercises_that_need_more_than_one_cluster_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be played on one real cluster"):
        parity(load_exercise("push-to-pull"), KindSettings("kind-test", tmp_path))
