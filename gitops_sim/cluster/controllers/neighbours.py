"""Which Pods want to be near which, and how evenly they want to be spread: affinity, anti-affinity, topology spread, host ports.

Source: kube-scheduler ``plugins/interpodaffinity``, ``plugins/podtopologyspread`` and ``plugins/nodeports``; a topology is a
label of nodes, and its domains are the values of that label. Of what is only preferred, nothing is weighed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gitops_sim.cluster.selectors import matches
from gitops_sim.objects import Object, get_path, labels_of

_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
SPREAD, NO_DOMAIN = "node(s) didn't match pod topology spread constraints", " (missing required label)"
AFFINITY, ANTI_AFFINITY = "node(s) didn't match pod affinity rules", "node(s) didn't match pod anti-affinity rules"
EXISTING = "node(s) didn't satisfy existing pods anti-affinity rules"
PORTS = "node(s) didn't have free ports for the requested pod ports"
UNRESOLVABLE = (AFFINITY, SPREAD + NO_DOMAIN)
"""What would not change if other Pods left the node."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A Pod that runs, and the labels of its node."""

    pod: Object
    node: str
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Neighbours:
    """All Pods that are placed, as far as ``pod`` may mind them; ``nodes`` are all that there are."""

    pod: Object
    nodes: Iterable[Object]
    placed: Iterable[Placed]
    _spread: list[tuple[Mapping[str, Any], dict[str, int]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._spread.extend(self._constraints())

    def problem(self, node: Object) -> str:
        """Why this node will not do; empty when it will."""
        return self._ports(node) or self._evenly(node) or self._near(node)

    # ------------------------------------------------------------------ ports

    def _ports(self, node: Object) -> str:
        wanted = set(_host_ports(self.pod))
        name = node["metadata"]["name"]
        taken = (port for other in self.placed if wanted and other.node == name for port in _host_ports(other.pod))
        return PORTS if any(port in wanted for port in taken) else ""

    # ------------------------------------------------------------------ spread

    def _constraints(self) -> Iterator[tuple[Mapping[str, Any], dict[str, int]]]:
        for constraint in self.pod["spec"].get("topologySpreadConstraints") or ():
            if constraint.get("whenUnsatisfiable", "DoNotSchedule") != "DoNotSchedule":
                continue
            key, selector = constraint["topologyKey"], constraint.get("labelSelector")
            counts = {labels_of(node)[key]: 0 for node in self.nodes if key in labels_of(node)}
            for other in self.placed:
                domain = other.labels.get(key)
                if domain in counts and self._is_neighbour(other.pod, selector):
                    counts[str(domain)] += 1
            yield constraint, counts

    def _evenly(self, node: Object) -> str:
        for constraint, counts in self._spread:
            domain = labels_of(node).get(constraint["topologyKey"])
            if domain is None:
                return SPREAD + NO_DOMAIN
            itself = matches(constraint.get("labelSelector"), labels_of(self.pod))
            fewest = min(counts.values()) if len(counts) >= constraint.get("minDomains", 1) else 0
            if counts[domain] + itself - fewest > constraint["maxSkew"]:
                return SPREAD
        return ""

    def _is_neighbour(self, other: Object, selector: Any) -> bool:
        same = other["metadata"]["namespace"] == self.pod["metadata"]["namespace"]
        return same and "deletionTimestamp" not in other["metadata"] and matches(selector, labels_of(other))

    # ------------------------------------------------------------------ affinity

    def _near(self, node: Object) -> str:
        labels = labels_of(node)
        for term in _terms(self.pod, "podAffinity"):
            mates = [other for other in self.placed if _wants(term, self.pod, other.pod)]
            if not any(_together(term, labels, other.labels) for other in mates):
                first = not mates and _wants(term, self.pod, self.pod) and term["topologyKey"] in labels
                if not first:
                    return AFFINITY
        for term in _terms(self.pod, "podAntiAffinity"):
            if any(_together(term, labels, other.labels) and _wants(term, self.pod, other.pod) for other in self.placed):
                return ANTI_AFFINITY
        for other in self.placed:
            for term in _terms(other.pod, "podAntiAffinity"):
                if _together(term, labels, other.labels) and _wants(term, other.pod, self.pod):
                    return EXISTING
        return ""


def minds(pod: Object) -> bool:
    """Whether a Pod minds who its neighbours are, or has them mind it."""
    spec = pod["spec"]
    affinity = spec.get("affinity") or {}
    return bool(
        affinity.get("podAffinity")
        or affinity.get("podAntiAffinity")
        or spec.get("topologySpreadConstraints")
        or any(True for _ in _host_ports(pod))
    )


def _terms(pod: Object, kind: str) -> Iterable[Mapping[str, Any]]:
    return get_path(pod, ("spec", "affinity", kind, _REQUIRED)) or ()


def _wants(term: Mapping[str, Any], owner: Object, other: Object) -> bool:
    """Whether a term of ``owner`` speaks of ``other``. A selector of namespaces that selects something selects nothing here but
    the owner's own: namespaces' labels are not looked at."""
    own = owner["metadata"]["namespace"]
    everywhere = term.get("namespaceSelector") == {}
    namespaces = term.get("namespaces") or (() if everywhere else (own,))
    inside = everywhere or other["metadata"]["namespace"] in namespaces
    return inside and matches(term.get("labelSelector"), labels_of(other))


def _together(term: Mapping[str, Any], one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Whether two nodes are in one domain."""
    domain = one.get(term["topologyKey"])
    return domain is not None and domain == other.get(term["topologyKey"])


def _host_ports(pod: Object) -> Iterator[tuple[str, int]]:
    for container in pod["spec"].get("containers") or ():
        for port in container.get("ports") or ():
            if port.get("hostPort"):
                yield port.get("protocol", "TCP"), port["hostPort"]
