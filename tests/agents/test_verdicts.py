"""What both agents think of objects of every kind and state. The expected verdicts are those of the documentation and source of
Argo CD 3.5 (``gitops-engine/pkg/health``, ``resource_customizations``) and of kstatus (``fluxcd/cli-utils``)."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_sim.agents.verdicts import application_health, kustomization_health, verdict


def obj(kind: str, api: str = "v1", *, spec: Any = None, status: Any = None, **meta: Any) -> dict[str, Any]:
    made = {"apiVersion": api, "kind": kind, "metadata": {"name": "x", "namespace": "shop", **meta}}
    return {**made, **({} if spec is None else {"spec": spec}), **({} if status is None else {"status": status})}


def condition(type: str, status: str = "True", reason: str = "", message: str = "") -> dict[str, Any]:
    return {"type": type, "status": status, "reason": reason, "message": message}


APPS, NET, BATCH = "apps/v1", "networking.k8s.io/v1", "batch/v1"
THREE = {"observedGeneration": 1, "replicas": 3, "updatedReplicas": 3, "readyReplicas": 3, "availableReplicas": 3}
ROLLED_OUT = [condition("Available"), condition("Progressing", reason="NewReplicaSetAvailable")]
LATE = [condition("Available"), condition("Progressing", "False", "ProgressDeadlineExceeded", "timed out")]
WAITING = {"phase": "Running", "containerStatuses": [{"name": "c", "state": {"waiting": {"reason": "CrashLoopBackOff"}}}]}
UP = {"phase": "Running", "conditions": [condition("Ready")], "containerStatuses": [{"name": "c", "state": {"running": {}}}]}
BALANCED = {"type": "LoadBalancer", "clusterIP": "10.0.0.1"}
ADDRESS = {"loadBalancer": {"ingress": [{"ip": "10.0.0.9"}]}}
ALWAYS = {"restartPolicy": "Always", "containers": [{"name": "c"}]}

WELL, WAITS, BAD = ("Healthy", "Current"), ("Progressing", "InProgress"), ("Degraded", "Failed")

TABLE = [
    # Deployments
    (
        obj("Deployment", APPS, generation=1, spec={"replicas": 3}, status={**THREE, "conditions": ROLLED_OUT}),
        *WELL,
    ),
    (obj("Deployment", APPS, generation=2, spec={"replicas": 3}, status=THREE), *WAITS),
    (obj("Deployment", APPS, generation=1, spec={"replicas": 5}, status=THREE), *WAITS),
    (obj("Deployment", APPS, generation=1, spec={"replicas": 3}, status={**THREE, "replicas": 4}), *WAITS),
    (
        obj("Deployment", APPS, generation=1, spec={"replicas": 3}, status={**THREE, "availableReplicas": 2}),
        *WAITS,
    ),
    (obj("Deployment", APPS, generation=1, spec={"replicas": 3}, status={**THREE, "conditions": LATE}), *BAD),
    (
        obj("Deployment", APPS, generation=1, spec={"replicas": 3, "paused": True}, status={**THREE, "conditions": ROLLED_OUT}),
        "Suspended",
        "Current",
    ),
    # StatefulSets, DaemonSets, ReplicaSets
    (
        obj(
            "StatefulSet",
            APPS,
            generation=1,
            spec={"replicas": 3},
            status={**THREE, "currentReplicas": 3, "currentRevision": "a", "updateRevision": "a"},
        ),
        *WELL,
    ),
    (
        obj("StatefulSet", APPS, generation=1, spec={"replicas": 3}, status={**THREE, "readyReplicas": 1}),
        *WAITS,
    ),
    (obj("StatefulSet", APPS, generation=1, spec={"replicas": 3}), *WAITS),
    (
        obj(
            "DaemonSet",
            APPS,
            generation=1,
            status={
                "observedGeneration": 1,
                **dict.fromkeys(("desiredNumberScheduled", "currentNumberScheduled", "updatedNumberScheduled"), 2),
                **dict.fromkeys(("numberAvailable", "numberReady"), 2),
            },
        ),
        *WELL,
    ),
    (
        obj(
            "DaemonSet",
            APPS,
            generation=1,
            status={
                "observedGeneration": 1,
                **dict.fromkeys(("desiredNumberScheduled", "currentNumberScheduled", "updatedNumberScheduled"), 2),
                **dict.fromkeys(("numberAvailable", "numberReady"), 1),
            },
        ),
        *WAITS,
    ),
    (
        obj("ReplicaSet", APPS, generation=1, spec={"replicas": 3}, status={**THREE, "fullyLabeledReplicas": 3}),
        *WELL,
    ),
    (
        obj(
            "ReplicaSet",
            APPS,
            generation=1,
            spec={"replicas": 3},
            status={"observedGeneration": 1, "replicas": 0, "conditions": [condition("ReplicaFailure", message="quota")]},
        ),
        "Degraded",
        "InProgress",
    ),
    # Pods
    (obj("Pod", spec=ALWAYS, status=UP), *WELL),
    (obj("Pod", spec=ALWAYS, status={"phase": "Pending"}), *WAITS),
    (obj("Pod", spec=ALWAYS, status={**WAITING, "conditions": [condition("Ready", "False")]}), *BAD),
    (obj("Pod", spec=ALWAYS, status={"phase": "Failed"}), "Degraded", "Current"),
    (obj("Pod", spec={**ALWAYS, "restartPolicy": "Never"}, status={"phase": "Succeeded"}), *WELL),
    # Services and Ingresses: where the two differ most
    (obj("Service", spec={"type": "ClusterIP", "clusterIP": "10.0.0.1"}), *WELL),
    (obj("Service", spec=BALANCED), "Progressing", "Current"),
    (obj("Service", spec=BALANCED, status=ADDRESS), *WELL),
    (obj("Ingress", NET, spec={}), "Progressing", "Current"),
    (obj("Ingress", NET, spec={}, status=ADDRESS), *WELL),
    # Jobs
    (obj("Job", BATCH, status={"conditions": [condition("Complete")], "succeeded": 1}), *WELL),
    (obj("Job", BATCH, status={"conditions": [condition("Failed", message="BackoffLimitExceeded")]}), *BAD),
    (obj("Job", BATCH, status={"active": 1, "startTime": "2026-01-05T09:00:00Z"}), *WAITS),
    (obj("CronJob", BATCH, spec={"suspend": True, "schedule": "@daily"}), *WELL),
    # Storage
    (obj("PersistentVolumeClaim", status={"phase": "Bound"}), *WELL),
    (obj("PersistentVolumeClaim", status={"phase": "Pending"}), *WAITS),
    (obj("PersistentVolumeClaim", status={"phase": "Lost"}), "Degraded", "InProgress"),
    # Autoscalers
    (
        obj("HorizontalPodAutoscaler", "autoscaling/v2", spec={}, status={"conditions": [condition("AbleToScale")]}),
        *WELL,
    ),
    (
        obj(
            "HorizontalPodAutoscaler",
            "autoscaling/v2",
            spec={},
            status={"conditions": [condition("ScalingActive", "False", "FailedGetResourceMetric", "no metrics")]},
        ),
        "Degraded",
        "Current",
    ),
    # What has no health for Argo CD
    (obj("ConfigMap"), "", "Current"),
    (obj("Secret"), "", "Current"),
    (obj("Role", "rbac.authorization.k8s.io/v1"), "", "Current"),
    # Custom kinds: Flux reads their conditions, Argo CD needs a check for the kind
    (obj("Widget", "shop.example.com/v1", status={"conditions": [condition("Ready", "False", message="no")]}), "", "InProgress"),
    (obj("Widget", "shop.example.com/v1", status={"conditions": [condition("Stalled", message="stuck")]}), "", "Failed"),
    (obj("Widget", "shop.example.com/v1", generation=3, status={"observedGeneration": 2}), "", "InProgress"),
    # On its way out
    (obj("ConfigMap", deletionTimestamp="2026-01-05T09:00:00Z"), "Progressing", "Terminating"),
]


def _named(value: Any) -> str:
    return str(value["kind"]) if isinstance(value, dict) else str(value)


@pytest.mark.parametrize(("judged", "argocd", "flux"), TABLE, ids=_named)
def test_every_kind_and_state(judged: dict[str, Any], argocd: str, flux: str) -> None:
    found = verdict(judged)
    assert (found.argocd.status, found.flux.status) == (argocd, flux), (found.argocd.message, found.flux.message)


def test_every_verdict_says_how_it_came_about() -> None:
    for judged, _, _ in TABLE:
        found = verdict(judged)
        assert found.argocd.rule
        assert found.flux.rule


def test_a_status_of_the_wrong_types_is_unknown_and_no_crash() -> None:
    for status in ({"conditions": "none"}, {"conditions": ["none"]}, {"observedGeneration": 1, "replicas": "three"}, [1]):
        found = verdict(obj("Deployment", APPS, spec={"replicas": 3}, generation=1, status=status))
        assert found.flux.status == "Unknown", status
        assert found.flux.message == "failed to convert unstructured Deployment to typed"


def test_a_custom_kind_that_argo_cd_knows_is_said_to_have_a_check() -> None:
    suspended = verdict(obj("Kustomization", "kustomize.toolkit.fluxcd.io/v1", spec={"suspend": True}))
    assert suspended.argocd.status == "Suspended"
    assert "a check that Argo CD ships for this kind" in suspended.argocd.rule
    assert verdict(obj("Widget", "shop.example.com/v1")).argocd.rule == "no check for this kind: it does not count"


def test_a_check_that_argo_cd_ships_and_that_is_not_simulated_is_named() -> None:
    rollout = verdict(obj("Rollout", "argoproj.io/v1alpha1"))
    assert (rollout.argocd.status, "ships a check for this kind that is not simulated" in rollout.argocd.rule) == ("", True)


def test_an_object_can_be_taken_out_of_argo_cds_health() -> None:
    ignored = obj("Ingress", NET, spec={}, annotations={"argocd.argoproj.io/ignore-healthcheck": "true"})
    assert verdict(ignored).argocd.status == ""


def test_together_the_worst_counts_for_one_and_all_must_be_current_for_the_other() -> None:
    well, late = (verdict(TABLE[index][0]) for index in (0, 5))
    ingress = verdict(obj("Ingress", NET, spec={}))
    assert (application_health([well, ingress]), kustomization_health([well, ingress])) == ("Progressing", "passes")
    assert (application_health([well, late]), kustomization_health([well, late])) == ("Degraded", "fails")
    assert kustomization_health([verdict(TABLE[1][0])]) == "waits, until its timeout"
