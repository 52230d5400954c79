"""Tokens of ServiceAccounts: they look like JWTs, and only the cluster that gave one can read who it is.

The signature is a hash under a key of the cluster's own, so that the same world gives the same tokens.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gitops_sim.cluster.access.users import User, user_of
from gitops_sim.errors import Cause, invalid, not_found
from gitops_sim.objects import Key, Object

if TYPE_CHECKING:
    from gitops_sim.cluster.cluster import Cluster

AUDIENCE = "https://kubernetes.default.svc"
_HOUR = 3600


def request_token(cluster: Cluster, namespace: str, name: str, body: Any = None) -> Object:
    """Answers a TokenRequest. Raises NotFound for an account that is not there, and Invalid for a time too short."""
    account = cluster.store.get(Key("", "ServiceAccount", namespace, name))
    if account is None:
        raise not_found("serviceaccounts", name)
    spec = body.get("spec") if isinstance(body, dict) else None
    spec = spec if isinstance(spec, dict) else {}
    seconds = spec.get("expirationSeconds", _HOUR)
    seconds = seconds if isinstance(seconds, int) and not isinstance(seconds, bool) else _HOUR
    problem = ""
    if seconds < 600:
        problem = "may not specify a duration less than 10 minutes"
    elif seconds > 1 << 32:
        problem = "may not specify a duration larger than 2^32 seconds"
    if problem:
        cause = Cause("spec.expirationSeconds", f"Invalid value: {seconds}: {problem}")
        raise invalid("TokenRequest", "", [cause], "authentication.k8s.io")
    given = spec.get("audiences")
    audiences = [text for text in given if isinstance(text, str)] if isinstance(given, list) and given else [AUDIENCE]
    issued = cluster.clock.now
    identity = cluster.randomness.uid(f"{cluster.name}/access/tokens")
    claims = {
        "aud": audiences,
        "exp": issued + seconds,
        "iat": issued,
        "iss": AUDIENCE,
        "jti": identity,
        "kubernetes.io": {"namespace": namespace, "serviceaccount": {"name": name, "uid": account["metadata"]["uid"]}},
        "nbf": issued,
        "sub": f"system:serviceaccount:{namespace}:{name}",
    }
    meta = {"name": name, "namespace": namespace, "uid": account["metadata"]["uid"]}
    return {
        "kind": "TokenRequest",
        "apiVersion": "authentication.k8s.io/v1",
        "metadata": {**meta, "creationTimestamp": cluster.clock.timestamp()},
        "spec": {"audiences": audiences, "expirationSeconds": seconds, "boundObjectRef": spec.get("boundObjectRef")},
        "status": {"token": _signed(cluster, claims), "expirationTimestamp": cluster.clock.timestamp(issued + seconds)},
    }


def secret_token(cluster: Cluster, account: Object, secret: str) -> str:
    """The token that goes into a Secret: it holds as long as Secret and account do. Source: k8s.io/kubernetes
    ``pkg/serviceaccount/legacy.go``."""
    meta = account["metadata"]
    claims = {
        "iss": "kubernetes/serviceaccount",
        "kubernetes.io/serviceaccount/namespace": meta["namespace"],
        "kubernetes.io/serviceaccount/secret.name": secret,
        "kubernetes.io/serviceaccount/service-account.name": meta["name"],
        "kubernetes.io/serviceaccount/service-account.uid": meta["uid"],
        "sub": f"system:serviceaccount:{meta['namespace']}:{meta['name']}",
    }
    return _signed(cluster, claims)


def authenticate(cluster: Cluster, token: str) -> User | None:
    """Whose token it is; None for a token that is forged, has expired, or whose account is gone."""
    claims = _read(cluster, token)
    if claims is None:
        return None
    if "kubernetes.io" not in claims:
        return replace(user_of(claims["sub"]), uid=claims["kubernetes.io/serviceaccount/service-account.uid"])
    return replace(user_of(claims["sub"]), uid=claims["kubernetes.io"]["serviceaccount"]["uid"], credential=claims["jti"])


def _read(cluster: Cluster, token: str) -> Any:
    """The claims of a token that holds now; None for any other."""
    head, _, signature = token.rpartition(".")
    if not head or not token.isascii() or not hmac.compare_digest(signature, _signature(cluster, head)):
        return None
    try:
        claims = json.loads(_decoded(head.partition(".")[2]))
    except (ValueError, binascii.Error):
        return None
    if "kubernetes.io" not in claims:
        return claims if _in_its_secret(cluster, claims, token) else None
    bound = claims["kubernetes.io"]
    account = cluster.store.get(Key("", "ServiceAccount", bound["namespace"], bound["serviceaccount"]["name"]))
    alive = account is not None and account["metadata"]["uid"] == bound["serviceaccount"]["uid"]
    return claims if alive and claims["exp"] > cluster.clock.now and AUDIENCE in claims["aud"] else None


def _in_its_secret(cluster: Cluster, claims: Any, token: str) -> bool:
    said = {name.rpartition("/")[2]: value for name, value in claims.items()}
    secret = cluster.store.get(Key("", "Secret", said["namespace"], said["secret.name"]))
    account = cluster.store.get(Key("", "ServiceAccount", said["namespace"], said["service-account.name"]))
    kept = ((secret or {}).get("data") or {}).get("token")
    same = account is not None and account["metadata"]["uid"] == said["service-account.uid"]
    return same and kept == base64.b64encode(token.encode()).decode()


def _signed(cluster: Cluster, claims: dict[str, Any]) -> str:
    head = f"{_encoded({'alg': 'HS256', 'kid': cluster.name})}.{_encoded(claims)}"
    return f"{head}.{_signature(cluster, head)}"


def _signature(cluster: Cluster, head: str) -> str:
    key = f"gitops-sim/{cluster.randomness.seed}/{cluster.name}".encode()
    return _text(hmac.new(key, head.encode(), hashlib.sha256).digest())


def _encoded(value: Any) -> str:
    return _text(json.dumps(value, separators=(",", ":"), sort_keys=True).encode())


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
