"""Client-side apply, as ``kubectl apply`` does it: a three-way merge against an annotation that remembers the last manifest."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from gitops_sim.cluster.go_text import json_text
from gitops_sim.cluster.merge import three_way
from gitops_sim.cluster.protocol import ClusterAPI, PatchType
from gitops_sim.errors import bad_request
from gitops_sim.objects import Object, annotations_of, with_path, without_path

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_ANNOTATION = ("metadata", "annotations", LAST_APPLIED)


@dataclass(frozen=True, slots=True)
class Applied:
    """``object`` as it is now in the cluster; ``verb`` is the word that kubectl prints; ``warnings`` are lines for stderr,
    without their ``Warning: `` in front."""

    object: Object
    verb: Literal["created", "configured", "unchanged"]
    warnings: tuple[str, ...] = ()


def apply(
    cluster: ClusterAPI,
    manifest: Object,
    *,
    namespace: str = "default",
    manager: str = "",
    dry_run: bool = False,
    text: str = "",
) -> Applied:
    """Creates the object of ``manifest``, or patches it to what the manifest says. ``text``: what :func:`last_applied_text` made
    of it, where that is known already.

    A manifest without a namespace goes to ``namespace``. As with kubectl, ``unchanged`` means that there was no patch to send; a
    patch without effect reads ``configured`` all the same. Raises ApiError, whatever the API server refuses.
    """
    kind = cluster.kind_of(manifest)
    meta = manifest["metadata"]
    if not meta.get("name"):
        raise bad_request(f"from {meta.get('generateName', '')}: cannot use generate name with apply")
    place = (meta.get("namespace") or namespace) if kind.namespaced else ""
    if kind.namespaced and not meta.get("namespace"):
        manifest = with_path(manifest, ("metadata", "namespace"), place)
    modified = with_path(manifest, _ANNOTATION, text or last_applied_text(manifest))
    current = cluster.find(kind, meta["name"], place)
    if current is None:
        return Applied(cluster.create(modified, manager=manager, dry_run=dry_run), "created")
    original = last_applied(current)
    warnings = (missing_annotation(f"{kind.plural}/{meta['name']}"),) if original is None else ()
    patch = three_way(kind, original, modified, current)
    if not patch:
        return Applied(current, "unchanged", warnings)
    type_: PatchType = "merge" if kind.custom else "strategic"
    patched = cluster.patch(kind, meta["name"], place, patch, type=type_, manager=manager, dry_run=dry_run)
    return Applied(patched, "configured", warnings)


def would_apply(
    cluster: ClusterAPI, manifest: Object, *, namespace: str = "default"
) -> Literal["created", "configured", "unchanged"]:
    """What ``kubectl apply --dry-run=client`` says: the server is asked for the object, and for nothing else."""
    kind, meta = cluster.kind_of(manifest), manifest["metadata"]
    current = cluster.find(kind, meta["name"], (meta.get("namespace") or namespace) if kind.namespaced else "")
    if current is None:
        return "created"
    modified = with_path(manifest, _ANNOTATION, last_applied_text(manifest))
    return "configured" if three_way(kind, last_applied(current), modified, current) else "unchanged"


def last_applied_text(manifest: Object) -> str:
    """What kubectl writes into the annotation: the manifest without it, as compact JSON of Go with a newline."""
    bare: Any = without_path(manifest, _ANNOTATION)
    if not annotations_of(bare):
        bare = with_path(bare, ("metadata", "annotations"), {})
    return json_text(bare) + "\n"


def last_applied(obj: Object) -> Mapping[str, Any] | None:
    """The manifest that the object was applied from; None when it never was."""
    text = annotations_of(obj).get(LAST_APPLIED)
    return _parsed(text) if text else None


@lru_cache(1024)
def _parsed(text: str) -> Mapping[str, Any]:
    """Who compares an object and then applies it asks twice."""
    manifest: Mapping[str, Any] = json.loads(text)
    return manifest


def missing_annotation(resource: str) -> str:
    """What kubectl warns of when an object was made without it; ``resource`` is ``deployments/web``."""
    return (
        f"resource {resource} is missing the {LAST_APPLIED} annotation which is required by kubectl apply. kubectl apply should"
        " only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing"
        " annotation will be patched automatically."
    )
