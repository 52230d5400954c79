"""The OpenAPI documents over HTTP: what kubectl explains from, and where it learns which checks the server does itself."""

from __future__ import annotations

import hashlib
from typing import Any

from gitops_sim.api.response import Response, answer, encoded, no_such_path
from gitops_sim.cluster import openapi
from gitops_sim.cluster.cluster import Cluster
from gitops_sim.cluster.controllers.nodes import VERSION
from gitops_sim.cluster.openapi import gnostic


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


def swagger(cluster: Cluster, accept: str) -> Response:
    """``/openapi/v2``, in protobuf for those who ask for it, as kubectl does."""
    made = openapi.swagger(cluster, VERSION)
    if gnostic.ASKED_FOR in accept or gnostic.MEDIA_TYPE in accept:
        return Response(200, gnostic.encoded(made), gnostic.MEDIA_TYPE)
    return answer(made)


def _names(cluster: Cluster) -> list[str]:
    return [*openapi.names(cluster), "version"]


def _document(cluster: Cluster, name: str) -> bytes:
    group, _, version = name.partition("/")[2].rpartition("/")
    return encoded(openapi.document(cluster, group, version, VERSION))


def _hash(body: bytes) -> str:
    return hashlib.sha512(body).hexdigest().upper()
