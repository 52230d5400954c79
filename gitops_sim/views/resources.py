"""Reading a cluster into a resource tree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from gitops_sim.agents.health import HealthStatus, argocd_health, worst
from gitops_sim.cluster import Cluster
from gitops_sim.errors import BadInput
from gitops_sim.objects import Key, Object, annotations_of, get_path, key_of
from gitops_sim.views.tree import Node

_BOOKKEEPING = ("Event", "Endpoints", "EndpointSlice", "Lease", "ControllerRevision")
_GIVEN = (("", "ConfigMap", "kube-root-ca.crt"), ("", "ServiceAccount", "default"), ("", "Service", "kubernetes"))
_REVISION = "deployment.kubernetes.io/revision"


Owned = Mapping[str, list[Object]]
"""Objects by the uid of what controls or owns them."""


def application_tree(
    cluster: Cluster, name: str, namespace: str = "argocd", *, destination: Cluster | None = None, owned: Owned | None = None
) -> Node:
    """An Argo CD Application, the resources of its status, and everything that those own. ``destination`` is where they are, when
    that is another cluster than the Application's; ``owned`` are its :func:`owned_objects`, for who asks for many.

    Raises BadInput when there is no such Application.
    """
    app = cluster.find("applications.argoproj.io", name, namespace)
    if app is None:
        raise BadInput(f"no Application {name!r} in namespace {namespace!r}", mend="see: kubectl get applications -A")
    place = destination or cluster
    owned = owned_objects(place) if owned is None else owned
    resources = [_managed(place, resource, owned) for resource in get_path(app, ("status", "resources")) or ()]
    return Node(
        "Application",
        name,
        get_path(app, ("status", "sync", "status"), ""),
        get_path(app, ("status", "health", "status"), ""),
        str(get_path(app, ("status", "sync", "revision"), ""))[:7],
        resources,
        key_of(app),
        app["metadata"].get("creationTimestamp", ""),
    )


def namespace_tree(cluster: Cluster, namespace: str = "default") -> Node:
    """All that stands in a namespace, as nobody's application: what a pipeline left there has health but no sync status."""
    owned = owned_objects(cluster)
    roots = [
        obj
        for obj in _objects(cluster)
        if obj["metadata"].get("namespace") == namespace
        and not obj["metadata"].get("ownerReferences")
        and (key_of(obj).group, obj["kind"], obj["metadata"]["name"]) not in _GIVEN
    ]
    return Node("Namespace", namespace, children=[_live(obj, "", owned) for obj in roots])


def objects_tree(cluster: Cluster, kind: str, name: str, keys: Iterable[Key], *, owned: Owned | None = None) -> Node:
    """These objects, and everything that they own, under a root called ``kind`` and ``name``. They have no sync status."""
    owned = owned_objects(cluster) if owned is None else owned
    children = [
        Node(key.kind, key.name, health="Missing", key=key)
        if (live := cluster.store.get(key)) is None
        else _live(live, "", owned)
        for key in keys
    ]
    health = worst(cast(HealthStatus, child.health) for child in children if child.health)
    return Node(kind, name, health=health, children=children)


def _objects(cluster: Cluster) -> Iterator[Object]:
    for group, kind in cluster.store.kinds():
        if kind not in _BOOKKEEPING:
            yield from cluster.store.list(group, kind)


def owned_objects(cluster: Cluster) -> Owned:
    """All objects of a cluster that others own."""
    owned: dict[str, list[Object]] = {}
    for obj in _objects(cluster):
        for owner in obj["metadata"].get("ownerReferences") or ():
            owned.setdefault(owner["uid"], []).append(obj)
    return owned


def _managed(cluster: Cluster, resource: Mapping[str, Any], owned: Owned) -> Node:
    key = Key(resource.get("group", ""), resource["kind"], resource.get("namespace", ""), resource["name"])
    live = cluster.store.get(key)
    if live is None:
        return Node(key.kind, key.name, resource.get("status", ""), "Missing", key=key)
    return _live(live, resource.get("status", ""), owned)


def _live(obj: Object, sync: str, owned: Owned) -> Node:
    health = argocd_health(obj)
    children = [_live(child, "", owned) for child in _in_order(owned.get(obj["metadata"]["uid"], ()))]
    meta = obj["metadata"]
    return Node(
        obj["kind"],
        meta["name"],
        sync,
        health[0] if health else "",
        _note(obj),
        children,
        key_of(obj),
        meta.get("creationTimestamp", ""),
    )


def _in_order(objects: Iterable[Object]) -> list[Object]:
    """Newest revision first, then by kind and name."""
    return sorted(objects, key=lambda o: (-_revision(o), o["kind"], o["metadata"]["name"]))


def _revision(obj: Object) -> int:
    text = annotations_of(obj).get(_REVISION, "0")
    return int(text) if str(text).isdigit() else 0


def _note(obj: Object) -> str:
    """One short fact that tells objects of this kind apart."""
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    match obj["kind"]:
        case "Deployment" | "StatefulSet":
            return f"{status.get('readyReplicas', 0)}/{spec.get('replicas', 1)} ready"
        case "ReplicaSet":
            return f"rev {_revision(obj)} · {status.get('replicas', 0)} pods"
        case "Pod":
            return _pod(obj)
        case "Service":
            return str(spec.get("type", "ClusterIP"))
    return ""


def _pod(obj: Object) -> str:
    if obj["metadata"].get("deletionTimestamp"):
        return "Terminating"
    for container in get_path(obj, ("status", "containerStatuses")) or ():
        reason = get_path(container, ("state", "waiting", "reason"))
        if reason:
            return str(reason)
    phase = str(get_path(obj, ("status", "phase"), "Pending"))
    return str(get_path(obj, ("spec", "containers", 0, "image"), phase)) if phase == "Running" else phase
