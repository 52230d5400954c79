"""The status of one object, as Flux judges it: kstatus.

Source: fluxcd/cli-utils ``pkg/kstatus/status`` (``core.go``, ``generic.go``) and fluxcd/pkg ``runtime/statusreaders/job.go``: a
Job is current when it has completed, not when it has started.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from gitops_sim.objects import Object, condition_of, conditions_of, get_path, group_of

Status = Literal["Current", "InProgress", "Failed", "NotFound", "Terminating", "Unknown"]
Verdict = tuple[Status, str]
"""A status, and why."""

_ROLLED_OUT = ("True", "NewReplicaSetAvailable")


def kstatus(obj: Object | None) -> Verdict:
    """How a live object is; None for one that is not there. Unknown when its fields do not have the types that the rule reads."""
    if obj is None:
        return "NotFound", "Resource not found"
    check = _CHECKS.get((group_of(obj["apiVersion"]), obj["kind"]), _by_ready_condition)
    try:
        return _generic(obj) or check(obj)
    except (AttributeError, KeyError, TypeError, ValueError):
        return "Unknown", f"failed to convert unstructured {obj['kind']} to typed"


def _generic(obj: Object) -> Verdict | None:
    """What holds for all kinds, and decides before the rules of a kind do; None when those are to be asked."""
    meta = obj["metadata"]
    if meta.get("deletionTimestamp"):
        return "Terminating", "Resource scheduled for deletion"
    observed = get_path(obj, ("status", "observedGeneration"))
    if isinstance(observed, int) and observed != meta.get("generation", 0):
        return (
            "InProgress",
            f"{obj['kind']} generation is {meta.get('generation', 0)}, but latest observed generation is {observed}",
        )
    for condition in conditions_of(obj):
        if condition.get("status") == "True" and condition.get("type") in ("Reconciling", "Stalled"):
            status: Status = "InProgress" if condition["type"] == "Reconciling" else "Failed"
            return status, str(condition.get("message") or "")
    return None


def _by_ready_condition(obj: Object) -> Verdict:
    """Of kinds without a rule of their own: one that says nothing about it is as wanted."""
    ready = condition_of(obj, "Ready") or {}
    if ready.get("status") in ("False", "Unknown"):
        return "InProgress", str(ready.get("message") or "")
    return "Current", "Resource is Ready" if ready else "Resource is current"


def _deployment(obj: Object) -> Verdict:
    status = obj.get("status") or {}
    progressing, available = condition_of(obj, "Progressing"), condition_of(obj, "Available")
    if progressing and progressing.get("reason") == "ProgressDeadlineExceeded":
        return "Failed", "Progress deadline exceeded"
    wanted = get_path(obj, ("spec", "replicas"), 1)
    total, updated = status.get("replicas", 0), status.get("updatedReplicas", 0)
    ready, there = status.get("readyReplicas", 0), status.get("availableReplicas", 0)
    for count, what in ((total, "Replicas"), (updated, "Updated")):
        if count < wanted:
            return "InProgress", f"{what}: {count}/{wanted}"
    if total > wanted:
        return "InProgress", f"Pending termination: {total - wanted}"
    for count, what, of in ((there, "Available", updated), (ready, "Ready", wanted)):
        if count < of:
            return "InProgress", f"{what}: {count}/{of}"
    state = progressing or {}
    if "progressDeadlineSeconds" in (obj.get("spec") or {}) and (state.get("status"), state.get("reason")) != _ROLLED_OUT:
        return "InProgress", "ReplicaSet not Available"
    if (available or {}).get("status") != "True":
        return "InProgress", "Deployment not Available"
    return "Current", f"Deployment is available. Replicas: {total}"


def _replica_set(obj: Object) -> Verdict:
    status, wanted = obj.get("status") or {}, get_path(obj, ("spec", "replicas"), 1)
    failure = condition_of(obj, "ReplicaFailure")
    if failure and failure.get("status") == "True":
        return "InProgress", "Replica Failure condition. Check Pods"
    labelled, there = status.get("fullyLabeledReplicas", 0), status.get("availableReplicas", 0)
    for count, what in ((labelled, "Labelled"), (there, "Available"), (status.get("readyReplicas", 0), "Ready")):
        if count < wanted:
            return "InProgress", f"{what}: {count}/{wanted}"
    if status.get("replicas", 0) > wanted:
        return "InProgress", f"replicas: {status.get('replicas', 0)}/{wanted}"
    return "Current", f"ReplicaSet is available. Replicas: {status.get('replicas', 0)}"


def _stateful_set(obj: Object) -> Verdict:
    status, wanted = obj.get("status") or {}, get_path(obj, ("spec", "replicas"), 1)
    if get_path(obj, ("spec", "updateStrategy", "type")) == "OnDelete":
        return "Current", "StatefulSet is using the ondelete update strategy"
    total, ready, current = status.get("replicas", 0), status.get("readyReplicas", 0), status.get("currentReplicas", 0)
    for count, what in ((total, "Replicas"), (ready, "Ready")):
        if count < wanted:
            return "InProgress", f"{what}: {count}/{wanted}"
    if total > wanted:
        return "InProgress", f"Pending termination: {total - wanted}"
    partition = get_path(obj, ("spec", "updateStrategy", "rollingUpdate", "partition"))
    if partition is not None:
        updated = status.get("updatedReplicas", 0)
        if updated < wanted - partition:
            return "InProgress", f"updated: {updated}/{wanted - partition}"
        return "Current", f"Partition rollout complete. updated: {updated}"
    if current < wanted:
        return "InProgress", f"current: {current}/{wanted}"
    if status.get("currentRevision") != status.get("updateRevision"):
        return "InProgress", "Waiting for updated revision to match current"
    return "Current", f"All replicas scheduled as expected. Replicas: {total}"


def _daemon_set(obj: Object) -> Verdict:
    status = obj.get("status") or {}
    if "observedGeneration" not in status:
        return "InProgress", "Observed generation not set"
    wanted = status.get("desiredNumberScheduled", 0)
    counts = (("currentNumberScheduled", "Current"), ("updatedNumberScheduled", "Updated"), ("numberAvailable", "Available"))
    for field, what in (*counts, ("numberReady", "Ready")):
        if status.get(field, 0) < wanted:
            return "InProgress", f"{what}: {status.get(field, 0)}/{wanted}"
    return "Current", f"All replicas scheduled as expected. Replicas: {wanted}"


def _pod(obj: Object) -> Verdict:
    status, ready = obj.get("status") or {}, condition_of(obj, "Ready")
    phase = status.get("phase")
    if phase == "Succeeded":
        return "Current", "Pod has completed successfully"
    if phase == "Failed":
        return "Current", "Pod has completed, but not successfully"
    if phase == "Running":
        if ready and ready.get("status") == "True":
            return "Current", "Pod is Ready"
        stuck = _crashing(status)
        if stuck:
            return "Failed", f"Containers in CrashLoop state: {','.join(stuck)}"
        return "InProgress", "Pod is running but is not Ready"
    if phase == "Pending":
        scheduled = condition_of(obj, "PodScheduled") or {}
        if (scheduled.get("status"), scheduled.get("reason")) == ("False", "Unschedulable"):
            return "Failed", "Pod could not be scheduled"
        return "InProgress", "Pod is in the Pending phase"
    return "InProgress", "Pod phase not available"


def _crashing(status: Mapping[str, Any]) -> list[str]:
    return [
        c["name"]
        for c in status.get("containerStatuses") or ()
        if get_path(c, ("state", "waiting", "reason")) == "CrashLoopBackOff"
    ]


def _job(obj: Object) -> Verdict:
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    succeeded, active, failed = (status.get(name, 0) for name in ("succeeded", "active", "failed"))
    wanted = spec.get("completions", spec.get("parallelism", 1))
    for condition in conditions_of(obj):
        if condition.get("status") == "True" and condition.get("type") == "Complete":
            return "Current", f"Job Completed. succeeded: {succeeded}/{wanted}"
        if condition.get("status") == "True" and condition.get("type") == "Failed":
            return "Failed", f"Job Failed. failed: {failed}/{wanted}"
    if not status.get("startTime"):
        return "InProgress", "Job not started"
    return "InProgress", f"Job in progress. success:{succeeded}, active: {active}, failed: {failed}"


def _service(obj: Object) -> Verdict:
    if get_path(obj, ("spec", "type")) == "LoadBalancer" and not get_path(obj, ("spec", "clusterIP")):
        return "InProgress", "ClusterIP not set. Service type: LoadBalancer"
    return "Current", "Service is ready"


def _volume_claim(obj: Object) -> Verdict:
    phase = get_path(obj, ("status", "phase"), "unknown")
    return ("Current", "PVC is Bound") if phase == "Bound" else ("InProgress", f"PVC is not Bound. phase: {phase}")


def _disruption_budget(obj: Object) -> Verdict:
    return "Current", "AllowedDisruptions has been computed."


def _always(obj: Object) -> Verdict:
    return "Current", "Resource is always ready"


def _resource_definition(obj: Object) -> Verdict:
    for condition in conditions_of(obj):
        known = (condition.get("type"), condition.get("status"))
        message = str(condition.get("message") or "")
        if known == ("NamesAccepted", "False"):
            return "Failed", message
        if known[0] == "Established" and known[1] == "False" and condition.get("reason") != "Installing":
            return "Failed", message
        if known == ("Established", "True"):
            return "Current", "CRD is established"
    return "InProgress", "Install in progress"


_CHECKS: dict[tuple[str, str], Callable[[Object], Verdict]] = {
    ("apps", "Deployment"): _deployment,
    ("apps", "StatefulSet"): _stateful_set,
    ("apps", "DaemonSet"): _daemon_set,
    ("apps", "ReplicaSet"): _replica_set,
    ("", "Pod"): _pod,
    ("", "Service"): _service,
    ("", "PersistentVolumeClaim"): _volume_claim,
    ("batch", "Job"): _job,
    ("batch", "CronJob"): _always,
    ("", "ConfigMap"): _always,
    ("", "Secret"): _always,
    ("policy", "PodDisruptionBudget"): _disruption_budget,
    ("apiextensions.k8s.io", "CustomResourceDefinition"): _resource_definition,
}
