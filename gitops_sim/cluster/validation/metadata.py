"""Names, labels, annotations, finalizers and owners, the same for all kinds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gitops_sim.cluster.kinds import Kind
from gitops_sim.cluster.names import (
    dns_1035_problems,
    dns_label_problems,
    dns_subdomain_problems,
    label_key_problems,
    label_value_problems,
    path_segment_problems,
)
from gitops_sim.cluster.validation.causes import forbidden, required, too_long, wrong, wrong_for
from gitops_sim.errors import Cause

_Map = Mapping[str, Any]
_ANNOTATIONS_LIMIT = 256 * 1024
_STANDARD_FINALIZERS = ("foregroundDeletion", "kubernetes", "orphan")
_NAMES: dict[str, Callable[[str], tuple[str, ...]]] = {
    "APIService": path_segment_problems,
    "ClusterRole": path_segment_problems,
    "ClusterRoleBinding": path_segment_problems,
    "Namespace": dns_label_problems,
    "Role": path_segment_problems,
    "RoleBinding": path_segment_problems,
    "Service": dns_1035_problems,
    "StatefulSet": dns_label_problems,
}


def of_object(kind: Kind, meta: _Map, old: _Map | None) -> list[Cause]:
    """All causes in ``metadata``; on an update also what may not change in it."""
    causes: list[Cause] = []
    if old is None:
        problems = dns_subdomain_problems if kind.custom else _NAMES.get(kind.kind, dns_subdomain_problems)
        prefix = meta.get("generateName")
        if prefix:
            causes += wrong_for("metadata.generateName", prefix, problems(prefix.removesuffix("-") or prefix))
        causes += wrong_for("metadata.name", meta["name"], problems(meta["name"]))
        if kind.kind == "CronJob" and not kind.custom and len(meta["name"]) > 52:
            causes.append(wrong("metadata.name", meta["name"], "must be no more than 52 characters"))
    elif meta.get("finalizers") != old.get("finalizers") and old.get("deletionTimestamp"):
        added = [name for name in meta.get("finalizers") or () if name not in (old.get("finalizers") or ())]
        if added:
            listed = ", ".join(f'"{name}"' for name in added)
            why = f"no new finalizers can be added if the object is being deleted, found new finalizers []string{{{listed}}}"
            causes += [forbidden("metadata.finalizers", why)] * 2
    if old is None or meta.get("labels") != old.get("labels"):
        causes += labels("metadata.labels", meta.get("labels"))
    if old is None or meta.get("annotations") != old.get("annotations"):
        causes += annotation_map("metadata.annotations", meta.get("annotations"))
    if old is None or meta.get("ownerReferences") != old.get("ownerReferences"):
        causes += _owners(meta.get("ownerReferences") or ())
    if old is None or meta.get("finalizers") != old.get("finalizers"):
        causes += _finalizers(meta.get("finalizers") or (), custom=kind.custom)
    return causes


def labels(field: str, found: _Map | None) -> list[Cause]:
    causes: list[Cause] = []
    for key, value in sorted((found or {}).items()):
        causes += wrong_for(field, key, label_key_problems(key))
        causes += wrong_for(field, value, label_value_problems(value))
    return causes


def annotation_map(field: str, found: _Map | None) -> list[Cause]:
    causes: list[Cause] = []
    size = 0
    for key, value in sorted((found or {}).items()):
        problems = label_key_problems(key.lower())
        if problems:
            causes += wrong_for(field, key, problems)
        size += _bytes(key) + _bytes(value)
    if size > _ANNOTATIONS_LIMIT:
        causes.append(too_long(field, _ANNOTATIONS_LIMIT))
    return causes


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def _owners(owners: Any) -> list[Cause]:
    causes: list[Cause] = []
    controllers = []
    for index, owner in enumerate(owners):
        field = f"metadata.ownerReferences[{index}]"
        if not owner["apiVersion"].rpartition("/")[2]:
            causes.append(wrong(f"{field}.apiVersion", owner["apiVersion"], "version must not be empty"))
        causes += [wrong(f"{field}.{part}", "", "must not be empty") for part in ("kind", "name", "uid") if not owner[part]]
        if owner.get("controller"):
            controllers.append(owner["name"])
    if len(controllers) > 1:
        both = " and ".join(controllers[:2])
        why = f'Only one reference can have Controller set to true. Found "true" in references for {both}'
        causes.append(wrong("metadata.ownerReferences", list(owners), why))
    return causes


def _finalizers(names: Any, *, custom: bool) -> list[Cause]:
    """A custom resource may have a finalizer without a domain's path, as Argo CD's own; the server only warns."""
    causes: list[Cause] = []
    for index, name in enumerate(names):
        problems = label_key_problems(name)
        causes += wrong_for("metadata.finalizers", name, problems)
        if not custom and not problems and "/" not in name and name not in _STANDARD_FINALIZERS:
            why = "name is neither a standard finalizer name nor is it fully qualified"
            causes.append(wrong(f"metadata.finalizers[{index}]", name, why))
    if "orphan" in names and "foregroundDeletion" in names:
        causes.append(wrong("metadata.finalizers", list(names), "finalizer orphan and foregroundDeletion cannot be both set"))
    return causes


def selector(field: str, found: _Map) -> list[Cause]:
    """A label selector with ``matchLabels`` and ``matchExpressions``."""
    causes = labels(f"{field}.matchLabels", found.get("matchLabels"))
    for index, term in enumerate(found.get("matchExpressions") or ()):
        causes += _expression(f"{field}.matchExpressions[{index}]", term)
    return causes


def _expression(field: str, term: _Map) -> list[Cause]:
    causes: list[Cause] = []
    operator, values = term["operator"], term.get("values")
    if operator in ("In", "NotIn"):
        if not values:
            causes.append(required(f"{field}.values", "must be specified when `operator` is 'In' or 'NotIn'"))
    elif operator in ("Exists", "DoesNotExist"):
        if values:
            causes.append(forbidden(f"{field}.values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"))
    else:
        causes.append(wrong(f"{field}.operator", operator, "not a valid selector operator"))
    causes += wrong_for(f"{field}.key", term["key"], label_key_problems(term["key"]))
    for place, value in enumerate(values or ()):
        causes += wrong_for(f"{field}.values[{place}]", value, label_value_problems(value))
    return causes
