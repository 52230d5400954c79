"""``kubectl apply``.

Source: k8s.io/kubectl ``pkg/cmd/apply``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from gitops_sim.cluster import merge
from gitops_sim.cluster.apply import LAST_APPLIED, last_applied, last_applied_text, missing_annotation
from gitops_sim.cluster.go_text import json_text
from gitops_sim.cluster.protocol import PatchType
from gitops_sim.cluster.shapes import mapping, text
from gitops_sim.errors import ApiError, GitOpsSimError
from gitops_sim.kubectl import common_flags as flags
from gitops_sim.kubectl import requests, server_side, sources
from gitops_sim.kubectl.changes import each
from gitops_sim.kubectl.flags import Flag
from gitops_sim.kubectl.info import Info
from gitops_sim.kubectl.invocation import PATIENCE, Command, Invocation
from gitops_sim.kubectl.outputs import printer_for
from gitops_sim.kubectl.problems import KubectlError, from_source, raise_all
from gitops_sim.kubectl.resources import Query, look_up
from gitops_sim.kubectl.waiting import until_gone
from gitops_sim.objects import Object, annotations_of, with_path
from gitops_sim.yaml_sorted import to_yaml

_ANNOTATION = ("metadata", "annotations", LAST_APPLIED)
_REFUSED = {
    "prune": "--prune is not built in: delete what is no longer wanted, or let a GitOps agent do it",
    "applyset": "--applyset is not built in",
    "subresource": "--subresource can only be specified for --server-side",
}


def apply(inv: Invocation) -> None:
    """Creates the objects of the manifests, or changes them to what the manifests say."""
    inv.no_arguments()
    dry_run = inv.dry_run
    sources.require(inv)
    strict = requests.level(inv) != "Ignore"
    _check(inv, dry_run)
    errors: list[GitOpsSimError] = []
    infos: list[Info] = []
    for item in sources.read_infos(inv, validate=strict, selector=inv["selector"]):
        if isinstance(item, GitOpsSimError):
            errors.append(item)
        else:
            infos.append(item)
    if not infos and not errors:
        raise KubectlError("no objects passed to apply")
    whole = inv["output"] not in ("", "name")

    def put(info: Info) -> None:
        verb = _put(inv, info)
        if not whole:
            printer_for(inv, verb)(info.object)

    each(infos, errors, put)
    raise_all(errors)
    if whole:
        several = {"apiVersion": "v1", "items": [info.object for info in infos], "kind": "List", "metadata": {}}
        printer_for(inv)(infos[0].object if len(infos) == 1 else several)


def _check(inv: Invocation, dry_run: str) -> None:
    if inv["force-conflicts"] and not inv["server-side"]:
        raise KubectlError("--force-conflicts only works with --server-side")
    if dry_run == "server" and inv["force"]:
        raise KubectlError("--dry-run=server cannot be used with --force")
    if inv["all"] and inv["selector"]:
        raise KubectlError("cannot set --all and --selector at the same time")
    if dry_run == "client" and inv["server-side"]:
        raise KubectlError("--dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)")
    if inv["prune"] and not (inv["all"] or inv["selector"] or inv["applyset"]):
        raise KubectlError(
            "all resources selected for prune without explicitly passing --all. To prune all resources, pass the --all flag. "
            "If you did not mean to prune all resources, specify a label selector"
        )
    for flag, why in _REFUSED.items():
        if inv[flag]:
            raise KubectlError(why)


def _put(inv: Invocation, info: Info) -> str:
    """Applies one object, leaves in ``info`` what became of it, and returns the word for what was done."""
    manifest = requests.recorded(inv, info.object)
    if not info.name:
        prefix = text(manifest, "metadata", "generateName")
        if prefix:
            raise KubectlError(f"from {prefix}: cannot use generate name with apply")
        verb = f"retrieving current configuration of:\n{info.described}\nfrom server for:"
        raise from_source(verb, info.source, KubectlError("resource name may not be empty"))
    if inv["server-side"]:
        info.object = server_side.put(inv, info, manifest)
        _warn_if_going(inv, info)
        return "serverside-applied"
    modified = with_path(manifest, _ANNOTATION, last_applied_text(manifest))
    current = inv.cluster.find(info.kind, info.name, info.namespace)
    if current is None:
        info.object = without_nulls(modified)
        if inv.dry_run != "client":
            try:
                info.object = requests.create(inv, info, info.object)
            except ApiError as error:
                raise from_source("creating", info.source, error) from None
        return "created"
    if not annotations_of(current).get(LAST_APPLIED):
        inv.warn(f"Warning: {missing_annotation(info.title)}\n")
    info.object = current
    patch = difference(info, modified, current)
    if patch:
        _patch(inv, info, patch, modified)
    _warn_if_going(inv, info)
    return "configured" if patch else "unchanged"


def _warn_if_going(inv: Invocation, info: Info) -> None:
    if text(info.object, "metadata", "deletionTimestamp"):
        inv.warn(f"Warning: Detected changes to resource {info.name} which is currently being deleted.\n")


def difference(info: Info, modified: Object, current: Object) -> dict[str, Any]:
    """The patch from ``current`` to ``modified``. Raises KubectlError when what was applied last cannot be read."""
    try:
        original = last_applied(current)
        if original is not None and not isinstance(original, Mapping):
            raise ValueError("it is no object")
        return merge.three_way(info.kind, original, modified, current)
    except (ValueError, RecursionError) as error:
        why: GitOpsSimError = KubectlError(f"the annotation {LAST_APPLIED} cannot be read: {error}")
    except ApiError as error:
        why = KubectlError(error.message)
    raise from_source(f"applying patch:\n\nto:\n{info.described}\nfor:", info.source, why)


def _patch(inv: Invocation, info: Info, patch: dict[str, Any], modified: Object) -> None:
    kind: PatchType = "merge" if info.kind.custom else "strategic"
    if inv.dry_run == "client":
        merged = merge.merge_patch if info.kind.custom else _merge(info)
        info.object = merged(info.object, patch)
        return
    try:
        info.object = requests.patch(inv, info, patch, kind)
    except ApiError as error:
        if inv["force"] and error.reason in ("Conflict", "Invalid"):
            info.object = _recreated(inv, info, modified)
            return
        inner = from_source("patching", info.source, error)
        raise from_source(f"applying patch:\n{json_text(patch)}\nto:\n{info.described}\nfor:", info.source, inner) from None


def _merge(info: Info) -> Any:
    def merged(current: Object, patch: Mapping[str, Any]) -> Object:
        return merge.strategic_merge(info.kind, current, patch)

    return merged


def _recreated(inv: Invocation, info: Info, modified: Object) -> Object:
    inv.cluster.delete(info.kind, info.name, info.namespace)
    until_gone(inv, info, inv.now + (inv["timeout"] or PATIENCE))
    return requests.create(inv, info, without_nulls(modified))


def without_nulls(value: Any) -> Any:
    """The value without the keys that hold null, at any depth."""
    if isinstance(value, Mapping):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


def view_last_applied(inv: Invocation) -> None:
    """Prints the manifest that an object was applied from."""
    if inv["output"] not in ("yaml", "json"):
        raise KubectlError(f"Unexpected -o output mode: {inv['output']}, the flag 'output' must be one of yaml|json")
    found = look_up(inv, Query(inv.args, selector=inv["selector"], everything=inv["all"]))
    raise_all(found.errors)
    for info in found.infos:
        applied = mapping(info.object, "metadata", "annotations").get(LAST_APPLIED)
        if not applied:  # the real one has an error text for this, but loses it
            continue
        try:
            manifest = json.loads(applied)
        except (ValueError, RecursionError) as error:
            raise KubectlError(f"the annotation {LAST_APPLIED} cannot be read: {error}") from None
        inv.say(to_yaml(manifest) if inv["output"] == "yaml" else json_text(manifest, indent="  ") + "\n")


COMMANDS = (
    Command(
        "apply",
        apply,
        "Create objects, or change them to what manifests say",
        "-f FILE",
        (
            *flags.PRINT,
            *flags.FILENAME,
            flags.SELECTOR,
            flags.ALL,
            flags.DRY_RUN,
            flags.VALIDATE,
            flags.FIELD_MANAGER,
            flags.RECORD,
            flags.TIMEOUT,
            flags.SUBRESOURCE,
            Flag("force", "bool", about="delete and create again what cannot be changed"),
            Flag("grace-period", "int", default=-1),
            Flag("cascade", default="background", bare="background"),
            Flag("wait", "bool"),
            Flag("overwrite", "bool", default=True),
            Flag("openapi-patch", "bool", default=True),
            Flag("server-side", "bool", about="let the server merge, and know who owns which field"),
            Flag("force-conflicts", "bool", about="with --server-side: take fields from their managers"),
            Flag("prune", "bool"),
            Flag("prune-allowlist", "array"),
            Flag("applyset"),
        ),
        example="kubectl apply -f web.yaml",
    ),
    Command(
        "apply view-last-applied",
        view_last_applied,
        "Show the manifest that an object was applied from",
        "(TYPE NAME ... | TYPE/NAME ... | -f FILE)",
        (*flags.FILENAME, flags.SELECTOR, flags.ALL, Flag("output", short="o", default="yaml", about="yaml or json")),
        example="kubectl apply view-last-applied deployment/web",
    ),
)
