"""``kubectl rollout status``.

Source: k8s.io/kubectl ``pkg/cmd/rollout/rollout_status.go`` and ``pkg/polymorphichelpers/rollout_status.go``.
"""

from __future__ import annotations

from collections.abc import Callable

from gitops_sim.cluster.go_text import quoted
from gitops_sim.cluster.shapes import condition, mapping, number, text
from gitops_sim.cluster.store import Change
from gitops_sim.errors import GitOpsSimError
from gitops_sim.kubectl import common_flags as flags
from gitops_sim.kubectl.changes import each
from gitops_sim.kubectl.flags import Flag
from gitops_sim.kubectl.info import Info
from gitops_sim.kubectl.invocation import PATIENCE, Command, Invocation
from gitops_sim.kubectl.problems import KubectlError, raise_all
from gitops_sim.kubectl.replica_sets import revision_of
from gitops_sim.kubectl.rollout.find import FLAGS, USE, find, none_found, require
from gitops_sim.objects import Object

State = tuple[str, bool]
"""A line, and whether the rollout is done."""


def status(inv: Invocation) -> None:
    """Says how a rollout gets on, until it is done."""
    require(inv)
    found = find(inv)
    errors: list[GitOpsSimError] = list(found.errors)
    each(found.infos, errors, lambda info: _follow(inv, info))
    raise_all(errors)
    if not found.infos:
        none_found(inv)


def _follow(inv: Invocation, info: Info) -> None:
    viewer = _VIEWERS.get((info.kind.group, info.kind.kind))
    if viewer is None:
        raise KubectlError(f"no status viewer has been implemented for {info.kind.kind}" + _dotted(info.kind.group))
    watch = _Watch(inv, info, viewer)
    if watch.done() or not inv["watch"] or not inv.can_wait:
        watch.end()
        return
    held = inv.wait(watch.done, inv["timeout"] or PATIENCE)
    watch.end()
    if not held:
        raise KubectlError("timed out waiting for the condition")


class _Watch:
    """Tells of every version of one object, from the present one on, until its rollout is done."""

    def __init__(self, inv: Invocation, info: Info, viewer: Callable[[Object], State]) -> None:
        self._inv, self._info, self._viewer = inv, info, viewer
        self._key = inv.cluster.key(info.kind, info.name, info.namespace)
        self._seen = len(inv.cluster.store.log)
        self._error: KubectlError | None = None
        self._done = False
        self._tell(info.object)

    def done(self) -> bool:
        log = self._inv.cluster.store.log
        for change in log[self._seen :]:
            if change.key == self._key and not self._done:
                self._look(change)
        self._seen = len(log)
        return self._done

    def end(self) -> None:
        """Raises what went wrong."""
        if self._error is not None:
            raise self._error

    def _look(self, change: Change) -> None:
        if change.type == "DELETED":
            self._error, self._done = KubectlError("object has been deleted"), True
        else:
            self._tell(change.object)

    def _tell(self, obj: Object) -> None:
        try:
            self._check_revision(obj)
            line, self._done = self._viewer(obj)
            self._inv.say(line + "\n")
        except KubectlError as error:
            self._error, self._done = error, True

    def _check_revision(self, obj: Object) -> None:
        wanted = self._inv["revision"]
        if wanted and self._info.kind.kind == "Deployment" and revision_of(obj) != wanted:
            running = revision_of(obj)
            raise KubectlError(f"desired revision ({wanted}) is different from the running revision ({running})")


def _deployment(obj: Object) -> State:
    title = f"deployment {quoted(text(obj, 'metadata', 'name'))}"
    if _unseen(obj):
        return "Waiting for deployment spec update to be observed...", False
    if text(condition(obj, "Progressing"), "reason") == "ProgressDeadlineExceeded":
        raise KubectlError(f"{title} exceeded its progress deadline")
    state = mapping(obj, "status")
    updated, available = number(state, "updatedReplicas"), number(state, "availableReplicas")
    waiting = f"Waiting for {title} rollout to finish:"
    if updated < number(obj, "spec", "replicas"):
        return f"{waiting} {updated} out of {number(obj, 'spec', 'replicas')} new replicas have been updated...", False
    if number(state, "replicas") > updated:
        return f"{waiting} {number(state, 'replicas') - updated} old replicas are pending termination...", False
    if available < updated:
        return f"{waiting} {available} of {updated} updated replicas are available...", False
    return f"{title} successfully rolled out", True


def _daemon_set(obj: Object) -> State:
    _only_rolling(obj)
    title = f"daemon set {quoted(text(obj, 'metadata', 'name'))}"
    if _unseen(obj):
        return "Waiting for daemon set spec update to be observed...", False
    state = mapping(obj, "status")
    wanted, waiting = number(state, "desiredNumberScheduled"), f"Waiting for {title} rollout to finish:"
    if number(state, "updatedNumberScheduled") < wanted:
        updated = number(state, "updatedNumberScheduled")
        return f"{waiting} {updated} out of {wanted} new pods have been updated...", False
    if number(state, "numberAvailable") < wanted:
        return f"{waiting} {number(state, 'numberAvailable')} of {wanted} updated pods are available...", False
    return f"{title} successfully rolled out", True


def stateful_set(obj: Object) -> State:
    """How the rollout of a StatefulSet gets on. Raises KubectlError when its Pods are not replaced on their own."""
    _only_rolling(obj)
    state, wanted = mapping(obj, "status"), number(obj, "spec", "replicas")
    updated = number(state, "updatedReplicas")
    if not number(state, "observedGeneration") or _unseen(obj):
        return "Waiting for statefulset spec update to be observed...", False
    if number(state, "readyReplicas") < wanted:
        return f"Waiting for {wanted - number(state, 'readyReplicas')} pods to be ready...", False
    if "rollingUpdate" in mapping(obj, "spec", "updateStrategy"):
        wanted -= number(obj, "spec", "updateStrategy", "rollingUpdate", "partition")
        if updated < wanted:
            text_ = f"Waiting for partitioned roll out to finish: {updated} out of {wanted} new pods have been updated..."
            return text_, False
        return f"partitioned roll out complete: {updated} new pods have been updated...", True
    new, current = text(state, "updateRevision"), text(state, "currentRevision")
    if new != current:
        return f"waiting for statefulset rolling update to complete {updated} pods at revision {new}...", False
    pods = number(state, "currentReplicas")
    return f"statefulset rolling update complete {pods} pods at revision {current}...", True


def _only_rolling(obj: Object) -> None:
    if text(obj, "spec", "updateStrategy", "type") != "RollingUpdate":
        raise KubectlError("rollout status is only available for RollingUpdate strategy type")


def _unseen(obj: Object) -> bool:
    return number(obj, "metadata", "generation") > number(obj, "status", "observedGeneration")


def _dotted(group: str) -> str:
    return f".{group}" if group else ""


_VIEWERS: dict[tuple[str, str], Callable[[Object], State]] = {
    ("apps", "Deployment"): _deployment,
    ("apps", "DaemonSet"): _daemon_set,
    ("apps", "StatefulSet"): stateful_set,
}
COMMANDS = (
    Command(
        "rollout status",
        status,
        "Say how a rollout gets on, until it is done",
        USE,
        (
            *FLAGS,
            flags.TIMEOUT,
            Flag("watch", "bool", short="w", default=True, about="until the rollout is done"),
            Flag("revision", "int", about="only while this revision is rolled out"),
        ),
        example="kubectl rollout status deployment/web --timeout=2m",
    ),
)
