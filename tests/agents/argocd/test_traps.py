"""What learners of Argo CD stumble over: rules that one would not guess."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from gitops_sim.agents.argocd.compare import Resource, aggregate
from gitops_sim.agents.health import WORSE
from gitops_sim.objects import Key
from tests.agents.lab import Lab, application, deployment


def test_an_operation_of_one_wave_succeeds_before_anything_is_healthy(lab: Lab) -> None:
    lab.registry.push("nginx:1.24", {"pull": "30s"})
    lab.repo({"manifests/web.yaml": deployment(1)})
    lab.add(application(automated={}))
    assert (lab.status()["operationState"]["phase"], lab.health()) == ("Succeeded", "Progressing")
    lab.run(60)
    assert lab.health() == "Healthy"


def test_the_worst_health_counts_and_unknown_is_worst() -> None:
    live: Any = {"metadata": {"name": "x"}}

    def one(health: Any) -> Resource:
        return Resource(Key("", "Pod", "d", "x"), "v1", None, live, "Synced", (), (health, ""))

    assert WORSE == ("Healthy", "Suspended", "Progressing", "Missing", "Degraded", "Unknown")
    for better, worse in pairwise(WORSE):
        assert aggregate([one(worse), one(better)]) == worse


def test_a_crashing_deployment_is_progressing_for_ten_minutes_though_its_pods_are_degraded_at_once(lab: Lab) -> None:
    lab.registry.push("nginx:1.24", {"crash": "0s"})
    lab.repo({"manifests/web.yaml": deployment(1)})
    lab.add(application(automated={}))
    lab.run(590)
    assert lab.health() == "Progressing"
    lab.run(30)
    assert lab.health() == "Degraded"


def test_what_belongs_to_an_application_is_known_by_an_annotation_and_no_label(lab: Lab) -> None:
    lab.repo({"manifests/web.yaml": deployment(1)})
    lab.add(application(automated={}))
    meta = lab.cluster.get("deploy", "web")["metadata"]
    assert meta["annotations"]["argocd.argoproj.io/tracking-id"] == "web:apps/Deployment:default/web"
    assert "labels" not in meta
