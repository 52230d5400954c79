"""The OpenAPI documents: what kubectl explains from, and where it learns which checks the server does itself.

Until every kind's fields are known here, a document holds the operations and no more.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Any

from gitops_sim.api import discovery
from gitops_sim.api.response import Response, encoded, no_such_path
from gitops_sim.cluster.cluster import Cluster
from gitops_sim.cluster.controllers.nodes import VERSION

_FIELD_VALIDATION = {"name": "fieldValidation", "in": "query", "schema": {"type": "string", "uniqueItems": True}}
_DRY_RUN = {"name": "dryRun", "in": "query", "schema": {"type": "string", "uniqueItems": True}}


def index(cluster: Cluster) -> dict[str, Any]:
    """``/openapi/v3``: a path for every group and version, with a hash of its content."""
    paths = {
        name: {"serverRelativeURL": f"/openapi/v3/{name}?hash={_hash(_document(cluster, name))}"} for name in _names(cluster)
    }
    return {"paths": paths}


def document(cluster: Cluster, name: str, wanted: str) -> Response:
    """``/openapi/v3/apis/apps/v1``. Asked for with the hash, it may be kept for ever."""
    if name not in _names(cluster):
        raise no_such_path()
    body = _document(cluster, name)
    hash = _hash(body)
    headers = {"Etag": f'"{hash}"'}
    if wanted == hash:
        headers["Cache-Control"] = "public, immutable"
    return Response(200, body, headers=headers)


def swagger(cluster: Cluster) -> dict[str, Any]:
    """``/openapi/v2``."""
    info = {"title": "Kubernetes", "version": VERSION}
    return {"swagger": "2.0", "info": info, "paths": {}, "definitions": {}}


def _names(cluster: Cluster) -> list[str]:
    groups = discovery.group_versions(cluster)
    return ["api/v1", *(f"apis/{group}/{version}" for group, versions in groups.items() for version in versions), "version"]


def _hash(body: bytes) -> str:
    return hashlib.sha512(body).hexdigest().upper()


def _document(cluster: Cluster, name: str) -> bytes:
    steps = name.split("/")
    group, version = ("", "v1") if name == "api/v1" else (steps[1], steps[2]) if len(steps) == 3 else ("", "")
    kinds = tuple((k.plural, k.kind, k.namespaced) for k in cluster.kinds.served() if (k.group, k.version) == (group, version))
    return _made(name, group, version, kinds)


@lru_cache(maxsize=128)
def _made(name: str, group: str, version: str, kinds: tuple[tuple[str, str, bool], ...]) -> bytes:
    paths: dict[str, Any] = {}
    for plural, kind, namespaced in kinds:
        base = f"/{name}/namespaces/{{namespace}}/{plural}" if namespaced else f"/{name}/{plural}"
        identity = {"group": group, "version": version, "kind": kind}
        operation = {"x-kubernetes-group-version-kind": identity, "parameters": [_DRY_RUN, _FIELD_VALIDATION], "responses": {}}
        paths[base] = {"post": {**operation, "x-kubernetes-action": "post"}}
        paths[base + "/{name}"] = {
            "put": {**operation, "x-kubernetes-action": "put"},
            "patch": {**operation, "x-kubernetes-action": "patch"},
        }
    info = {"title": "Kubernetes", "version": VERSION}
    return encoded({"openapi": "3.0.0", "info": info, "paths": paths, "components": {"schemas": {}}})
