"""The machines behind the nodes of a cluster, as data: how large each is, and which of them nobody hears from any more."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gitops_sim.cluster.names import dns_subdomain_problems, label_key_problems, label_value_problems
from gitops_sim.cluster.quantity import QuantityError, amount
from gitops_sim.errors import BadInput

MOST = 100
"""How many nodes a world may have."""
_TAINT = re.compile(r"([^=:]+)(?:=([^=:]*))?:(NoSchedule|PreferNoSchedule|NoExecute)")
_EXAMPLE = 'write node-1: {cpu: "4", memory: 8Gi, pods: 110, labels: {disk: ssd}, taints: ["dedicated=gpu:NoSchedule"]}'


@dataclass(frozen=True, slots=True)
class Machine:
    """What a node has to give. The default is larger than a real machine, so that any repository fits; ``pods`` is 110 on a real
    one unless someone raised it."""

    name: str
    cpu: str = "64"
    memory: str = "256Gi"
    pods: int = 1000
    labels: Mapping[str, str] = field(default_factory=dict)
    taints: tuple[Mapping[str, str], ...] = ()


def machine(name: str, content: Any, where: str = "") -> Machine:
    """A machine from data: ``{cpu, memory, pods, labels, taints}``, all of them optional. Raises BadInput."""

    def wrong(what: str) -> BadInput:
        return BadInput(what, where=where or f"node {name}", mend=_EXAMPLE)

    content = {} if content is None else content
    if dns_subdomain_problems(name):
        raise wrong(f"{name!r} cannot be the name of a node")
    if not isinstance(content, Mapping):
        raise wrong("must be a mapping")
    for key in content:
        if key not in ("cpu", "memory", "pods", "labels", "taints"):
            raise wrong(f"unknown key {key!r}")
    given: dict[str, Any] = {}
    for resource in ("cpu", "memory"):
        if content.get(resource) is not None:
            given[resource] = _quantity(content[resource]) or _raise(wrong(f"not an amount of {resource}: {content[resource]!r}"))
    pods = content.get("pods", 1000)
    if not isinstance(pods, int) or isinstance(pods, bool) or not 0 <= pods <= 100_000:
        raise wrong(f"pods must be a whole number, 0 or more, not {pods!r}")
    labels = content.get("labels") or {}
    fits = isinstance(labels, Mapping) and all(isinstance(value, str) for value in labels.values())
    if not fits or any(label_key_problems(key) or label_value_problems(value) for key, value in labels.items()):
        raise wrong("labels must be a mapping of keys to text, as in a manifest")
    taints = content.get("taints") or ()
    if not isinstance(taints, Sequence) or isinstance(taints, str):
        raise wrong("taints must be a list")
    return Machine(
        name,
        pods=pods,
        labels=dict(labels),
        taints=tuple(_taint(text) or _raise(wrong(f"not a taint: {text!r}")) for text in taints),
        **given,
    )


def _raise(error: BadInput) -> Any:
    raise error


def _quantity(value: Any) -> str:
    text = str(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else ""
    try:
        return text if amount(text) > 0 else ""
    except QuantityError:
        return ""


def _taint(text: Any) -> dict[str, str]:
    found = _TAINT.fullmatch(text) if isinstance(text, str) else None
    if found is None or label_key_problems(found[1]) or label_value_problems(found[2] or ""):
        return {}
    return {"key": found[1], **({"value": found[2]} if found[2] else {}), "effect": found[3]}


DEFAULT = (Machine("node-1"),)


def machines_of(clusters: Sequence[str], nodes: Mapping[str, Any]) -> dict[str, tuple[Machine, ...]]:
    """The machines of each cluster; a name without ``CLUSTER:`` in front is one of the first's. A cluster that no name is about
    has the default."""
    if not isinstance(nodes, Mapping) or len(nodes) > MOST:
        raise BadInput(f"nodes must be a mapping of {MOST} names or fewer", where="nodes", mend=_EXAMPLE)
    found: dict[str, tuple[Machine, ...]] = {}
    for given, content in nodes.items():
        home, _, name = str(given).rpartition(":")
        home = home or clusters[0]
        if home not in clusters:
            raise BadInput(f"no cluster {home!r} in this world", where="nodes", mend="use one of " + ", ".join(clusters))
        found[home] = (*found.get(home, ()), machine(name, content))
    return {cluster: found.get(cluster, DEFAULT) for cluster in clusters}


Listener = Callable[[str], object]


class Machines:
    """The machines of one cluster. One that is lost runs on unseen: its kubelet reports and hears nothing until it is back.

    What goes on the clock is left to those who listen: the node controller and the kubelets.
    """

    def __init__(self, machines: Sequence[Machine] = DEFAULT) -> None:
        self.all = tuple(machines)
        self._lost: dict[str, float] = {}
        self._listeners: list[Listener] = []

    def listen(self, listener: Listener) -> None:
        """``listener`` is called with the name of each machine that is lost or comes back."""
        self._listeners.append(listener)

    def lost_at(self, name: str) -> float | None:
        """When it was lost, in simulated seconds; None while it is there."""
        return self._lost.get(name)

    def lose(self, name: str, now: float) -> None:
        """Raises BadInput for one that is lost already."""
        if name in self._lost:
            raise BadInput(f"node {name!r} is lost already", mend=f"bring it back first: return {name}")
        self._lost[name] = now
        self._tell(name)

    def bring_back(self, name: str) -> None:
        if name not in self._lost:
            raise BadInput(f"node {name!r} is not lost", mend=f"lose it first: lose {name}")
        del self._lost[name]
        self._tell(name)

    def _tell(self, name: str) -> None:
        for listener in self._listeners:
            listener(name)
