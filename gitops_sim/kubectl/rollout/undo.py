"""``kubectl rollout undo``.

Source: k8s.io/kubectl ``pkg/cmd/rollout/rollout_undo.go`` and ``pkg/polymorphichelpers/rollback.go``.
"""

from __future__ import annotations

from typing import Any

from gitops_sim.cluster.apply import LAST_APPLIED
from gitops_sim.cluster.shapes import mapping
from gitops_sim.errors import ApiError, GitOpsSimError
from gitops_sim.kubectl import common_flags as flags
from gitops_sim.kubectl.changes import each
from gitops_sim.kubectl.flags import Flag
from gitops_sim.kubectl.info import Info
from gitops_sim.kubectl.invocation import Command, Invocation
from gitops_sim.kubectl.outputs import printer_for
from gitops_sim.kubectl.problems import KubectlError, raise_all
from gitops_sim.kubectl.replica_sets import REVISION, bare_template
from gitops_sim.kubectl.rollout.find import FLAGS, USE, find, require
from gitops_sim.kubectl.rollout.history import template_text
from gitops_sim.kubectl.rollout.revisions import Revision, revisions

_DONE = "rolled back"
_KEPT = (
    LAST_APPLIED,
    REVISION,
    "deployment.kubernetes.io/revision-history",
    "deployment.kubernetes.io/desired-replicas",
    "deployment.kubernetes.io/max-replicas",
    "deprecated.deployment.rollback.to",
)
"""Annotations of a Deployment that no rollback touches."""


def undo(inv: Invocation) -> None:
    """Goes back to an earlier revision."""
    dry_run = inv.dry_run
    require(inv)
    found = find(inv)
    errors: list[GitOpsSimError] = list(found.errors)

    def back(info: Info) -> None:
        if LAST_APPLIED in mapping(info.object, "metadata", "annotations"):
            inv.warn(
                f"Warning: resource {info.title} was previously managed with 'kubectl apply'. Rolling back will not update the "
                f"{LAST_APPLIED} annotation, which may cause unexpected behavior on future 'kubectl apply' operations. "
                "Consider using 'kubectl apply' with your previous configuration file instead.\n"
            )
        known = revisions(inv.cluster, info, "rollbacker", "rollbacker")
        if inv["to-revision"] < 0:
            raise _missing(inv)
        go_back = _deployment if info.kind.kind == "Deployment" else _controlled
        printer_for(inv, go_back(inv, info, known, dry_run))(info.object)

    each(found.infos, errors, back)
    raise_all(errors)


def _missing(inv: Invocation) -> KubectlError:
    return KubectlError(f"unable to find specified revision {inv['to-revision']} in history")


def _target(inv: Invocation, known: list[Revision]) -> Revision | None:
    """The revision asked for, or the last but one."""
    wanted = inv["to-revision"]
    if not wanted:
        return known[-2] if len(known) > 1 else None
    for revision in known:
        if revision.number == wanted:
            return revision
    raise _missing(inv)


def _deployment(inv: Invocation, info: Info, known: list[Revision], dry_run: str) -> str:
    target = _target(inv, known)
    if target is None:
        raise KubectlError(f'no rollout history found for deployment "{info.name}"')
    if dry_run == "client":
        return template_text(inv, mapping(target.whole, "spec", "template"))
    if mapping(info.object, "spec").get("paused"):
        raise KubectlError("you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again")
    template = bare_template(target.whole)
    if template == bare_template(info.object):
        return f"skipped rollback (current template already matches revision {inv['to-revision']})"
    theirs = mapping(target.holder, "metadata", "annotations")
    ours = mapping(info.object, "metadata", "annotations")
    annotations = {key: value for key, value in ours.items() if key in _KEPT}
    annotations |= {key: value for key, value in theirs.items() if key not in _KEPT}
    patch = [
        {"op": "replace", "path": "/spec/template", "value": template},
        {"op": "replace", "path": "/metadata/annotations", "value": annotations},
    ]
    return _send(inv, info, patch, dry_run)


def _controlled(inv: Invocation, info: Info, known: list[Revision], dry_run: str) -> str:
    target = _target(inv, known)
    if target is None:
        raise KubectlError("no last revision to roll back to")
    if dry_run == "client":
        return f"will roll back to {template_text(inv, target.template)}"
    data: Any = target.holder.get("data")
    if data == {"spec": {"template": {**mapping(info.object, "spec", "template"), "$patch": "replace"}}}:
        return f"skipped rollback (current template already matches revision {inv['to-revision']})"
    return _send(inv, info, data, dry_run)


def _send(inv: Invocation, info: Info, patch: Any, dry_run: str) -> str:
    try:
        inv.cluster.patch(
            info.kind,
            info.name,
            info.namespace,
            patch,
            type="json" if isinstance(patch, list) else "strategic",
            manager="kubectl",
            dry_run=dry_run == "server",
        )
    except ApiError as error:
        raise KubectlError(f"failed restoring revision {inv['to-revision']}: {error}") from None
    return _DONE


COMMANDS = (
    Command(
        "rollout undo",
        undo,
        "Go back to an earlier revision",
        USE,
        (
            *flags.PRINT,
            *FLAGS,
            flags.DRY_RUN,
            Flag("to-revision", "int", about="to this one; without it to the last but one"),
        ),
        example="kubectl rollout undo deployment/web",
    ),
)
