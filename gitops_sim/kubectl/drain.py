"""``kubectl cordon``, ``kubectl uncordon`` and ``kubectl drain``.

Source: k8s.io/kubectl ``pkg/cmd/drain`` and ``pkg/drain`` (drain.go, filters.go, cordon.go). The real drain works on all Pods of
a node at once, and so prints its lines in an order of chance; this one takes them by name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from gitops_sim.clock import parse_timestamp
from gitops_sim.cluster.controllers.backoff import go_duration
from gitops_sim.cluster.selectors import label_selector
from gitops_sim.cluster.shapes import mapping, mappings, text
from gitops_sim.errors import ApiError, GitOpsSimError
from gitops_sim.kubectl import common_flags as flags
from gitops_sim.kubectl import requests
from gitops_sim.kubectl.flags import Flag
from gitops_sim.kubectl.info import Info
from gitops_sim.kubectl.invocation import PATIENCE, Command, Invocation
from gitops_sim.kubectl.problems import KubectlError, SeveralErrors, usage
from gitops_sim.kubectl.resources import Query, look_up
from gitops_sim.objects import Object, controller_of

_RETRY = 5.0
"""Seconds until an eviction that a budget forbade is tried again."""


def cordon(inv: Invocation) -> None:
    """Keeps new Pods away from nodes."""
    _mark(inv, _nodes(inv), True)


def uncordon(inv: Invocation) -> None:
    """Lets Pods come again."""
    _mark(inv, _nodes(inv), False)


def drain(inv: Invocation) -> None:
    """Cordons nodes and evicts their Pods."""
    nodes = _nodes(inv)
    _mark(inv, nodes, True)
    problems: list[str] = []
    left: list[str] = []
    for info in nodes:
        found = _drain(inv, info.name)
        if found:
            inv.warn(f'error: unable to drain node "{info.name}" due to error: {_joined(found)}, continuing command...\n')
            problems += found
            left.append(info.name)
        else:
            _say(inv, info.shown, "drained")
        if left:
            inv.warn("There are pending nodes to be drained:\n" + "".join(f" {name}\n" for name in left))
    if problems:
        raise SeveralErrors([KubectlError(problem) for problem in dict.fromkeys(problems)])


# ---------------------------------------------------------------------- nodes


def _nodes(inv: Invocation) -> list[Info]:
    if not inv.args and not inv.flags.given("selector"):
        raise usage(inv.command, f"USAGE: {inv.command.split()[-1]} NODE [flags]")
    if inv.args and inv["selector"]:
        raise usage(inv.command, "cannot specify both a node name and a --selector option")
    if "pod-selector" in inv.flags and inv["pod-selector"]:
        try:
            label_selector(inv["pod-selector"])
        except GitOpsSimError:
            raise KubectlError("--pod-selector=<pod_selector> must be a valid label selector") from None
    named = [arg if "/" in arg else f"nodes/{arg}" for arg in inv.args] or ["nodes"]
    infos = look_up(inv, Query(named, selector=inv["selector"], files=False, single_type=True)).all()
    for info in infos:
        if info.kind.resource != "nodes":
            raise KubectlError(f'expected resource of type node, got "{info.kind.resource}"')
    return infos


def _mark(inv: Invocation, nodes: Sequence[Info], wanted: bool) -> None:
    word = "cordoned" if wanted else "uncordoned"
    for info in nodes:
        is_so = mapping(info.object, "spec").get("unschedulable") is True
        if is_so == wanted:
            _say(inv, info.shown, f"already {word}")
            continue
        if inv.dry_run != "client":
            try:
                requests.patch(inv, info, {"spec": {"unschedulable": True if wanted else None}}, "strategic")
            except ApiError as error:
                inv.warn(f'error: unable to {word.removesuffix("ed")} node "{info.name}": {error.message}\n')
                continue
        _say(inv, info.shown, word)


def _say(inv: Invocation, what: str, word: str) -> None:
    note = {"client": " (dry run)", "server": " (server dry run)"}.get(inv.dry_run, "")
    inv.say(f"{what} {word}{note}\n")


# ---------------------------------------------------------------------- Pods


@dataclass(slots=True)
class _Choice:
    """The Pods that are to go, and what there is to say about those of a node, by the reason."""

    pods: list[Object] = field(default_factory=list)
    warnings: dict[str, list[str]] = field(default_factory=dict)
    errors: dict[str, list[str]] = field(default_factory=dict)


def _chosen(inv: Invocation, node: str) -> _Choice:
    choice = _Choice()
    for pod in inv.cluster.list("pods", "", labels=inv["pod-selector"], fields=f"spec.nodeName={node}"):
        name = f"{pod['metadata']['namespace']}/{pod['metadata']['name']}"
        goes, warning, error = _judge(inv, pod)
        if error:
            choice.errors.setdefault(error, []).append(name)
        elif goes:
            choice.pods.append(pod)
        if warning:
            choice.warnings.setdefault(warning, []).append(name)
    return choice


def _judge(inv: Invocation, pod: Object) -> tuple[bool, str, str]:
    """Whether the Pod is to go, what is to be warned of, and why it cannot: the filters, of which the first to refuse decides."""
    meta, owner = pod["metadata"], controller_of(pod)
    finished = text(pod, "status", "phase") in ("Succeeded", "Failed")
    if inv["skip-wait-for-delete-timeout"] > 0 and _is_old(inv, pod):
        return False, "", ""
    if owner is not None and owner["kind"] == "DaemonSet" and not finished:
        try:
            inv.cluster.get("daemonsets", owner["name"], meta["namespace"])
        except ApiError as error:
            return (True, error.message, "") if inv["force"] else (False, "", error.message)
        if not inv["ignore-daemonsets"]:
            return False, "", "DaemonSet-managed Pods (use --ignore-daemonsets to ignore)"
        return False, "ignoring DaemonSet-managed Pods", ""
    if "kubernetes.io/config.mirror" in mapping(meta, "annotations"):
        return False, "", ""
    if finished:
        return True, "", ""
    if any("emptyDir" in volume for volume in mappings(pod, "spec", "volumes")) and not inv["delete-emptydir-data"]:
        return False, "", "Pods with local storage (use --delete-emptydir-data to override)"
    if owner is None:
        if not inv["force"]:
            return False, "", "Pods that declare no controller (use --force to override)"
        return True, "deleting Pods that declare no controller", ""
    return True, "", ""


def _is_old(inv: Invocation, pod: Object) -> bool:
    """Whether it was told to go so long ago that nobody waits for it any more."""
    deleted = text(pod, "metadata", "deletionTimestamp")
    return bool(deleted) and inv.now - parse_timestamp(deleted) > float(inv["skip-wait-for-delete-timeout"])


def _drain(inv: Invocation, node: str) -> list[str]:
    """Empties one node; returns what went wrong."""
    choice = _chosen(inv, node)
    if choice.errors:
        return [f"cannot delete {why}: {', '.join(names)}" for why, names in choice.errors.items()]
    if choice.warnings:
        inv.warn("Warning: " + "; ".join(f"{why}: {', '.join(names)}" for why, names in choice.warnings.items()) + "\n")
    if inv.dry_run == "client":
        for pod in choice.pods:
            inv.say(f"evicting pod {_full(pod)} (dry run)\n")
        return []
    errors = _Round(inv, choice.pods).run()
    if errors:
        pending = _chosen(inv, node).pods
        if pending:
            inv.warn(f'There are pending pods in node "{node}" when an error occurred: {_joined(errors)}\n')
            inv.warn("".join(f"pod/{pod['metadata']['name']}\n" for pod in pending))
    return errors


class _Round:
    """The Pods of one node on their way out."""

    def __init__(self, inv: Invocation, pods: Sequence[Object]) -> None:
        self._inv, self._evicts = inv, not inv["disable-eviction"]
        self._limit = inv["timeout"] or PATIENCE
        self._deadline = inv.now + self._limit
        self._turns = [(inv.now, pod) for pod in pods]
        self._going: list[Object] = []
        self._errors: list[str] = []

    def run(self) -> list[str]:
        inv = self._inv
        while self._turns or self._going:
            for turn in [turn for turn in self._turns if turn[0] <= inv.now]:
                self._turns.remove(turn)
                self._send(turn[1])
            self._look()
            if not self._turns and not self._going:
                break
            times = [time for time, _ in self._turns] + ([self._deadline] if self._going else [])
            if not inv.wait(self._any_gone, max(0.0, min(times) - inv.now)) and not inv.can_wait:
                break
        return self._errors

    def _send(self, pod: Object) -> None:
        """Asks the server to take the Pod away."""
        inv, meta = self._inv, pod["metadata"]
        name, place = meta["name"], meta["namespace"]
        dry_run, grace = inv.dry_run == "server", None if inv["grace-period"] < 0 else float(inv["grace-period"])
        about = f'error when evicting pods/"{name}" -n "{place}"'
        if self._evicts:
            inv.say(f"evicting pod {_full(pod)}{' (server dry run)' if dry_run else ''}\n")
            if inv.now >= self._deadline:
                self._errors.append(f"{about}: global timeout reached: {go_duration(self._limit)}")
                return
        try:
            if self._evicts:
                inv.cluster.evict(name, place, grace_period=grace, dry_run=dry_run)
            else:
                inv.cluster.delete("pods", name, place, grace_period=grace, dry_run=dry_run)
        except ApiError as error:
            if error.reason == "TooManyRequests" and self._evicts:
                inv.warn(f"{about} (will retry after 5s): {error.message}\n")
                self._turns.append((inv.now + _RETRY, pod))
            elif error.reason != "NotFound":
                self._errors.append(f"{about}: {error.message}" if self._evicts else error.message)
            return
        if not dry_run:
            self._going.append(pod)

    def _look(self) -> None:
        """Tells which are gone, and gives up on the others when the time is over."""
        for pod in list(self._going):
            if self._gone(pod):
                self._going.remove(pod)
                self._inv.say(f"pod/{pod['metadata']['name']} {'evicted' if self._evicts else 'deleted'}\n")
            elif self._inv["skip-wait-for-delete-timeout"] > 0 and _is_old(self._inv, self._now_of(pod)):
                self._going.remove(pod)
                self._inv.say(
                    f'pod "{pod["metadata"]["name"]}" has DeletionTimestamp older than '
                    f"{self._inv['skip-wait-for-delete-timeout']} seconds, skipping\n"
                )
        if self._inv.now < self._deadline or not self._going:
            return
        if self._evicts:
            for pod in self._going:
                meta = pod["metadata"]
                about = f'error when waiting for pod "{meta["name"]}" in namespace "{meta["namespace"]}" to terminate'
                self._errors.append(f"{about}: global timeout reached: {go_duration(self._limit)}")
        else:
            self._errors.append("context deadline exceeded")
        self._going.clear()

    def _any_gone(self) -> bool:
        return any(self._gone(pod) for pod in self._going)

    def _now_of(self, pod: Object) -> Object:
        return self._inv.cluster.find("pods", pod["metadata"]["name"], pod["metadata"]["namespace"]) or {}

    def _gone(self, pod: Object) -> bool:
        return bool(mapping(self._now_of(pod), "metadata").get("uid") != pod["metadata"]["uid"])


def _full(pod: Object) -> str:
    return f"{pod['metadata']['namespace']}/{pod['metadata']['name']}"


def _joined(errors: Sequence[str]) -> str:
    unique = list(dict.fromkeys(errors))
    return unique[0] if len(unique) == 1 else f"[{', '.join(unique)}]"


_NODE = (flags.SELECTOR, flags.DRY_RUN)
COMMANDS = (
    Command(
        "cordon", cordon, "Keep new Pods away from a node", "(NODE ... | -l SELECTOR)", _NODE, example="kubectl cordon node-1"
    ),
    Command(
        "uncordon",
        uncordon,
        "Let Pods come to a node again",
        "(NODE ... | -l SELECTOR)",
        _NODE,
        example="kubectl uncordon node-1",
    ),
    Command(
        "drain",
        drain,
        "Cordon a node and evict its Pods",
        "(NODE ... | -l SELECTOR)",
        (
            *_NODE,
            flags.TIMEOUT,
            flags.CHUNK_SIZE,
            Flag("force", "bool", about="also Pods that no controller would make anew"),
            Flag("ignore-daemonsets", "bool", about="leave the Pods of DaemonSets"),
            Flag("delete-emptydir-data", "bool", about="also Pods that lose data of their own"),
            Flag("grace-period", "int", default=-1, about="seconds that a Pod gets to stop"),
            Flag("pod-selector", about="only Pods with these labels"),
            Flag("disable-eviction", "bool", about="delete, whatever budgets say"),
            Flag("skip-wait-for-delete-timeout", "int"),
        ),
        example="kubectl drain node-1 --ignore-daemonsets",
    ),
)
