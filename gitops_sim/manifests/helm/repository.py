"""A chart repository as ``helm repo`` knows it: an ``index.yaml`` and packages beside it, served as plain files.

Source: helm ``pkg/repo/v1`` (the index, which version a range means) and ``pkg/repo/v1/chartrepo.go`` (relative addresses).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any
from urllib.parse import urljoin

from gitops_sim.errors import BadInput
from gitops_sim.manifests.directory import Files
from gitops_sim.manifests.helm.archive import pack
from gitops_sim.manifests.helm.chart import Chart, load_archive, load_chart
from gitops_sim.manifests.versions import Version, satisfies
from gitops_sim.yaml_in import load_document
from gitops_sim.yaml_out import dump_yaml

Fetch = Callable[[str], bytes]
"""The content at an address. Raises BadInput when there is none."""
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://")


@dataclass(frozen=True, slots=True)
class ChartVersion:
    """One version of a chart in an index: ``urls`` of its package, as they stand there; ``digest`` its SHA-256, or empty."""

    name: str
    version: str
    urls: tuple[str, ...] = ()
    digest: str = ""
    deprecated: bool = False


@dataclass(frozen=True, slots=True)
class RepositoryIndex:
    """What a repository has, by the chart's name, the newest version first."""

    url: str
    charts: Mapping[str, tuple[ChartVersion, ...]]

    def find(self, name: str, version: str = "") -> ChartVersion:
        """The version that is named, or the newest of a range; without one the newest release.

        Raises BadInput in helm's words.
        """
        versions = self.charts.get(name)
        if not versions:
            mend = f"it has {', '.join(self.charts) or 'no charts'}"
            raise BadInput(f'chart "{name}" not found in {self.url} repository', where=self.url, mend=mend)
        for known in versions:
            if version and known.version == version:
                return known
        for known in versions:
            if satisfies(version or "*", known.version):
                return known
        what = f'chart "{name}" version "{version}" not found in {self.url} repository'
        raise BadInput(what, where=self.url, mend=f"it has {', '.join(known.version for known in versions)}")


@lru_cache(maxsize=32)
def read_index(content: bytes, url: str) -> RepositoryIndex:
    """The index in the text of an ``index.yaml``; entries that are no charts are left out, as helm does. Raises BadInput."""
    where = f"{url.rstrip('/')}/index.yaml"
    value = load_document(content, where=where)
    if not isinstance(value, dict) or not value.get("apiVersion"):
        raise BadInput("no API version specified", where=where, mend="make the index with helm repo index")
    entries = value.get("entries")
    charts: dict[str, tuple[ChartVersion, ...]] = {}
    for name, versions in entries.items() if isinstance(entries, dict) else ():
        found = [known for entry in versions if (known := _entry(name, entry))] if isinstance(versions, list) else []
        charts[name] = tuple(sorted(found, key=_order, reverse=True))
    return RepositoryIndex(url, charts)


def fetch_index(url: str, fetch: Fetch) -> RepositoryIndex:
    """The index of the repository at an address. Raises BadInput in helm's words."""
    try:
        content = fetch(f"{url.rstrip('/')}/index.yaml")
    except BadInput as error:
        what = f'looks like "{url}" is not a valid chart repository or cannot be reached: {error.what}'
        raise BadInput(what, where=url, mend=error.mend) from None
    return read_index(content, url)


def fetch_chart(index: RepositoryIndex, known: ChartVersion, fetch: Fetch) -> Chart:
    """The chart of one version: fetched, held against its digest, and loaded. Raises BadInput."""
    if not known.urls:
        raise BadInput(f'chart "{known.name}" has no downloadable URLs', where=index.url, mend="make the index anew")
    url = known.urls[0]
    url = url if _SCHEME.match(url) else _joined(index.url, url)
    content = fetch(url)
    digest = hashlib.sha256(content).hexdigest()
    if known.digest and known.digest.removeprefix("sha256:") != digest:
        what = f"the package of {known.name} {known.version} is not the one of the index: its digest is {digest}"
        raise BadInput(what, where=url, mend="make the index anew, or fetch it again")
    return load_archive(content, where=url)


def _joined(base: str, name: str) -> str:
    place = base.rstrip("/") + "/"
    return place + name if base.startswith("oci://") else urljoin(place, name)


def with_dependencies(chart: Chart, fetch: Fetch) -> Chart:
    """The chart as ``helm dependency build`` leaves it: with what ``charts/`` lacks from the repositories that ``Chart.yaml``
    names. One that cannot be had is still missing."""
    there = {dependency.name for dependency in chart.dependencies}
    fetched = []
    for wanted in chart.metadata.dependencies:
        if wanted.name in there or not _SCHEME.match(wanted.repository) or wanted.repository.startswith("file:"):
            continue
        there.add(wanted.name)
        try:
            index = fetch_index(wanted.repository, fetch)
            fetched.append(fetch_chart(index, index.find(wanted.name, wanted.version), fetch))
        except BadInput:
            continue
    return replace(chart, dependencies=(*chart.dependencies, *fetched)) if fetched else chart


def package(files: Files, path: str = "") -> tuple[str, bytes]:
    """A chart's folder as a package: its name, ``shop-1.0.0.tgz``, and its bytes. Raises BadInput for what is no chart."""
    chart = load_chart(files, path)
    prefix = "" if path.strip("/") in ("", ".") else path.strip("/").removeprefix("./") + "/"
    content = {name: files.read(prefix + name) for name in chart.names}
    return f"{chart.name}-{chart.metadata.version}.tgz", pack(content, chart.name)


def write_index(packages: Mapping[str, bytes], *, created: str, listed: Mapping[str, str] | None = None) -> str:
    """The ``index.yaml`` of packages by their file names; ``created`` is a time such as ``2026-01-05T09:00:00Z``. ``listed`` are
    the names under which packages are listed, where these are not their own."""
    entries: dict[str, list[dict[str, Any]]] = {}
    for file, content in packages.items():
        metadata = load_archive(content, where=file).metadata
        entry = {**metadata.as_json(), "created": created, "digest": hashlib.sha256(content).hexdigest(), "urls": [file]}
        entries.setdefault((listed or {}).get(file, metadata.name), []).append(entry)
    for versions in entries.values():
        versions.sort(key=lambda entry: Version.sorting(entry["version"]), reverse=True)
    return dump_yaml({"apiVersion": "v1", "entries": entries, "generated": created}, sort_keys=True)


def _entry(name: str, entry: Any) -> ChartVersion | None:
    if not isinstance(entry, dict) or not isinstance(entry.get("version"), str) or Version.parse(entry["version"]) is None:
        return None
    urls = entry.get("urls")
    return ChartVersion(
        name,
        entry["version"],
        tuple(str(url) for url in urls) if isinstance(urls, list) else (),
        str(entry.get("digest") or ""),
        entry.get("deprecated") is True,
    )


def _order(known: ChartVersion) -> Any:
    return Version.sorting(known.version)
