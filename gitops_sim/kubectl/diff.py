"""``kubectl diff``.

Source: k8s.io/kubectl ``pkg/cmd/diff``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from gitops_sim.clock import EPOCH
from gitops_sim.cluster.apply import LAST_APPLIED
from gitops_sim.cluster.shapes import mapping, text
from gitops_sim.errors import ApiError, GitOpsSimError
from gitops_sim.kubectl import common_flags as flags
from gitops_sim.kubectl import requests, server_side, sources
from gitops_sim.kubectl.apply import difference
from gitops_sim.kubectl.flags import Flag
from gitops_sim.kubectl.info import Info
from gitops_sim.kubectl.invocation import Command, Invocation
from gitops_sim.kubectl.problems import Exit, KubectlError, from_source
from gitops_sim.kubectl.unified import unified
from gitops_sim.objects import Object, annotations_of, with_path, without_path
from gitops_sim.yaml_sorted import to_yaml

_MASK, _BEFORE, _AFTER = "***", "*** (before)", "*** (after)"
_REFUSED = {
    "prune": "--prune is not built in",
}


def diff(inv: Invocation) -> None:
    """Shows what ``kubectl apply`` would change. Ends with exit code 1 when it would change anything."""
    inv.no_arguments()
    sources.require(inv)
    if inv["force-conflicts"] and not inv["server-side"]:
        raise KubectlError("--force-conflicts only works with --server-side")
    for flag, why in _REFUSED.items():
        if inv[flag]:
            raise KubectlError(why)
    pages: dict[str, tuple[str, str]] = {}
    for item in sources.read_infos(inv, selector=inv["selector"]):
        if isinstance(item, GitOpsSimError):
            raise item
        pages[_file_name(item)] = _pages(inv, item)
    time = (EPOCH + timedelta(seconds=inv.now)).strftime("%Y-%m-%d %H:%M:%S.%f000 +0000")
    for name in sorted(pages):
        hunks = unified(*pages[name])
        if hunks:
            old, new = f"/tmp/LIVE-1/{name}", f"/tmp/MERGED-1/{name}"
            inv.say(f"diff -u -N {old} {new}\n--- {old}\t{time}\n+++ {new}\t{time}\n{hunks}")
    if not inv.silent:
        raise Exit(1)


def _file_name(info: Info) -> str:
    kind = info.kind
    return ".".join(filter(None, (kind.group, kind.version, kind.kind))) + f".{info.namespace}.{info.name}"


def _pages(inv: Invocation, info: Info) -> tuple[str, str]:
    """The object as it is and as it would be, in YAML."""
    live = inv.cluster.find(info.kind, info.name, info.namespace)
    merged = server_side.send(inv, info, info.object, dry_run=True) if inv["server-side"] else _merged(inv, info, live)
    secret = (info.kind.kind, info.kind.api_version) == ("Secret", "v1")
    if inv["show-managed-fields"]:
        live = live and inv.cluster.with_managed_fields(live)
        merged = inv.cluster.with_managed_fields(merged)
    if secret and not inv["show-secrets"]:
        masked_live, masked = _masked(live or {}, merged), _masked(merged, live or {}, mark=_AFTER)
        return to_yaml(masked_live) if live else "null\n", to_yaml(masked)
    return to_yaml(live) if live else "", to_yaml(merged)


def _merged(inv: Invocation, info: Info, live: Object | None) -> Object:
    manifest = info.object
    if live is None:
        return requests.create(inv, info, manifest, dry_run=True)
    modified = without_path(manifest, ("metadata", "annotations", LAST_APPLIED))
    if not annotations_of(modified):
        modified = with_path(modified, ("metadata", "annotations"), {})
    patch = difference(info, modified, live)
    if text(live, "metadata", "deletionTimestamp"):
        inv.warn(f"Warning: Detected changes to resource {info.name} which is currently being deleted.\n")
    if not patch:
        return live
    try:
        return requests.patch(inv, info, patch, "merge" if info.kind.custom else "strategic", dry_run=True)
    except ApiError as error:
        raise from_source("patching", info.source, error) from None


def _masked(obj: Object, other: Object, *, mark: str = _BEFORE) -> Object:
    """The Secret with stars for its values; those that the other version has, too, but otherwise, are marked."""
    data, theirs = mapping(obj, "data"), mapping(other, "data")
    if not isinstance(obj.get("data"), Mapping):
        return obj
    stars = {key: mark if key in theirs and theirs[key] != value else _MASK for key, value in data.items()}
    masked: Object = with_path(obj, ("data",), stars)
    return masked


COMMANDS = (
    Command(
        "diff",
        diff,
        "Show what apply would change",
        "-f FILE",
        (
            *flags.FILENAME,
            flags.SELECTOR,
            flags.FIELD_MANAGER,
            Flag("show-managed-fields", "bool"),
            Flag("show-secrets", "bool", about="do not hide the values of Secrets"),
            Flag("concurrency", "int", default=1),
            Flag("server-side", "bool"),
            Flag("force-conflicts", "bool"),
            Flag("prune", "bool"),
            Flag("prune-allowlist", "array"),
        ),
        example="kubectl diff -f web.yaml",
        failure=2,
    ),
)
