"""The health of one object, as Argo CD judges it.

Source: ``gitops-engine/pkg/health/health_*.go`` for the built-in kinds, ``resource_customizations/*/health.lua`` for CronJob,
PodDisruptionBudget and CustomResourceDefinition (Argo CD 3.5).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

from gitops_sim.agents.health_custom import CUSTOM_CHECKS
from gitops_sim.objects import Object, annotations_of, condition_of, conditions_of, get_path, group_of

HealthStatus = Literal["Healthy", "Suspended", "Progressing", "Missing", "Degraded", "Unknown"]
Health = tuple[HealthStatus, str]

WORSE: tuple[HealthStatus, ...] = ("Healthy", "Suspended", "Progressing", "Missing", "Degraded", "Unknown")
"""Best to worst. The health of an Application is the worst of its direct resources."""

HOOK_FINALIZER = "argocd.argoproj.io/hook-finalizer"


def argocd_health(obj: Object) -> Health | None:
    """``(status, message)`` of a live object; None for the kinds that have no health (ConfigMap, Secret, Role ...)."""
    meta = obj["metadata"]
    if meta.get("deletionTimestamp") and HOOK_FINALIZER not in (meta.get("finalizers") or ()):
        return "Progressing", "Pending deletion"
    check = _CHECKS.get((group_of(obj["apiVersion"]), obj["kind"]))
    if check is None:
        return None
    try:
        return check(obj)
    except (AttributeError, KeyError, TypeError, ValueError):
        return "Unknown", f"failed to convert unstructured {obj['kind']} to typed"


def worst(statuses: Iterable[HealthStatus]) -> HealthStatus:
    """The worst of some; Healthy for none."""
    return max(statuses, key=WORSE.index, default="Healthy")


def _deployment(obj: Object) -> Health:
    meta, spec, status = obj["metadata"], obj.get("spec") or {}, obj.get("status") or {}
    if spec.get("paused"):
        return "Suspended", "Deployment is paused"
    if meta.get("generation", 0) > status.get("observedGeneration", 0):
        return "Progressing", "Waiting for rollout to finish: observed deployment generation less than desired generation"
    if (condition_of(obj, "Progressing") or {}).get("reason") == "ProgressDeadlineExceeded":
        return "Degraded", f'Deployment "{meta["name"]}" exceeded its progress deadline'
    updated, total = status.get("updatedReplicas", 0), status.get("replicas", 0)
    available, wanted = status.get("availableReplicas", 0), spec.get("replicas")
    if wanted is not None and updated < wanted:
        return "Progressing", f"Waiting for rollout to finish: {updated} out of {wanted} new replicas have been updated..."
    if total > updated:
        return "Progressing", f"Waiting for rollout to finish: {total - updated} old replicas are pending termination..."
    if available < updated:
        return "Progressing", f"Waiting for rollout to finish: {available} of {updated} updated replicas are available..."
    return "Healthy", ""


def _stateful_set(obj: Object) -> Health:
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    observed = status.get("observedGeneration", 0)
    if observed == 0 or obj["metadata"].get("generation", 0) > observed:
        return "Progressing", "Waiting for statefulset spec update to be observed..."
    wanted, ready, updated = spec.get("replicas"), status.get("readyReplicas", 0), status.get("updatedReplicas", 0)
    if wanted is not None and ready < wanted:
        return "Progressing", f"Waiting for {wanted - ready} pods to be ready..."
    strategy = spec.get("updateStrategy") or {}
    if strategy.get("type") == "RollingUpdate" and strategy.get("rollingUpdate") is not None:
        partition = strategy["rollingUpdate"].get("partition")
        if wanted is not None and partition is not None and updated < wanted - partition:
            return "Progressing", (
                f"Waiting for partitioned roll out to finish: {updated} out of {wanted - partition} new pods have been updated..."
            )
        return "Healthy", f"partitioned roll out complete: {updated} new pods have been updated..."
    if strategy.get("type") == "OnDelete":
        return "Healthy", f"statefulset has {ready} ready pods"
    if status.get("updateRevision") != status.get("currentRevision"):
        revision = status.get("updateRevision", "")
        return "Progressing", f"waiting for statefulset rolling update to complete {updated} pods at revision {revision}..."
    current, revision = status.get("currentReplicas", 0), status.get("currentRevision", "")
    return "Healthy", f"statefulset rolling update complete {current} pods at revision {revision}..."


def _daemon_set(obj: Object) -> Health:
    meta, status = obj["metadata"], obj.get("status") or {}
    if meta.get("generation", 0) > status.get("observedGeneration", 0):
        return "Progressing", "Waiting for rollout to finish: observed daemon set generation less than desired generation"
    wanted, updated = status.get("desiredNumberScheduled", 0), status.get("updatedNumberScheduled", 0)
    available = status.get("numberAvailable", 0)
    if get_path(obj, ("spec", "updateStrategy", "type")) == "OnDelete":
        return "Healthy", f"daemon set {updated} out of {wanted} new pods have been updated"
    waiting = f'Waiting for daemon set "{meta["name"]}" rollout to finish: '
    if updated < wanted:
        return "Progressing", f"{waiting}{updated} out of {wanted} new pods have been updated..."
    if available < wanted:
        return "Progressing", f"{waiting}{available} of {wanted} updated pods are available..."
    return "Healthy", ""


def _replica_set(obj: Object) -> Health:
    status = obj.get("status") or {}
    if obj["metadata"].get("generation", 0) > status.get("observedGeneration", 0):
        return "Progressing", "Waiting for rollout to finish: observed replica set generation less than desired generation"
    failure = condition_of(obj, "ReplicaFailure") or {}
    if failure.get("status") == "True":
        return "Degraded", failure.get("message", "")
    wanted, available = get_path(obj, ("spec", "replicas")), status.get("availableReplicas", 0)
    if wanted is not None and available < wanted:
        return "Progressing", f"Waiting for rollout to finish: {available} out of {wanted} new replicas are available..."
    return "Healthy", ""


def _pod(obj: Object) -> Health:
    status = obj.get("status") or {}
    message = status.get("message", "")
    ignore_policy = annotations_of(obj).get("argocd.argoproj.io/ignore-restart-policy") == "true"
    hook = "argocd.argoproj.io/hook" in annotations_of(obj)
    policy = get_path(obj, ("spec", "restartPolicy"), "Always")
    long_running = policy == "Always" or (ignore_policy and not hook)
    containers = status.get("containerStatuses") or []
    if long_running:
        stuck = [w for c in containers if _is_stuck(w := get_path(c, ("state", "waiting"), {}))]
        if stuck:
            return "Degraded", ", ".join(w.get("message", "") for w in stuck)
    phase = status.get("phase")
    if phase == "Pending":
        return "Progressing", message
    if phase == "Succeeded":
        return "Healthy", message
    if phase == "Failed":
        failures = (_why_failed(c) for c in (*(status.get("initContainerStatuses") or ()), *containers))
        return "Degraded", message or next(filter(None, failures), "")
    if phase == "Running":
        if not long_running:
            return "Progressing", message
        if (condition_of(obj, "Ready") or {}).get("status") == "True":
            return "Healthy", message
        if any(get_path(c, ("lastState", "terminated")) for c in containers):
            return "Degraded", message
        return "Progressing", message
    return "Unknown", message


def _is_stuck(waiting: Mapping[str, Any]) -> bool:
    reason = waiting.get("reason") or ""
    return reason.startswith("Err") or reason.endswith(("Error", "BackOff"))


def _why_failed(container: Mapping[str, Any]) -> str:
    ended = get_path(container, ("state", "terminated"))
    if not ended:
        return ""
    if ended.get("message"):
        return str(ended["message"])
    if ended.get("reason") == "OOMKilled":
        return "OOMKilled"
    code = ended.get("exitCode", 0)
    return f'container "{container.get("name", "")}" failed with exit code {code}' if code else ""


def _service(obj: Object) -> Health:
    if get_path(obj, ("spec", "type")) == "LoadBalancer":
        return _ingress(obj)
    return "Healthy", ""


def _ingress(obj: Object) -> Health:
    return ("Healthy" if get_path(obj, ("status", "loadBalancer", "ingress")) else "Progressing"), ""


def _job(obj: Object) -> Health:
    failed, finished, suspended = condition_of(obj, "Failed"), condition_of(obj, "Complete"), condition_of(obj, "Suspended")
    if failed:
        return "Degraded", failed.get("message", "")
    if not finished and not suspended:
        return "Progressing", ""
    message = ((finished or suspended) or {}).get("message", "")
    if suspended and suspended.get("status") == "True":
        return "Suspended", suspended.get("message", "")
    return "Healthy", message


def _cron_job(obj: Object) -> Health:
    status = obj.get("status")
    if get_path(obj, ("spec", "suspend")) is True:
        return "Healthy", "CronJob is Suspended"
    if status is None:
        return "Progressing", "Waiting for CronJob"
    scheduled, succeeded = status.get("lastScheduleTime"), status.get("lastSuccessfulTime")
    if scheduled is None:
        return "Healthy", "CronJob has not been scheduled yet"
    if succeeded is None:
        return "Healthy", "The CronJob never completed successfully. It may not be healthy"
    if status.get("active"):
        return "Healthy", "The job is running. Its last execution may not have been successful"
    if succeeded < scheduled:
        return "Degraded", "CronJob has not completed its last execution successfully"
    return "Healthy", "CronJob has completed its last execution successfully"


def _volume_claim(obj: Object) -> Health:
    phases: dict[str, HealthStatus] = {"Lost": "Degraded", "Pending": "Progressing", "Bound": "Healthy"}
    return phases.get(get_path(obj, ("status", "phase"), ""), "Unknown"), ""


_CANNOT_SCALE = {
    ("AbleToScale", "FailedGetScale"),
    ("AbleToScale", "FailedUpdateScale"),
    ("ScalingActive", "FailedGetResourceMetric"),
    ("ScalingActive", "FailedGetObjectMetric"),
    ("ScalingActive", "FailedGetPodsMetric"),
    ("ScalingActive", "FailedGetExternalMetric"),
    ("ScalingActive", "FailedComputeMetricsReplicas"),
    ("ScalingActive", "InvalidSelector"),
}


_CONDITIONS_OF_V1 = "autoscaling.alpha.kubernetes.io/conditions"


def _autoscaler(obj: Object) -> Health:
    """In autoscaling/v1 the conditions are JSON in an annotation."""
    text = annotations_of(obj).get(_CONDITIONS_OF_V1)
    conditions = json.loads(text) if text and obj["apiVersion"] == "autoscaling/v1" else conditions_of(obj)
    for condition in conditions:
        if (condition.get("type"), condition.get("reason")) in _CANNOT_SCALE:
            return "Degraded", condition.get("message", "")
    for condition in conditions:
        if condition.get("type") in ("AbleToScale", "ScalingLimited") and condition.get("status") == "True":
            return "Healthy", condition.get("message", "")
    return "Progressing", "Waiting to Autoscale"


def _api_service(obj: Object) -> Health:
    available = condition_of(obj, "Available")
    if available is None:
        return "Progressing", "Waiting to be processed"
    message = f"{available.get('reason', '')}: {available.get('message', '')}"
    return ("Healthy" if available.get("status") == "True" else "Progressing"), message


def _disruption_budget(obj: Object) -> Health:
    health: Health = ("Progressing", "Waiting for status")
    for condition in conditions_of(obj):
        reason = condition.get("reason", "")
        if condition.get("status") == "False" and reason != "InsufficientPods":
            return "Degraded", f"PodDisruptionBudget has {reason}"
        health = "Healthy", f"PodDisruptionBudget has {reason}"
    return health


def _resource_definition(obj: Object) -> Health:
    if not conditions_of(obj):
        return "Progressing", "Status conditions not found"
    established = False
    for condition in conditions_of(obj):
        known = (condition.get("type"), condition.get("status"))
        message = condition.get("message", "")
        if known == ("Terminating", "True"):
            return "Progressing", f"CRD is terminating: {message}"
        if known == ("NamesAccepted", "False"):
            return "Degraded", f"CRD names have not been accepted: {message}"
        if known == ("NonStructuralSchema", "True"):
            return "Degraded", f"Schema violations found: {message}"
        if known == ("Established", "True"):
            established = True
        elif known[0] == "Established" and condition.get("reason") == "Installing":
            return "Progressing", "CRD is being installed"
    return ("Healthy", "CRD is healthy") if established else ("Degraded", "CRD is not established")


_CHECKS: dict[tuple[str, str], Callable[[Object], Health]] = {
    ("apps", "Deployment"): _deployment,
    ("apps", "StatefulSet"): _stateful_set,
    ("apps", "DaemonSet"): _daemon_set,
    ("apps", "ReplicaSet"): _replica_set,
    ("", "Pod"): _pod,
    ("", "Service"): _service,
    ("", "PersistentVolumeClaim"): _volume_claim,
    ("networking.k8s.io", "Ingress"): _ingress,
    ("extensions", "Ingress"): _ingress,
    ("batch", "Job"): _job,
    ("batch", "CronJob"): _cron_job,
    ("autoscaling", "HorizontalPodAutoscaler"): _autoscaler,
    ("apiregistration.k8s.io", "APIService"): _api_service,
    ("policy", "PodDisruptionBudget"): _disruption_budget,
    ("apiextensions.k8s.io", "CustomResourceDefinition"): _resource_definition,
    **CUSTOM_CHECKS,
}
