"""A real kind cluster behind the same verbs as the one in memory, so that the same agents work on it.

Needs the ``kind`` extra. Nothing is ever written to a cluster that is not a local kind cluster: see :mod:`.context`.
"""

from gitops_sim.kind.cluster import KindCluster
from gitops_sim.kind.connect import NAMESPACE, KindSettings, connect, open_door
from gitops_sim.kind.context import KindContext, choose
from gitops_sim.kind.marks import Removal, cleanup

__all__ = ["NAMESPACE", "KindCluster", "KindContext", "KindSettings", "Removal", "choose", "cleanup", "connect", "open_door"]
