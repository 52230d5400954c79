"""The ``flux`` command line."""

from gitops_sim.agents.flux.cli.entry import CLI

__all__ = ["CLI"]
