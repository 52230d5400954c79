"""Objects in the form that a client asked for: as they are, as a table, or their metadata alone.

Source: k8s.io/apiserver ``pkg/endpoints/handlers/response.go``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gitops_sim.api.accept import Form
from gitops_sim.cluster.cluster import Cluster
from gitops_sim.cluster.kinds import Kind
from gitops_sim.cluster.tables import Table, make_table, scale_table
from gitops_sim.errors import bad_request
from gitops_sim.objects import Object

_META = "meta.k8s.io"


def check_include(form: Form, include: str) -> None:
    """Raises ApiError 400 for a word that says nothing of how much of each object belongs in a table."""
    if form.shape == "Table" and include not in ("", "Metadata", "None", "Object"):
        raise bad_request(f'unrecognized includeObject value: "{include}"')


def one(cluster: Cluster, kind: Kind, obj: Object, form: Form, include: str = "") -> Any:
    """One object. A Status is always as it is."""
    if obj.get("kind") == "Status":
        return obj
    if not form.shape:
        return cluster.with_managed_fields(obj)
    if form.shape == "Partial":
        return _partial(cluster.with_managed_fields(obj), form)
    meta = {"resourceVersion": obj["metadata"].get("resourceVersion", "")}
    return table(cluster, kind, [obj], meta, form, include)


def many(cluster: Cluster, kind: Kind, objects: Sequence[Object], meta: Mapping[str, Any], form: Form, include: str = "") -> Any:
    """A list. Items of built-in kinds do not repeat their type."""
    if form.shape == "Table":
        return table(cluster, kind, objects, meta, form, include)
    objects = [cluster.with_managed_fields(obj) for obj in objects]
    if form.shape == "Partial":
        items = [_partial(obj, form) for obj in objects]
        return _list(f"{_META}/{form.version}", "PartialObjectMetadataList", meta, items)
    if kind.custom:
        return _list(kind.api_version, kind.listed_as, {"continue": "", **meta}, list(objects))
    bare = [{name: value for name, value in obj.items() if name not in ("kind", "apiVersion")} for obj in objects]
    return _list(kind.api_version, f"{kind.kind}List", meta, bare)


def table(
    cluster: Cluster,
    kind: Kind,
    objects: Sequence[Object],
    meta: Mapping[str, Any],
    form: Form,
    include: str,
    *,
    header: bool = True,
) -> dict[str, Any]:
    """``include`` says how much of each object goes along: ``Metadata`` (also when empty), ``None`` or ``Object``."""
    made = _made(cluster, kind, objects)
    columns = [
        {
            "name": column.name,
            "type": column.type,
            "format": column.format,
            "description": column.description,
            "priority": column.priority,
        }
        for column in made.columns
    ]
    rows = []
    for row in made.rows:
        shown: Any = None
        if include != "None":
            shown = cluster.with_managed_fields(row.object)
            shown = shown if include == "Object" else _partial(shown, form)
        rows.append({"cells": list(row.cells), "object": shown})
    return {
        "kind": "Table",
        "apiVersion": f"{_META}/{form.version}",
        "metadata": dict(meta),
        "columnDefinitions": columns if header else None,
        "rows": rows,
    }


def _made(cluster: Cluster, kind: Kind, objects: Sequence[Object]) -> Table:
    if objects and objects[0].get("kind") == "Scale":
        return scale_table(objects[0], cluster.clock.now)
    definition = cluster.find("customresourcedefinitions", kind.resource, "") if kind.custom else None
    return make_table(kind, objects, cluster.clock.now, definition)


def _partial(obj: Object, form: Form) -> dict[str, Any]:
    return {"kind": "PartialObjectMetadata", "apiVersion": f"{_META}/{form.version}", "metadata": obj["metadata"]}


def _list(api_version: str, kind: str, meta: Mapping[str, Any], items: list[Any]) -> dict[str, Any]:
    return {"kind": kind, "apiVersion": api_version, "metadata": dict(meta), "items": items}
