"""The DaemonSet controller: one Pod on every node that is fit for it.

Source: k8s.io/kubernetes ``pkg/controller/daemon/daemon_controller.go``, ``update.go``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gitops_sim.cluster.controllers import rolling
from gitops_sim.cluster.controllers.base import ClusterController
from gitops_sim.cluster.controllers.pods import available_at, from_template, is_finished, is_ready
from gitops_sim.cluster.controllers.revisions import HASH, forget_old, take_revision
from gitops_sim.cluster.controllers.taints import untolerated
from gitops_sim.cluster.store import Change
from gitops_sim.objects import Key, Object, get_path, key_of, labels_of

_HASH = "controller-revision-hash"
_TOLERATED = (
    ("not-ready", "NoExecute"),
    ("unreachable", "NoExecute"),
    ("disk-pressure", "NoSchedule"),
    ("memory-pressure", "NoSchedule"),
    ("pid-pressure", "NoSchedule"),
    ("unschedulable", "NoSchedule"),
)
_OWN_TOLERATIONS = [{"key": f"node.kubernetes.io/{key}", "operator": "Exists", "effect": effect} for key, effect in _TOLERATED]


class DaemonSetController(ClusterController):
    """Pods are pinned to their node by affinity and bound by the scheduler. An update deletes ``maxUnavailable`` old Pods at a
    time."""

    name = "daemonset-controller"
    own = ("apps", "DaemonSet")
    watches = (("apps", "DaemonSet"), ("", "Pod"), ("", "Node"))

    def concerned(self, change: Change) -> Iterable[Key]:
        if change.key.kind == "Node":
            return [key_of(owner) for owner in self.store.list("apps", "DaemonSet")]
        return super().concerned(change)

    def sync(self, key: Key) -> None:
        owner = self.store.get(key)
        if owner is None or "deletionTimestamp" in owner["metadata"]:
            return
        revision, revisions = take_revision(self, owner)
        digest = labels_of(revision)[HASH]
        fits = {node["metadata"]["name"]: _fits(owner, node) for node in self.store.list("", "Node")}
        nodes = [node for node, (runs, _) in fits.items() if runs]
        kept = {node for node, (_, stays) in fits.items() if stays}
        pods = self._by_node(owner)
        for node in nodes:
            if node not in pods:
                self._create(owner, node, digest)
        for node, members in pods.items():
            for index, pod in enumerate(members):
                if node not in kept or index > 0 or is_finished(pod):
                    self._delete(owner, pod)
        pods = self._by_node(owner)
        self._update(owner, nodes, pods, digest)
        pods = self._by_node(owner)
        self._write_status(owner, nodes, pods, digest)
        in_use = {revision["metadata"]["name"]}
        in_use |= {f"{owner['metadata']['name']}-{labels_of(pod).get(_HASH, '')}" for members in pods.values() for pod in members}
        forget_old(self, owner, revisions, in_use)
        self._wait_for_availability(key, owner, pods)

    def _by_node(self, owner: Object) -> dict[str, list[Object]]:
        """The owner's Pods by the node they are meant for, the oldest first; stopping ones hold their node."""
        found: dict[str, list[Object]] = {}
        for pod in self.claim(owner, "Pod"):
            found.setdefault(_target(pod), []).append(pod)
        return found

    def _update(self, owner: Object, nodes: list[str], pods: dict[str, list[Object]], digest: str) -> None:
        strategy = owner["spec"].get("updateStrategy") or {}
        if strategy.get("type", "RollingUpdate") != "RollingUpdate":
            return
        allowed = rolling.scaled((strategy.get("rollingUpdate") or {}).get("maxUnavailable", 1), len(nodes), up=True) or 1
        old: list[Object] = []
        for node in nodes:
            pod = pods.get(node, [None])[0]
            if pod is None or "deletionTimestamp" in pod["metadata"] or not self._is_available(owner, pod):
                allowed -= 1
            if pod is not None and labels_of(pod).get(_HASH) != digest and "deletionTimestamp" not in pod["metadata"]:
                old.append(pod)
        broken = [pod for pod in old if not self._is_available(owner, pod)]
        working = [pod for pod in old if self._is_available(owner, pod)]
        for pod in broken + working[: max(0, allowed)]:
            self._delete(owner, pod)

    def _create(self, owner: Object, node: str, digest: str) -> None:
        pod = from_template(owner, owner["spec"]["template"])
        meta, spec = pod["metadata"], dict(pod["spec"])
        meta["labels"] = {
            **meta.get("labels", {}),
            _HASH: digest,
            "pod-template-generation": str(owner["metadata"].get("generation", 1)),
        }
        term = {"matchFields": [{"key": "metadata.name", "operator": "In", "values": [node]}]}
        pinned = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [term]}}}
        spec["affinity"] = {**(spec.get("affinity") or {}), **pinned}
        spec["tolerations"] = [*(spec.get("tolerations") or ()), *_OWN_TOLERATIONS]
        created = self.cluster.create({**pod, "spec": spec})
        self.events.normal(owner, "SuccessfulCreate", f"Created pod: {created['metadata']['name']}")

    def _delete(self, owner: Object, pod: Object) -> None:
        meta = pod["metadata"]
        if "deletionTimestamp" not in meta:
            self.cluster.delete("Pod", meta["name"], meta["namespace"])
            self.events.normal(owner, "SuccessfulDelete", f"Deleted pod: {meta['name']}")

    def _is_available(self, owner: Object, pod: Object) -> bool:
        at = available_at(pod, owner["spec"].get("minReadySeconds", 0))
        return at is not None and at <= self.clock.now

    def _write_status(self, owner: Object, nodes: list[str], pods: dict[str, list[Object]], digest: str) -> None:
        first = [pods[node][0] for node in nodes if node in pods]
        available = sum(self._is_available(owner, pod) for pod in first)
        status: dict[str, Any] = {
            "currentNumberScheduled": len(first),
            "desiredNumberScheduled": len(nodes),
            "numberMisscheduled": sum(node not in nodes for node in pods),
            "numberReady": sum(is_ready(pod) for pod in first),
            "observedGeneration": owner["metadata"].get("generation", 0),
        }
        optional = {
            "updatedNumberScheduled": sum(labels_of(pod).get(_HASH) == digest for pod in first),
            "numberAvailable": available,
            "numberUnavailable": len(nodes) - available,
        }
        self.set_status(owner, status | {field: count for field, count in optional.items() if count})

    def _wait_for_availability(self, key: Key, owner: Object, pods: dict[str, list[Object]]) -> None:
        min_ready = owner["spec"].get("minReadySeconds", 0)
        due = [at for members in pods.values() for pod in members if (at := available_at(pod, min_ready)) is not None]
        upcoming = [at for at in due if at > self.clock.now]
        if upcoming:
            self.queue.add(key, min(upcoming) - self.clock.now)


def _target(pod: Object) -> str:
    if pod["spec"].get("nodeName"):
        return str(pod["spec"]["nodeName"])
    terms = get_path(
        pod, ("spec", "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms")
    )
    return str(get_path(terms, (0, "matchFields", 0, "values", 0), ""))


def _fits(owner: Object, node: Object) -> tuple[bool, bool]:
    """Whether a daemon should run there, and whether one that does may stay: ``NodeShouldRunDaemonPod``. Lack of room keeps none
    away."""
    spec = owner["spec"]["template"]["spec"]
    labels = labels_of(node)
    if any(labels.get(name) != value for name, value in (spec.get("nodeSelector") or {}).items()):
        return False, False
    tolerations, taints = [*(spec.get("tolerations") or ()), *_OWN_TOLERATIONS], node["spec"].get("taints") or ()
    if untolerated(tolerations, taints, ("NoSchedule", "NoExecute")):
        return False, not untolerated(tolerations, taints, ("NoExecute",))
    return True, True
