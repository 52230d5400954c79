"""Who asks, and whether they may: what comes before every answer of the API; and the reviews, which are asked about that.

Source: k8s.io/apiserver ``pkg/endpoints/filters`` and ``pkg/endpoints/request/requestinfo.go``.
"""

from __future__ import annotations

from gitops_sim.api import bodies
from gitops_sim.api.request import Request
from gitops_sim.api.route import Target
from gitops_sim.cluster.access import authenticate
from gitops_sim.cluster.access.impersonation import impersonated
from gitops_sim.cluster.access.refusal import refusal
from gitops_sim.cluster.access.reviews import REVIEWS, review
from gitops_sim.cluster.access.rules import Asked
from gitops_sim.cluster.access.tokens import request_token
from gitops_sim.cluster.cluster import Cluster
from gitops_sim.cluster.kinds import Kind
from gitops_sim.objects import Object

_VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch"}
_ONE = {"GET": "get", "DELETE": "delete"}
_MANY = {"GET": "list", "DELETE": "deletecollection"}
_GROUPS = ("authentication.k8s.io", "authorization.k8s.io")


def seen_as_user(cluster: Cluster, request: Request, asked: Asked) -> Cluster:
    """The cluster as the one who asks. ``Impersonate-User`` and ``Impersonate-Group`` are followed by those who may."""
    view = cluster.as_user(request.user, request.groups)
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    shown = authenticate(cluster, token.strip()) if kind.lower() == "bearer" else None
    if shown is not None and shown.name == request.user:
        view = cluster.seen_as(shown)
    user, group = request.headers.get("impersonate-user", ""), request.headers.get("impersonate-group", "")
    if not user and not group:
        return view
    instead = Asked(
        f"impersonate-on:user-info:{asked.verb}",
        asked.group,
        asked.resource,
        asked.subresource,
        asked.namespace,
        asked.name,
        asked.path,
    )
    return impersonated(view, user, [name.strip() for name in group.split(",") if name.strip()], instead)


def question(request: Request, target: Target, watching: bool) -> Asked:
    """What the authorizer is asked about a request."""
    verb = _VERBS.get(request.method) or (_ONE if target.name else _MANY).get(request.method, request.method.lower())
    verb = "watch" if watching else verb
    kind = target.kind
    place = target.name if (kind.group, kind.kind) == ("", "Namespace") else target.namespace
    return Asked(verb, kind.group, kind.plural, target.subresource, place, target.name)


def check_path(cluster: Cluster, request: Request) -> None:
    """Raises Forbidden for a document that the user may not read."""
    asked = Asked(request.method.lower(), path=request.path)
    view = seen_as_user(cluster, request, asked)
    verdict = view.verdict(asked)
    if not verdict.allowed:
        raise refusal(view.user, asked, verdict.reason)


def is_review(kind: Kind) -> bool:
    return kind.group in _GROUPS and kind.kind in REVIEWS


def reviewed(cluster: Cluster, request: Request, target: Target) -> Object:
    body, _ = bodies.read_object(request, target.kind.kind)
    return review(cluster, target.kind.kind, body, target.namespace)


def token(cluster: Cluster, request: Request, target: Target) -> Object:
    body, _ = bodies.read_object(request, "TokenRequest")
    return request_token(cluster, target.namespace, target.name, body)
