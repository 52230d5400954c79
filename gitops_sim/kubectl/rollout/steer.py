"""``kubectl rollout restart``, ``rollout pause`` and ``rollout resume``.

Source: k8s.io/kubectl ``pkg/cmd/rollout`` and ``pkg/polymorphichelpers``.
"""

from __future__ import annotations

from collections.abc import Callable

from gitops_sim.cluster.shapes import mapping
from gitops_sim.errors import ApiError, GitOpsSimError
from gitops_sim.kubectl import common_flags as flags
from gitops_sim.kubectl.changes import each, send
from gitops_sim.kubectl.info import Info
from gitops_sim.kubectl.invocation import Command, Invocation
from gitops_sim.kubectl.outputs import printer_for
from gitops_sim.kubectl.problems import KubectlError, raise_all
from gitops_sim.kubectl.rollout.find import FLAGS, USE, find, none_found, require
from gitops_sim.objects import Object, with_path, without_path

_RESTARTED = ("spec", "template", "metadata", "annotations", "kubectl.kubernetes.io/restartedAt")


def restart(inv: Invocation) -> None:
    """Replaces all Pods, by a note of the time in their template."""

    def change(info: Info) -> Object:
        if info.kind.group != "apps" or info.kind.kind not in ("Deployment", "DaemonSet", "StatefulSet"):
            raise KubectlError("restarting is not supported")
        if _paused(info):
            raise KubectlError("can't restart paused deployment (run rollout resume first)")
        changed: Object = with_path(info.object, _RESTARTED, inv.cluster.clock.timestamp())
        return changed

    _steer(inv, change, "restarted")


def pause(inv: Invocation) -> None:
    """Lets a Deployment keep its Pods as they are while its template is changed."""

    def change(info: Info) -> Object:
        _only_deployments(info, "pausing")
        if _paused(info):
            raise KubectlError("is already paused")
        changed: Object = with_path(info.object, ("spec", "paused"), True)
        return changed

    _steer(inv, change, "paused")


def resume(inv: Invocation) -> None:
    """Lets a Deployment roll out again."""

    def change(info: Info) -> Object:
        _only_deployments(info, "resuming")
        if not _paused(info):
            raise KubectlError("is not paused")
        changed: Object = without_path(info.object, ("spec", "paused"))
        return changed

    _steer(inv, change, "resumed")


def _steer(inv: Invocation, change: Callable[[Info], Object], done: str) -> None:
    require(inv)
    found = find(inv)
    errors: list[GitOpsSimError] = list(found.errors)
    if not found.infos and not errors:
        none_found(inv)
        return

    def steer(info: Info) -> None:
        try:
            changed = change(info)
        except KubectlError as error:
            raise KubectlError(f'error: {info.kind.resource} "{info.name}" {error}') from None
        if changed == info.object:
            raise KubectlError(
                f"failed to create patch for {info.name}: if restart has already been triggered within the past second, "
                "please wait before attempting to trigger another"
            )
        try:
            printer_for(inv, done)(send(inv, info, changed, dry_run=False))
        except ApiError as error:
            raise KubectlError(f"failed to patch: {error}") from None

    each(found.infos, errors, steer)
    raise_all(errors)


def _only_deployments(info: Info, what: str) -> None:
    if (info.kind.group, info.kind.kind) != ("apps", "Deployment"):
        raise KubectlError(f"{what} is not supported")


def _paused(info: Info) -> bool:
    return info.kind.kind == "Deployment" and bool(mapping(info.object, "spec").get("paused"))


_FLAGS = (*flags.PRINT, *FLAGS, flags.FIELD_MANAGER)
COMMANDS = (
    Command(
        "rollout restart",
        restart,
        "Replace all Pods by new ones, bit by bit",
        USE,
        _FLAGS,
        example="kubectl rollout restart deployment/web",
    ),
    Command(
        "rollout pause",
        pause,
        "Keep a Deployment from rolling out",
        USE,
        _FLAGS,
        example="kubectl rollout pause deployment/web",
    ),
    Command(
        "rollout resume",
        resume,
        "Let a paused Deployment roll out again",
        USE,
        _FLAGS,
        example="kubectl rollout resume deployment/web",
    ),
)
