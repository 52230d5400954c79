"""Descriptions of what runs Pods, and of what guards them."""

from __future__ import annotations

from gitops_sim.cluster.ages import human_duration, moment
from gitops_sim.cluster.selectors import matches
from gitops_sim.cluster.shapes import mapping, mappings, number, text, texts
from gitops_sim.cluster.tables import format_labels, format_selector
from gitops_sim.kubectl.describe.containers import pod_template
from gitops_sim.kubectl.describe.page import Page, rfc1123
from gitops_sim.kubectl.replica_sets import new_and_old
from gitops_sim.objects import Object, controller_of, labels_of


def _head(page: Page, obj: Object) -> None:
    page.field("Name", text(obj, "metadata", "name"))
    page.field("Namespace", text(obj, "metadata", "namespace"))


def _created(page: Page, obj: Object) -> None:
    page.field("CreationTimestamp", rfc1123(text(obj, "metadata", "creationTimestamp")))


def _template(page: Page, obj: Object) -> None:
    pod_template(page, mapping(obj, "spec", "template"))


def deployment(page: Page, obj: Object) -> None:
    spec, status = mapping(obj, "spec"), mapping(obj, "status")
    _head(page, obj)
    _created(page, obj)
    page.labels(obj)
    page.annotations(obj)
    page.field("Selector", format_selector(mapping(spec, "selector")))
    page.field(
        "Replicas",
        f"{number(spec, 'replicas')} desired | {number(status, 'updatedReplicas')} updated | {number(status, 'replicas')} total"
        f" | {number(status, 'availableReplicas')} available | {number(status, 'unavailableReplicas')} unavailable",
    )
    page.field("StrategyType", text(spec, "strategy", "type"))
    page.field("MinReadySeconds", number(spec, "minReadySeconds"))
    rolling = mapping(spec, "strategy", "rollingUpdate")
    if rolling:
        limits = f"{text(rolling, 'maxUnavailable')} max unavailable, {text(rolling, 'maxSurge')} max surge"
        page.field("RollingUpdateStrategy", limits)
    _template(page, obj)
    page.conditions(obj)
    new, old = new_and_old(page.cluster, obj)
    if new is not None or old:
        page.field("OldReplicaSets", _replica_sets(old))
        page.field("NewReplicaSet", _replica_sets([new] if new is not None else []))
    page.events(obj, kind="Deployment")


def _replica_sets(found: list[Object]) -> str:
    shown = (
        f"{text(rs, 'metadata', 'name')} ({number(rs, 'status', 'replicas')}/{number(rs, 'spec', 'replicas')} replicas created)"
        for rs in found
    )
    return ", ".join(shown) or "<none>"


def replica_set(page: Page, obj: Object) -> None:
    _head(page, obj)
    page.field("Selector", format_selector(mapping(obj, "spec", "selector")) or "<none>")
    page.labels(obj)
    page.annotations(obj)
    page.controlled_by(obj)
    page.field("Replicas", f"{number(obj, 'status', 'replicas')} current / {number(obj, 'spec', 'replicas')} desired")
    _pods_status(page, obj)
    _template(page, obj)
    page.conditions(obj)
    page.events(obj, kind="ReplicaSet")


def _pods_status(page: Page, obj: Object) -> None:
    """How many Pods of this controller are in which phase."""
    counts = dict.fromkeys(("Running", "Pending", "Succeeded", "Failed"), 0)
    selector = mapping(obj, "spec", "selector")
    for pod in page.cluster.list("pods", text(obj, "metadata", "namespace")):
        owner = controller_of(pod)
        phase = text(pod, "status", "phase")
        if owner and owner.get("uid") == obj["metadata"].get("uid") and phase in counts and matches(selector, labels_of(pod)):
            counts[phase] += 1
    running, waiting, succeeded, failed = counts.values()
    page.field("Pods Status", f"{running} Running / {waiting} Waiting / {succeeded} Succeeded / {failed} Failed")


def stateful_set(page: Page, obj: Object) -> None:
    spec = mapping(obj, "spec")
    _head(page, obj)
    _created(page, obj)
    page.field("Selector", format_selector(mapping(spec, "selector")))
    page.labels(obj)
    page.annotations(obj)
    for title, field in (("Service Name", "serviceName"), ("Pod Management Policy", "podManagementPolicy")):
        if value := text(spec, field):
            page.field(title, value)
    page.field("Replicas", f"{number(spec, 'replicas')} desired | {number(obj, 'status', 'replicas')} total")
    page.field("Update Strategy", text(spec, "updateStrategy", "type"))
    rolling = mapping(spec, "updateStrategy", "rollingUpdate")
    if "partition" in rolling:
        page.field("Partition", number(rolling, "partition"), 1)
        if "maxUnavailable" in rolling:
            page.field("MaxUnavailable", text(rolling, "maxUnavailable"), 1)
    keep = mapping(spec, "persistentVolumeClaimRetentionPolicy")
    if keep:
        page.line("Persistent Volume Claim Retention Policy:")
        page.field("WhenDeleted", text(keep, "whenDeleted"), 1)
        page.field("WhenScaled", text(keep, "whenScaled"), 1)
    _pods_status(page, obj)
    _template(page, obj)
    claims = mappings(spec, "volumeClaimTemplates")
    page.line("Volume Claims:" + ("" if claims else "\t<none>"))
    for claim in claims:
        page.field("Name", text(claim, "metadata", "name"), 1)
        page.field("StorageClass", text(claim, "spec", "storageClassName"), 1)
        for title in ("Labels", "Annotations"):
            page.pairs(f"  {title}", mapping(claim, "metadata", title.lower()))
        page.field("Capacity", text(claim, "spec", "resources", "requests", "storage") or "<default>", 1)
        page.field("Access Modes", f"[{' '.join(texts(claim, 'spec', 'accessModes'))}]", 1)
    page.events(obj, kind="StatefulSet")


