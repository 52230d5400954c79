"""``kubectl create quota``, ``poddisruptionbudget``, ``priorityclass`` and ``cronjob``.

Source: k8s.io/kubectl ``pkg/cmd/create``.
"""

from __future__ import annotations

from typing import Any

from gitops_sim.kubectl.flags import Flag
from gitops_sim.kubectl.generate import FLAGS, command
from gitops_sim.kubectl.invocation import Command, Invocation
from gitops_sim.kubectl.problems import KubectlError
from gitops_sim.objects import Object


def _quota(inv: Invocation) -> Object:
    hard: dict[str, str] = {}
    for text in inv["hard"].split(",") if inv["hard"] else ():
        parts = text.split("=")
        if len(parts) != 2:
            raise KubectlError(f"Invalid argument syntax {text}, expected <resource>=<value>")
        hard[parts[0]] = parts[1]
    spec: dict[str, Any] = {"hard": hard} if hard else {}
    if inv["scopes"]:
        spec["scopes"] = inv["scopes"].split(",")
    return {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": inv.args[0]}, "spec": spec, "status": {}}


def _budget(inv: Invocation) -> Object:
    least, most = inv["min-available"], inv["max-unavailable"]
    if not inv["selector"]:
        raise KubectlError("a selector must be specified")
    if not least and not most:
        raise KubectlError("one of min-available or max-unavailable must be specified")
    if least and most:
        raise KubectlError("min-available and max-unavailable cannot be both specified")
    labels = dict(part.split("=", 1) for part in inv["selector"].replace("==", "=").split(",") if "=" in part)
    limit = {"minAvailable": _amount(least)} if least else {"maxUnavailable": _amount(most)}
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": inv.args[0]},
        "spec": {**limit, "selector": {"matchLabels": labels}},
        "status": {"currentHealthy": 0, "desiredHealthy": 0, "disruptionsAllowed": 0, "expectedPods": 0},
    }


def _amount(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdigit() else text


def _priority_class(inv: Invocation) -> Object:
    made: dict[str, Any] = {"apiVersion": "scheduling.k8s.io/v1"}
    if inv["description"]:
        made["description"] = inv["description"]
    if inv["global-default"]:
        made["globalDefault"] = True
    metadata = {"name": inv.args[0]}
    policy, value = inv["preemption-policy"], inv["value"]
    return {**made, "kind": "PriorityClass", "metadata": metadata, "preemptionPolicy": policy, "value": value}


def _cron_job(inv: Invocation) -> Object:
    name, words = inv.args[0], inv.args[1:]
    container: dict[str, Any] = {"image": inv["image"], "name": name, "resources": {}, **({"command": words} if words else {})}
    template = {"metadata": {}, "spec": {"containers": [container], "restartPolicy": inv["restart"] or "OnFailure"}}
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": name},
        "spec": {"jobTemplate": {"metadata": {"name": name}, "spec": {"template": template}}, "schedule": inv["schedule"]},
        "status": {},
    }


COMMANDS = (
    Command(
        "create quota",
        command(_quota, "quota:"),
        "Create a quota of a namespace",
        "NAME --hard=RESOURCE=AMOUNT,...",
        (*FLAGS, Flag("hard", about="RESOURCE=AMOUNT,..."), Flag("scopes", about="what it is about")),
        aliases=("resourcequota",),
        example="kubectl create quota small --hard=pods=10,requests.cpu=2",
    ),
    Command(
        "create poddisruptionbudget",
        command(_budget, "poddisruptionbudgets:"),
        "Create a budget of disruptions",
        "NAME --selector=LABELS (--min-available=N | --max-unavailable=N)",
        (
            *FLAGS,
            Flag("selector", about="the labels of the Pods"),
            Flag("min-available", about="how many must be there, as a number or in percent"),
            Flag("max-unavailable", about="how many may be missing"),
        ),
        aliases=("pdb",),
        example="kubectl create poddisruptionbudget web --selector=app=web --min-available=1",
    ),
    Command(
        "create priorityclass",
        command(_priority_class, "priorityclass:"),
        "Create a class of priority",
        "NAME --value=N",
        (
            *FLAGS,
            Flag("value", "int", about="the priority"),
            Flag("global-default", "bool", about="the one of Pods that name none"),
            Flag("description", about="what it is for"),
            Flag("preemption-policy", default="PreemptLowerPriority", about="PreemptLowerPriority or Never"),
        ),
        aliases=("pc",),
        example="kubectl create priorityclass high --value=1000",
    ),
    Command(
        "create cronjob",
        command(_cron_job, "cronjob:"),
        "Create a CronJob",
        "NAME --image=IMAGE --schedule=SCHEDULE [-- COMMAND ARGS...]",
        (
            *FLAGS,
            Flag("image", required=True, about="the image of its container"),
            Flag("schedule", required=True, about="when, as cron says it"),
            Flag("restart", about="OnFailure or Never"),
        ),
        aliases=("cj",),
        example="kubectl create cronjob tick --image=busybox --schedule='*/5 * * * *' -- date",
    ),
)
