"""ApplicationSets: a template, and generators that say with what to fill it in; what comes out are Applications.

The generators ``scmProvider``, ``clusterDecisionResource`` and ``plugin`` are not simulated: whoever asks for one is told so.
"""

from gitops_sim.agents.argocd.appsets.controller import ApplicationSets

__all__ = ["ApplicationSets"]
