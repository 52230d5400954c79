"""What commands ask of the server: with the dry run, the field validation and the warnings that belong to it."""

from __future__ import annotations

from typing import Any

from gitops_sim.cluster.protocol import PatchType
from gitops_sim.cluster.strictness import Level, check_manifest, check_patch
from gitops_sim.cluster.upserts import created_by_update
from gitops_sim.cluster.warnings import deprecation
from gitops_sim.errors import bad_request, not_found
from gitops_sim.kubectl.flags import FALSE, TRUE
from gitops_sim.kubectl.info import Info
from gitops_sim.kubectl.invocation import Invocation
from gitops_sim.kubectl.problems import KubectlError
from gitops_sim.objects import Object, with_path, without_path

CHANGE_CAUSE = "kubernetes.io/change-cause"
_LEVELS: dict[str, Level] = {
    "strict": "Strict",
    "warn": "Warn",
    "ignore": "Ignore",
    **dict.fromkeys(TRUE, "Strict"),
    **dict.fromkeys(FALSE, "Ignore"),
}


def level(inv: Invocation) -> Level:
    """What ``--validate`` asks for; without such a flag the server warns. Raises KubectlError for another word."""
    if "validate" not in inv.flags:
        return "Warn"
    given = str(inv["validate"])
    if given not in _LEVELS:
        allowed = "strict (or true), warn, ignore (or false)"
        raise KubectlError(f'invalid - validate option "{given}"; must be one of: {allowed}')
    return _LEVELS[given]


def manager(inv: Invocation) -> str:
    """``--field-manager``, or the name that the real command gives itself; commands without the flag say kubectl."""
    if "field-manager" not in inv.flags:
        return "kubectl"
    command = inv.command.split()[1]
    if "server-side" in inv.flags and inv["server-side"]:
        return str(inv["field-manager"]) or "kubectl"
    return str(inv["field-manager"]) or ("kubectl-client-side-apply" if command in ("apply", "diff") else f"kubectl-{command}")


def create(inv: Invocation, info: Info, obj: Object, *, dry_run: bool | None = None) -> Object:
    """Creates the object; a version that it claims to have is left out."""
    obj = without_path(obj, ("metadata", "resourceVersion"))
    _check_spelling(info, obj)
    inv.warn_of([deprecation(info.kind), *check_manifest(info.kind, obj, level(inv))])
    return inv.cluster.create(obj, namespace=info.namespace, manager=manager(inv), dry_run=_dry(inv, dry_run))


def replace(inv: Invocation, info: Info, obj: Object) -> Object:
    """Puts the object in the place of what is there; a few kinds are created when nothing is."""
    if inv.cluster.find(info.kind, info.name, info.namespace) is None:
        if not created_by_update(info.kind):
            raise not_found(info.kind.plural, info.name, info.kind.group)
        return create(inv, info, obj)
    _check_spelling(info, obj)
    inv.warn_of([deprecation(info.kind), *check_manifest(info.kind, obj, level(inv))])
    return inv.cluster.update(obj, manager=manager(inv), dry_run=_dry(inv, None))


def patch(
    inv: Invocation, info: Info, body: Any, type: PatchType, *, subresource: str = "", dry_run: bool | None = None
) -> Object:
    current = inv.cluster.get(info.kind, info.name, info.namespace)
    if not subresource:
        inv.warn_of([deprecation(info.kind), *check_patch(info.kind, current, body, type, level(inv))])
    return inv.cluster.patch(
        info.kind,
        info.name,
        info.namespace,
        body,
        type=type,
        subresource=subresource,
        manager=manager(inv),
        dry_run=_dry(inv, dry_run),
    )


def recorded(inv: Invocation, obj: Object) -> Object:
    """The object with the command in an annotation, if ``--record`` was given."""
    if "record" not in inv.flags or not inv["record"]:
        return obj
    annotated: Object = with_path(obj, ("metadata", "annotations", CHANGE_CAUSE), inv.line)
    return annotated


def note(inv: Invocation, info: Info, obj: Object) -> Object:
    """Writes the command down in an object that was changed already, if ``--record`` was given."""
    if not inv["record"]:
        return obj
    cause = {"metadata": {"annotations": {CHANGE_CAUSE: inv.line}}}
    return patch(inv, info, cause, "merge")


def _check_spelling(info: Info, obj: Object) -> None:
    """kubectl finds the resource of ``deployment``, but the server knows no such kind."""
    kind, version = obj["kind"], obj["apiVersion"]
    if kind != info.kind.kind:
        raise bad_request(
            f'{kind} in version "{version.rpartition("/")[2]}" cannot be handled as a {info.kind.kind}: no kind "{kind}" is '
            f'registered for version "{version}" in scheme "pkg/api/legacyscheme/scheme.go:30"'
        )


def _dry(inv: Invocation, dry_run: bool | None) -> bool:
    return inv.dry_run == "server" if dry_run is None else dry_run
