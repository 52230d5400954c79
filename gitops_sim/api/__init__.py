"""The Kubernetes API of one cluster as one pure function: :func:`handle` takes a request and gives the response."""

from gitops_sim.api.bodies import readable_body
from gitops_sim.api.handle import handle
from gitops_sim.api.request import Request
from gitops_sim.api.response import Following, Response

__all__ = ["Following", "Request", "Response", "handle", "readable_body"]
