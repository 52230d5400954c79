"""Reading an Application: the real defaults, the real messages."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_sim.agents.argocd.application import Automated, read_application, read_retry
from gitops_sim.agents.argocd.ignoring import split_pointer
from gitops_sim.objects import Key
from tests.agents.lab import IN_CLUSTER, application


def read(**spec: Any) -> Any:
    return read_application(application(**spec))


def test_prune_self_heal_and_allow_empty_are_off_unless_they_are_true() -> None:
    assert read(automated={}).automated == Automated(prune=False, self_heal=False, allow_empty=False)
    assert read(automated={"selfHeal": True, "prune": True}).automated == Automated(prune=True, self_heal=True)


def test_the_mere_presence_of_automated_switches_auto_sync_on_and_only_enabled_false_switches_it_off() -> None:
    assert read().automated is None
    assert read(automated={}).automated is not None
    assert read(automated={"enabled": None}).automated is not None
    assert read(automated={"enabled": False, "selfHeal": True}).automated is None


def test_defaults_of_what_is_not_written() -> None:
    app = read_application(
        {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Application",
            "metadata": {"name": "web", "namespace": "team-a"},
            "spec": {"source": {"repoURL": "r", "path": "p"}, "destination": {"server": IN_CLUSTER + "/"}},
        }
    )
    assert (app.project, app.source.target_revision, app.source.recurse, app.history_limit) == ("default", "", False, 10)
    assert app.problems == ()
    assert app.instance == "team-a_web"  # apps outside Argo CD's namespace carry theirs in tracking ids


def test_a_source_needs_a_repository_and_a_path() -> None:
    text = "spec.source.repoURL and either spec.source.path or spec.source.chart are required"
    assert read(source={"repoURL": "r"}).problems == (text,)
    assert read(source={"path": "p"}).problems == (text,)


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        ({"source": "here"}, "spec.source must be a mapping, not 'here'"),
        ({"syncPolicy": []}, "spec.syncPolicy must be a mapping, not []"),
        ({"syncPolicy": {"syncOptions": "Prune=false"}}, "spec.syncPolicy.syncOptions must be a list, not 'Prune=false'"),
        (
            {"syncPolicy": {"retry": {"backoff": {"duration": "soon"}}}},
            "spec.syncPolicy.retry.backoff.duration: invalid duration 'soon'",
        ),
    ],
)
def test_what_has_the_wrong_type_is_a_problem_with_its_field(spec: dict[str, Any], text: str) -> None:
    assert text in read(**spec).problems


def test_what_is_not_honoured_is_named() -> None:
    app = read(
        options=["ServerSideApplied=true", "Prune=no", "Prune=false"],
    )
    assert app.unsupported == (
        "syncOptions ServerSideApplied=true",
        "syncOptions Prune=no",
    )
    assert "are required for source 1" in read(sources=[{"repoURL": "r"}]).problems[0]
    assert "hydrator" in read(sourceHydrator={}).problems[0]


def test_retry_waits_grow_up_to_three_minutes() -> None:
    retry = read_retry({"limit": 5})
    assert [retry.wait(n) for n in range(1, 7)] == [10, 20, 40, 80, 160, 180]
    assert read_retry({"limit": 1, "backoff": {"duration": "1s", "factor": 3, "maxDuration": "10s"}}).wait(2) == 9
    assert read_retry({"limit": -1}).allows(1000)
    assert not read_retry({}).allows(0)
    assert read_retry({"backoff": {"maxDuration": "0s"}}).wait(10) == 5120


def test_ignore_rules_choose_by_group_kind_and_name() -> None:
    rule = {"group": "apps", "kind": "Deployment", "name": "web", "jsonPointers": ["/spec/replicas"]}
    app = read(ignoreDifferences=[rule, {"group": "*", "kind": "*", "jsonPointers": ["/metadata/labels/x"]}])
    assert app.ignored(Key("apps", "Deployment", "default", "web")).pointers == (
        ("spec", "replicas"),
        ("metadata", "labels", "x"),
    )
    assert app.ignored(Key("apps", "Deployment", "default", "api")).pointers == (("metadata", "labels", "x"),)
    assert split_pointer("/metadata/annotations/example.com~1owner~0x") == ("metadata", "annotations", "example.com/owner~x")
