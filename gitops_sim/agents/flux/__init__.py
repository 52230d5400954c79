"""Flux, simulated: its controllers and its command line, over any cluster that speaks the API."""

from gitops_sim.agents.flux.bootstrap import bootstrap, in_flux_system
from gitops_sim.agents.flux.flux import Flux

__all__ = ["Flux", "bootstrap", "in_flux_system"]
