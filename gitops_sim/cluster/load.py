"""How much work a cluster's workloads have, as data, and what their Pods use for it: the metrics server of the simulator.

Who gives a workload a load says what all its Pods together need; they share it evenly, those that are ready. A cluster that was
never given any load has no metrics server, like a fresh kind or kubeadm cluster.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gitops_sim.cluster.quantity import QuantityError, amount
from gitops_sim.cluster.shapes import mappings, text
from gitops_sim.cluster.store import Snapshot
from gitops_sim.errors import BadInput
from gitops_sim.objects import Key, Object, controller_of

Amounts = Mapping[str, int]
"""Thousandths of a unit, by resource: cpu in millicores, memory in thousandths of a byte."""


_Owner = tuple[str, str, str]


class Load:
    """The load of each workload, by namespace, kind and name. It stays until it is set anew."""

    def __init__(self) -> None:
        self._loads: dict[tuple[str, str, str], Amounts] = {}

    @property
    def measured(self) -> bool:
        """Whether there are metrics at all."""
        return bool(self._loads)

    def set(self, kind: str, name: str, namespace: str = "default", **resources: str) -> None:
        """``set("Deployment", "web", cpu="900m")``: what all Pods of a workload need together. Raises BadInput."""
        given: dict[str, int] = {}
        for resource, quantity in resources.items():
            if resource not in ("cpu", "memory"):
                raise BadInput(f"a load of {resource!r}", mend="give cpu or memory")
            try:
                given[resource] = int(amount(quantity) * 1000)
            except QuantityError:
                raise BadInput(
                    f"not an amount of {resource}: {quantity!r}", mend="write it as in a manifest: 900m, 1Gi"
                ) from None
            if given[resource] < 0:
                raise BadInput(f"a load cannot be {quantity}", mend="give 0 or more")
        self._loads[namespace, kind, name] = given

    def usage(self, kind: str, name: str, namespace: str, ready: Sequence[Object]) -> dict[str, Amounts]:
        """What each of the ``ready`` Pods of a workload uses, by Pod name."""
        shares = self._loads.get((namespace, kind, name), {})
        each = {resource: total // len(ready) for resource, total in shares.items()} if ready else {}
        return {pod["metadata"]["name"]: {"cpu": 0, "memory": 0, **each} for pod in ready}


def pods_of(load: Load, store: Snapshot, pods: Sequence[Object]) -> dict[Key, Amounts]:
    """What the metrics server says of those of the ``pods`` that run."""
    ready: dict[_Owner, list[Object]] = {}
    running: dict[Key, _Owner] = {}
    for pod in store.list("", "Pod"):
        if text(pod, "status", "phase") == "Running":
            owner = _workload(store, pod)
            running[_key(pod)] = owner
            if any(
                entry.get("type") == "Ready" and entry.get("status") == "True" for entry in mappings(pod, "status", "conditions")
            ):
                ready.setdefault(owner, []).append(pod)
    used: dict[Key, Amounts] = {}
    for (namespace, kind, name), members in ready.items():
        used |= {Key("", "Pod", namespace, pod): each for pod, each in load.usage(kind, name, namespace, members).items()}
    nothing: Amounts = {"cpu": 0, "memory": 0}
    return {key: used.get(key, nothing) for key in map(_key, pods) if key in running}


def _workload(store: Snapshot, pod: Object) -> _Owner:
    """The workload at the top: namespace, kind and name."""
    namespace, obj = pod["metadata"]["namespace"], pod
    while (owner := controller_of(obj)) is not None and owner["kind"] in ("ReplicaSet", "Deployment", "StatefulSet", "DaemonSet"):
        above = store.get(Key("apps", owner["kind"], namespace, owner["name"]))
        if above is None:
            return namespace, owner["kind"], owner["name"]
        obj = above
    return namespace, str(obj["kind"]), obj["metadata"]["name"]


def _key(pod: Object) -> Key:
    return Key("", "Pod", pod["metadata"]["namespace"], pod["metadata"]["name"])
