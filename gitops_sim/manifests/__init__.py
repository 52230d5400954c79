"""Kubernetes manifests: reading them from text and folders, and writing them."""

from gitops_sim.manifests.directory import (
    KUSTOMIZATION_NAMES,
    Files,
    Reading,
    Skipped,
    SourceType,
    Survey,
    parse_directory,
    read_directory,
    source_type,
)
from gitops_sim.manifests.folder import Folder
from gitops_sim.manifests.manifest import Manifest, load_manifests
from gitops_sim.yaml_in import DEFAULT_LIMITS, Limits
from gitops_sim.yaml_out import dump_all, dump_yaml

__all__ = [
    "DEFAULT_LIMITS",
    "KUSTOMIZATION_NAMES",
    "Files",
    "Folder",
    "Limits",
    "Manifest",
    "Reading",
    "Skipped",
    "SourceType",
    "Survey",
    "dump_all",
    "dump_yaml",
    "load_manifests",
    "parse_directory",
    "read_directory",
    "source_type",
]
