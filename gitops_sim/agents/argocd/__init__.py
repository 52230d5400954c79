"""Argo CD, simulated: the application controller, its CLI and its dashboard, over any cluster that speaks the API."""

from gitops_sim.agents.argocd.cli import CLI
from gitops_sim.agents.argocd.controller import ArgoCD
from gitops_sim.agents.argocd.dashboard import Dashboard

__all__ = ["CLI", "ArgoCD", "Dashboard"]
