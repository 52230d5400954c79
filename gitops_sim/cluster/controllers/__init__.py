"""The control plane's controllers, the scheduler and the kubelets: one concept a file.

They only act through the API of their cluster, each as a user of its own, and they only look when something that concerns them
changed or a time that they named has come. Which goes first among those of one instant must not matter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitops_sim.cluster.controllers.autoscaler import AutoscalerController
from gitops_sim.cluster.controllers.base import ClusterController
from gitops_sim.cluster.controllers.cronjob import CronJobController
from gitops_sim.cluster.controllers.daemonset import DaemonSetController
from gitops_sim.cluster.controllers.deployment import DeploymentController
from gitops_sim.cluster.controllers.disruption import DisruptionController
from gitops_sim.cluster.controllers.endpoints import EndpointsController
from gitops_sim.cluster.controllers.extensions import AggregationController
from gitops_sim.cluster.controllers.garbage import GarbageCollector
from gitops_sim.cluster.controllers.job import JobController
from gitops_sim.cluster.controllers.kubelet import Kubelet
from gitops_sim.cluster.controllers.loadbalancer import IngressController, LoadBalancerController
from gitops_sim.cluster.controllers.namespace import NamespaceController
from gitops_sim.cluster.controllers.nodelife import NodeController, TaintEvictionController
from gitops_sim.cluster.controllers.nodes import publish_api_server, register_node
from gitops_sim.cluster.controllers.quota import QuotaController
from gitops_sim.cluster.controllers.relations import Relations
from gitops_sim.cluster.controllers.replicaset import ReplicaSetController
from gitops_sim.cluster.controllers.roles import RoleController
from gitops_sim.cluster.controllers.scheduler import Scheduler
from gitops_sim.cluster.controllers.statefulset import StatefulSetController
from gitops_sim.cluster.controllers.tokens import TokenController
from gitops_sim.cluster.controllers.volumes import VolumeController
from gitops_sim.cluster.store import Change
from gitops_sim.objects import key_of

if TYPE_CHECKING:
    from gitops_sim.cluster.cluster import Cluster

__all__ = ["Controllers", "register_node", "start_controllers"]

_ALL: tuple[type[ClusterController], ...] = (
    NamespaceController,
    DeploymentController,
    ReplicaSetController,
    StatefulSetController,
    DaemonSetController,
    JobController,
    CronJobController,
    AutoscalerController,
    Scheduler,
    Kubelet,
    NodeController,
    TaintEvictionController,
    EndpointsController,
    LoadBalancerController,
    IngressController,
    VolumeController,
    DisruptionController,
    QuotaController,
    AggregationController,
    RoleController,
    TokenController,
    GarbageCollector,
)


class Controllers:
    """All controllers of one cluster. Hands each change to those that watch its kind, after the index of owners has taken it
    in."""

    def __init__(self, cluster: Cluster) -> None:
        self.relations = Relations()
        self._all = [controller(cluster, self.relations) for controller in _ALL if controller.part not in cluster.without]
        self._routes: dict[tuple[str, str], list[ClusterController]] = {}
        self._everywhere = [controller for controller in self._all if not controller.watches]
        for controller in self._all:
            for watched in controller.watches:
                self._routes.setdefault(watched, []).append(controller)
        store = cluster.store
        for group, kind in store.kinds():
            for obj in store.list(group, kind):
                self.on_change(Change("ADDED", key_of(obj), obj, None, store.revision, cluster.clock.now, cluster.user))
        store.watch(self.on_change)

    def on_change(self, change: Change) -> None:
        """The one watcher that all controllers share."""
        self.relations.update(change)
        for controller in self._routes.get((change.key.group, change.key.kind), ()):
            controller.on_change(change)
        for controller in self._everywhere:
            controller.on_change(change)


def start_controllers(cluster: Cluster) -> Controllers:
    """Starts all controllers of a new cluster and gives it its nodes and the Service ``kubernetes``. What they do first is due
    at once."""
    controllers = Controllers(cluster)
    for machine in cluster.machines.all:
        register_node(cluster, machine)
    publish_api_server(cluster)
    return controllers