def daemon_set(page: Page, obj: Object) -> None:
    spec = mapping(obj, "spec")
    _head(page, obj)
    page.field("Selector", format_selector(mapping(spec, "selector")))
    page.field("Node-Selector", format_labels(mapping(spec, "template", "spec", "nodeSelector")))
    page.labels(obj)
    page.annotations(obj)
    for title, field in (
        ("Desired Number of Nodes Scheduled", "desiredNumberScheduled"),
        ("Current Number of Nodes Scheduled", "currentNumberScheduled"),
        ("Number of Nodes Scheduled with Up-to-date Pods", "updatedNumberScheduled"),
        ("Number of Nodes Scheduled with Available Pods", "numberAvailable"),
        ("Number of Nodes Misscheduled", "numberMisscheduled"),
    ):
        page.line(f"{title}: {number(obj, 'status', field)}")
    _pods_status(page, obj)
    _template(page, obj)
    page.events(obj, kind="DaemonSet")


def job(page: Page, obj: Object) -> None:
    spec, status = mapping(obj, "spec"), mapping(obj, "status")
    _head(page, obj)
    page.field("Selector", format_selector(mapping(spec, "selector")))
    page.labels(obj)
    page.annotations(obj)
    page.controlled_by(obj)
    if "parallelism" in spec:
        page.field("Parallelism", number(spec, "parallelism"))
    page.field("Completions", text(spec, "completions") or "<unset>")
    for title, field in (
        ("Completion Mode", "completionMode"),
        ("Suspend", "suspend"),
        ("Backoff Limit", "backoffLimit"),
        ("TTL Seconds After Finished", "ttlSecondsAfterFinished"),
    ):
        if field in spec:
            page.field(title, text(spec, field))
    started, completed = text(status, "startTime"), text(status, "completionTime")
    if started:
        page.field("Start Time", rfc1123(started))
    if completed:
        page.field("Completed At", rfc1123(completed))
    if started and completed:
        page.field("Duration", human_duration((moment(completed) or 0.0) - (moment(started) or 0.0)))
    if "activeDeadlineSeconds" in spec:
        page.field("Active Deadline Seconds", f"{number(spec, 'activeDeadlineSeconds')}s")
    ready = f" ({number(status, 'ready')} Ready)" if "ready" in status else ""
    page.field(
        "Pods Statuses",
        f"{number(status, 'active')} Active{ready} / {number(status, 'succeeded')} Succeeded / {number(status, 'failed')} Failed",
    )
    if spec.get("completionMode") == "Indexed":
        page.field("Completed Indexes", text(status, "completedIndexes") or "<none>")
    _template(page, obj)
    page.events(obj, kind="Job")


def cron_job(page: Page, obj: Object) -> None:
    spec = mapping(obj, "spec")
    _head(page, obj)
    page.labels(obj)
    page.annotations(obj)
    page.field("Schedule", text(spec, "schedule"))
    page.field("Concurrency Policy", text(spec, "concurrencyPolicy"))
    page.field("Suspend", str(bool(spec["suspend"])) if "suspend" in spec else "<unset>")
    page.field("Time Zone", text(spec, "timeZone") or "<unset>")
    page.field("Successful Job History Limit", text(spec, "successfulJobsHistoryLimit") or "<unset>")
    page.field("Failed Job History Limit", text(spec, "failedJobsHistoryLimit") or "<unset>")
    deadline = text(spec, "startingDeadlineSeconds")
    page.field("Starting Deadline Seconds", f"{deadline}s" if deadline else "<unset>")
    inner = mapping(spec, "jobTemplate", "spec")
    page.field("Selector", format_selector(mapping(inner, "selector")) if "selector" in inner else "<unset>")
    page.field("Parallelism", text(inner, "parallelism") or "<unset>")
    page.field("Completions", text(inner, "completions") or "<unset>")
    if "activeDeadlineSeconds" in inner:
        page.field("Active Deadline Seconds", f"{number(inner, 'activeDeadlineSeconds')}s")
    pod_template(page, mapping(inner, "template"))
    last = text(obj, "status", "lastScheduleTime")
    page.field("Last Schedule Time", rfc1123(last) if last else "<unset>")
    page.field("Active Jobs", ", ".join(text(active, "name") for active in mappings(obj, "status", "active")) or "<none>")
    page.events(obj, kind="CronJob")


def pod_disruption_budget(page: Page, obj: Object) -> None:
    spec, status = mapping(obj, "spec"), mapping(obj, "status")
    _head(page, obj)
    if "minAvailable" in spec:
        page.field("Min available", text(spec, "minAvailable"))
    elif "maxUnavailable" in spec:
        page.field("Max unavailable", text(spec, "maxUnavailable"))
    page.field("Selector", format_selector(mapping(spec, "selector")) or "<none>" if "selector" in spec else "<unset>")
    page.line("Status:")
    for title, field in (
        ("Allowed disruptions", "disruptionsAllowed"),
        ("Current", "currentHealthy"),
        ("Desired", "desiredHealthy"),
        ("Total", "expectedPods"),
    ):
        page.field(title, number(status, field), 2)
    page.events(obj, kind="PodDisruptionBudget")
