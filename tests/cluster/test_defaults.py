"""Defaults that no recording shows, and what is decided about a new Pod."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_sim.cluster.cluster import Cluster
from gitops_sim.errors import ApiError
from gitops_sim.objects import Object, get_path

CONTAINER = {"name": "c", "image": "nginx:1.24"}


@pytest.fixture
def cluster() -> Cluster:
    return Cluster(controllers=False)


def make(cluster: Cluster, api_version: str, kind: str, **fields: Any) -> Object:
    return cluster.create({"apiVersion": api_version, "kind": kind, "metadata": {"name": "x"}, **fields})


def test_a_replication_controller_finds_its_pods_by_the_labels_of_its_template(cluster: Cluster) -> None:
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [CONTAINER]}}
    obj = make(cluster, "v1", "ReplicationController", spec={"template": template})
    assert (obj["spec"]["selector"], obj["spec"]["replicas"], obj["metadata"]["labels"]) == ({"app": "web"}, 1, {"app": "web"})


def test_webhooks(cluster: Cluster) -> None:
    hook = {
        "name": "a.x.io",
        "clientConfig": {"service": {"name": "s", "namespace": "n"}},
        "rules": [{"operations": ["*"], "apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*"]}],
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
    }
    group = "admissionregistration.k8s.io/v1"
    validating = make(cluster, group, "ValidatingWebhookConfiguration", webhooks=[hook])["webhooks"][0]
    assert validating["failurePolicy"] == "Fail"
    assert validating["timeoutSeconds"] == 10
    assert get_path(validating, ("clientConfig", "service", "port")) == 443
    assert validating["rules"][0]["scope"] == "*"
    mutating = make(cluster, group, "MutatingWebhookConfiguration", webhooks=[hook])["webhooks"][0]
    assert mutating == {**validating, "reinvocationPolicy": "Never"}


def test_endpoints_and_priority_classes(cluster: Cluster) -> None:
    subsets = [{"addresses": [{"ip": "10.0.0.1"}], "ports": [{"port": 80}]}]
    assert make(cluster, "v1", "Endpoints", subsets=subsets)["subsets"][0]["ports"] == [{"port": 80, "protocol": "TCP"}]
    assert make(cluster, "scheduling.k8s.io/v1", "PriorityClass", value=5)["preemptionPolicy"] == "PreemptLowerPriority"


@pytest.mark.parametrize(
    ("image", "policy"),
    [
        ("nginx", "Always"),
        ("nginx:latest", "Always"),
        ("nginx:1.24", "IfNotPresent"),
        ("registry.example.org:5000/nginx", "Always"),
        ("registry.example.org:5000/nginx:2", "IfNotPresent"),
        ("nginx@sha256:" + "0" * 64, "IfNotPresent"),
    ],
)
def test_the_tag_says_when_an_image_is_pulled(cluster: Cluster, image: str, policy: str) -> None:
    obj = make(cluster, "v1", "Pod", spec={"containers": [{"name": "c", "image": image}]})
    assert obj["spec"]["containers"][0]["imagePullPolicy"] == policy


def pod(cluster: Cluster, **spec: Any) -> Object:
    return make(cluster, "v1", "Pod", spec={"containers": [CONTAINER], **spec})


def test_the_account_decides_about_the_token_and_the_pull_secrets(cluster: Cluster) -> None:
    account = {"imagePullSecrets": [{"name": "registry"}], "automountServiceAccountToken": False}
    cluster.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "builder"}, **account})
    spec = pod(cluster, serviceAccountName="builder")["spec"]
    assert "volumes" not in spec
    assert spec["imagePullSecrets"] == [{"name": "registry"}]
    assert spec["serviceAccount"] == "builder"


def test_a_pod_may_refuse_the_token(cluster: Cluster) -> None:
    assert "volumes" not in pod(cluster, automountServiceAccountToken=False)["spec"]


def test_the_priority_comes_from_the_class(cluster: Cluster) -> None:
    group = "scheduling.k8s.io/v1"
    cluster.create({"apiVersion": group, "kind": "PriorityClass", "metadata": {"name": "high"}, "value": 1000})
    make(cluster, group, "PriorityClass", value=7, globalDefault=True, preemptionPolicy="Never")
    high = pod(cluster, priorityClassName="high")["spec"]
    assert (high["priority"], high["preemptionPolicy"]) == (1000, "PreemptLowerPriority")
    cluster.delete("pods", "x")
    usual = pod(cluster)["spec"]
    assert (usual["priorityClassName"], usual["priority"], usual["preemptionPolicy"]) == ("x", 7, "Never")
    cluster.delete("pods", "x")
    assert pod(cluster, priorityClassName="system-node-critical")["spec"]["priority"] == 2000001000


def test_own_tolerations_of_node_troubles_count(cluster: Cluster) -> None:
    own = [{"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute"}]
    keys = [item["key"] for item in pod(cluster, tolerations=own)["spec"]["tolerations"]]
    assert keys == ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"]
    cluster.delete("pods", "x")
    assert pod(cluster, tolerations=[{"operator": "Exists"}])["spec"]["tolerations"] == [{"operator": "Exists"}]


@pytest.mark.parametrize(
    ("resources", "quality"),
    [
        ({}, "BestEffort"),
        ({"requests": {"cpu": "1"}}, "Burstable"),
        ({"limits": {"cpu": "1", "memory": "1Gi"}}, "Guaranteed"),
        ({"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "500m"}}, "Burstable"),
        ({"limits": {"ephemeral-storage": "1Gi"}}, "BestEffort"),
    ],
)
def test_the_quality_of_service_follows_from_the_resources(cluster: Cluster, resources: Any, quality: str) -> None:
    obj = make(cluster, "v1", "Pod", spec={"containers": [{**CONTAINER, "resources": resources}]})
    assert obj["status"]["qosClass"] == quality


def test_a_daemon_set_counts_its_templates(cluster: Cluster) -> None:
    template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [CONTAINER]}}
    spec = {"selector": {"matchLabels": {"a": "b"}}, "template": template}
    name = ("metadata", "annotations", "deprecated.daemonset.template.generation")
    assert get_path(make(cluster, "apps/v1", "DaemonSet", spec=spec), name) == "1"
    changed = {"spec": {"template": {"spec": {"containers": [{"name": "c", "image": "nginx:2"}]}}}}
    assert get_path(cluster.patch("ds", "x", "default", changed), name) == "2"
    assert get_path(cluster.patch("ds", "x", "default", {"metadata": {"labels": {"q": "1"}}}), name) == "2"


def test_the_spec_of_a_namespace_is_not_for_users_to_change(cluster: Cluster) -> None:
    assert cluster.patch("ns", "default", "", {"spec": {"finalizers": []}}, type="merge")["spec"] == {
        "finalizers": ["kubernetes"]
    }


def test_a_job_with_a_selector_of_its_own_keeps_it(cluster: Cluster) -> None:
    template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [CONTAINER], "restartPolicy": "Never"}}
    obj = make(
        cluster, "batch/v1", "Job", spec={"manualSelector": True, "selector": {"matchLabels": {"a": "b"}}, "template": template}
    )
    assert obj["spec"]["selector"] == {"matchLabels": {"a": "b"}}
    assert obj["metadata"]["labels"] == {"a": "b"}
    with pytest.raises(ApiError, match="not auto-generated"):
        cluster.create({**obj, "metadata": {"name": "y"}, "spec": {**obj["spec"], "manualSelector": False}})
