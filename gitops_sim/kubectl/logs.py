"""``kubectl logs``: nothing runs inside the simulated Pods, so that only what keeps a container from running can be told.

Source of error texts: k8s.io/kubectl ``pkg/cmd/logs`` and kubelet ``pkg/kubelet/kubelet_pods.go``.
"""

from __future__ import annotations

from typing import Any

from gitops_sim.cluster.ages import moment
from gitops_sim.cluster.selectors import matches
from gitops_sim.cluster.shapes import mapping, mappings, number, text
from gitops_sim.errors import ApiError, bad_request
from gitops_sim.kubectl import common_flags as flags
from gitops_sim.kubectl.flags import Flag
from gitops_sim.kubectl.invocation import Command, Invocation
from gitops_sim.kubectl.problems import KubectlError, usage
from gitops_sim.kubectl.resources import Query, look_up
from gitops_sim.objects import Object, labels_of

_USAGE = (
    "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command"
)
_PULLING = ("ErrImagePull", "ImagePullBackOff", "InvalidImageName")


def logs(inv: Invocation) -> None:
    """Says why a container does not run, or that the simulated Pods write no logs."""
    if len(inv.args) > 2 or (not inv.args and not inv["selector"]):
        raise usage(inv.command, _USAGE)
    if inv.args and inv["selector"]:
        raise usage(inv.command, "only a selector (-l) or a POD name is allowed")
    for pod in _pods(inv):
        for name in _containers(inv, pod):
            _check(pod, name)
            inv.say(
                "Nothing runs inside the simulated Pods: they write no logs. See 'kubectl describe pod' and 'kubectl events'.\n"
            )


def _pods(inv: Invocation) -> list[Object]:
    if inv["selector"]:
        return [info.object for info in look_up(inv, Query(["pods"], selector=inv["selector"], files=False)).all()]
    words = inv.args[:1] if "/" in inv.args[0] else ["pods", inv.args[0]]
    try:
        (info,) = look_up(inv, Query(words, files=False)).all()
    except ApiError as error:
        if error.reason == "NotFound":
            raise KubectlError(f'error from server (NotFound): {error} in namespace "{inv.namespace}"') from None
        raise
    if info.kind.kind == "Pod":
        return [info.object]
    selector = mapping(info.object, "spec").get("selector")
    if not isinstance(selector, dict):
        raise KubectlError(f"cannot get the logs from *{info.kind.version}.{info.kind.kind}: no selector is known")
    if info.kind.kind == "Service":
        selector = {"matchLabels": selector}
    pods = [pod for pod in inv.cluster.list("pods", info.namespace) if matches(selector, labels_of(pod))]
    if not pods:
        raise KubectlError("timed out waiting for the condition")
    pods.sort(key=_best_first)
    if len(pods) > 1:
        inv.warn(f"Found {len(pods)} pods, using pod/{pods[0]['metadata']['name']}\n")
    return pods[:1]


def _best_first(pod: Object) -> tuple[Any, ...]:
    """Running before pending, ready before not ready, those that are ready for longest first."""
    ready = next((c for c in mappings(pod, "status", "conditions") if text(c, "type") == "Ready"), {})
    is_ready = text(ready, "status") == "True"
    phase = {"Running": 0, "Unknown": 1, "Pending": 2}.get(text(pod, "status", "phase"), 0)
    since = (moment(text(ready, "lastTransitionTime")) or 0.0) if is_ready else 0.0
    restarts = max((number(status, "restartCount") for status in mappings(pod, "status", "containerStatuses")), default=0)
    return (not text(pod, "spec", "nodeName"), phase, not is_ready, since, -restarts, text(pod, "metadata", "creationTimestamp"))


def _containers(inv: Invocation, pod: Object) -> list[str]:
    names = [text(item, "name") for item in mappings(pod, "spec", "containers")]
    first = names[:1]
    initial = [text(item, "name") for item in mappings(pod, "spec", "initContainers")]
    every = ", ".join([*names, *(f"{name} (init)" for name in initial)])
    names += initial
    wanted = inv["container"] or (inv.args[1] if len(inv.args) > 1 else "")
    if inv["all-containers"]:
        return names
    if not wanted:
        if len(names) > 1:
            inv.warn(f'Defaulted container "{names[0]}" out of: {every}\n')
        return first
    if wanted not in names:
        raise KubectlError(f"container {wanted} is not valid for pod {pod['metadata']['name']} out of: {every}")
    return [wanted]


def _check(pod: Object, container: str) -> None:
    """Raises ApiError for a container that waits."""
    statuses = [*mappings(pod, "status", "containerStatuses"), *mappings(pod, "status", "initContainerStatuses")]
    status = next((status for status in statuses if text(status, "name") == container), {})
    waiting = mapping(status, "state", "waiting")
    ran_before = bool(mapping(status, "lastState", "terminated"))
    if status and (not waiting or ran_before):
        return
    reason = text(waiting, "reason") or "ContainerCreating"
    why = "trying and failing to pull image" if reason in _PULLING else reason
    name = pod["metadata"]["name"]
    raise bad_request(f'container "{container}" in pod "{name}" is waiting to start: {why}')


COMMANDS = (
    Command(
        "logs",
        logs,
        "Say why a container does not run",
        "(POD | TYPE/NAME) [-c CONTAINER]",
        (
            flags.SELECTOR,
            Flag("container", short="c", about="which container"),
            Flag("all-containers", "bool", about="all of them"),
            Flag("all-pods", "bool"),
            Flag("follow", "bool", short="f"),
            Flag("previous", "bool", short="p"),
            Flag("timestamps", "bool"),
            Flag("prefix", "bool"),
            Flag("ignore-errors", "bool"),
            Flag("tail", "int", default=-1),
            Flag("limit-bytes", "int"),
            Flag("max-log-requests", "int", default=5),
            Flag("since", "duration"),
            Flag("since-time"),
            Flag("pod-running-timeout", "duration", default=20.0),
        ),
        aliases=("log",),
        example="kubectl logs deployment/web",
    ),
)
