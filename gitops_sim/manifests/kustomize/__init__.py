"""kustomize, in process: ``build`` renders a folder of a tree of files as ``kubectl kustomize`` does, to the byte."""

from gitops_sim.manifests.kustomize.build import Build, build
from gitops_sim.manifests.kustomize.errors import KustomizeError
from gitops_sim.manifests.kustomize.loading import Remotes, is_remote, parted
from gitops_sim.manifests.kustomize.resource import STAND_IN
from gitops_sim.manifests.kustomize.session import Change

__all__ = ["STAND_IN", "Build", "Change", "KustomizeError", "Remotes", "build", "is_remote", "parted"]
