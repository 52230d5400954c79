"""Orphaned resources: what lies in the namespace of an Application and belongs to none.

Only where the project asks for it. What is owned by an orphan is one as well; what every namespace has is none. Source:
``controller/appcontroller.go`` (getResourceTree, isKnownOrphanedResourceExclusion); the kinds that nobody watches are those of
``resource.exclusions`` in the argocd-cm of an installation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from gitops_sim.agents.argocd.application import Application
from gitops_sim.agents.argocd.clusters import Place
from gitops_sim.agents.argocd.glob import matches
from gitops_sim.agents.argocd.project import Project
from gitops_sim.objects import Key, Object, key_of

_NOT_WATCHED = {
    ("", "Event"),
    ("events.k8s.io", "Event"),
    ("", "Endpoints"),
    ("discovery.k8s.io", "EndpointSlice"),
    ("coordination.k8s.io", "Lease"),
}


def orphaned(
    project: Project, app: Application, place: Place, managed: Iterable[Key], exists: Callable[[str], bool]
) -> list[Key]:
    """The orphans in an Application's namespace, and what they own, sorted. ``managed``: what the Application has; ``exists``
    says whether there is an Application of an instance's name."""
    found = {key_of(obj): obj for obj in _objects(place, app.destination.namespace)}
    children: dict[str, list[Key]] = {}
    for key, obj in found.items():
        for owner in obj["metadata"].get("ownerReferences") or ():
            children.setdefault(owner.get("uid", ""), []).append(key)
    own = set(managed)
    waiting = [
        key
        for key, obj in found.items()
        if not obj["metadata"].get("ownerReferences") and key not in own and not _usual(key) and not _ignored(key, project)
    ]
    orphans: set[Key] = set()
    while waiting:
        key = waiting.pop()
        owner = place.live.owner(key)
        refused = project.refusal(key, place.server, place.name, namespaced=True)
        if key in orphans or refused or (owner is not None and exists(owner)):
            continue
        orphans.add(key)
        waiting += children.get(found[key]["metadata"].get("uid", ""), [])
    return sorted(orphans)


def _objects(place: Place, namespace: str) -> Iterator[Object]:
    if not namespace:
        return
    for kind in place.cluster.kinds:
        if kind.namespaced and kind.kept and kind.stored is None and (kind.group, kind.kind) not in _NOT_WATCHED:
            yield from place.cluster.list(kind, namespace)


def _usual(key: Key) -> bool:
    """What is in every namespace without anybody's doing."""
    return (key.group, key.kind, key.name) in (
        ("", "ServiceAccount", "default"),
        ("", "ConfigMap", "kube-root-ca.crt"),
    ) or key == Key("", "Service", "default", "kubernetes")


def _ignored(key: Key, project: Project) -> bool:
    return any(
        (not kind or matches(kind, key.kind)) and matches(group, key.group) and (not name or matches(name, key.name))
        for group, kind, name in project.orphans_ignored
    )
