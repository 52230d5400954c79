"""Helm charts in process: loading, values, subcharts, templates, hooks, CRDs, packages and repositories.

What ``helm template`` of helm 4.3.1 prints for the same chart and values is the measure. Templates are parsed by gotpl, which is
imported when the first chart is rendered.
"""

from gitops_sim.manifests.helm.archive import pack, unpack
from gitops_sim.manifests.helm.capabilities import HELM_VERSION, Capabilities
from gitops_sim.manifests.helm.chart import Chart, load_archive, load_chart
from gitops_sim.manifests.helm.metadata import Dependency, Metadata
from gitops_sim.manifests.helm.rendering import Lookup, Release, RenderedChart, render_chart
from gitops_sim.manifests.helm.repository import (
    ChartVersion,
    RepositoryIndex,
    fetch_chart,
    fetch_index,
    package,
    read_index,
    with_dependencies,
    write_index,
)
from gitops_sim.manifests.helm.setting import set_files, set_json, set_strings, set_values
from gitops_sim.manifests.helm.sorting import INSTALL_ORDER, Hook, RenderedManifest
from gitops_sim.manifests.helm.values import Values, coalesce_values, load_values, merge_maps

__all__ = [
    "HELM_VERSION",
    "INSTALL_ORDER",
    "Capabilities",
    "Chart",
    "ChartVersion",
    "Dependency",
    "Hook",
    "Lookup",
    "Metadata",
    "Release",
    "RenderedChart",
    "RenderedManifest",
    "RepositoryIndex",
    "Values",
    "coalesce_values",
    "fetch_chart",
    "fetch_index",
    "load_archive",
    "load_chart",
    "load_values",
    "merge_maps",
    "pack",
    "package",
    "read_index",
    "render_chart",
    "set_files",
    "set_json",
    "set_strings",
    "set_values",
    "unpack",
    "with_dependencies",
    "write_index",
]
