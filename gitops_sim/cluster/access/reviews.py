"""The questions that the API answers about rights: reviews. Each takes the body that was posted and returns the answer.

Source: k8s.io/kubernetes ``pkg/registry/authorization`` and ``pkg/registry/authentication``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from gitops_sim.cluster.access.rules import Asked
from gitops_sim.cluster.access.tokens import AUDIENCE, authenticate
from gitops_sim.cluster.access.users import User
from gitops_sim.errors import Cause, bad_request, invalid
from gitops_sim.objects import Object

if TYPE_CHECKING:
    from gitops_sim.cluster.cluster import Cluster

_AUTHORIZATION, _AUTHENTICATION = "authorization.k8s.io", "authentication.k8s.io"
_Map = Mapping[str, Any]


def review(cluster: Cluster, kind: str, body: Any, namespace: str = "") -> Object:
    """Raises Invalid for a body that asks nothing. ``namespace`` is the one of the path, for a LocalSubjectAccessReview."""
    if not isinstance(body, dict):
        raise bad_request("the body of a review must be an object")
    spec = body.get("spec")
    return _REVIEWS[kind](cluster, spec if isinstance(spec, dict) else {}, namespace)


def _self_access(cluster: Cluster, spec: _Map, _namespace: str) -> Object:
    kind = "SelfSubjectAccessReview"
    _one_of_two(kind, spec)
    return _access(cluster, kind, spec, cluster.who)


def _access_of(cluster: Cluster, spec: _Map, _namespace: str) -> Object:
    kind = "SubjectAccessReview"
    _one_of_two(kind, spec)
    return _access(cluster, kind, spec, _subject(kind, spec))


def _local_access(cluster: Cluster, spec: _Map, namespace: str) -> Object:
    kind = "LocalSubjectAccessReview"
    who = _subject(kind, spec)
    wanted = _map(spec, "resourceAttributes").get("namespace")
    if wanted != namespace:
        cause = Cause("spec.resourceAttributes.namespace", f'Invalid value: "{wanted or ""}": must match metadata.namespace')
        raise invalid(kind, "", [cause], _AUTHORIZATION)
    return {**_access(cluster, kind, spec, who), "metadata": {"namespace": namespace}}


def _one_of_two(kind: str, spec: _Map) -> None:
    resource, other = spec.get("resourceAttributes"), spec.get("nonResourceAttributes")
    why = ""
    if resource is not None and other is not None:
        why, field = "cannot be specified in combination with resourceAttributes", "spec.nonResourceAttributes"
    elif resource is None and other is None:
        why, field = "exactly one of nonResourceAttributes or resourceAttributes must be specified", "spec.resourceAttributes"
    if why:
        shown = "null" if resource is None else "{}"
        raise invalid(kind, "", [Cause(field, f"Invalid value: {shown}: {why}")], _AUTHORIZATION)


def _subject(kind: str, spec: _Map) -> User:
    groups, user = spec.get("groups"), spec.get("user")
    named = [text for text in groups if isinstance(text, str)] if isinstance(groups, list) else []
    if not user and not named:
        cause = Cause("spec.user", 'Invalid value: "": at least one of user or group must be specified')
        raise invalid(kind, "", [cause], _AUTHORIZATION)
    return User(user if isinstance(user, str) else "", tuple(named))


def _access(cluster: Cluster, kind: str, spec: _Map, who: User) -> Object:
    verdict = cluster.verdict(_asked(spec), who)
    status: dict[str, Any] = {"allowed": verdict.allowed}
    if verdict.reason:
        status["reason"] = verdict.reason
    return {
        "kind": kind,
        "apiVersion": f"{_AUTHORIZATION}/v1",
        "metadata": {},
        "spec": {name: _filled(value) if isinstance(value, dict) else value for name, value in spec.items()},
        "status": status,
    }


def _filled(attributes: _Map) -> dict[str, Any]:
    return {name: value for name, value in attributes.items() if value != ""}


def _asked(spec: _Map) -> Asked:
    other = _map(spec, "nonResourceAttributes")
    if other:
        return Asked(_text(other, "verb"), path=_text(other, "path"))
    wanted = _map(spec, "resourceAttributes")
    return Asked(*(_text(wanted, field) for field in ("verb", "group", "resource", "subresource", "namespace", "name")))


def _map(value: _Map, field: str) -> _Map:
    found = value.get(field)
    return found if isinstance(found, Mapping) else {}


def _text(value: _Map, field: str) -> str:
    found = value.get(field)
    return found if isinstance(found, str) else ""


def _rules(cluster: Cluster, spec: _Map, _namespace: str) -> Object:
    namespace = _text(spec, "namespace")
    if not namespace:
        raise bad_request("no namespace on request")
    return {
        "kind": "SelfSubjectRulesReview",
        "apiVersion": f"{_AUTHORIZATION}/v1",
        "metadata": {},
        "spec": {},
        "status": rules_of(cluster, namespace),
    }


def rules_of(cluster: Cluster, namespace: str) -> dict[str, Any]:
    """All rules that hold for the user in a namespace, as a SelfSubjectRulesReview tells them."""
    grants = cluster.authorizer.grants(cluster.store, cluster.who)
    here = [grant for grant in grants if grant.namespace in ("", namespace)]
    rules = [rule for grant in here for rule in grant.rules]
    problems = [grant.problem for grant in here if grant.problem]
    status: dict[str, Any] = {
        "resourceRules": [dict(rule) for rule in rules if not rule.get("nonResourceURLs")],
        "nonResourceRules": [dict(rule) for rule in rules if rule.get("nonResourceURLs")],
        "incomplete": bool(problems),
    }
    return {**status, "evaluationError": ", ".join(problems)} if problems else status


def _who(cluster: Cluster, _spec: _Map, _namespace: str) -> Object:
    return {
        "kind": "SelfSubjectReview",
        "apiVersion": f"{_AUTHENTICATION}/v1",
        "metadata": {"creationTimestamp": cluster.clock.timestamp()},
        "status": {"userInfo": _user_info(cluster.who)},
    }


def _user_info(who: User) -> dict[str, Any]:
    shown: dict[str, Any] = {"username": who.name, **({"uid": who.uid} if who.uid else {}), "groups": list(who.groups)}
    extra = {"authentication.kubernetes.io/credential-id": [f"JTI={who.credential}"]}
    return {**shown, "extra": extra} if who.credential else shown


def _token(cluster: Cluster, spec: _Map, _namespace: str) -> Object:
    token = _text(spec, "token")
    if not token:
        raise bad_request("token is required for TokenReview in authentication")
    who = authenticate(cluster, token)
    status: dict[str, Any] = {"user": {}, "error": "[invalid bearer token]"}
    if who:
        status = {"authenticated": True, "user": _user_info(who), "audiences": [AUDIENCE]}
    return {
        "kind": "TokenReview",
        "apiVersion": f"{_AUTHENTICATION}/v1",
        "metadata": {},
        "spec": {"token": token},
        "status": status,
    }


_REVIEWS: dict[str, Callable[[Cluster, _Map, str], Object]] = {
    "SelfSubjectAccessReview": _self_access,
    "SubjectAccessReview": _access_of,
    "LocalSubjectAccessReview": _local_access,
    "SelfSubjectRulesReview": _rules,
    "SelfSubjectReview": _who,
    "TokenReview": _token,
}
REVIEWS = frozenset(_REVIEWS)
