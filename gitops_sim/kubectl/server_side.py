"""``kubectl apply --server-side``: the server merges; kubectl hands over what it once applied as a client.

Source: k8s.io/kubectl ``pkg/cmd/apply/apply.go`` and k8s.io/client-go ``util/csaupgrade``.
"""

from __future__ import annotations

from typing import Any

from gitops_sim.cluster.apply import LAST_APPLIED
from gitops_sim.cluster.ownership.handing_over import handed_over
from gitops_sim.errors import ApiError
from gitops_sim.kubectl.info import Info
from gitops_sim.kubectl.invocation import Invocation
from gitops_sim.kubectl.problems import KubectlError
from gitops_sim.kubectl.requests import manager
from gitops_sim.objects import Object, annotations_of, get_path

_REMEMBERING = "kubectl-last-applied"
_NOTE = ("f:metadata", "f:annotations", f"f:{LAST_APPLIED}")
_ADVICE = """
Please review the fields above--they currently have other managers. Here
are the ways you can resolve this warning:
* If you intend to manage all of these fields, please re-run the apply
  command with the `--force-conflicts` flag.
* If you do not intend to manage all of the fields, please edit your
  manifest to remove references to the fields that should keep their
  current managers.
* You may co-own fields by updating your manifest to match the existing
  value; in this case, you'll become the manager if the other manager(s)
  stop managing the field (remove it from their configuration).
See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts"""


def put(inv: Invocation, info: Info, manifest: Object) -> Object:
    """Applies one manifest on the server and returns the object. Raises KubectlError for a conflict."""
    try:
        put_object = send(inv, info, manifest)
    except ApiError as error:
        if error.reason == "Conflict":
            raise KubectlError(f"{error.message}{_ADVICE}") from None
        raise
    if inv.dry_run == "none":
        put_object = _remember(inv, info, put_object)
        if _migrate(inv, info, put_object):
            put_object = send(inv, info, manifest)
    return put_object


def send(inv: Invocation, info: Info, manifest: Object, *, dry_run: bool | None = None, by: str = "") -> Object:
    return inv.cluster.apply(
        info.kind,
        info.name,
        info.namespace,
        manifest,
        manager=by or manager(inv),
        force=bool(inv["force-conflicts"]) and not by,
        dry_run=inv.dry_run == "server" if dry_run is None else dry_run,
    )


def _remember(inv: Invocation, info: Info, obj: Object) -> Object:
    """Keeps the annotation of client-side apply alive, under a manager of its own."""
    text = annotations_of(obj).get(LAST_APPLIED)
    if text is None or manager(inv) != "kubectl" or _owners(inv, obj, "Apply"):
        return obj
    meta: dict[str, Any] = {"name": info.name, "annotations": {LAST_APPLIED: text}}
    if info.kind.namespaced:
        meta["namespace"] = info.namespace
    bare = {"apiVersion": info.kind.api_version, "kind": info.kind.kind, "metadata": meta}
    return send(inv, info, bare, by=_REMEMBERING)


def _migrate(inv: Invocation, info: Info, obj: Object) -> bool:
    """Makes what client-side apply owns the property of this manager; says whether there was anything."""
    names = {entry["manager"] for entry in _owners(inv, obj, "Update")}
    patch = handed_over(inv.cluster.with_managed_fields(obj), names, manager(inv))
    if patch:
        inv.cluster.patch(info.kind, info.name, info.namespace, patch, type="json", manager=manager(inv))
    return bool(patch)


def _owners(inv: Invocation, obj: Object, operation: str) -> list[dict[str, Any]]:
    """The entries of an operation that own the annotation."""
    return [e for e in _entries(inv, obj) if e["operation"] == operation and get_path(e["fieldsV1"], _NOTE) is not None]


def _entries(inv: Invocation, obj: Object) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = inv.cluster.with_managed_fields(obj)["metadata"].get("managedFields") or []
    return found
