"""What is refused beyond the recordings: one row a rule, with the cause that a person gets to read."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_sim.cluster.cluster import Cluster
from gitops_sim.errors import ApiError
from gitops_sim.objects import with_path

CONTAINER = {"name": "c", "image": "nginx:1.24"}
BASES: dict[str, dict[str, Any]] = {
    "pod": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": [CONTAINER]}},
    "deploy": {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {
            "selector": {"matchLabels": {"app": "web"}},
            "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [CONTAINER]}},
        },
    },
    "svc": {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}, "spec": {"ports": [{"port": 80}]}},
    "cm": {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}},
    "secret": {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}},
    "cj": {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": "c"},
        "spec": {
            "schedule": "* * * * *",
            "jobTemplate": {"spec": {"template": {"spec": {"containers": [CONTAINER], "restartPolicy": "Never"}}}},
        },
    },
    "rc": {"apiVersion": "v1", "kind": "ReplicationController", "metadata": {"name": "r"}, "spec": {}},
    "ing": {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": "i"},
        "spec": {"defaultBackend": {"service": {"name": "s", "port": {"number": 80}}}},
    },
    "crb": {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "b"},
        "roleRef": {"kind": "ClusterRole", "name": "x"},
    },
    "clusterrole": {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "r"}, "rules": []},
    "crd": {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "widgets.x.io"},
        "spec": {
            "group": "x.io",
            "names": {"kind": "Widget", "plural": "widgets"},
            "scope": "Namespaced",
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {"type": "object"}}}],
        },
    },
    "hpa": {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "h"},
        "spec": {"maxReplicas": 3, "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}},
    },
    "sts": {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": "db"},
        "spec": {
            "selector": {"matchLabels": {"app": "db"}},
            "template": {"metadata": {"labels": {"app": "db"}}, "spec": {"containers": [CONTAINER]}},
        },
    },
}
C0 = ("spec", "containers", 0)
TEMPLATE = ("spec", "template", "spec")


@pytest.mark.parametrize(
    ("base", "path", "value", "cause"),
    [
        (
            "cm",
            ("metadata", "labels"),
            {"a/b/c": "1"},
            'metadata.labels: Invalid value: "a/b/c": a valid label key must consist of',
        ),
        ("cm", ("metadata", "labels"), {"/b": "1"}, 'metadata.labels: Invalid value: "/b": prefix part must be non-empty'),
        ("cm", ("metadata", "labels"), {"A_/b": "1"}, 'metadata.labels: Invalid value: "A_/b": prefix part a lowercase RFC 1123'),
        ("cm", ("metadata", "labels"), {"a/": "1"}, 'metadata.labels: Invalid value: "a/": name part must be non-empty'),
        (
            "cm",
            ("metadata", "labels"),
            {"a": "-"},
            'metadata.labels: Invalid value: "-": a valid label must be an empty string or',
        ),
        (
            "cm",
            ("metadata", "annotations"),
            {"a": "x" * 262144},
            "metadata.annotations: Too long: may not be more than 262144 bytes",
        ),
        (
            "cm",
            ("metadata", "ownerReferences"),
            [{"apiVersion": "", "kind": "", "name": "n", "uid": "u"}],
            'metadata.ownerReferences[0].kind: Invalid value: "": must not be empty',
        ),
        (
            "cm",
            ("metadata", "ownerReferences"),
            [{"apiVersion": "v1", "kind": "K", "name": n, "uid": n, "controller": True} for n in "ab"],
            'Only one reference can have Controller set to true. Found "true" in references for a and b',
        ),
        (
            "cm",
            ("metadata", "finalizers"),
            ["orphan", "foregroundDeletion"],
            "finalizer orphan and foregroundDeletion cannot be both set",
        ),
        ("cm", ("data",), {"a": "x" * (1024 * 1024 + 1)}, "Too long: may not be more than 1048576 bytes"),
        ("cm", ("binaryData",), {"a b": "AAAA"}, 'binaryData[a b]: Invalid value: "a b": a valid config key'),
        ("cm", ("data",), {".": "1"}, "data[.]: Invalid value: \".\": must not be '.'"),
        ("cm", ("data",), {"..a": "1"}, "data[..a]: Invalid value: \"..a\": must not start with '..'"),
        ("secret", ("type",), "kubernetes.io/ssh-auth", "data[ssh-privatekey]: Required value"),
        (
            "pod",
            (*C0, "env"),
            [{"name": "A", "valueFrom": {"fieldRef": {}}}],
            "env[0].valueFrom.fieldRef.fieldPath: Required value",
        ),
        (
            "pod",
            (*C0, "env"),
            [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s"}}}],
            "spec.containers[0].env[0].valueFrom.secretKeyRef.key: Required value",
        ),
        (
            "pod",
            (*C0, "env"),
            [{"name": "A", "valueFrom": {"secretKeyRef": {"key": "a"}, "configMapKeyRef": {"key": "a"}}}],
            "may not have more than one field specified at a time",
        ),
        (
            "pod",
            (*C0, "envFrom"),
            [{}],
            'spec.containers[0].envFrom[0]: Invalid value: "": must specify one of: `configMapRef` or',
        ),
        ("pod", (*C0, "envFrom"), [{"configMapRef": {}}], "spec.containers[0].envFrom[0].configMapRef.name: Required value"),
        ("pod", (*C0, "volumeMounts"), [{"mountPath": "/a"}], "spec.containers[0].volumeMounts[0].name: Required value"),
        (
            "pod",
            (*C0, "volumeMounts"),
            [{"name": "v", "mountPath": "/a"}],
            'spec.containers[0].volumeMounts[0].name: Not found: "v"',
        ),
        ("pod", (*C0, "volumeMounts"), [{"name": "v"}], "spec.containers[0].volumeMounts[0].mountPath: Required value"),
        (
            "pod",
            (*C0, "resources"),
            {"limits": {"cpu": "-1"}},
            'resources.limits[cpu]: Invalid value: "-1": must be greater than or equal',
        ),
        ("pod", (*C0, "resources"), {"limits": {"foo": "1"}}, "must be a standard resource for containers"),
        (
            "pod",
            (*C0, "resources"),
            {"limits": {"cpu": "1"}, "requests": {"cpu": "2"}},
            'spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
        ),
        (
            "pod",
            (*C0, "livenessProbe"),
            {"tcpSocket": {"port": "no_name"}},
            'livenessProbe.tcpSocket.port: Invalid value: "no_name"',
        ),
        (
            "pod",
            (*C0, "livenessProbe"),
            {"grpc": {"port": 0}},
            "livenessProbe.grpc.port: Invalid value: 0: must be between 1 and 65535",
        ),
        (
            "pod",
            ("spec", "initContainers"),
            [{**CONTAINER, "name": "i", "livenessProbe": {"exec": {"command": ["x"]}}}],
            "spec.initContainers[0].livenessProbe: Forbidden: may not be set for init containers without restartPolicy=Always",
        ),
        ("pod", ("spec", "initContainers"), [CONTAINER], 'spec.initContainers[0].name: Duplicate value: "c"'),
        (
            "pod",
            ("spec", "containers"),
            [
                {**CONTAINER, "ports": [{"containerPort": 80, "hostPort": 80}]},
                {**CONTAINER, "name": "d", "ports": [{"containerPort": 81, "hostPort": 80}]},
            ],
            'spec.containers[1].ports[0].hostPort: Duplicate value: "TCP//80"',
        ),
        ("pod", ("spec", "volumes"), [{}], "spec.volumes[0].name: Required value"),
        ("pod", ("spec", "volumes"), [{"name": "a"}, {"name": "a"}], 'spec.volumes[1].name: Duplicate value: "a"'),
        ("pod", ("spec", "volumes"), [{"name": "a", "secret": {}}], "spec.volumes[0].secret.secretName: Required value"),
        (
            "pod",
            ("spec", "tolerations"),
            [{"key": "a", "operator": "Exists", "value": "x"}],
            "value must be empty when `operator` is 'Exists'",
        ),
        ("pod", ("spec", "tolerations"), [{"key": "a", "effect": "Foo"}], 'spec.tolerations[0].effect: Unsupported value: "Foo"'),
        (
            "pod",
            ("spec", "tolerations"),
            [{"key": "a", "effect": "NoSchedule", "tolerationSeconds": 1}],
            "effect must be 'NoExecute' when",
        ),
        ("pod", ("spec", "nodeName"), "A_", 'spec.nodeName: Invalid value: "A_"'),
        ("pod", ("spec", "dnsConfig"), {}, ""),
        (
            "deploy",
            ("spec", "strategy"),
            {"type": "Foo"},
            'spec.strategy.type: Unsupported value: "Foo": supported values: "Recreate", "RollingUpdate"',
        ),
        (
            "deploy",
            ("spec", "strategy"),
            {"rollingUpdate": {"maxSurge": 0, "maxUnavailable": "0%"}},
            "may not be 0 when `maxSurge` is 0",
        ),
        ("deploy", ("spec", "strategy"), {"rollingUpdate": {"maxUnavailable": "101%"}}, "must not be greater than 100%"),
        (
            "deploy",
            ("spec", "selector"),
            {"matchExpressions": [{"key": "a b", "operator": "Foo"}]},
            "not a valid selector operator",
        ),
        ("deploy", (*TEMPLATE, "containers", 0, "image"), "", "spec.template.spec.containers[0].image: Required value"),
        (
            "deploy",
            ("spec", "template", "metadata", "annotations"),
            {"a b": "1"},
            'spec.template.annotations: Invalid value: "a b"',
        ),
        ("sts", ("spec", "podManagementPolicy"), "Foo", 'spec.podManagementPolicy: Unsupported value: "Foo"'),
        ("sts", ("spec", "updateStrategy"), {"type": "Foo"}, "must be 'RollingUpdate' or 'OnDelete'"),
        (
            "sts",
            ("spec", "updateStrategy"),
            {"rollingUpdate": {"partition": -1}},
            "spec.updateStrategy.rollingUpdate.partition: Invalid value: -1",
        ),
        ("cj", ("spec", "schedule"), "", "spec.schedule: Required value"),
        (
            "cj",
            ("spec", "schedule"),
            "every day",
            'spec.schedule: Invalid value: "every day": expected exactly 5 fields, found 2: [every day]',
        ),
        ("cj", ("spec", "concurrencyPolicy"), "Foo", 'spec.concurrencyPolicy: Unsupported value: "Foo"'),
        (
            "cj",
            ("spec", "jobTemplate", "spec", "template", "spec", "restartPolicy"),
            "Always",
            "spec.jobTemplate.spec.template.spec.restartPolicy",
        ),
        ("rc", ("spec", "replicas"), 1, "[spec.selector: Required value, spec.template: Required value]"),
        ("svc", ("spec", "ports"), [{"port": 80, "name": "A"}], 'spec.ports[0].name: Invalid value: "A"'),
        ("svc", ("spec",), {"type": "ExternalName", "externalName": "A_"}, 'spec.externalName: Invalid value: "A_"'),
        (
            "svc",
            ("spec",),
            {"type": "ExternalName", "externalName": "a.b", "clusterIP": "10.96.0.9"},
            "spec.clusterIP: Forbidden: may not be set for",
        ),
        ("svc", ("metadata", "name"), "1abc", 'metadata.name: Invalid value: "1abc": a DNS-1035 label must consist of'),
        ("ing", ("spec", "rules"), [{"http": {"paths": []}}], "spec.rules[0].http.paths: Required value"),
        (
            "ing",
            ("spec", "defaultBackend"),
            {"service": {"name": "", "port": {"number": 1}}},
            "spec.defaultBackend.service.name: Required value",
        ),
        ("ing", ("spec", "defaultBackend"), {"service": {"name": "s", "port": {"number": 70000}}}, "must be between 1 and 65535"),
        (
            "ing",
            ("spec", "defaultBackend"),
            {"service": {"name": "s", "port": {"name": "A_"}}},
            "spec.defaultBackend.service.port.name",
        ),
        (
            "ing",
            ("spec", "defaultBackend"),
            {"service": {"name": "s", "port": {"name": "a", "number": 1}}},
            "cannot set both port name & port number",
        ),
        (
            "ing",
            ("spec", "defaultBackend"),
            {"service": {"name": "s"}, "resource": {"kind": "K", "name": "n"}},
            "cannot set both resource and service backends",
        ),
        (
            "ing",
            ("spec", "rules"),
            [{"http": {"paths": [{"path": "/a//b", "pathType": "Exact", "backend": {"resource": {"kind": "K", "name": "n"}}}]}}],
            "spec.rules[0].http.paths[0].path: Invalid value: \"/a//b\": must not contain '//'",
        ),
        ("crb", ("subjects",), [{"kind": "ServiceAccount", "name": "a"}], "subjects[0].namespace: Required value"),
        ("crb", ("subjects",), [{"kind": "User"}], "subjects[0].name: Required value"),
        ("crb", ("metadata", "name"), "a/b", "metadata.name: Invalid value: \"a/b\": may not contain '/'"),
        ("crb", ("metadata", "name"), "..", "metadata.name: Invalid value: \"..\": may not be '..'"),
        (
            "clusterrole",
            ("rules",),
            [{"verbs": ["get"], "nonResourceURLs": ["/x"], "resources": ["a"]}],
            "rules cannot apply to both regular resources",
        ),
        ("crd", ("metadata", "name"), "x", 'metadata.name: Invalid value: "x": must be spec.names.plural+"."+spec.group'),
        ("crd", ("spec", "versions"), [], "must have exactly one version marked as storage version"),
        (
            "hpa",
            ("spec", "metrics"),
            [{"type": "Pods", "pods": {"metric": {"name": "m"}, "target": {"type": "AverageValue"}}}],
            "spec.metrics[0].pods.target.averageValue: Required value",
        ),
    ],
)
def test_a_broken_rule_is_named(base: str, path: tuple[str | int, ...], value: Any, cause: str) -> None:
    cluster = Cluster(controllers=False)
    obj = with_path(BASES[base], path, value)
    if not cause:
        cluster.create(obj)
        return
    with pytest.raises(ApiError) as refused:
        cluster.create(obj)
    assert refused.value.code == 422
    assert cause in refused.value.message


@pytest.mark.parametrize("base", [base for base in BASES if base != "rc"])
def test_the_bases_of_these_rows_are_valid(base: str) -> None:
    cluster = Cluster(controllers=False)
    made = cluster.create(BASES[base])
    stored = cluster.get(cluster.kind_of(made), made["metadata"]["name"])
    assert cluster.update(stored) is stored


def test_the_volumes_of_claims_count_in_a_statefulset() -> None:
    obj = with_path(BASES["sts"], (*TEMPLATE, "containers", 0, "volumeMounts"), [{"name": "data", "mountPath": "/data"}])
    cluster = Cluster(controllers=False)
    with pytest.raises(ApiError, match='Not found: "data"'):
        cluster.create(obj)
    claim = {
        "metadata": {"name": "data"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    }
    cluster.create(with_path(obj, ("spec", "volumeClaimTemplates"), [claim]))


def test_what_may_not_change_may_not_change() -> None:
    cluster = Cluster(controllers=False)
    storage = {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": "s"}, "provisioner": "p"}
    cluster.create(storage)
    changed = {**storage, "provisioner": "q", "parameters": {"a": "b"}, "reclaimPolicy": "Retain"}
    with pytest.raises(ApiError) as refused:
        cluster.update(changed)
    assert [cause["field"] for cause in refused.value.details["causes"]] == ["parameters", "provisioner", "reclaimPolicy"]
    cluster.create(BASES["secret"])
    with pytest.raises(ApiError, match='type: Invalid value: "x/y": field is immutable'):
        cluster.update({**BASES["secret"], "type": "x/y"})
    cluster.create(BASES["pod"])
    with pytest.raises(ApiError, match="existing toleration can not be modified"):
        cluster.patch("pods", "p", "default", {"spec": {"tolerations": []}}, type="merge")


def test_a_bound_claim_may_ask_for_more() -> None:
    cluster = Cluster(controllers=False)
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    claim = cluster.create({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "v"}, "spec": spec})
    more = {"spec": {"resources": {"requests": {"storage": "2Gi"}}}}
    with pytest.raises(ApiError, match="spec is immutable after creation"):
        cluster.patch("pvc", "v", "default", more)
    cluster.update({**claim, "status": {"phase": "Bound"}}, subresource="status")
    assert cluster.patch("pvc", "v", "default", more)["spec"]["resources"]["requests"]["storage"] == "2Gi"
