"""What a user could do: the measure of how much a stolen credential opens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gitops_sim.cluster.access.rules import Asked
from gitops_sim.cluster.access.users import User
from gitops_sim.cluster.kinds import Kind
from gitops_sim.objects import get_path

if TYPE_CHECKING:
    from gitops_sim.cluster.cluster import Cluster

CHANGES = ("create", "delete", "deletecollection", "patch", "update")


@dataclass(frozen=True, slots=True)
class Right:
    """The verbs that a user has on one kind in one namespace; ``namespace`` is empty for kinds of the cluster."""

    namespace: str
    resource: str
    verbs: tuple[str, ...]

    @property
    def changes(self) -> bool:
        return any(verb in CHANGES for verb in self.verbs)


@dataclass(frozen=True, slots=True)
class Reach:
    """All that a user may do with objects of the namespaces and kinds that there are now, but for rights to single names."""

    user: str
    namespaces: int
    kinds: int
    rights: tuple[Right, ...]

    @property
    def writes(self) -> tuple[Right, ...]:
        return tuple(right for right in self.rights if right.changes)

    def places(self, *, changes: bool = False) -> list[str]:
        """The namespaces in which there is anything to see, or with ``changes`` to change."""
        return sorted({right.namespace for right in (self.writes if changes else self.rights) if right.namespace})

    def summary(self) -> str:
        """One sentence."""
        if not self.rights:
            return "may do nothing with any object"
        resources = {right.resource for right in self.writes}
        if not resources:
            return f"may look, in {len(self.places())} of {self.namespaces} namespaces, and change nothing"
        wide = sum(1 for right in self.writes if not right.namespace)
        places = len(self.places(changes=True))
        text = f"may change {len(resources)} of {self.kinds} kinds, in {places} of {self.namespaces} namespaces"
        secrets = [right.namespace for right in self.rights if right.resource == "secrets" and "get" in right.verbs]
        return f"{text}, {wide} of them of the whole cluster; it may read Secrets in {len(secrets)} namespaces"


def reach(cluster: Cluster, user: str | User = "") -> Reach:
    """The reach of a user by name, as the cluster knows them; of the one whom ``cluster`` stands for when none is named."""
    who = user if isinstance(user, User) else (cluster.as_user(user).who if user else cluster.who)
    names = [
        obj["metadata"]["name"]
        for obj in cluster.store.list("", "Namespace")
        if not get_path(obj, ("metadata", "deletionTimestamp"))
    ]
    kinds = sorted((kind for kind in cluster.kinds if kind.stored is None), key=_order)
    rights = tuple(right for kind in kinds for right in _rights(cluster, who, kind, names))
    return Reach(who.name, len(names), len(kinds), rights)


def _order(kind: Kind) -> tuple[str, str]:
    return kind.group, kind.plural


def _rights(cluster: Cluster, who: User, kind: Kind, namespaces: list[str]) -> Iterator[Right]:
    for place in namespaces if kind.namespaced else [""]:
        verbs = tuple(
            verb for verb in kind.verbs if cluster.verdict(Asked(verb, kind.group, kind.plural, "", place), who).allowed
        )
        if verbs:
            yield Right(place, kind.resource, verbs)


def may(cluster: Cluster, user: str, verb: str, resource: str, namespace: str = "default", name: str = "") -> bool:
    """Whether a user may, with a resource by any name that kubectl takes: ``pods/log``, ``deploy``."""
    plain, _, sub = resource.partition("/")
    kind = cluster.kinds.find(plain)
    group, plural = (kind.group, kind.plural) if kind else ("", plain)
    place = namespace if kind is None or kind.namespaced else ""
    return cluster.verdict(Asked(verb, group, plural, sub, place, name), cluster.as_user(user).who).allowed
