"""What counts as a difference, on a real API server's defaults."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from gitops_sim.agents.argocd.desired import Target
from gitops_sim.agents.argocd.diff import differences
from gitops_sim.agents.argocd.ignoring import NOTHING, Ignored, split_pointer, with_live_values
from gitops_sim.agents.argocd.tracking import tracked
from gitops_sim.agents.differences import HIDDEN, shown
from gitops_sim.cluster import Cluster
from gitops_sim.cluster.apply import apply
from gitops_sim.objects import key_of, with_path, without_path
from tests.agents.lab import SERVICE, config_map, deployment

ROLLOUT = """\
apiVersion: example.com/v1
kind: Widget
metadata: {name: w}
spec:
  size: 1
  parts: [{name: a, weight: 1}]
"""


@pytest.fixture
def cluster() -> Cluster:
    return Cluster(controllers=False)


def target(cluster: Cluster, text: str) -> Target:
    obj = yaml.safe_load(text) if isinstance(text, str) else text
    kind = cluster.kind_of(obj)
    if kind.namespaced:
        obj = with_path(obj, ("metadata", "namespace"), "default")
    key = key_of(obj)
    return Target(key, kind, tracked(obj, "web", key, "default"), "manifests/a.yaml:1")


def synced(cluster: Cluster, text: str) -> tuple[Target, Any]:
    wanted = target(cluster, text)
    return wanted, apply(cluster, wanted.object).object


def pointers(*texts: str) -> Ignored:
    return Ignored(tuple(map(split_pointer, texts)))


def found(wanted: Target, live: Any, ignored: Ignored = NOTHING) -> list[tuple[str, Any, Any]]:
    return [(d.path, d.desired, d.live) for d in differences(wanted, live, ignored)]


@pytest.mark.parametrize("text", [deployment(), SERVICE, config_map(), ROLLOUT])
def test_what_was_just_applied_is_in_sync_though_the_server_filled_in_defaults(cluster: Cluster, text: str) -> None:
    assert found(*synced(cluster, text)) == []


def test_a_changed_field_is_named_with_both_values(cluster: Cluster) -> None:
    wanted, live = synced(cluster, deployment(3))
    live = with_path(live, ("spec", "replicas"), 10)
    assert found(wanted, live) == [(".spec.replicas", 3, 10)]
    assert str(differences(wanted, live)[0]) == ".spec.replicas  Git 3, cluster 10"


def test_a_field_that_git_never_mentions_is_no_difference(cluster: Cluster) -> None:
    wanted, live = synced(cluster, deployment(None))
    live = with_path(live, ("spec", "replicas"), 7)
    live = with_path(live, ("metadata", "labels"), {"team": "x"})
    live = with_path(live, ("spec", "template", "spec", "containers", 0, "env"), [{"name": "DEBUG", "value": "1"}])
    assert found(wanted, live) == []


def test_a_field_that_git_dropped_is_a_difference_back_to_its_default(cluster: Cluster) -> None:
    _, live = synced(cluster, deployment(3))
    assert found(target(cluster, deployment(None)), live) == [(".spec.replicas", 1, 3)]


def test_a_label_that_git_dropped_is_a_difference(cluster: Cluster) -> None:
    _, live = synced(cluster, deployment(extra="\n  labels: {tier: front}"))
    assert found(target(cluster, deployment()), live) == [(".metadata.labels", None, {"tier": "front"})]


def test_another_spelling_of_an_amount_is_no_difference(cluster: Cluster) -> None:
    text = deployment() + "        resources: {limits: {cpu: 1000m, memory: 1024Mi}}\n"
    assert found(*synced(cluster, text)) == []
    other = deployment() + "        resources: {limits: {cpu: '1', memory: 1Gi}}\n"
    _, live = synced(cluster, text)
    assert found(target(cluster, other), live) == []


def test_status_and_creation_time_never_count(cluster: Cluster) -> None:
    wanted, live = synced(cluster, deployment())
    noisy = with_path(wanted.object, ("status",), {"replicas": 9})
    noisy = with_path(noisy, ("metadata", "creationTimestamp"), None)
    assert found(Target(wanted.key, wanted.kind, noisy, ""), live) == []


def test_an_object_that_kubectl_made_is_compared_two_ways_and_lacks_only_the_tracking_id(cluster: Cluster) -> None:
    live = cluster.create(yaml.safe_load(deployment(2)))
    assert found(target(cluster, deployment(2)), live) == [
        (
            ".metadata.annotations.argocd.argoproj.io/tracking-id",
            "web:apps/Deployment:default/web",
            None,
        )
    ] or found(target(cluster, deployment(2)), live) == [
        (".metadata.annotations", {"argocd.argoproj.io/tracking-id": "web:apps/Deployment:default/web"}, None)
    ]


def test_a_misspelt_field_is_a_difference_for_ever(cluster: Cluster) -> None:
    text = deployment().replace("  replicas: 2", "  replica: 2")
    wanted, live = synced(cluster, text)
    assert found(wanted, live) == [(".spec.replica", 2, None)]


def test_a_value_of_the_wrong_type_is_a_difference_not_a_crash(cluster: Cluster) -> None:
    _, live = synced(cluster, deployment(2))
    assert (".spec.replicas", "two", 2) in found(target(cluster, deployment(2).replace("replicas: 2", "replicas: two")), live)


def test_the_values_of_a_secret_are_hidden(cluster: Cluster) -> None:
    text = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {password: hunter2}\n"
    wanted, live = synced(cluster, text)
    assert found(wanted, live) == []
    changed = with_path(live, ("data", "password"), "AAAA")
    assert found(wanted, changed) == [(".data.password", HIDDEN, HIDDEN + "+")]


def test_a_custom_resource_keeps_what_its_own_controller_filled_in(cluster: Cluster) -> None:
    wanted, live = synced(cluster, ROLLOUT)
    live = with_path(live, ("spec", "mode"), "auto")
    live = with_path(live, ("spec", "parts", 0, "color"), "red")
    assert found(wanted, live) == []
    assert found(wanted, with_path(live, ("spec", "size"), 2)) == [(".spec.size", 1, 2)]


def test_ignored_fields_do_not_count_neither_in_mappings_nor_in_lists(cluster: Cluster) -> None:
    wanted, live = synced(cluster, deployment(3))
    live = with_path(live, ("spec", "replicas"), 5)
    live = with_path(live, ("spec", "template", "spec", "containers", 0, "image"), "nginx:9")
    assert found(wanted, live, pointers("/spec/replicas")) == [
        (".spec.template.spec.containers[0].image", "nginx:1.24", "nginx:9")
    ]
    assert found(wanted, live, pointers("/spec/replicas", "/spec/template/spec/containers/0/image")) == []


def test_respecting_ignored_fields_takes_the_live_value_or_leaves_it_out(cluster: Cluster) -> None:
    wanted, live = synced(cluster, deployment(3))
    live = with_path(live, ("spec", "replicas"), 5)
    assert with_live_values(wanted.object, live, pointers("/spec/replicas"))["spec"]["replicas"] == 5
    gone = without_path(live, ("spec", "replicas"))
    assert "replicas" not in with_live_values(wanted.object, gone, pointers("/spec/replicas"))["spec"]
    assert with_live_values(wanted.object, live, pointers("/status/replicas", "/spec/strategy/type")) == wanted.object


def test_values_for_people_are_short() -> None:
    assert shown(None) == "nothing"
    assert shown({"a": [1, True], "b": "x"}) == "{a: [1, true], b: x}"
    assert shown("line\nline") == "line\\nline"
    assert len(shown("x" * 100)) == 60
