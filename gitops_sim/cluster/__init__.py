"""The in-memory cluster: store, API verbs, apply, validation and controllers."""

from gitops_sim.cluster.cluster import ADMIN, Cluster
from gitops_sim.cluster.protocol import ClusterAPI

__all__ = ["ADMIN", "Cluster", "ClusterAPI"]
