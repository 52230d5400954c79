"""Deployments and the other kinds that make Pods."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gitops_sim.cluster.selectors import matches
from gitops_sim.cluster.validation import schedules
from gitops_sim.cluster.validation.causes import at_least_zero, forbidden, one_of, required, unsupported, wrong
from gitops_sim.cluster.validation.metadata import selector
from gitops_sim.cluster.validation.pods import template
from gitops_sim.errors import Cause
from gitops_sim.objects import Object

_Map = Mapping[str, Any]
_PERCENT = re.compile(r"[0-9]+%")
_MISMATCH = "`selector` does not match template `labels`"


def deployment(obj: Object) -> list[Cause]:
    spec = obj["spec"]
    causes = at_least_zero("spec.replicas", spec["replicas"])
    causes += _selector(spec, "deployment")
    causes += _pods(spec)
    causes += _strategy(spec["strategy"])
    causes += at_least_zero("spec.minReadySeconds", spec.get("minReadySeconds"))
    causes += at_least_zero("spec.revisionHistoryLimit", spec.get("revisionHistoryLimit"))
    deadline = spec["progressDeadlineSeconds"]
    causes += at_least_zero("spec.progressDeadlineSeconds", deadline)
    if deadline <= (spec.get("minReadySeconds") or 0):
        causes.append(wrong("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds"))
    return causes


def replica_set(obj: Object) -> list[Cause]:
    spec = obj["spec"]
    causes = at_least_zero("spec.replicas", spec["replicas"])
    causes += at_least_zero("spec.minReadySeconds", spec.get("minReadySeconds"))
    return causes + _selector(spec, "deployment") + _pods(spec)


def replication_controller(obj: Object) -> list[Cause]:
    spec = obj["spec"]
    causes = at_least_zero("spec.minReadySeconds", spec.get("minReadySeconds"))
    if not spec.get("selector"):
        causes.append(required("spec.selector"))
    causes += at_least_zero("spec.replicas", spec["replicas"])
    if spec.get("template") is None:
        return [*causes, required("spec.template")]
    return causes + _pods(spec)


def stateful_set(obj: Object) -> list[Cause]:
    spec = obj["spec"]
    causes = one_of("spec.podManagementPolicy", spec["podManagementPolicy"], ("OrderedReady", "Parallel"))
    strategy = spec["updateStrategy"]
    if strategy["type"] not in ("RollingUpdate", "OnDelete"):
        causes.append(wrong("spec.updateStrategy", dict(strategy), "must be 'RollingUpdate' or 'OnDelete'"))
    else:
        partition = (strategy.get("rollingUpdate") or {}).get("partition")
        causes += at_least_zero("spec.updateStrategy.rollingUpdate.partition", partition)
    causes += at_least_zero("spec.replicas", spec["replicas"])
    causes += at_least_zero("spec.minReadySeconds", spec.get("minReadySeconds"))
    claims = frozenset(claim["metadata"].get("name", "") for claim in spec.get("volumeClaimTemplates") or ())
    return causes + _selector(spec, "statefulset") + _pods(spec, claims)


def daemon_set(obj: Object) -> list[Cause]:
    spec = obj["spec"]
    causes = _selector(spec, "daemonset") + _pods(spec)
    causes += at_least_zero("spec.minReadySeconds", spec.get("minReadySeconds"))
    strategy = spec["updateStrategy"]
    if strategy["type"] not in ("RollingUpdate", "OnDelete"):
        quoted = {"Type": strategy["type"], "RollingUpdate": strategy.get("rollingUpdate")}
        cause = unsupported("spec.updateStrategy", "", ("RollingUpdate", "OnDelete"))
        cause.message = cause.message.replace('""', _in_order(quoted))
        causes.append(cause)
    elif strategy["type"] == "RollingUpdate":
        rolling, field = strategy["rollingUpdate"], "spec.updateStrategy.rollingUpdate"
        causes += int_or_percent(f"{field}.maxUnavailable", rolling["maxUnavailable"])
        causes += int_or_percent(f"{field}.maxSurge", rolling["maxSurge"])
        if not causes and _number(rolling["maxUnavailable"]) == 0 and _number(rolling["maxSurge"]) == 0:
            causes.append(required(f"{field}.maxUnavailable", "cannot be 0 when maxSurge is 0"))
    return causes + at_least_zero("spec.revisionHistoryLimit", spec.get("revisionHistoryLimit"))


def job(obj: Object) -> list[Cause]:
    return _job_spec("spec", obj["spec"], obj["metadata"].get("uid"))


def _job_spec(field: str, spec: _Map, uid: str | None) -> list[Cause]:
    causes: list[Cause] = []
    for name in ("parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished"):
        causes += at_least_zero(f"{field}.{name}", spec.get(name))
    causes += one_of(f"{field}.completionMode", spec.get("completionMode", "NonIndexed"), ("NonIndexed", "Indexed"))
    if spec.get("completionMode") == "Indexed" and spec.get("completions") is None:
        causes.append(required(f"{field}.completions", "when completion mode is Indexed"))
    found = spec.get("selector")
    broken = selector(f"{field}.selector", found or {})
    causes += broken
    if uid is not None and found is not None and not spec.get("manualSelector"):
        if found != {"matchLabels": {"batch.kubernetes.io/controller-uid": uid}}:
            causes.append(wrong(f"{field}.selector", found, "`selector` not auto-generated"))
        set_on_pods = spec["template"]["metadata"].get("labels") or {}
        if not broken and not matches(found, set_on_pods):
            causes.append(wrong(f"{field}.template.metadata.labels", set_on_pods, _MISMATCH))
    causes += template(f"{field}.template", spec["template"])
    policy = spec["template"]["spec"]["restartPolicy"]
    if policy == "Always":
        causes.append(required(f"{field}.template.spec.restartPolicy", 'valid values: "OnFailure", "Never"'))
    return causes


def cron_job(obj: Object) -> list[Cause]:
    spec = obj["spec"]
    causes = schedules.schedule("spec", spec)
    causes += one_of("spec.concurrencyPolicy", spec["concurrencyPolicy"], ("Allow", "Forbid", "Replace"))
    for name in ("startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit"):
        causes += at_least_zero(f"spec.{name}", spec.get(name))
    return causes + _job_spec("spec.jobTemplate.spec", spec["jobTemplate"]["spec"], None)


# ------------------------------------------------------------------------------------------------------ what they share


def _selector(spec: _Map, kind: str) -> list[Cause]:
    found = spec["selector"]
    if found is None:
        return [required("spec.selector")]
    causes = selector("spec.selector", found)
    if causes:
        causes.append(wrong("spec.selector", found, "invalid label selector"))
    elif not found:
        causes.append(wrong("spec.selector", found, f"empty selector is invalid for {kind}"))
    return causes


def _pods(spec: _Map, claims: frozenset[str] = frozenset()) -> list[Cause]:
    """The template: it must match the selector, and its Pods must be restarted always. ``claims`` are volumes that it does not
    name itself."""
    found: Any = spec.get("selector")
    meta, pods = spec["template"]["metadata"], spec["template"]["spec"]
    causes: list[Cause] = []
    broken = bool(found) and any(name in found for name in ("matchLabels", "matchExpressions")) and bool(selector("", found))
    if not broken and (found is None or (found and not matches(found, meta.get("labels") or {}))):
        causes.append(wrong("spec.template.metadata.labels", meta.get("labels"), _MISMATCH))
    causes += template("spec.template", spec["template"], claims)
    if pods["restartPolicy"] != "Always":
        causes.append(unsupported("spec.template.spec.restartPolicy", pods["restartPolicy"], ("Always",)))
    if pods.get("activeDeadlineSeconds") is not None:
        why = "activeDeadlineSeconds in ReplicaSet is not Supported"
        causes.append(forbidden("spec.template.spec.activeDeadlineSeconds", why))
    return causes


def _strategy(strategy: _Map) -> list[Cause]:
    field = "spec.strategy"
    rolling: Any = strategy.get("rollingUpdate")
    if strategy["type"] == "Recreate":
        why = "may not be specified when strategy `type` is 'Recreate'"
        return [forbidden(f"{field}.rollingUpdate", why)] if rolling is not None else []
    if strategy["type"] != "RollingUpdate":
        return [unsupported(f"{field}.type", strategy["type"], ("Recreate", "RollingUpdate"))]
    causes = int_or_percent(f"{field}.rollingUpdate.maxUnavailable", rolling["maxUnavailable"])
    causes += int_or_percent(f"{field}.rollingUpdate.maxSurge", rolling["maxSurge"])
    if _number(rolling["maxUnavailable"]) == 0 and _number(rolling["maxSurge"]) == 0:
        why = "may not be 0 when `maxSurge` is 0"
        causes.append(wrong(f"{field}.rollingUpdate.maxUnavailable", rolling["maxUnavailable"], why))
    return causes + _at_most_all(f"{field}.rollingUpdate.maxUnavailable", rolling["maxUnavailable"])


def int_or_percent(field: str, value: int | str) -> list[Cause]:
    """A whole number from 0 on, or a percentage."""
    if isinstance(value, int):
        return at_least_zero(field, value)
    if _PERCENT.fullmatch(value):
        return []
    why = (
        "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%',"
        " regex used for validation is '[0-9]+%')"
    )
    return [wrong(field, value, why)]


def _at_most_all(field: str, value: int | str) -> list[Cause]:
    if isinstance(value, str) and _PERCENT.fullmatch(value) and int(value[:-1]) > 100:
        return [wrong(field, value, "must not be greater than 100%")]
    return []


def _number(value: int | str) -> int:
    """The number before a percent sign, too; -1 for a text that is none."""
    if isinstance(value, int):
        return value
    return int(value[:-1]) if _PERCENT.fullmatch(value) else -1


def _in_order(value: _Map) -> str:
    import json

    return json.dumps(value, separators=(",", ":"))


# ------------------------------------------------------------------------------------------------------------- updates

_STATEFUL_CHANGEABLE = (
    "replicas",
    "ordinals",
    "template",
    "updateStrategy",
    "revisionHistoryLimit",
    "persistentVolumeClaimRetentionPolicy",
    "minReadySeconds",
)


def selector_update(new: Object, old: Object) -> list[Cause]:
    if new["spec"]["selector"] == old["spec"]["selector"]:
        return []
    return [wrong("spec.selector", new["spec"]["selector"], "field is immutable")]


def stateful_set_update(new: Object, old: Object) -> list[Cause]:
    fixed = [{k: v for k, v in obj["spec"].items() if k not in _STATEFUL_CHANGEABLE} for obj in (new, old)]
    if fixed[0] == fixed[1]:
        return []
    names = ", ".join(f"'{name}'" for name in _STATEFUL_CHANGEABLE[:-1]) + f" and '{_STATEFUL_CHANGEABLE[-1]}'"
    return [forbidden("spec", f"updates to statefulset spec for fields other than {names} are forbidden")]


def job_update(new: Object, old: Object) -> list[Cause]:
    after, before = new["spec"], old["spec"]
    causes: list[Cause] = []
    if after.get("completions") != before.get("completions"):
        causes.append(wrong("spec.completions", after.get("completions"), "field is immutable"))
    if after.get("selector") != before.get("selector"):
        causes.append(wrong("spec.selector", after.get("selector"), "field is immutable"))
    if after["template"] != before["template"] and not before.get("suspend"):
        causes.append(wrong("spec.template", after["template"], "field is immutable"))
    if after["completionMode"] != before["completionMode"]:
        causes.append(wrong("spec.completionMode", after["completionMode"], "field is immutable"))
    return causes


# -------------------------------------------------------------------------------------------------------------- status


def deployment_status(new: _Map, old: _Map) -> list[Cause]:
    def count(name: str) -> int:
        return int(new.get(name) or 0)

    causes: list[Cause] = []
    for name in ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas", "unavailableReplicas"):
        causes += at_least_zero(f"status.{name}", count(name))
    for name in ("updatedReplicas", "readyReplicas", "availableReplicas"):
        if count(name) > count("replicas"):
            causes.append(wrong(f"status.{name}", count(name), "cannot be greater than status.replicas"))
    if count("availableReplicas") > count("readyReplicas"):
        causes.append(wrong("status.availableReplicas", count("availableReplicas"), "cannot be greater than readyReplicas"))
    collisions = old.get("collisionCount") or 0
    if (new.get("collisionCount") or 0) < collisions:
        causes.append(wrong("status.collisionCount", new.get("collisionCount"), "cannot be decremented"))
    return causes
