"""The main job on somebody's own repository: an agent brings it into an empty in-memory cluster, and says what came of it.

Of a GitOps repository the Applications or Kustomizations in it are run, all of them, with stand-ins for what cannot be fetched
from here; of any other, one Application or one push pipeline takes the manifests of a folder.
"""

from gitops_sim.reconcile.attention import Attention
from gitops_sim.reconcile.result import AgentObject, Reconciled
from gitops_sim.reconcile.run import AgentName, reconcile, safe_name

__all__ = ["AgentName", "AgentObject", "Attention", "Reconciled", "reconcile", "safe_name"]
