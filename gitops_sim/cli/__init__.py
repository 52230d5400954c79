"""The ``gitops-sim`` command."""

from gitops_sim.cli.main import main

__all__ = ["main"]
