"""Notifications: who is told what of an Application, and when. What is sent becomes a record: nothing leaves the world.

Triggers, templates and services are what ``argocd-notifications-cm`` says; :func:`catalog` is it with the usual ones.
"""

from gitops_sim.agents.argocd.notifications.catalog import catalog
from gitops_sim.agents.argocd.notifications.controller import Notifications

__all__ = ["Notifications", "catalog"]
