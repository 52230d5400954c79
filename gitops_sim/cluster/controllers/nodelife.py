"""The node controllers: they say which nodes are gone, and move their Pods to others.

Source: k8s.io/kubernetes ``pkg/controller/nodelifecycle/node_lifecycle_controller.go``,
``pkg/controller/tainteviction/taint_eviction.go``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from gitops_sim.cluster import eviction
from gitops_sim.cluster.controllers.base import ClusterController
from gitops_sim.cluster.controllers.pods import condition, is_finished, is_ready
from gitops_sim.cluster.controllers.relations import Relations
from gitops_sim.cluster.controllers.taints import NOT_READY, UNREACHABLE, UNSCHEDULABLE, tolerates
from gitops_sim.cluster.store import Change
from gitops_sim.objects import Key, Object, get_path, key_of, with_path, without_path

if TYPE_CHECKING:
    from gitops_sim.cluster.cluster import Cluster

GRACE = 50.0
"""Seconds without a word from a kubelet after which its node counts as gone: the default since Kubernetes 1.32, 40 before."""
_PRESSURES = ("MemoryPressure", "DiskPressure", "PIDPressure")
_STATES = {"Unknown": UNREACHABLE, "False": NOT_READY}
_MANAGED = (NOT_READY, UNREACHABLE, UNSCHEDULABLE)


class NodeController(ClusterController):
    """Marks nodes that are not heard of, and taints nodes by their conditions and cordons. While all nodes are gone, the fault is
    taken to be elsewhere, and no Pod is evicted."""

    name = "node-controller"
    own = ("", "Node")
    watches = (("", "Node"),)

    def __init__(self, cluster: Cluster, relations: Relations) -> None:
        super().__init__(cluster, relations)
        cluster.machines.listen(self._heard)

    def _heard(self, name: str) -> None:
        lost_at = self.cluster.machines.lost_at(name)
        if lost_at is not None:
            self.queue.add(Key(*self.own, "", name), lost_at + GRACE - self.clock.now)

    def concerned(self, change: Change) -> Iterable[Key]:
        if change.old is None or _ready(change.object) == _ready(change.old):
            return [change.key]
        return [key_of(node) for node in self.store.list(*self.own)]

    def sync(self, key: Key) -> None:
        node = self.store.get(key)
        if node is None:
            return
        lost_at = self.cluster.machines.lost_at(key.name)
        if lost_at is not None and _ready(node) != "Unknown" and lost_at + GRACE <= self.clock.now:
            node = self._mark(node)
        self._taint(node)

    def _mark(self, node: Object) -> Object:
        now, name = self.clock.timestamp(), node["metadata"]["name"]
        conditions = [
            {
                **entry,
                "status": "Unknown",
                "reason": "NodeStatusUnknown",
                "message": "Kubelet stopped posting node status.",
                "lastTransitionTime": now,
            }
            if entry["type"] in ("Ready", *_PRESSURES)
            else entry
            for entry in get_path(node, ("status", "conditions")) or ()
        ]
        marked = self.cluster.update(with_path(node, ("status", "conditions"), conditions), subresource="status")
        self.events.normal(node, "NodeNotReady", f"Node {name} status is now: NodeNotReady")
        message, why = f"{name} is not ready", f"its kubelet was not heard of for {GRACE:g}s"
        self.cluster.trace.add("cluster", "NodeNotReady", f"node/{name}", message, reason=why, story=True, node=name)
        for pod in self.store.list("", "Pod"):
            if pod["spec"].get("nodeName") == name and is_ready(pod):
                entries = [
                    {**entry, "status": "False", "lastTransitionTime": now} if entry["type"] == "Ready" else entry
                    for entry in pod["status"]["conditions"]
                ]
                self.cluster.update(with_path(pod, ("status", "conditions"), entries), subresource="status")
                self.events.warning(pod, "NodeNotReady", "Node is not ready")
        return marked

    def _taint(self, node: Object) -> None:
        taints = list(node["spec"].get("taints") or ())
        wanted: list[tuple[str, str]] = []
        state = _STATES.get(_ready(node))
        if state:
            wanted.append((state, "NoSchedule"))
        if node["spec"].get("unschedulable"):
            wanted.append((UNSCHEDULABLE, "NoSchedule"))
        if state and any(_ready(other) == "True" for other in self.store.list(*self.own)):
            wanted.append((state, "NoExecute"))
        kept = [
            taint
            for taint in taints
            if taint["key"] not in _MANAGED
            or taint.get("effect") == "PreferNoSchedule"
            or (taint["key"], taint.get("effect")) in wanted
        ]
        there = {(taint["key"], taint.get("effect")) for taint in kept}
        added = [
            {"key": name, "effect": effect, "timeAdded": self.clock.timestamp()}
            for name, effect in wanted
            if (name, effect) not in there
        ]
        new = [*kept, *added]
        if new != taints:
            path = ("spec", "taints")
            self.cluster.update(with_path(node, path, new) if new else without_path(node, path))


class TaintEvictionController(ClusterController):
    """Deletes Pods that do not tolerate a NoExecute taint of their node, those that do for a time after that time."""

    name = "taint-eviction-controller"
    own = ("", "Pod")
    watches = (("", "Pod"), ("", "Node"))

    def __init__(self, cluster: Cluster, relations: Relations) -> None:
        super().__init__(cluster, relations)
        self._taints: dict[str, list[Any]] = {}
        self._since: dict[Key, float] = {}

    def concerned(self, change: Change) -> Iterable[Key]:
        if change.key.kind == "Pod":
            on = self._taints and change.object["spec"].get("nodeName") in self._taints
            return [change.key] if on or change.key in self._since else []
        name = change.key.name
        taints = change.object["spec"].get("taints") or () if change.type != "DELETED" else ()
        before = self._taints.pop(name, [])
        now = [taint for taint in taints if taint.get("effect") == "NoExecute"]
        if now:
            self._taints[name] = now
        if before == now:
            return []
        return [key_of(pod) for pod in self.store.list("", "Pod") if pod["spec"].get("nodeName") == name]

    def sync(self, key: Key) -> None:
        pod = self.store.get(key)
        taints = self._taints.get(pod["spec"].get("nodeName", ""), []) if pod is not None else []
        if pod is None or "deletionTimestamp" in pod["metadata"] or is_finished(pod):
            self._since.pop(key, None)
            return
        stays = _stays(pod, taints)
        if stays is None:
            if self._since.pop(key, None) is not None:
                self.events.normal(pod, "TaintManagerEviction", f"Cancelling deletion of Pod {key.namespace}/{key.name}")
            return
        due = self._since.setdefault(key, self.clock.now) + stays
        if due > self.clock.now:
            self.queue.add(key, due - self.clock.now)
            return
        del self._since[key]
        self.events.normal(pod, "TaintManagerEviction", f"Marking for deletion Pod {key.namespace}/{key.name}")
        message = "Taint manager: deleting due to NoExecute taint"
        marked = eviction.marked(pod, self.clock.timestamp(), "DeletionByTaintManager", message)
        self.cluster.update(marked, subresource="status")
        self.cluster.delete("Pod", key.name, key.namespace)


def _ready(node: Object) -> str:
    found = condition(node, "Ready")
    return found["status"] if found is not None else ""


def _stays(pod: Object, taints: list[Any]) -> float | None:
    """How long the Pod may stay, in seconds; None for as long as it likes."""
    times: list[float] = []
    for taint in taints:
        matching = [toleration for toleration in pod["spec"].get("tolerations") or () if tolerates(toleration, taint)]
        if not matching:
            return 0.0
        times += [float(found) for toleration in matching if (found := toleration.get("tolerationSeconds")) is not None]
    return max(0.0, min(times)) if times else None
