"""The Kubernetes API of one cluster as one pure function: :func:`handle` takes a request and gives the response."""

from gitops_sim.api.bodies import readable_body
from gitops_sim.api.handle import handle
from gitops_sim.api.request import Request
from gitops_sim.api.response import Response
from gitops_sim.api.watching import Watch

__all__ = ["Request", "Response", "Watch", "handle", "readable_body"]
