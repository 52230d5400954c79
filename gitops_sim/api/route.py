"""From a path to what it names: ``/apis/apps/v1/namespaces/shop/deployments/web/scale``."""

from __future__ import annotations

from dataclasses import dataclass

from gitops_sim.api.response import NotServed, no_such_path
from gitops_sim.cluster.cluster import Cluster
from gitops_sim.cluster.kinds import Kind


@dataclass(frozen=True, slots=True)
class Target:
    """``name`` is empty for a whole collection. ``rest`` is what follows the name of a subresource (proxies only)."""

    kind: Kind
    namespace: str = ""
    name: str = ""
    subresource: str = ""
    watch: bool = False
    """Asked for in the old way, by ``/watch/`` in the path."""


def target_of(cluster: Cluster, steps: tuple[str, ...]) -> Target:
    """Raises ApiError 404 for a path that leads nowhere."""
    if steps[0] == "api":
        group, version, rest = "", steps[1], steps[2:]
    else:
        group, version, rest = steps[1], steps[2], steps[3:]
    watch = rest[:1] == ("watch",)
    rest = rest[1:] if watch else rest
    namespace = ""
    if len(rest) >= 3 and rest[0] == "namespaces" and not (group == "" and rest[2] in ("status", "finalize") and len(rest) == 3):
        namespace, rest = rest[1], rest[2:]
        if not namespace:
            raise no_such_path()
    if not rest or len(rest) > 3 or "" in rest:
        raise no_such_path()
    kind = kind_at(cluster, group, version, rest[0])
    if kind is None and all(known.custom for known in cluster.kinds.served() if (known.group, known.version) == (group, version)):
        raise NotServed
    if kind is not None and kind.custom and namespace and not kind.namespaced:
        raise NotServed
    if kind is None or (namespace and not kind.namespaced) or (len(rest) > 1 and kind.namespaced and not namespace):
        raise no_such_path()
    return Target(kind, namespace, rest[1] if len(rest) > 1 else "", rest[2] if len(rest) > 2 else "", watch)


def kind_at(cluster: Cluster, group: str, version: str, plural: str) -> Kind | None:
    """The kind whose objects are served under these three."""
    for name in (f"{plural}.{group}", f"{plural}.{version}.{group}"):
        found = cluster.kinds.find(name)
        if found is None or found.guessed or not found.served:
            continue
        if (found.plural, found.group, found.version) == (plural, group, version):
            return found
    return None
