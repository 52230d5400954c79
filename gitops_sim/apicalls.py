"""Requests to the API of a world's cluster: answered, written down when they may change something, and played from the record."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from gitops_sim.actions import Action
from gitops_sim.api import Request, Response, handle, readable_body
from gitops_sim.errors import BadInput

if TYPE_CHECKING:
    from gitops_sim.world import World

_WORDS = {"POST": "creates", "PUT": "replaces", "PATCH": "patches", "DELETE": "deletes"}


def call(world: World, request: Request, cluster: str = "") -> Response:
    """Answers a request now. What it may change leaves a record, before the change itself."""
    home = world.cluster(cluster)

    def tell() -> None:
        world.trace.add(
            request.actor,
            "RequestMade",
            f"cluster/{home.name}",
            f"{_WORDS.get(request.method, request.method)} {request.about} with {request.manager or 'the API'}",
            story=True,
            tool=request.manager,
            method=request.method,
            path=request.path,
            cluster=home.name,
        )

    return handle(home, request, before_write=tell)


def action_of(world: World, request: Request, cluster: str, learner: str) -> Action:
    """What a request did, for the action log: its body as data, and whose fields it set as a parameter of the path."""
    query = {name: values[0] if len(values) == 1 else values for name, values in request.query.items()}
    if request.manager:
        query["fieldManager"] = request.manager
    fields: dict[str, Any] = {
        "method": request.method,
        "path": request.path + (f"?{urlencode(query, doseq=True)}" if query else ""),
    }
    if request.body:
        content_type, body = readable_body(request)
        fields |= {"contentType": content_type, "body": body}
    if request.actor != learner:
        fields["by"] = request.actor
    if cluster:
        fields["cluster"] = cluster
    return Action(world.now, "api", fields)


def request_of(action: Action, user: str) -> Request:
    """The request that an action of the log stands for. Raises BadInput for a path that is none."""
    path, content_type = action.get("path"), action.get("contentType", "")
    if not path.startswith("/") or not path.isascii() or not path.isprintable():
        raise BadInput(f"{path!r} is no path of the API", mend="write it as in a URL: /api/v1/namespaces/default/configmaps")
    headers = {"content-type": content_type} if content_type else {}
    body = action.get("body")
    sent = b"" if body is None else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return Request(action.get("method").upper(), path, headers, sent, user, None)
