"""A world's clusters behind the real Kubernetes API, over HTTPS on loopback: for kubectl, helm and any other client."""

from gitops_sim.server.serve import Served, serve

__all__ = ["Served", "serve"]
