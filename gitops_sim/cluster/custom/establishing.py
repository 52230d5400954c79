"""What the API server does about definitions: it accepts their names and serves their kind; when one is deleted, first all of its
objects go.

Done within the write that calls for it: the controllers of the API server are at work as soon as it is. Source:
apiextensions-apiserver ``pkg/controller/status``, ``establish`` and ``finalizer``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from gitops_sim.cluster.kinds import Kind
from gitops_sim.cluster.shapes import condition, mapping, mappings, texts
from gitops_sim.objects import Object, with_path

if TYPE_CHECKING:
    from gitops_sim.cluster.cluster import Cluster
    from gitops_sim.cluster.writes import ClusterWrites

GROUP, KIND = "apiextensions.k8s.io", "CustomResourceDefinition"
FINALIZER = "customresourcecleanup.apiextensions.k8s.io"
_MANAGER = "kube-apiserver"
_USER = "system:apiserver"
_Map = Mapping[str, Any]


def is_definition(kind: Kind) -> bool:
    return (kind.group, kind.kind) == (GROUP, KIND)


def is_established(definition: Object) -> bool:
    return condition(definition, "Established").get("status") == "True"


def settle(cluster: ClusterWrites, definition: Object) -> None:
    """Accepts the names of a definition that was just written, or says who has them."""
    if definition["metadata"].get("deletionTimestamp"):
        return
    wanted = status(cluster, definition)
    if wanted != definition.get("status"):
        view = cluster.as_component(_USER)
        view.update(with_path(definition, ("status",), wanted), subresource="status", manager=_MANAGER)


def condemned(definition: Object, now: str) -> Object:
    """A definition whose deletion was asked for."""
    meta = definition["metadata"]
    finalizers = list(meta.get("finalizers") or ())
    meta = {**meta, "deletionTimestamp": now, "finalizers": finalizers if FINALIZER in finalizers else [*finalizers, FINALIZER]}
    why = "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon"
    ending = _condition("Terminating", "InstanceDeletionPending", why, now)
    others = [each for each in mappings(definition, "status", "conditions") if each.get("type") != "Terminating"]
    marked: Object = with_path({**definition, "metadata": meta}, ("status", "conditions"), [*others, ending])
    return marked


def clear(cluster: Cluster, definition: Object) -> None:
    """Deletes the objects of a definition that is to go, and lets it go when none is left."""
    view = cluster.as_component(_USER)
    spec = definition["spec"]
    group, kind = spec["group"], spec["names"]["kind"]
    if is_established(definition):
        for obj in view.store.list(group, kind):
            if not obj["metadata"].get("deletionTimestamp"):
                known = view.kinds.of(group, kind)
                view.delete(known or kind, obj["metadata"]["name"], obj["metadata"].get("namespace") or "")
    release(cluster, group, kind)


def release(cluster: ClusterWrites, group: str, kind: str) -> None:
    """Lets the definitions of a kind go that only wait for its last object to be gone."""
    if cluster.store.shelf(group, kind):
        return
    for definition in cluster.store.list(GROUP, KIND):
        names, meta = definition["spec"]["names"], definition["metadata"]
        finalizers = meta.get("finalizers") or ()
        if (
            (definition["spec"]["group"], names["kind"]) == (group, kind)
            and meta.get("deletionTimestamp")
            and FINALIZER in finalizers
        ):
            left = [name for name in finalizers if name != FINALIZER]
            cluster.as_component(_USER).update(with_path(definition, ("metadata", "finalizers"), left), manager=_MANAGER)


# ---------------------------------------------------------------------- the status


def status(cluster: ClusterWrites, definition: Object) -> dict[str, Any]:
    """What is to be said of a definition: whether its names are free, and which versions were ever kept."""
    now, old = cluster.clock.timestamp(), mapping(definition, "status")
    names = {name: value for name, value in definition["spec"]["names"].items() if value}
    accepted = dict(mapping(old, "acceptedNames"))
    taken = dict(_taken(cluster, definition))
    problem: tuple[str, str] | None = None
    for name, reason in _NAMES.items():
        wanted = names.get(name)
        used = sorted(taken.keys() & _words(name, names))
        if used:
            problem = problem or (reason, f'"{used[0].removeprefix("kind/")}" is already in use')
        elif wanted:
            accepted[name] = wanted
        else:
            accepted.pop(name, None)
    conditions = list(mappings(old, "conditions"))
    if problem:
        conditions = _with(conditions, _condition("NamesAccepted", problem[0], problem[1], now, "False"))
        if not is_established(definition):
            why = "not all names are accepted"
            conditions = _with(conditions, _condition("Established", "NotAccepted", why, now, "False"))
    else:
        conditions = _with(conditions, _condition("NamesAccepted", "NoConflicts", "no conflicts found", now))
        why = "the initial names have been accepted"
        conditions = _with(conditions, _condition("Established", "InitialNamesAccepted", why, now))
    stored = texts(old, "storedVersions")
    stored += [v["name"] for v in definition["spec"]["versions"] if v.get("storage") and v["name"] not in stored]
    return {**old, "acceptedNames": accepted, "conditions": conditions, "storedVersions": stored}


_NAMES = {
    "plural": "PluralConflict",
    "singular": "SingularConflict",
    "shortNames": "ShortNamesConflict",
    "kind": "KindConflict",
    "listKind": "ListKindConflict",
    "categories": "",
}


def _words(name: str, names: _Map) -> set[str]:
    """The words that a name takes: resources and kinds are apart."""
    found = names.get(name)
    if name == "categories" or not found:
        return set()
    mark = "kind/" if name in ("kind", "listKind") else ""
    return {mark + word for word in (found if isinstance(found, list) else [found])}


def _taken(cluster: ClusterWrites, definition: Object) -> Iterator[tuple[str, str]]:
    """The words that other definitions of the group have."""
    for other in cluster.store.list(GROUP, KIND):
        if other["spec"]["group"] != definition["spec"]["group"] or other["metadata"]["name"] == definition["metadata"]["name"]:
            continue
        for name in _NAMES:
            for word in _words(name, mapping(other, "status", "acceptedNames")):
                yield word, other["metadata"]["name"]


def _with(conditions: list[_Map], new: dict[str, Any]) -> list[_Map]:
    """A condition keeps its time as long as its status is the same."""
    for index, old in enumerate(conditions):
        if old.get("type") == new["type"]:
            same = old.get("status") == new["status"]
            kept = {**new, "lastTransitionTime": old.get("lastTransitionTime")} if same else new
            return [*conditions[:index], kept, *conditions[index + 1 :]]
    return [*conditions, new]


def _condition(type: str, reason: str, message: str, now: str, status: str = "True") -> dict[str, Any]:
    return {"type": type, "status": status, "reason": reason, "message": message, "lastTransitionTime": now}
