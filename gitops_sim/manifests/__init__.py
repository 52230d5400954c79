"""Kubernetes manifests: reading them from text and folders, and writing them."""

from gitops_sim.manifests.manifest import Manifest, load_manifests
from gitops_sim.yaml_in import DEFAULT_LIMITS, Limits

__all__ = ["DEFAULT_LIMITS", "Limits", "Manifest", "load_manifests"]
