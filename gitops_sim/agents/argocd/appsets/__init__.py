"""ApplicationSets: a template, and generators that say with what to fill it in; what comes out are Applications.

Progressive syncs (``strategy``) are not simulated, nor the generators ``scmProvider``, ``clusterDecisionResource`` and
``plugin``: whoever asks for one is told so.
"""

from gitops_sim.agents.argocd.appsets.controller import ApplicationSets

__all__ = ["ApplicationSets"]
