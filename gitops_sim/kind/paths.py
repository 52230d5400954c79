"""Where the REST API of a server has the objects of a kind."""

from __future__ import annotations

from gitops_sim.cluster.kinds import Kind
from gitops_sim.kind.door import segment


def collection(kind: Kind, namespace: str) -> str:
    """All objects of a kind, in one namespace when one is given."""
    root = f"/apis/{kind.group}/{kind.version}" if kind.group else f"/api/{kind.version}"
    place = f"/namespaces/{segment(namespace)}" if kind.namespaced and namespace else ""
    return f"{root}{place}/{kind.plural}"


def one(kind: Kind, name: str, namespace: str, subresource: str = "") -> str:
    """One object, or a part of it."""
    return f"{collection(kind, namespace)}/{segment(name)}" + (f"/{subresource}" if subresource else "")
