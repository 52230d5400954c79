"""``kubectl autoscale``.

Source: k8s.io/kubectl ``pkg/cmd/autoscale``.
"""

from __future__ import annotations

import re
from typing import Any

from gitops_sim.cluster import scale
from gitops_sim.cluster.quantity import QuantityError, amount, canonical
from gitops_sim.errors import ApiError
from gitops_sim.kubectl import common_flags as flags
from gitops_sim.kubectl.flags import Flag
from gitops_sim.kubectl.generate import create_made
from gitops_sim.kubectl.info import Info
from gitops_sim.kubectl.invocation import Command, Invocation
from gitops_sim.kubectl.outputs import printer_for
from gitops_sim.kubectl.problems import KubectlError
from gitops_sim.kubectl.resources import Query, look_up
from gitops_sim.objects import Object

_UNITS = {"cpu": "m", "memory": "Mi"}
"""What a bare number means."""
_DEPRECATED = (
    "Flag --cpu-percent has been deprecated, Use --cpu with percentage or resource quantity format (e.g., '70%' for utilization "
    "or '500m' for milliCPU).\n"
)


def autoscale(inv: Invocation) -> None:
    """Makes HorizontalPodAutoscalers for workloads."""
    if inv.flags.given("cpu-percent"):
        inv.warn(_DEPRECATED)
    low, high = inv["min"], inv["max"]
    if high < 1:
        raise KubectlError(f"--max=MAXPODS is required and must be at least 1, max: {high}")
    if high < low:
        raise KubectlError(f"--max=MAXPODS must be larger or equal to --min=MINPODS, max: {high}, min: {low}")
    if inv.flags.given("cpu-percent") and inv.flags.given("cpu"):
        raise KubectlError("--cpu-percent and --cpu are mutually exclusive")
    show = printer_for(inv, "created" if inv.dry_run == "client" else "autoscaled")
    for info in look_up(inv, Query(inv.args, fetch="lazy")).all():
        if info.kind.kind not in scale.SCALABLE:
            version = f"{info.kind.group}/{info.kind.version}"
            where = f"could not find scale subresource for {version}, Resource={info.kind.plural} in discovery information"
            raise KubectlError(f"cannot autoscale a {info.kind.kind}: {where}")
        metrics = _metrics(inv)
        try:
            made = _made(inv, info, metrics)
            show(made if inv.dry_run == "client" else create_made(inv, made))
        except ApiError:
            # The real command then tries the older version, which knows no metric but a percentage of cpu.
            if [metric["resource"]["name"] for metric in metrics] == ["cpu"] and "Utilization" in str(metrics):
                raise
            empty = not any(metric["resource"]["name"] == "cpu" for metric in metrics)
            why = "empty input" if empty else "%!w(<nil>)"
            raise KubectlError(
                f"failed to create autoscaling/v2 HPA and the configuration is incompatible with autoscaling/v1: {why}"
            ) from None


def _made(inv: Invocation, info: Info, metrics: list[dict[str, Any]]) -> Object:
    target = {"kind": info.kind.kind, "name": info.name, "apiVersion": info.kind.api_version}
    spec: dict[str, Any] = {"scaleTargetRef": target}
    if inv["min"] > 0:
        spec["minReplicas"] = inv["min"]
    spec["maxReplicas"] = inv["max"]
    if metrics:
        spec["metrics"] = metrics
    return {
        "kind": "HorizontalPodAutoscaler",
        "apiVersion": "autoscaling/v2",
        "metadata": {"name": inv["name"] or info.name},
        "spec": spec,
        "status": {"desiredReplicas": 0, "currentMetrics": None},
    }


def _metrics(inv: Invocation) -> list[dict[str, Any]]:
    found = []
    if inv["cpu-percent"] > 0:
        found.append(_metric("cpu", {"type": "Utilization", "averageUtilization": inv["cpu-percent"]}))
    for resource in ("cpu", "memory"):
        if inv[resource]:
            found.append(_metric(resource, _target(resource, inv[resource])))
    return found


def _metric(resource: str, target: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Resource", "resource": {"name": resource, "target": target}}


def _target(resource: str, given: str) -> dict[str, Any]:
    if given.endswith("%"):
        percent = given[:-1]
        if not re.fullmatch(r"\+?\d{1,9}", percent):
            raise KubectlError(f"invalid percentage value: {percent}")
        return {"type": "Utilization", "averageUtilization": int(percent)}
    try:
        bare = re.fullmatch(r"[+-]?\d+(\.\d+)?", given) is not None
        quantity = given + _UNITS[resource] if bare else given
        amount(quantity)
    except QuantityError:
        raise KubectlError(f"invalid resource {resource} value: {given}") from None
    return {"type": "AverageValue", "averageValue": canonical(quantity)}


COMMANDS = (
    Command(
        "autoscale",
        autoscale,
        "Make a HorizontalPodAutoscaler",
        "(TYPE NAME | TYPE/NAME | -f FILE) --max=MAXPODS [--min=MINPODS] [--cpu=PERCENT%]",
        (
            *flags.PRINT,
            *flags.FILENAME,
            flags.DRY_RUN,
            flags.FIELD_MANAGER,
            flags.RECORD,
            flags.SAVE_CONFIG,
            Flag("max", "int", default=-1, required=True, about="the most Pods"),
            Flag("min", "int", default=-1, about="the fewest Pods"),
            Flag("cpu", about="70% of what is asked for, or 500m for each Pod"),
            Flag("memory", about="the same of memory"),
            Flag("cpu-percent", "int", default=-1),
            Flag("name", about="the name of the autoscaler"),
        ),
        example="kubectl autoscale deployment web --min=2 --max=10 --cpu=70%",
    ),
)
