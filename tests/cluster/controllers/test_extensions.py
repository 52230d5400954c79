from __future__ import annotations

from gitops_sim.cluster import Cluster
from gitops_sim.objects import get_path

WIDGETS = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "widgets.example.com"},
    "spec": {
        "group": "example.com",
        "scope": "Cluster",
        "names": {"kind": "Widget", "plural": "widgets", "shortNames": ["wi"]},
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
            }
        ],
    },
}
METRICS = {
    "apiVersion": "apiregistration.k8s.io/v1",
    "kind": "APIService",
    "metadata": {"name": "v1beta1.metrics.k8s.io"},
    "spec": {
        "group": "metrics.k8s.io",
        "version": "v1beta1",
        "groupPriorityMinimum": 100,
        "versionPriority": 100,
        "service": {"name": "metrics", "namespace": "kube-system"},
    },
}


def test_a_definition_is_established_and_its_kind_usable_by_any_of_its_names():
    cluster = Cluster()
    cluster.create(WIDGETS)
    cluster.clock.settle()
    status = cluster.get("crd", "widgets.example.com")["status"]
    assert [(c["type"], c["status"], c["reason"]) for c in status["conditions"]] == [
        ("NamesAccepted", "True", "NoConflicts"),
        ("Established", "True", "InitialNamesAccepted"),
    ]
    assert status["acceptedNames"]["listKind"] == "WidgetList"
    assert status["storedVersions"] == ["v1"]
    cluster.create({"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "a"}})
    assert [w["metadata"].get("namespace") for w in cluster.list("wi")] == [None]


def test_an_api_service_is_available_once_its_service_has_a_ready_pod():
    cluster = Cluster()
    cluster.create(METRICS)
    cluster.clock.settle()
    condition = get_path(cluster.get("apiservice", "v1beta1.metrics.k8s.io"), ("status", "conditions", 0))
    assert (condition["status"], condition["reason"]) == ("False", "MissingEndpoints")
    port = {"name": "https", "port": 443}
    service = {"selector": {"app": "metrics"}, "ports": [port]}
    cluster.create(
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "metrics", "namespace": "kube-system"}, "spec": service}
    )
    pod = {"containers": [{"name": "m", "image": "metrics:1"}]}
    meta = {"name": "metrics", "namespace": "kube-system", "labels": {"app": "metrics"}}
    cluster.create({"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": pod})
    cluster.clock.run_until(60)
    condition = get_path(cluster.get("apiservice", "v1beta1.metrics.k8s.io"), ("status", "conditions", 0))
    assert (condition["status"], condition["reason"]) == ("True", "Passed")
