"""The kubelets: they run the Pods that are bound to their nodes, and report what becomes of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from gitops_sim.clock import format_duration, parse_timestamp
from gitops_sim.cluster.controllers import podstatus
from gitops_sim.cluster.controllers.base import ClusterController
from gitops_sim.cluster.controllers.containers import Container
from gitops_sim.cluster.controllers.nodes import healthy
from gitops_sim.cluster.controllers.podrun import PodRun
from gitops_sim.cluster.controllers.pods import is_finished, is_ready
from gitops_sim.cluster.controllers.relations import Relations
from gitops_sim.cluster.events import EventRecorder
from gitops_sim.cluster.store import Change
from gitops_sim.objects import Key, Object, controller_of, get_path, key_of, with_path

if TYPE_CHECKING:
    from gitops_sim.cluster.cluster import Cluster


class Kubelet(ClusterController):
    """The kubelets of all nodes. What an image does is known ahead, so each Pod has one timer: its next change. None is left for
    a Pod that has come to rest.

    A Pod on a node that does not exist stays as it is, and goes only by force (grace period 0). A Pod on a machine that is lost
    runs on: what became of it is told when the machine is back.
    """

    name = "kubelet"
    own = ("", "Pod")
    watches = (("", "Pod"), ("", "Node"), ("", "ConfigMap"), ("", "Secret"))

    def __init__(self, cluster: Cluster, relations: Relations) -> None:
        super().__init__(cluster, relations)
        self._runs: dict[Key, PodRun] = {}
        self._nodes: dict[str, tuple[Cluster, EventRecorder, dict[str, None]]] = {}
        self._addresses = 0
        self._told: dict[tuple[str, str], None] = {}
        self._lacking: dict[Key, None] = {}
        cluster.machines.listen(self._heard)

    def concerned(self, change: Change) -> Iterable[Key]:
        if change.key.kind == "Node":
            return [] if change.type != "ADDED" else self._bound_to(change.key.name)
        if change.key.kind != "Pod":
            return [key for key in self._lacking if key.namespace == change.key.namespace]
        mine = change.type == "MODIFIED" and change.user.startswith("system:node:")
        return [] if mine else [change.key]

    def sync(self, key: Key) -> None:
        pod, run = self.store.get(key), self._runs.get(key)
        self._lacking.pop(key, None)
        if run is not None and (pod is None or pod["metadata"]["uid"] != run.uid):
            del self._runs[key]
            run = None
        if pod is None:
            return
        node = self._node_of(pod)
        if node is None or self.cluster.machines.lost_at(node["metadata"]["name"]) is not None:
            return
        going = "deletionTimestamp" in pod["metadata"]
        if is_finished(pod) or (run is None and going):
            self._runs.pop(key, None)
            if going:
                self._remove(pod)
            return
        if run is None:
            run = self._runs[key] = self._take_up(pod)
        if going:
            gone_at = run.stop(self.clock.now, float(pod["metadata"].get("deletionGracePeriodSeconds") or 0), pod)
            if gone_at > self.clock.now:
                self.queue.add(key, gone_at - self.clock.now)
            else:
                del self._runs[key]
                self._remove(pod)
            return
        run.advance(self.clock.now, pod)
        self._report(key, run, pod, get_path(node, ("status", "addresses", 0, "address"), ""))

    # ------------------------------------------------------------------ one Pod

    def _take_up(self, pod: Object) -> PodRun:
        cluster, events, images = self._node(pod["spec"]["nodeName"])
        address = self._next_address()
        if pod["spec"].get("hostNetwork"):
            node = self._node_of(pod)
            address = get_path(node, ("status", "addresses", 0, "address"), address)
        return PodRun(pod, cluster, events, images, address, self.clock.now)

    def _report(self, key: Key, run: PodRun, pod: Object, host_ip: str) -> None:
        status = podstatus.render(run, pod, host_ip, self.clock.timestamp())
        cluster, _, _ = self._node(pod["spec"]["nodeName"])
        was_ready = is_ready(pod)
        if status != pod.get("status"):
            pod = cluster.update({**pod, "status": status}, subresource="status")
        if not was_ready and is_ready(pod):
            self._tell_ready(run, pod)
        for fact in run.facts:
            self._tell_failure(pod, **fact)
        run.facts.clear()
        if run.lacks:
            self._lacking[key] = None
        if run.finished:
            self._runs.pop(key, None)
        elif run.due is not None:
            self.queue.add(key, run.due - self.clock.now)

    def _remove(self, pod: Object) -> None:
        meta = pod["metadata"]
        cluster, _, _ = self._node(pod["spec"]["nodeName"])
        cluster.delete("Pod", meta["name"], meta["namespace"], grace_period=0)

    # ------------------------------------------------------------------ nodes

    def _heard(self, name: str) -> None:
        """A machine that is back posts its status, and what became of its Pods."""
        node = self.store.get(Key("", "Node", "", name))
        if node is None or self.cluster.machines.lost_at(name) is not None:
            return
        cluster, events, _ = self._node(name)
        known = {entry["type"]: entry for entry in get_path(node, ("status", "conditions")) or ()}
        posted = healthy(self.clock.timestamp())
        for entry in posted:
            former = known.get(entry["type"])
            if former is not None and former["status"] == entry["status"]:
                entry["lastTransitionTime"] = former["lastTransitionTime"]
        cluster.update(with_path(node, ("status", "conditions"), posted), subresource="status")
        if "Ready" in known and known["Ready"]["status"] != "True":
            events.normal(node, "NodeReady", f"Node {name} status is now: NodeReady")
        self.cluster.trace.add("cluster", "NodeReady", f"node/{name}", f"{name} is back and ready", story=True, node=name)
        for key in self._bound_to(name):
            self.queue.add(key)

    def _node_of(self, pod: Object) -> Object | None:
        name = pod["spec"].get("nodeName")
        return self.store.get(Key("", "Node", "", name)) if name else None

    def _node(self, name: str) -> tuple[Cluster, EventRecorder, dict[str, None]]:
        """The node's own user and event recorder, and the images on it."""
        if name not in self._nodes:
            cluster = self.cluster.as_component(f"system:node:{name}")
            self._nodes[name] = (cluster, EventRecorder(cluster, "kubelet", host=name), {})
        return self._nodes[name]

    def _bound_to(self, node: str) -> list[Key]:
        return [key_of(pod) for pod in self.store.list("", "Pod") if pod["spec"].get("nodeName") == node]

    def _next_address(self) -> str:
        """The next one of 10.244.0.0/16, which is not used again before all others were."""
        self._addresses = self._addresses % (254 * 256) + 1
        high, low = divmod(self._addresses - 1, 254)
        return f"10.244.{high}.{low + 1}"

    # ------------------------------------------------------------------ the trace

    def _tell_ready(self, run: PodRun, pod: Object) -> None:
        since = parse_timestamp(pod["metadata"]["creationTimestamp"])
        restarts = sum(container.restarts for container in run.containers)
        self._tell(
            pod,
            "PodReady",
            f"{pod['metadata']['name']} is ready",
            f"{format_duration(max(0.0, self.clock.now - since))} after it was created"
            + (f", {restarts} restarts" if restarts else ""),
            restarts=restarts,
        )

    def _tell_failure(
        self, pod: Object, *, event: str, container: Container, code: int = 0, ran: float = 0.0, error: str = ""
    ) -> None:
        owner = controller_of(pod)
        mark = (owner["uid"] if owner is not None else pod["metadata"]["uid"], event)
        first = mark not in self._told
        self._told[mark] = None
        name = pod["metadata"]["name"]
        data: dict[str, Any] = {"container": container.name, "image": container.reference, "restarts": container.restarts}
        if event == "PodCrashed":
            data |= {"exit_code": code, "ran": round(ran, 6)}
            message = f"{name} crashes: {container.reference} exits with {code} after {format_duration(ran)}"
            reason = "the kubelet restarts it" if container.state != "done" else "its restart policy leaves it stopped"
        else:
            data |= {"error": error}
            message = f"cannot pull {container.reference} for {name}: {error}"
            reason = "the kubelet tries again, later each time"
        self._tell(pod, event, message, reason, story=first, **data)

    def _tell(self, pod: Object, event: str, message: str, reason: str, *, story: bool = False, **data: Any) -> None:
        owner = controller_of(pod)
        self.cluster.trace.add(
            "cluster",
            event,
            str(key_of(pod)),
            message,
            reason=reason,
            story=story,
            cluster=self.cluster.name,
            namespace=pod["metadata"]["namespace"],
            pod=pod["metadata"]["name"],
            node=pod["spec"]["nodeName"],
            owner=owner["name"] if owner is not None else "",
            **data,
        )
