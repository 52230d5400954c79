"""``kubectl run``.

Source: k8s.io/kubectl ``pkg/cmd/run``.
"""

from __future__ import annotations

import re
from typing import Any

from gitops_sim.cluster.go_text import quoted
from gitops_sim.kubectl import common_flags as flags
from gitops_sim.kubectl.flags import Flag
from gitops_sim.kubectl.generate import create_made
from gitops_sim.kubectl.invocation import Command, Invocation
from gitops_sim.kubectl.outputs import printer_for
from gitops_sim.kubectl.pairs import parse_pairs
from gitops_sim.kubectl.problems import KubectlError
from gitops_sim.objects import Object

_IMAGE = re.compile(
    r"([a-zA-Z0-9]([-a-zA-Z0-9.]*[a-zA-Z0-9])?(:[0-9]+)?/)?[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*"
    r"(:\w[\w.-]{0,127})?(@[A-Za-z][A-Za-z0-9]*([-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?"
)
_ENV_NAME = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*")
_RESTART = ("Always", "OnFailure", "Never")
_PULL = ("Always", "IfNotPresent", "Never")


def run(inv: Invocation) -> None:
    """Creates a Pod, and a Service in front of it if asked for."""
    annotations, _ = parse_pairs(inv["annotations"], "annotations", removable=False)
    labels, env = parse_labels(inv["labels"]), [_env(item) for item in inv["env"]]
    _check(inv)
    show = printer_for(inv, "created")
    name = _name(inv)
    made = [_pod(inv, name, labels or {"run": name}, annotations, env)]
    if inv["expose"]:
        made.append(_service(inv, name, labels))
    for obj in [create_made(inv, obj) for obj in made]:
        show(obj)


def parse_labels(text: str) -> dict[str, str]:
    """``a=1,b=2``. Raises KubectlError."""
    labels = {}
    for pair in text.split(",") if text else ():
        key, _, value = pair.partition("=")
        if pair.count("=") != 1:
            raise KubectlError(f"unexpected label spec: {pair}")
        if not key:
            raise KubectlError("unexpected empty label key")
        labels[key] = value
    return labels


def _env(text: str) -> dict[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name or not _ENV_NAME.fullmatch(name):
        raise KubectlError(f"invalid env: {text}")
    return {"name": name, "value": value}


def _name(inv: Invocation) -> str:
    if not inv.args or inv.flags.before_dash == 0 or not inv.args[0]:
        raise KubectlError("NAME is required for run")
    return inv.args[0]


def _check(inv: Invocation) -> None:
    for flag, allowed, what in (("restart", _RESTART, "restart policy"), ("image-pull-policy", _PULL, "image pull policy")):
        if inv[flag] and inv[flag] not in allowed:
            raise KubectlError(f"invalid {what}: {inv[flag]}, valid values are: {', '.join(allowed)}")
    _name(inv)
    if not inv["image"]:
        raise KubectlError("--image is required")
    if not _IMAGE.fullmatch(inv["image"]):
        raise KubectlError(f"invalid image name {quoted(inv['image'])}: invalid reference format")
    if inv["expose"] and not inv["port"]:
        raise KubectlError("--port must be set when exposing a service")
    if inv["port"] and not re.fullmatch(r"[+-]?[0-9]{1,18}", inv["port"]):
        raise KubectlError("--port must be a number")
    if inv["rm"] and not (inv["attach"] or inv["stdin"]):
        raise KubectlError("--rm should only be used for attached containers")
    for flag in ("attach", "stdin", "tty", "overrides"):
        if inv[flag]:
            raise KubectlError(f"--{flag} is not built in: nothing runs inside the simulated Pods")


def _pod(inv: Invocation, name: str, labels: dict[str, str], annotations: dict[str, str], env: list[dict[str, str]]) -> Object:
    container: dict[str, Any] = {"image": inv["image"], "name": name, "resources": {}}
    if env:
        container["env"] = env
    if inv.args[1:]:
        container["command" if inv["command"] else "args"] = inv.args[1:]
    if inv["image-pull-policy"]:
        container["imagePullPolicy"] = inv["image-pull-policy"]
    if inv["port"]:
        container["ports"] = [{"containerPort": int(inv["port"])}]
    if inv["privileged"]:
        container["securityContext"] = {"privileged": True}
    meta: dict[str, Any] = {"labels": labels, "name": name}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {**meta, "annotations": annotations} if annotations else meta,
        "spec": {"containers": [container], "dnsPolicy": "ClusterFirst", "restartPolicy": inv["restart"] or "Always"},
        "status": {},
    }


def _service(inv: Invocation, name: str, labels: dict[str, str]) -> Object:
    port = int(inv["port"])
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, **({"labels": labels} if labels else {})},
        "spec": {
            "ports": [{"port": port, "protocol": "TCP", "targetPort": port}],
            "selector": labels or {"run": name},
        },
        "status": {"loadBalancer": {}},
    }


COMMANDS = (
    Command(
        "run",
        run,
        "Create a Pod that runs an image",
        "NAME --image=IMAGE [-- ARGS...]",
        (
            *flags.PRINT,
            flags.DRY_RUN,
            flags.FIELD_MANAGER,
            flags.SAVE_CONFIG,
            flags.RECORD,
            Flag("image", required=True, about="the image of its container"),
            Flag("port", about="the port of its container"),
            Flag("env", "array", about="NAME=VALUE"),
            Flag("labels", short="l", about="KEY=VALUE,KEY=VALUE"),
            Flag("annotations", "array", about="KEY=VALUE"),
            Flag("restart", default="Always", about="Always, OnFailure or Never"),
            Flag("image-pull-policy", about="Always, IfNotPresent or Never"),
            Flag("command", "bool", about="the words after -- are the command, not its arguments"),
            Flag("expose", "bool", about="also create a Service"),
            Flag("privileged", "bool"),
            Flag("attach", "bool"),
            Flag("stdin", "bool", short="i"),
            Flag("tty", "bool", short="t"),
            Flag("rm", "bool"),
            Flag("quiet", "bool", short="q"),
            Flag("overrides"),
            Flag("override-type", default="merge"),
        ),
        example="kubectl run shell --image=busybox -- sleep 3600",
    ),
)
