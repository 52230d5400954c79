"""The mark on everything that was made here in a real cluster, and taking away exactly that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gitops_sim.cluster.kinds import Kind
from gitops_sim.kind.door import Door
from gitops_sim.kind.paths import collection, one
from gitops_sim.objects import Object, labels_of, with_path

LABEL = "gitops-sim/made-by"
VALUE = "agent"
SELECTOR = f"{LABEL}={VALUE}"


@dataclass(frozen=True, slots=True)
class Removal:
    """``why`` is empty when the object went, or would go."""

    name: str
    why: str = ""


def marked(obj: Object) -> Object:
    """A copy that says where it comes from."""
    result: Object = with_path(obj, ("metadata", "labels", LABEL), VALUE)
    return result


def is_marked(obj: Object) -> bool:
    return labels_of(obj).get(LABEL) == VALUE


def cleanup(door: Door, kinds: Iterable[Kind], *, dry_run: bool = False) -> Iterator[Removal]:
    """Deletes every object that carries the mark and still is the one that was looked at; namespaces come last.

    What a controller made from them goes with its owner. An object that stands in a marked namespace without a mark of its own
    keeps the namespace: somebody else put it there.
    """
    found = [(kind, obj) for kind in kinds for obj in _listed(door, kind)]
    namespaces = [(kind, obj) for kind, obj in found if kind.resource == "namespaces"]
    for kind, obj in [pair for pair in found if pair not in namespaces]:
        yield _remove(door, kind, obj, dry_run)
    for kind, obj in namespaces:
        strangers = _strangers(door, kinds, obj["metadata"]["name"])
        if strangers:
            yield Removal(_name(kind, obj), f"kept: {strangers[0]} in it was not made here")
        else:
            yield _remove(door, kind, obj, dry_run)


_OF_EVERY_NAMESPACE = {"configmap/kube-root-ca.crt", "serviceaccount/default"}
_DERIVED = ("events", "events.events.k8s.io", "endpoints", "endpointslices.discovery.k8s.io", "leases.coordination.k8s.io")


def _listed(door: Door, kind: Kind) -> list[Object]:
    answer = door.ask("GET", collection(kind, ""), {"labelSelector": SELECTOR})
    return list(answer.body.get("items") or ()) if answer.status == 200 else []


def _strangers(door: Door, kinds: Iterable[Kind], namespace: str) -> list[str]:
    names = []
    for kind in kinds:
        if not kind.namespaced or kind.resource in _DERIVED:
            continue
        answer = door.ask("GET", collection(kind, namespace))
        for obj in (answer.body.get("items") or ()) if answer.status == 200 else ():
            name, meta = _name(kind, obj), obj["metadata"]
            owned = meta.get("ownerReferences") or meta.get("deletionTimestamp") or is_marked(obj)
            if not owned and name not in _OF_EVERY_NAMESPACE:
                names.append(name)
    return names


def _remove(door: Door, kind: Kind, obj: Object, dry_run: bool) -> Removal:
    meta, name = obj["metadata"], _name(kind, obj)
    body = {
        "apiVersion": "v1",
        "kind": "DeleteOptions",
        "propagationPolicy": "Background",
        "preconditions": {"uid": meta["uid"]},
        **({"dryRun": ["All"]} if dry_run else {}),
    }
    answer = door.ask("DELETE", one(kind, meta["name"], meta.get("namespace") or ""), body=body)
    if answer.status < 400 or answer.status == 404:
        return Removal(name)
    return Removal(name, f"kept: {answer.body.get('message', answer.status)}")


def _name(kind: Kind, obj: Object) -> str:
    return f"{kind.qualified}/{obj['metadata']['name']}"
