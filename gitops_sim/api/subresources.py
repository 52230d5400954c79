"""What hangs below an object: its status, its scale, a Pod's logs, its eviction, its binding, a Namespace's finalizers.

Source: k8s.io/kubernetes ``pkg/registry/core/pod/rest`` and ``storage``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gitops_sim.cluster import scale
from gitops_sim.cluster.kinds import Kind

Identity = tuple[str, str, str]
"""Group, version and kind."""


@dataclass(frozen=True, slots=True)
class Subresource:
    """``of`` tells which kinds have it; ``kind`` is the type of what is sent and answered where it is not the object's own."""

    of: Callable[[Kind], bool]
    verbs: tuple[str, ...]
    kind: Identity | None = None


def _has_status(kind: Kind) -> bool:
    return kind.status


def _has_scale(kind: Kind) -> bool:
    return scale.has(kind)


def _is_pod(kind: Kind) -> bool:
    return (kind.group, kind.kind) == ("", "Pod")


def _is_account(kind: Kind) -> bool:
    return (kind.group, kind.kind) == ("", "ServiceAccount")


def _is_namespace(kind: Kind) -> bool:
    return (kind.group, kind.kind) == ("", "Namespace")


SUBRESOURCES: dict[str, Subresource] = {
    "binding": Subresource(_is_pod, ("create",), ("", "v1", "Binding")),
    "eviction": Subresource(_is_pod, ("create",), ("policy", "v1", "Eviction")),
    "finalize": Subresource(_is_namespace, ("update",)),
    "log": Subresource(_is_pod, ("get",)),
    "scale": Subresource(_has_scale, ("get", "patch", "update"), ("autoscaling", "v1", "Scale")),
    "token": Subresource(_is_account, ("create",), ("authentication.k8s.io", "v1", "TokenRequest")),
    "status": Subresource(_has_status, ("get", "patch", "update")),
}


def subresource_of(kind: Kind, name: str) -> Subresource | None:
    found = SUBRESOURCES.get(name)
    return found if found is not None and found.of(kind) else None


def success(code: int = 200, details: dict[str, Any] | None = None) -> dict[str, Any]:
    """The ``Status`` of what went well and has no object to show."""
    body: dict[str, Any] = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}
    if details:
        body["details"] = details
    return body if code == 200 else {**body, "code": code}
