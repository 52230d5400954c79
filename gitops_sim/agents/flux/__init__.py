"""Flux, simulated: its controllers and its command line, over any cluster that speaks the API."""

from gitops_sim.agents.flux.bootstrap import bootstrap, in_flux_system
from gitops_sim.agents.flux.cli import CLI
from gitops_sim.agents.flux.flux import Flux

__all__ = ["CLI", "Flux", "bootstrap", "in_flux_system"]
