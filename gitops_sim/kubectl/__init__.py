"""A kubectl for the simulated cluster, with the output, the errors and the exit codes of the real one.

Source of truth: transcripts of kubectl 1.36.2, and the source of k8s.io/kubectl.
"""

from gitops_sim.kubectl.files import Files, MemoryFiles
from gitops_sim.kubectl.kubectl import Kubectl

__all__ = ["Files", "Kubectl", "MemoryFiles"]
