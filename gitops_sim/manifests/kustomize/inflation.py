"""``helmCharts``: charts that a kustomization inflates, as it does with ``--enable-helm``.

Source: kustomize ``api/internal/builtins/HelmChartInflationGenerator.go``, ``api/types/helmchartargs.go``.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from typing import Any

from gitops_sim.errors import BadInput
from gitops_sim.manifests.helm import (
    Capabilities,
    Chart,
    Release,
    Values,
    fetch_chart,
    fetch_index,
    load_chart,
    load_values,
    merge_maps,
    render_chart,
)
from gitops_sim.manifests.helm.numbers import floats
from gitops_sim.manifests.helm.rendering import START
from gitops_sim.manifests.kustomize.errors import KustomizeError
from gitops_sim.manifests.kustomize.loading import Loader
from gitops_sim.manifests.kustomize.reading import resources_of
from gitops_sim.manifests.kustomize.resource import Resource

Config = Mapping[str, Any]
_MERGES = ("merge", "override", "replace")


def inflate(config: Config, loader: Loader) -> list[Resource]:
    """What ``helm template`` prints of the chart. Raises KustomizeError; without ``--enable-helm`` always."""
    fetch = loader.charts
    if fetch is None:
        raise KustomizeError("must specify --enable-helm", mend="render charts with a source of their own")
    if not config.get("name"):
        raise KustomizeError("chart name cannot be empty", mend="give the chart its name")
    if config.get("valuesMerge", "override") not in _MERGES:
        raise KustomizeError("valuesMerge must be one of [merge override replace]", mend="choose one of them")
    try:
        rendered = render_chart(_chart(config, loader, fetch), _release(config), _values(config, loader), _capabilities(config))
    except KustomizeError:
        raise
    except BadInput as error:
        raise KustomizeError(f"Error: {error.what}: unable to run: 'helm template'", mend=error.mend) from None
    text = rendered.text(
        include_crds=config.get("includeCRDs") is True,
        hooks=config.get("skipHooks") is not True,
        tests=config.get("skipTests") is not True,
    )
    return resources_of(text.encode())


def _chart(config: Config, loader: Loader, fetch: Callable[[str], bytes]) -> Chart:
    """The one that lies below ``chartHome``, or else the one that is pulled."""
    name, repo, version = (str(config.get(field) or "") for field in ("name", "repo", "version"))
    home = str(config.get("chartHome") or "charts")
    home = posixpath.join(home, f"{name}-{version}") if repo and version else home
    there = loader.folder(posixpath.join(home, name))
    if there is not None:
        return load_chart(*there)
    if not repo:
        raise KustomizeError(f"no repo specified for pull, no chart found at '{loader.shown}/{posixpath.join(home, name)}'")
    index = fetch_index(repo, fetch)
    return fetch_chart(index, index.find(name, version), fetch)


def _release(config: Config) -> Release:
    name = str(config.get("releaseName") or "") or f"{config['name']}-{START.timestamp():.0f}"
    return Release(name, str(config.get("namespace") or "default"))


def _capabilities(config: Config) -> Capabilities:
    wanted = {"kube_version": config.get("kubeVersion"), "api_versions": config.get("apiVersions")}
    return Capabilities(**{field: value for field, value in wanted.items() if value})


def _values(config: Config, loader: Loader) -> Values:
    """Those of the file and those in the kustomization, merged as ``valuesMerge`` says; then more files, the later one wins."""
    inline: Values = floats(dict(config.get("valuesInline") or {}))
    values = _file(config["valuesFile"], loader) if config.get("valuesFile") else {}
    way = config.get("valuesMerge", "override")
    if inline:
        values = inline if way == "replace" else merge_maps(*((inline, values) if way == "merge" else (values, inline)))
    for name in config.get("additionalValuesFiles") or ():
        values = merge_maps(values, _file(name, loader))
    return values


def _file(name: str, loader: Loader) -> Values:
    return load_values(loader.load(name), where=loader.where(name))
