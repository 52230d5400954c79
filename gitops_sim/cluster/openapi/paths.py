"""The operations on the objects of a kind, with the parameters that clients look for.

Source: k8s.io/apiserver ``pkg/endpoints/installer.go``. kubectl leaves checking to the server where ``post`` and ``patch`` take
``fieldValidation``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from gitops_sim.cluster import scale
from gitops_sim.cluster.kinds import Kind

Path = tuple[str, dict[str, Any]]
Refer = Callable[[str], dict[str, Any]]
"""From the name of a type to a reference to it: empty for the kind itself, ``List`` for a list of it."""

_WRITE = ("dryRun", "fieldManager", "fieldValidation")
_LIST = (
    *("allowWatchBookmarks", "continue", "fieldSelector", "labelSelector", "limit", "resourceVersion"),
    *("resourceVersionMatch", "sendInitialEvents", "timeoutSeconds", "watch"),
)
_DELETE = ("dryRun", "gracePeriodSeconds", "orphanDependents", "propagationPolicy")
_TYPES = {
    **dict.fromkeys(("allowWatchBookmarks", "force", "orphanDependents", "sendInitialEvents", "watch"), "boolean"),
    **dict.fromkeys(("gracePeriodSeconds", "limit", "timeoutSeconds"), "integer"),
}
_PATCHES = ("json-patch+json", "merge-patch+json", "strategic-merge-patch+json", "apply-patch+yaml")


def paths(kind: Kind, refer: Refer) -> Iterator[Path]:
    base = f"/apis/{kind.group}/{kind.version}" if kind.group else f"/api/{kind.version}"
    place = f"{base}/namespaces/{{namespace}}" if kind.namespaced else base
    shared = [_in_path("namespace")] if kind.namespaced else []
    identity = {"group": kind.group, "kind": kind.kind, "version": kind.version}

    def operation(verb: str, action: str, parameters: tuple[str, ...], sent: str, answered: str) -> dict[str, Any]:
        if verb not in kind.verbs:
            return {}
        made: dict[str, Any] = {
            "parameters": [_in_query(name) for name in parameters],
            "responses": {"200": {"content": _content(refer(answered)), "description": "OK"}},
            "x-kubernetes-action": action,
            "x-kubernetes-group-version-kind": identity,
        }
        if sent:
            types = [f"application/{name}" for name in _PATCHES if not kind.custom or not name.startswith("strategic")]
            made["requestBody"] = {"content": _content(refer(sent), *(types if sent == "Patch" else ()))}
        return {_METHODS[verb]: made}

    whole = {
        **operation("list", "list", _LIST, "", "List"),
        **operation("create", "post", _WRITE, "Kind", "Kind"),
        **operation("deletecollection", "deletecollection", (*_DELETE, *_LIST), "DeleteOptions", "Status"),
    }
    yield f"{place}/{kind.plural}", {**whole, "parameters": [*shared, _in_query("pretty")]}
    if kind.namespaced and "list" in kind.verbs:
        yield f"{base}/{kind.plural}", operation("list", "list", _LIST, "", "List")
    if not kind.kept and "get" not in kind.verbs:
        return
    replaced = {
        **operation("get", "get", (), "", "Kind"),
        **operation("update", "put", _WRITE, "Kind", "Kind"),
        **operation("patch", "patch", (*_WRITE, "force"), "Patch", "Kind"),
    }
    named = [_in_path("name"), *shared, _in_query("pretty")]
    one = {**replaced, **operation("delete", "delete", _DELETE, "DeleteOptions", "Status")}
    yield f"{place}/{kind.plural}/{{name}}", {**one, "parameters": named}
    if kind.status:
        yield f"{place}/{kind.plural}/{{name}}/status", {**replaced, "parameters": named}
    if scale.has(kind):
        identity = {"group": "autoscaling", "kind": "Scale", "version": "v1"}
        scaled = {
            **operation("get", "get", (), "", "Scale"),
            **operation("update", "put", _WRITE, "Scale", "Scale"),
            **operation("patch", "patch", (*_WRITE, "force"), "Patch", "Scale"),
        }
        yield f"{place}/{kind.plural}/{{name}}/scale", {**scaled, "parameters": named}


_METHODS = {
    "create": "post",
    "delete": "delete",
    "deletecollection": "delete",
    "get": "get",
    "list": "get",
    "patch": "patch",
    "update": "put",
}


def _content(schema: dict[str, Any], *types: str) -> dict[str, Any]:
    return {type: {"schema": schema} for type in types or ("application/json", "application/yaml")}


def _in_path(name: str) -> dict[str, Any]:
    return {"in": "path", "name": name, "required": True, "schema": {"type": "string", "uniqueItems": True}}


def _in_query(name: str) -> dict[str, Any]:
    return {"in": "query", "name": name, "schema": {"type": _TYPES.get(name, "string"), "uniqueItems": True}}
