"""The ``argocd`` command line."""

from gitops_sim.agents.argocd.cli.entry import CLI

__all__ = ["CLI"]
