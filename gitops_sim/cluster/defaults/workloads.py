"""Deployments and the other kinds that make Pods."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitops_sim.cluster.defaults.filling import each, fill, within
from gitops_sim.cluster.defaults.pods import claim_spec, template
from gitops_sim.objects import Object

_Map = Mapping[str, Any]


def deployment(obj: Object) -> Object:
    return within(obj, "spec", _deployment_spec)


def _deployment_spec(obj: _Map) -> _Map:
    obj = fill(obj, replicas=1, revisionHistoryLimit=10, progressDeadlineSeconds=600)
    return within(within(obj, "strategy", _strategy), "template", template)


def _strategy(obj: _Map) -> _Map:
    obj = fill(obj, type="RollingUpdate")
    if obj["type"] != "RollingUpdate":
        return obj
    obj = fill(obj, rollingUpdate={})
    return within(obj, "rollingUpdate", lambda rolling: fill(rolling, maxUnavailable="25%", maxSurge="25%"))


def replica_set(obj: Object) -> Object:
    return within(obj, "spec", lambda spec: within(fill(spec, replicas=1), "template", template))


def replication_controller(obj: Object) -> Object:
    labels = ((obj["spec"].get("template") or {}).get("metadata") or {}).get("labels")
    if labels:
        obj = within(obj, "spec", lambda spec: fill(spec, selector=labels))
        obj = within(obj, "metadata", lambda meta: fill(meta, labels=labels))
    return replica_set(obj)


def stateful_set(obj: Object) -> Object:
    return within(obj, "spec", _stateful_spec)


def _stateful_spec(obj: _Map) -> _Map:
    obj = fill(
        obj,
        persistentVolumeClaimRetentionPolicy={"whenDeleted": "Retain", "whenScaled": "Retain"},
        podManagementPolicy="OrderedReady",
        replicas=1,
        revisionHistoryLimit=10,
    )
    obj = within(
        obj, "persistentVolumeClaimRetentionPolicy", lambda policy: fill(policy, whenDeleted="Retain", whenScaled="Retain")
    )
    obj = within(obj, "updateStrategy", _stateful_strategy)
    return within(each(obj, "volumeClaimTemplates", _claim_template), "template", template)


def _stateful_strategy(obj: _Map) -> _Map:
    obj = fill(obj, type="RollingUpdate")
    if obj["type"] != "RollingUpdate":
        return obj
    return within(fill(obj, rollingUpdate={}), "rollingUpdate", lambda rolling: fill(rolling, partition=0))


def _claim_template(obj: _Map) -> _Map:
    obj = fill(obj, apiVersion="v1", kind="PersistentVolumeClaim")
    return within(within(obj, "spec", claim_spec), "status", lambda status: fill(status, phase="Pending"))


def daemon_set(obj: Object) -> Object:
    return within(obj, "spec", _daemon_spec)


def _daemon_spec(obj: _Map) -> _Map:
    return within(within(fill(obj, revisionHistoryLimit=10), "updateStrategy", _daemon_strategy), "template", template)


def _daemon_strategy(obj: _Map) -> _Map:
    obj = fill(obj, type="RollingUpdate")
    if obj["type"] != "RollingUpdate":
        return obj
    return within(fill(obj, rollingUpdate={}), "rollingUpdate", lambda rolling: fill(rolling, maxUnavailable=1, maxSurge=0))


def job(obj: Object) -> Object:
    obj = within(obj, "spec", _job_spec)
    labels = obj["spec"]["template"]["metadata"].get("labels")
    return within(obj, "metadata", lambda meta: fill(meta, labels=labels)) if labels else obj


def _job_spec(obj: _Map) -> _Map:
    if "completions" not in obj and "parallelism" not in obj:
        obj = fill(obj, completions=1)
    obj = fill(
        obj,
        backoffLimit=2**31 - 1 if "backoffLimitPerIndex" in obj else 6,
        completionMode="NonIndexed",
        manualSelector=False,
        parallelism=1,
        podReplacementPolicy="Failed" if "podFailurePolicy" in obj else "TerminatingOrFailed",
        suspend=False,
    )
    return within(obj, "template", template)


def cron_job(obj: Object) -> Object:
    return within(obj, "spec", _cron_spec)


def _cron_spec(obj: _Map) -> _Map:
    obj = fill(obj, concurrencyPolicy="Allow", failedJobsHistoryLimit=1, successfulJobsHistoryLimit=3, suspend=False)
    return within(obj, "jobTemplate", lambda job: within(job, "spec", lambda spec: within(spec, "template", template)))
