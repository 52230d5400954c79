"""Health per kind: the table of Argo CD, message for message."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_sim.agents.health import argocd_health, worst


def obj(kind: str, spec: Any = None, status: Any = None, *, api: str = "v1", **meta: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"apiVersion": api, "kind": kind, "metadata": {"name": "x", "generation": 1, **meta}}
    if spec is not None:
        made["spec"] = spec
    if status is not None:
        made["status"] = status
    return made


def apps(kind: str, spec: Any, status: Any, **meta: Any) -> dict[str, Any]:
    return obj(kind, spec, {"observedGeneration": 1, **status}, api="apps/v1", **meta)


def waiting(reason: str, message: str = "m") -> dict[str, Any]:
    return {"containerStatuses": [{"state": {"waiting": {"reason": reason, "message": message}}}], "phase": "Pending"}


def condition(type_: str, status: str = "True", **more: str) -> dict[str, Any]:
    return {"conditions": [{"type": type_, "status": status, **more}]}


ROLLING = {"updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 1}}, "replicas": 3}
CASES: list[tuple[str, dict[str, Any], tuple[str, str] | None]] = [
    ("paused", apps("Deployment", {"paused": True, "replicas": 1}, {}), ("Suspended", "Deployment is paused")),
    (
        "stale",
        apps("Deployment", {"replicas": 1}, {}, generation=2),
        ("Progressing", "Waiting for rollout to finish: observed deployment generation less than desired generation"),
    ),
    (
        "deadline",
        apps("Deployment", {"replicas": 1}, condition("Progressing", "False", reason="ProgressDeadlineExceeded")),
        ("Degraded", 'Deployment "x" exceeded its progress deadline'),
    ),
    (
        "too few updated",
        apps("Deployment", {"replicas": 3}, {"updatedReplicas": 1, "replicas": 3}),
        ("Progressing", "Waiting for rollout to finish: 1 out of 3 new replicas have been updated..."),
    ),
    (
        "old ones left",
        apps("Deployment", {"replicas": 3}, {"updatedReplicas": 3, "replicas": 4}),
        ("Progressing", "Waiting for rollout to finish: 1 old replicas are pending termination..."),
    ),
    (
        "crash loop before the deadline",
        apps("Deployment", {"replicas": 3}, {"updatedReplicas": 3, "replicas": 3, "availableReplicas": 2}),
        ("Progressing", "Waiting for rollout to finish: 2 of 3 updated replicas are available..."),
    ),
    ("good", apps("Deployment", {"replicas": 1}, {"updatedReplicas": 1, "replicas": 1, "availableReplicas": 1}), ("Healthy", "")),
    ("scaled to none", apps("Deployment", {"replicas": 0}, {}), ("Healthy", "")),
    (
        "never observed",
        obj("StatefulSet", {"replicas": 1}, {}, api="apps/v1"),
        ("Progressing", "Waiting for statefulset spec update to be observed..."),
    ),
    (
        "not ready",
        apps("StatefulSet", {"replicas": 3}, {"readyReplicas": 1}),
        ("Progressing", "Waiting for 2 pods to be ready..."),
    ),
    (
        "partition",
        apps("StatefulSet", ROLLING, {"readyReplicas": 3, "updatedReplicas": 1}),
        ("Progressing", "Waiting for partitioned roll out to finish: 1 out of 2 new pods have been updated..."),
    ),
    (
        "partition done",
        apps("StatefulSet", ROLLING, {"readyReplicas": 3, "updatedReplicas": 2}),
        ("Healthy", "partitioned roll out complete: 2 new pods have been updated..."),
    ),
    (
        "on delete",
        apps("StatefulSet", {"replicas": 1, "updateStrategy": {"type": "OnDelete"}}, {"readyReplicas": 1}),
        ("Healthy", "statefulset has 1 ready pods"),
    ),
    (
        "revision moving",
        apps(
            "StatefulSet",
            {"replicas": 1},
            {"readyReplicas": 1, "updatedReplicas": 1, "updateRevision": "x-b", "currentRevision": "x-a"},
        ),
        ("Progressing", "waiting for statefulset rolling update to complete 1 pods at revision x-b..."),
    ),
    (
        "revision settled",
        apps(
            "StatefulSet",
            {"replicas": 1},
            {"readyReplicas": 1, "currentReplicas": 1, "updateRevision": "x-b", "currentRevision": "x-b"},
        ),
        ("Healthy", "statefulset rolling update complete 1 pods at revision x-b..."),
    ),
    (
        "stale",
        apps("DaemonSet", {}, {}, generation=2),
        ("Progressing", "Waiting for rollout to finish: observed daemon set generation less than desired generation"),
    ),
    (
        "on delete",
        apps("DaemonSet", {"updateStrategy": {"type": "OnDelete"}}, {"desiredNumberScheduled": 3}),
        ("Healthy", "daemon set 0 out of 3 new pods have been updated"),
    ),
    (
        "updating",
        apps("DaemonSet", {}, {"desiredNumberScheduled": 3, "updatedNumberScheduled": 2}),
        ("Progressing", 'Waiting for daemon set "x" rollout to finish: 2 out of 3 new pods have been updated...'),
    ),
    (
        "unavailable",
        apps("DaemonSet", {}, {"desiredNumberScheduled": 3, "updatedNumberScheduled": 3, "numberAvailable": 1}),
        ("Progressing", 'Waiting for daemon set "x" rollout to finish: 1 of 3 updated pods are available...'),
    ),
    (
        "good",
        apps("DaemonSet", {}, {"desiredNumberScheduled": 1, "updatedNumberScheduled": 1, "numberAvailable": 1}),
        ("Healthy", ""),
    ),
    (
        "stale",
        apps("ReplicaSet", {"replicas": 1}, {}, generation=2),
        ("Progressing", "Waiting for rollout to finish: observed replica set generation less than desired generation"),
    ),
    (
        "failure",
        apps("ReplicaSet", {"replicas": 1}, condition("ReplicaFailure", message="quota exceeded")),
        ("Degraded", "quota exceeded"),
    ),
    (
        "starting",
        apps("ReplicaSet", {"replicas": 2}, {"availableReplicas": 1}),
        ("Progressing", "Waiting for rollout to finish: 1 out of 2 new replicas are available..."),
    ),
    ("good", apps("ReplicaSet", {"replicas": 2}, {"availableReplicas": 2}), ("Healthy", "")),
    ("crash loop", obj("Pod", {}, waiting("CrashLoopBackOff", "back-off 10s")), ("Degraded", "back-off 10s")),
    ("image", obj("Pod", {}, waiting("ErrImagePull")), ("Degraded", "m")),
    ("config", obj("Pod", {}, waiting("CreateContainerConfigError")), ("Degraded", "m")),
    ("starting", obj("Pod", {}, waiting("ContainerCreating")), ("Progressing", "")),
    (
        "a job's pod is not judged by its back-off",
        obj("Pod", {"restartPolicy": "Never"}, waiting("ErrImagePull")),
        ("Progressing", ""),
    ),
    ("done", obj("Pod", {}, {"phase": "Succeeded"}), ("Healthy", "")),
    ("evicted", obj("Pod", {}, {"phase": "Failed", "message": "evicted"}), ("Degraded", "evicted")),
    (
        "exit code",
        obj("Pod", {}, {"phase": "Failed", "containerStatuses": [{"name": "c", "state": {"terminated": {"exitCode": 3}}}]}),
        ("Degraded", 'container "c" failed with exit code 3'),
    ),
    (
        "out of memory",
        obj("Pod", {}, {"phase": "Failed", "containerStatuses": [{"state": {"terminated": {"reason": "OOMKilled"}}}]}),
        ("Degraded", "OOMKilled"),
    ),
    (
        "last words",
        obj("Pod", {}, {"phase": "Failed", "initContainerStatuses": [{"state": {"terminated": {"message": "no db"}}}]}),
        ("Degraded", "no db"),
    ),
    ("failed silently", obj("Pod", {}, {"phase": "Failed", "containerStatuses": [{"state": {}}]}), ("Degraded", "")),
    ("ready", obj("Pod", {}, {"phase": "Running", **condition("Ready")}), ("Healthy", "")),
    (
        "came back once",
        obj("Pod", {}, {"phase": "Running", "containerStatuses": [{"lastState": {"terminated": {"exitCode": 1}}}]}),
        ("Degraded", ""),
    ),
    ("not ready yet", obj("Pod", {}, {"phase": "Running"}), ("Progressing", "")),
    ("runs to an end", obj("Pod", {"restartPolicy": "OnFailure"}, {"phase": "Running"}), ("Progressing", "")),
    (
        "runs for long, it says",
        obj(
            "Pod",
            {"restartPolicy": "Never"},
            {"phase": "Running", **condition("Ready")},
            annotations={"argocd.argoproj.io/ignore-restart-policy": "true"},
        ),
        ("Healthy", ""),
    ),
    ("lost", obj("Pod", {}, {"phase": "Unknown"}), ("Unknown", "")),
    ("cluster ip", obj("Service", {"type": "ClusterIP"}, {}), ("Healthy", "")),
    ("no balancer", obj("Service", {"type": "LoadBalancer"}, {"loadBalancer": {}}), ("Progressing", "")),
    (
        "balancer",
        obj("Service", {"type": "LoadBalancer"}, {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}),
        ("Healthy", ""),
    ),
    ("nobody serves it", obj("Ingress", {}, {}, api="networking.k8s.io/v1"), ("Progressing", "")),
    ("running", obj("Job", {}, {}, api="batch/v1"), ("Progressing", "")),
    ("failed", obj("Job", {}, condition("Failed", message="too often"), api="batch/v1"), ("Degraded", "too often")),
    ("suspended", obj("Job", {}, condition("Suspended", message="s"), api="batch/v1"), ("Suspended", "s")),
    ("complete", obj("Job", {}, condition("Complete"), api="batch/v1"), ("Healthy", "")),
    ("suspended is healthy, on purpose", obj("CronJob", {"suspend": True}, api="batch/v1"), ("Healthy", "CronJob is Suspended")),
    ("new", obj("CronJob", {}, api="batch/v1"), ("Progressing", "Waiting for CronJob")),
    ("idle", obj("CronJob", {}, {}, api="batch/v1"), ("Healthy", "CronJob has not been scheduled yet")),
    (
        "never succeeded",
        obj("CronJob", {}, {"lastScheduleTime": "2026-01-05T09:00:00Z"}, api="batch/v1"),
        ("Healthy", "The CronJob never completed successfully. It may not be healthy"),
    ),
    (
        "failed last time",
        obj(
            "CronJob",
            {},
            {"lastScheduleTime": "2026-01-05T09:00:00Z", "lastSuccessfulTime": "2026-01-05T08:00:00Z"},
            api="batch/v1",
        ),
        ("Degraded", "CronJob has not completed its last execution successfully"),
    ),
    (
        "runs again",
        obj(
            "CronJob",
            {},
            {"lastScheduleTime": "2026-01-05T09:00:00Z", "lastSuccessfulTime": "2026-01-05T08:00:00Z", "active": [{}]},
            api="batch/v1",
        ),
        ("Healthy", "The job is running. Its last execution may not have been successful"),
    ),
    (
        "succeeded last time",
        obj(
            "CronJob",
            {},
            {"lastScheduleTime": "2026-01-05T09:00:00Z", "lastSuccessfulTime": "2026-01-05T09:00:09Z"},
            api="batch/v1",
        ),
        ("Healthy", "CronJob has completed its last execution successfully"),
    ),
    ("bound", obj("PersistentVolumeClaim", {}, {"phase": "Bound"}), ("Healthy", "")),
    ("pending", obj("PersistentVolumeClaim", {}, {"phase": "Pending"}), ("Progressing", "")),
    ("lost", obj("PersistentVolumeClaim", {}, {"phase": "Lost"}), ("Degraded", "")),
    ("no phase", obj("PersistentVolumeClaim", {}, {}), ("Unknown", "")),
    (
        "no metrics",
        obj(
            "HorizontalPodAutoscaler",
            {},
            condition("ScalingActive", "False", reason="FailedGetResourceMetric", message="no metrics"),
            api="autoscaling/v2",
        ),
        ("Degraded", "no metrics"),
    ),
    (
        "able",
        obj("HorizontalPodAutoscaler", {}, condition("AbleToScale", message="ok"), api="autoscaling/v2"),
        ("Healthy", "ok"),
    ),
    (
        "version 1 keeps its conditions in an annotation",
        obj(
            "HorizontalPodAutoscaler",
            api="autoscaling/v1",
            annotations={"autoscaling.alpha.kubernetes.io/conditions": '[{"type":"AbleToScale","status":"True","message":"ok"}]'},
        ),
        ("Healthy", "ok"),
    ),
    ("new", obj("HorizontalPodAutoscaler", {}, {}, api="autoscaling/v2"), ("Progressing", "Waiting to Autoscale")),
    (
        "available",
        obj("APIService", {}, condition("Available", reason="Passed", message="ok"), api="apiregistration.k8s.io/v1"),
        ("Healthy", "Passed: ok"),
    ),
    (
        "unavailable",
        obj(
            "APIService",
            {},
            condition("Available", "False", reason="MissingEndpoints", message="none"),
            api="apiregistration.k8s.io/v1",
        ),
        ("Progressing", "MissingEndpoints: none"),
    ),
    ("new", obj("APIService", {}, {}, api="apiregistration.k8s.io/v1"), ("Progressing", "Waiting to be processed")),
    ("new", obj("PodDisruptionBudget", {}, {}, api="policy/v1"), ("Progressing", "Waiting for status")),
    (
        "too few pods is no illness",
        obj("PodDisruptionBudget", {}, condition("DisruptionAllowed", "False", reason="InsufficientPods"), api="policy/v1"),
        ("Healthy", "PodDisruptionBudget has InsufficientPods"),
    ),
    (
        "cannot be computed",
        obj("PodDisruptionBudget", {}, condition("DisruptionAllowed", "False", reason="SyncFailed"), api="policy/v1"),
        ("Degraded", "PodDisruptionBudget has SyncFailed"),
    ),
    (
        "new",
        obj("CustomResourceDefinition", {}, {}, api="apiextensions.k8s.io/v1"),
        ("Progressing", "Status conditions not found"),
    ),
    (
        "established",
        obj("CustomResourceDefinition", {}, condition("Established"), api="apiextensions.k8s.io/v1"),
        ("Healthy", "CRD is healthy"),
    ),
    (
        "installing",
        obj(
            "CustomResourceDefinition", {}, condition("Established", "False", reason="Installing"), api="apiextensions.k8s.io/v1"
        ),
        ("Progressing", "CRD is being installed"),
    ),
    (
        "name taken",
        obj("CustomResourceDefinition", {}, condition("NamesAccepted", "False", message="taken"), api="apiextensions.k8s.io/v1"),
        ("Degraded", "CRD names have not been accepted: taken"),
    ),
    (
        "going",
        obj("CustomResourceDefinition", {}, condition("Terminating", message="now"), api="apiextensions.k8s.io/v1"),
        ("Progressing", "CRD is terminating: now"),
    ),
    (
        "schema",
        obj("CustomResourceDefinition", {}, condition("NonStructuralSchema", message="bad"), api="apiextensions.k8s.io/v1"),
        ("Degraded", "Schema violations found: bad"),
    ),
    (
        "refused",
        obj("CustomResourceDefinition", {}, condition("Established", "False", reason="No"), api="apiextensions.k8s.io/v1"),
        ("Degraded", "CRD is not established"),
    ),
    ("has none", obj("ConfigMap"), None),
    ("has none", obj("Secret"), None),
    ("has none", obj("Role", api="rbac.authorization.k8s.io/v1"), None),
    ("has none", obj("Widget", api="example.com/v1"), None),
    ("has none by default", obj("Application", api="argoproj.io/v1alpha1"), None),
    ("going", obj("ConfigMap", deletionTimestamp="2026-01-05T09:00:00Z"), ("Progressing", "Pending deletion")),
    (
        "a hook's own finalizer is not a deletion",
        obj("Job", {}, {}, api="batch/v1", deletionTimestamp="x", finalizers=["argocd.argoproj.io/hook-finalizer"]),
        ("Progressing", ""),
    ),
    (
        "garbage",
        obj("Deployment", {"replicas": "three"}, {"observedGeneration": 1}, api="apps/v1"),
        ("Unknown", "failed to convert unstructured Deployment to typed"),
    ),
]


@pytest.mark.parametrize(("case", "given", "expected"), CASES, ids=[f"{g['kind']}-{c}" for c, g, _ in CASES])
def test_health_of_a_kind(case: str, given: dict[str, Any], expected: tuple[str, str] | None) -> None:
    assert argocd_health(given) == expected


def test_the_order_of_health_puts_missing_before_degraded_and_suspended_before_progressing() -> None:
    assert worst(["Healthy", "Suspended"]) == "Suspended"
    assert worst(["Suspended", "Progressing"]) == "Progressing"
    assert worst(["Progressing", "Missing"]) == "Missing"
    assert worst(["Missing", "Degraded"]) == "Degraded"
    assert worst(["Degraded", "Unknown"]) == "Unknown"
    assert worst([]) == "Healthy"
