"""Requests to the API of a world's cluster: answered, written down when they may change something, and played from the record."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from gitops_sim.actions import Action
from gitops_sim.api import Request, Response, handle, readable_body
from gitops_sim.cluster.tables import Column, Row, Table
from gitops_sim.commandwords import is_kubectl, words_of
from gitops_sim.errors import BadInput
from gitops_sim.kubectl.table_printer import Layout, lay_out
from gitops_sim.output import Output

if TYPE_CHECKING:
    from gitops_sim.world import World

_WORDS = {"POST": "creates", "PUT": "replaces", "PATCH": "patches", "DELETE": "deletes"}
_TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"


def call(world: World, request: Request, cluster: str, note: Callable[[], Action]) -> Response:
    """Answers a request now. What it may change leaves a record, before the change itself; ``note`` gives it as an action, and
    may raise BadInput to refuse it.

    A command of kubectl is a ``CommandRun`` as any other; what it sends after its first write, and what other clients write, is a
    ``RequestMade``."""
    home = world.cluster(cluster)

    def tell() -> None:
        action = note()
        about, manager = request.about, request.manager
        tool, event = manager, "RequestMade"
        told = f"{_WORDS.get(request.method, request.method)} {about} with {manager or 'the API'}"
        if is_kubectl(manager, action.get("command", "")) and not action.get("continues"):
            tool, event = "kubectl", "CommandRun"
            told = " ".join(("kubectl", *command_of(action)[:-1], about))
        named = {"tool": tool, "method": request.method, "path": request.path, "cluster": home.name}
        world.trace.add(request.actor, event, f"cluster/{home.name}", told, story=True, **named)

    return handle(home, request, before_write=tell)


def action_of(world: World, request: Request, cluster: str, learner: str) -> Action:
    """What a request did, for the action log: its body as data, and whose fields it set as a parameter of the path."""
    query = {name: values[0] if len(values) == 1 else values for name, values in request.query.items()}
    if request.manager and request.method != "GET":
        query["fieldManager"] = request.manager
    fields: dict[str, Any] = {
        "method": request.method,
        "path": request.path + (f"?{urlencode(query, doseq=True)}" if query else ""),
    }
    if request.body:
        content_type, body = readable_body(request)
        fields |= {"contentType": content_type, "body": body}
    if request.command:
        fields["command"] = request.command
    if request.session and request.session in world.sessions:
        fields["continues"] = True
    if request.method == "GET" and "as=Table" in request.headers.get("accept", ""):
        fields["as"] = "Table"
    if request.actor != learner:
        fields["by"] = request.actor
    if cluster:
        fields["cluster"] = cluster
    return Action(world.now, "api", fields)


def command_of(action: Action) -> tuple[str, ...]:
    """The words of the kubectl command that an ``api`` action is part of, without ``kubectl``; its last word is the plural of
    what it is about. Raises BadInput for a path that is none."""
    request = request_of(action, "")
    return words_of(request.method, request.about, request.option("fieldManager"), action.get("command", ""))


def is_look(request: Request, response: Response) -> bool:
    """Whether somebody had ``kubectl get`` show them objects, once."""
    if request.method != "GET" or request.command != "kubectl get" or not request.about:
        return False
    return response.status == 200 and response.watch is None


def request_of(action: Action, user: str) -> Request:
    """The request that an action of the log stands for. Raises BadInput for a path that is none."""
    path, content_type = action.get("path"), action.get("contentType", "")
    if not path.startswith("/") or not path.isascii() or not path.isprintable():
        raise BadInput(f"{path!r} is no path of the API", mend="write it as in a URL: /api/v1/namespaces/default/configmaps")
    headers = {"content-type": content_type} if content_type else {}
    if action.get("as") == "Table":
        headers["accept"] = _TABLE
    body = action.get("body")
    sent = b"" if body is None else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return Request(action.get("method").upper(), path, headers, sent, user, None)


def seen(action: Action, response: Response) -> Output:
    """What the person behind a request saw: objects that they looked at, all columns of a table; of a write, only its failure."""
    if response.status >= 400:
        return Output(stderr=response.body.decode(), exit=1)
    if action.get("method").upper() != "GET" or response.watch is not None:
        return Output()
    text = response.body.decode()
    if action.get("as") != "Table":
        return Output(text)
    table = response.json()
    columns = tuple(Column(column["name"]) for column in table["columnDefinitions"])
    rows = tuple(Row(tuple(row["cells"]), {}) for row in table["rows"])
    return Output(lay_out([Table(columns, rows)], Layout()))
