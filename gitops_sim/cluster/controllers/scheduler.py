"""The scheduler: finds each Pod a node that is fit for it and has room."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from gitops_sim.cluster.controllers.base import ClusterController
from gitops_sim.cluster.controllers.neighbours import UNRESOLVABLE, Neighbours, Placed, minds
from gitops_sim.cluster.controllers.pods import condition, is_finished
from gitops_sim.cluster.controllers.relations import Relations
from gitops_sim.cluster.controllers.requests import requests_of, value_of
from gitops_sim.cluster.controllers.taints import UNSCHEDULABLE, tolerated, untolerated
from gitops_sim.cluster.events import EventRecorder
from gitops_sim.cluster.selectors import matches
from gitops_sim.cluster.store import Change
from gitops_sim.objects import Key, Object, get_path, labels_of, with_path

if TYPE_CHECKING:
    from gitops_sim.cluster.cluster import Cluster

_RESOURCES = ("pods", "cpu", "memory")
Amounts = dict[str, float]


class Scheduler(ClusterController):
    """Binds Pods to nodes: node name, selector and affinity, taints, cordons, room for cpu, memory and Pods, and neighbours; of
    several fit nodes the one with the fewest Pods. A Pod that fits nowhere waits until a node or a Pod changes.
    """

    name = "default-scheduler"
    own = ("", "Pod")
    watches = (("", "Pod"), ("", "Node"), ("", "PersistentVolumeClaim"))

    def __init__(self, cluster: Cluster, relations: Relations) -> None:
        super().__init__(cluster, relations)
        self.cluster = cluster.as_component("system:kube-scheduler")
        self.events = EventRecorder(self.cluster, self.name)
        self._placed: dict[Key, tuple[str, Amounts]] = {}
        self._used: dict[str, Amounts] = {}
        self._waiting: dict[Key, None] = {}
        self._minding: dict[Key, None] = {}
        """The placed Pods that mind who their neighbours are."""

    def concerned(self, change: Change) -> Iterable[Key]:
        key = change.key
        if key.kind != "Pod":
            return list(self._waiting)
        pod = change.object
        node = pod["spec"].get("nodeName")
        if change.type == "DELETED" or is_finished(pod):
            self._waiting.pop(key, None)
            return list(self._waiting) if self._free(key) else []
        if change.type == "MODIFIED" and node and change.old is not None and labels_of(pod) != labels_of(change.old):
            return list(self._waiting)
        if not node:
            return [key]
        self._waiting.pop(key, None)
        if key in self._placed:
            return []
        self._use(key, node, pod)
        return [waiting for waiting in self._waiting if (other := self.store.get(waiting)) is not None and minds(other)]

    def sync(self, key: Key) -> None:
        pod = self.store.get(key)
        if pod is None or pod["spec"].get("nodeName") or "deletionTimestamp" in pod["metadata"]:
            self._waiting.pop(key, None)
            return
        if pod["spec"].get("schedulerName", self.name) != self.name or pod["spec"].get("schedulingGates"):
            return
        nodes = self.store.list("", "Node")
        missing = self._missing_claim(pod)
        if missing:
            self._waiting[key] = None
            self._refuse(
                pod, f'0/{len(nodes)} nodes are available: persistentvolumeclaim "{missing}" not found. {_helpless(len(nodes))}'
            )
            return
        refusals: dict[str, int] = {}
        hopeless = 0
        fit: list[str] = []
        needs = _needs(pod)
        neighbours = self._neighbours(pod, nodes)
        for node in nodes:
            problems, resolvable = self._problems(pod, node, needs)
            if not problems and neighbours is not None and (problem := neighbours.problem(node)):
                problems, resolvable = [problem], problem not in UNRESOLVABLE
            hopeless += not resolvable
            for problem in problems:
                refusals[problem] = refusals.get(problem, 0) + 1
            if not problems:
                fit.append(node["metadata"]["name"])
        if fit:
            self._bind(key, pod, min(fit, key=lambda name: (self._used.get(name, {}).get("pods", 0), name)))
        else:
            self._waiting[key] = None
            self._refuse(pod, _explain(len(nodes), refusals, hopeless))

    def _bind(self, key: Key, pod: Object, node: str) -> None:
        """The binding subresource: sets the node and nothing else, so that no generation is counted."""
        entry = {"type": "PodScheduled", "status": "True", "lastProbeTime": None, "lastTransitionTime": self.clock.timestamp()}
        others = [c for c in get_path(pod, ("status", "conditions")) or () if c["type"] != "PodScheduled"]
        bound = with_path(with_path(pod, ("spec", "nodeName"), node), ("status", "conditions"), [*others, entry])
        self.events.bound(pod, node)
        self.store.put(key, bound, self.cluster.user)

    def _neighbours(self, pod: Object, nodes: Iterable[Object]) -> Neighbours | None:
        """Who is placed where, for a Pod that minds, or that others may mind."""
        if not self._minding and not minds(pod):
            return None
        labels = {node["metadata"]["name"]: labels_of(node) for node in nodes}
        wanted = self._placed if minds(pod) else self._minding
        found = [(key, self._placed[key][0], self.store.get(key)) for key in wanted]
        return Neighbours(
            pod, nodes, [Placed(other, node, labels.get(node, {})) for _, node, other in found if other is not None]
        )

    def _missing_claim(self, pod: Object) -> str:
        """The first of its volume claims that is not there."""
        for volume in pod["spec"].get("volumes") or ():
            name: str = (volume.get("persistentVolumeClaim") or {}).get("claimName", "")
            key = Key("", "PersistentVolumeClaim", pod["metadata"]["namespace"], name)
            if name and self.store.get(key) is None:
                return name
        return ""

    def _refuse(self, pod: Object, message: str) -> None:
        known = condition(pod, "PodScheduled")
        if known is not None and known.get("message") == message:
            return
        entry = {
            "type": "PodScheduled",
            "status": "False",
            "reason": "Unschedulable",
            "message": message,
            "observedGeneration": pod["metadata"].get("generation", 1),
            "lastProbeTime": None,
            "lastTransitionTime": known["lastTransitionTime"] if known is not None else self.clock.timestamp(),
        }
        others = [c for c in get_path(pod, ("status", "conditions")) or () if c["type"] != "PodScheduled"]
        self.cluster.update(with_path(pod, ("status", "conditions"), [*others, entry]), subresource="status")
        self.events.scheduling(pod, "Warning", "FailedScheduling", message, action="Scheduling")

    def _problems(self, pod: Object, node: Object, needs: Amounts) -> tuple[list[str], bool]:
        """Why this node will not do, in the words of the plugins of kube-scheduler; those of the first plugin that objects. And
        whether it might do if other Pods left it."""
        spec = pod["spec"]
        tolerations = spec.get("tolerations") or ()
        if node["spec"].get("unschedulable") and not tolerated(tolerations, {"key": UNSCHEDULABLE, "effect": "NoSchedule"}):
            return ["node(s) were unschedulable"], False
        if untolerated(tolerations, node["spec"].get("taints") or (), ("NoSchedule", "NoExecute")):
            return ["node(s) had untolerated taint(s)"], False
        if not _selected(spec, node):
            return ["node(s) didn't match Pod's node affinity/selector"], False
        room = get_path(node, ("status", "allocatable")) or {}
        used = self._used.get(node["metadata"]["name"], {})
        lacking = [name for name in _RESOURCES if name in room and used.get(name, 0) + needs[name] > value_of(str(room[name]))]
        resolvable = all(name == "pods" or needs[name] <= value_of(str(room[name])) for name in lacking)
        return ["Too many pods" if name == "pods" else f"Insufficient {name}" for name in lacking], resolvable

    def _use(self, key: Key, node: str, pod: Object) -> None:
        needs = _needs(pod)
        self._placed[key] = (node, needs)
        if minds(pod):
            self._minding[key] = None
        used = self._used.setdefault(node, dict.fromkeys(_RESOURCES, 0.0))
        for name, amount in needs.items():
            used[name] += amount

    def _free(self, key: Key) -> bool:
        placed = self._placed.pop(key, None)
        if placed is None:
            return False
        node, needs = placed
        self._minding.pop(key, None)
        for name, amount in needs.items():
            self._used[node][name] -= amount
        return True


def _needs(pod: Object) -> Amounts:
    return {"pods": 1.0, **requests_of(pod["spec"])}


def _selected(spec: Mapping[str, Any], node: Object) -> bool:
    labels = labels_of(node)
    if any(labels.get(name) != value for name, value in (spec.get("nodeSelector") or {}).items()):
        return False
    required = get_path(spec, ("affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution"))
    if required is None:
        return True
    fields = {"metadata.name": node["metadata"]["name"]}
    return any(
        (term.get("matchExpressions") or term.get("matchFields"))
        and matches({"matchExpressions": term.get("matchExpressions") or []}, labels)
        and matches({"matchExpressions": term.get("matchFields") or []}, fields)
        for term in required.get("nodeSelectorTerms") or ()
    )


def _explain(nodes: int, refusals: Mapping[str, int], hopeless: int) -> str:
    """``0/1 nodes are available: 1 Insufficient cpu. ...``; source: ``pkg/scheduler/framework/types.go`` ``FitError``, and
    ``plugins/noderesources/fit.go`` for what preemption says: it cannot help with a node that is too small."""
    if not nodes:
        return "no nodes available to schedule pods"
    reasons = ", ".join(sorted(f"{count} {reason}" for reason, count in refusals.items()))
    helpless = {
        "Preemption is not helpful for scheduling": hopeless,
        "No preemption victims found for incoming pod": nodes - hopeless,
    }
    after = ", ".join(sorted(f"{count} {reason}" for reason, count in helpless.items() if count))
    return f"0/{nodes} nodes are available: {reasons}. {_PREEMPTION.format(nodes, after)}"


_PREEMPTION = "no new claims to deallocate, preemption: 0/{0} nodes are available: {1}."


def _helpless(nodes: int) -> str:
    return _PREEMPTION.format(nodes, f"{nodes} Preemption is not helpful for scheduling")
