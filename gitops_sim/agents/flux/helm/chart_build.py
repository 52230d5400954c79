"""From a source to a chart: which version is meant, the package of a repository or the folder of a repository in Git.

Source: source-controller ``internal/helm/chart`` (``builder_remote.go``, ``builder_local.go``, ``errors.go``) and
``internal/helm/repository/chart_repository.go``.
"""

from __future__ import annotations

import dataclasses
import hashlib
import posixpath
from collections.abc import Mapping

from gitops_sim.agents.flux.artifact import Artifact, Storage
from gitops_sim.agents.flux.fetch import commit_of
from gitops_sim.agents.flux.helm.shelf import FiledChart, FiledIndex
from gitops_sim.agents.flux.helm.sources import HelmChart
from gitops_sim.errors import BadInput
from gitops_sim.forge import Forge, download
from gitops_sim.manifests.helm import (
    Chart,
    ChartVersion,
    RepositoryIndex,
    Values,
    fetch_chart,
    load_chart,
    load_values,
    merge_maps,
)
from gitops_sim.manifests.versions import Version, readable, satisfies

_SHORT = 12
"""Digits of a commit in a version, so that it fits into a label."""
_SUMMARIES = {
    "InvalidChartReference": "invalid chart reference",
    "ChartPullError": "chart pull error",
    "MetadataPatchError": "chart metadata patch error",
    "ValuesFilesError": "values files merge error",
    "DependencyBuildError": "dependency build error",
    "ChartPackageError": "chart package error",
}
_FOR_GOOD = ("InvalidChartReference", "MetadataPatchError", "ValuesFilesError")


class ChartError(Exception):
    """There is no chart. ``reason`` and ``message`` are those of the condition; ``mend`` is the way out."""

    def __init__(self, reason: str, what: str, mend: str = "") -> None:
        self.reason, self.message, self.mend = reason, f"{_SUMMARIES[reason]}: {what}", mend
        super().__init__(self.message)

    @property
    def is_fetching(self) -> bool:
        """Whether it is about getting the chart, not about packaging it."""
        return self.reason in ("InvalidChartReference", "ChartPullError")

    @property
    def for_good(self) -> bool:
        """Whether only a change can help."""
        return self.reason in _FOR_GOOD


def from_repository(forge: Forge, wish: HelmChart, filed: FiledIndex, kept: FiledChart | None, generation: int) -> FiledChart:
    """The chart of a HelmRepository. ``kept`` is the chart as it is, unless it is to be made anew. Raises ChartError."""
    known = _version(filed.index, wish)
    version = _with_metadata(known.version, str(generation) if _merges(wish) else "")
    if kept is not None and (kept.chart.name, kept.revision) == (known.name, version):
        return kept
    try:
        chart = fetch_chart(filed.index, known, lambda url: download(forge, url))
    except BadInput as error:
        what = f"failed to download chart for remote reference: {error.what}"
        raise ChartError("ChartPullError", what, error.mend) from None
    return _filed(chart, version, wish, packaged=_merges(wish), digest=known.digest)


def from_git(storage: Storage, wish: HelmChart, artifact: Artifact, kept: FiledChart | None, generation: int) -> FiledChart:
    """The chart in a folder of a GitRepository. One of the same name and version counts as the same, whatever its files say,
    unless every revision makes a new one. Raises ChartError."""
    folder = posixpath.normpath(f"/{wish.chart}").lstrip("/")
    try:
        chart = load_chart(storage.open(artifact), folder)
    except BadInput as error:
        missing = error.what == "Chart.yaml file is missing"
        what = f"stat {folder}/Chart.yaml: no such file or directory" if missing else error.what
        raise ChartError("InvalidChartReference", f"chart metadata failed: {what}", error.mend) from None
    extra = [commit_of(artifact.revision)[:_SHORT]] if wish.by_revision else []
    extra += [str(generation)] if _merges(wish) else []
    version = _with_metadata(chart.metadata.texts["version"], ".".join(extra))
    if kept is not None and (kept.chart.name, kept.revision) == (chart.name, version):
        return kept
    return _filed(chart, version, wish, packaged=True, digest=artifact.digest)


# ---------------------------------------------------------------------- inside


def _version(index: RepositoryIndex, wish: HelmChart) -> ChartVersion:
    """The version that is named, or the newest of the range."""
    failed = "failed to get chart version for remote reference"
    versions = index.charts.get(wish.chart)
    if versions is None:
        raise ChartError("InvalidChartReference", f"{failed}: no chart name found", f"it has {', '.join(index.charts) or 'none'}")
    for known in versions:
        if known.version == wish.version:
            return known
    if not readable(wish.version):
        raise ChartError(
            "InvalidChartReference", f"{failed}: improper constraint: {wish.version}", "write it as 1.2.3 or >=1.2 <2"
        )
    for known in versions:
        if satisfies(wish.version, known.version):
            return known
    what = f"{failed}: no '{wish.chart}' chart with version matching '{wish.version}' found"
    raise ChartError("InvalidChartReference", what, f"it has {', '.join(known.version for known in versions)}")


def _merges(wish: HelmChart) -> bool:
    return bool(wish.values_files) and wish.values_files != ("values.yaml",)


def _with_metadata(version: str, extra: str) -> str:
    """``1.2.3+4be1c07a55e1``."""
    if not extra:
        return version
    if Version.parse(version) is None:
        raise ChartError("MetadataPatchError", f"failed to parse version from chart metadata as SemVer: {version}")
    return f"{version.partition('+')[0]}+{extra}"


def _filed(chart: Chart, version: str, wish: HelmChart, *, packaged: bool, digest: str) -> FiledChart:
    used: tuple[str, ...] = ()
    if _merges(wish):
        values, used = _merged(chart, wish)
        chart = dataclasses.replace(chart, values=values)
    if version != chart.metadata.texts["version"]:
        metadata = dataclasses.replace(chart.metadata, texts={**chart.metadata.texts, "version": version})
        chart = dataclasses.replace(chart, metadata=metadata)
    known = "\0".join((digest, chart.name, version, *used))
    checksum = f"sha256:{hashlib.sha256(known.encode()).hexdigest()}"
    size = sum(map(len, (*chart.templates.values(), *chart.files.values())))
    return FiledChart(version, checksum, size, f"{chart.name}-{version}.tgz", chart, packaged, used)


def _merged(chart: Chart, wish: HelmChart) -> tuple[Values, tuple[str, ...]]:
    """The default values that files of the chart make, and which of them were there."""
    values: Values = {}
    used = []
    files: Mapping[str, bytes] = chart.files
    for path in wish.values_files:
        name = posixpath.normpath(path)
        if name == "values.yaml":
            values = merge_maps(values, chart.values)
        elif name in files:
            try:
                values = merge_maps(values, load_values(files[name], where=name))
            except BadInput as error:
                what = f"failed to merge chart values: unmarshaling values from '{path}' failed: {error.what}"
                raise ChartError("ValuesFilesError", what, error.mend) from None
        elif wish.ignore_missing:
            continue
        else:
            what = f"failed to merge chart values: no values file found at path '{path}'"
            raise ChartError("ValuesFilesError", what, "name a file of the chart")
        used.append(path)
    return values, tuple(used)
