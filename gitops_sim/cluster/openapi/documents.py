"""Whole documents, of the built-in groups and of those that definitions bring along."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from gitops_sim.cluster import scale
from gitops_sim.cluster.kinds import Kind
from gitops_sim.cluster.openapi.custom import custom_schema
from gitops_sim.cluster.openapi.descriptions import description
from gitops_sim.cluster.openapi.paths import paths
from gitops_sim.cluster.openapi.schemas import Schema, reference, schemas
from gitops_sim.cluster.protocol import ClusterAPI
from gitops_sim.cluster.schema import facts
from gitops_sim.cluster.shapes import mappings
from gitops_sim.objects import Object, get_path

V2, V3 = "#/definitions/", "#/components/schemas/"
_ALWAYS = ("meta.v1.DeleteOptions", "meta.v1.Status")
_PATCH: Schema = {"description": "A change to an object.", "type": "object"}
_PATCH_NAME = "io.k8s.apimachinery.pkg.apis.meta.v1.Patch"


def names(cluster: ClusterAPI) -> list[str]:
    """``api/v1``, ``apis/apps/v1`` and so on: each is a document of its own."""
    found = {f"{kind.group}/{kind.version}" for kind in cluster.kinds.served() if kind.group}
    return ["api/v1", *(f"apis/{name}" for name in sorted(found))]


def document(cluster: ClusterAPI, group: str, version: str, release: str = "unversioned") -> dict[str, Any]:
    """One group and version as OpenAPI 3.0; without paths for one that is not served. It is not to be changed."""
    kinds = tuple(kind for kind in cluster.kinds.served() if (kind.group, kind.version) == (group, version))
    if any(kind.custom for kind in kinds):
        return _document(kinds, {kind.kind: _declared(cluster, kind) for kind in kinds}, release)
    return _built_in(kinds, release)


def swagger(cluster: ClusterAPI, release: str = "unversioned") -> dict[str, Any]:
    """All of them as Swagger 2.0; definitions alone, as kubectl looks for operations in the other documents."""
    kinds = cluster.kinds.served()
    made = dict(_built_in_definitions())
    for kind in kinds:
        if kind.custom:
            made[_custom_name(kind)] = _custom(kind, _declared(cluster, kind), V2)
    info = {"title": "Kubernetes", "version": release}
    return {"definitions": dict(sorted(made.items())), "info": info, "paths": {}, "swagger": "2.0"}


@lru_cache(maxsize=1)
def _built_in_definitions() -> Mapping[str, Schema]:
    return schemas((name for name in facts.type_names() if facts.group_version(name)), V2)


@lru_cache(maxsize=128)
def _built_in(kinds: tuple[Kind, ...], release: str) -> dict[str, Any]:
    return _document(kinds, {}, release)


def _document(kinds: tuple[Kind, ...], declared: Mapping[str, Schema], release: str) -> dict[str, Any]:
    types = list(_ALWAYS)
    own: dict[str, Schema] = {}
    every: dict[str, Any] = {}
    for kind in sorted(kinds, key=lambda kind: kind.plural):
        if kind.custom:
            own[_custom_name(kind)] = _custom(kind, declared[kind.kind], V3)
            own[_custom_name(kind) + "List"] = _custom_list(kind)
            types += ["meta.v1.ObjectMeta", "meta.v1.ListMeta", *(["autoscaling.v1.Scale"] if scale.has(kind) else ())]
        else:
            types += [name for name in _types(kind) if name]
        every.update(paths(kind, lambda role, kind=kind: _refer(kind, role)))  # type: ignore[misc]
    components = {**schemas(types, V3), **own, _PATCH_NAME: _PATCH}
    return {
        "components": {"schemas": dict(sorted(components.items()))},
        "info": {"title": "Kubernetes", "version": release},
        "openapi": "3.0.0",
        "paths": dict(sorted(every.items())),
    }


def _types(kind: Kind) -> tuple[str, str, str]:
    name = facts.type_of(kind.group, kind.version, kind.kind)
    return name, facts.type_of(kind.group, kind.version, f"{kind.kind}List"), "autoscaling.v1.Scale"


def _refer(kind: Kind, role: str) -> Schema:
    if role in ("DeleteOptions", "Status"):
        return reference(f"meta.v1.{role}", V3)
    if role == "Patch":
        return {"$ref": V3 + _PATCH_NAME}
    if kind.custom and role != "Scale":
        return {"$ref": V3 + _custom_name(kind) + ("List" if role == "List" else "")}
    own, listed, scaled = _types(kind)
    return reference({"Kind": own, "List": listed, "Scale": scaled}[role], V3)


# ---------------------------------------------------------------------- custom kinds


def _declared(cluster: ClusterAPI, kind: Kind) -> Schema:
    """The schema that its definition states for this version; one that says little or nothing where there is none."""
    found: Object | None = cluster.find("customresourcedefinitions", kind.resource)
    for version in mappings(found, "spec", "versions"):
        stated = get_path(version, ("schema", "openAPIV3Schema"))
        if version.get("name") == kind.version and isinstance(stated, Mapping):
            return dict(stated)
    if (kind.group, kind.kind) == ("argoproj.io", "Application"):
        return custom_schema("application")
    return {"type": "object", "x-kubernetes-preserve-unknown-fields": True}


def _custom_name(kind: Kind) -> str:
    """``io.argoproj.v1alpha1.Application``."""
    return ".".join([*reversed(kind.group.split(".")), kind.version, kind.kind])


def _custom(kind: Kind, declared: Schema, prefix: str) -> Schema:
    text = {"type": "string"}
    meta = reference("meta.v1.ObjectMeta", prefix)
    properties = {**(declared.get("properties") or {}), "apiVersion": text, "kind": text, "metadata": meta}
    about = declared.get("description") or description(f"{kind.group}.{kind.version}.{kind.kind}")
    return {
        **declared,
        **({"description": about} if about else {}),
        "properties": dict(sorted(properties.items())),
        "x-kubernetes-group-version-kind": [{"group": kind.group, "kind": kind.kind, "version": kind.version}],
    }


def _custom_list(kind: Kind) -> Schema:
    text = {"type": "string"}
    return {
        "properties": {
            "apiVersion": text,
            "items": {"items": {"$ref": V3 + _custom_name(kind)}, "type": "array"},
            "kind": text,
            "metadata": reference("meta.v1.ListMeta", V3),
        },
        "required": ["items"],
        "type": "object",
        "x-kubernetes-group-version-kind": [{"group": kind.group, "kind": f"{kind.kind}List", "version": kind.version}],
    }
