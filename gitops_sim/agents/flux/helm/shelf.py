"""What source-controller keeps of Helm: the last index of each HelmRepository, and the last chart of each HelmChart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gitops_sim.agents.flux.artifact import HOST
from gitops_sim.agents.frozen import Frozen
from gitops_sim.manifests.helm import Chart, RepositoryIndex
from gitops_sim.objects import Key


@dataclass(frozen=True, slots=True)
class Filed(Frozen):
    """``revision`` is the checksum of an index, or the version of a chart; ``file`` the name under which it is served; ``size``
    is in bytes."""

    revision: str
    digest: str
    size: int
    file: str

    def status(self, key: Key, now: str) -> Mapping[str, Any]:
        """``status.artifact`` of the object ``key``."""
        path = f"{key.kind.lower()}/{key.namespace}/{key.name}/{self.file}"
        return {
            "digest": self.digest,
            "lastUpdateTime": now,
            "path": path,
            "revision": self.revision,
            "size": self.size,
            "url": f"{HOST}/{path}",
        }


@dataclass(frozen=True, slots=True)
class FiledIndex(Filed):
    index: RepositoryIndex


@dataclass(frozen=True, slots=True)
class FiledChart(Filed):
    """``packaged`` says that it was packaged here; ``values_files`` are those that made its default values."""

    chart: Chart
    packaged: bool
    values_files: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        """Source: source-controller ``internal/helm/chart/builder.go`` (Summary)."""
        verb = "packaged" if self.packaged else "pulled"
        merged = f" and merged values files [{' '.join(self.values_files)}]" if self.values_files else ""
        return f"{verb} '{self.chart.name}' chart with version '{self.revision}'{merged}"


class Shelf:
    """By the object that it belongs to."""

    def __init__(self) -> None:
        self._indexes: dict[Key, FiledIndex] = {}
        self._charts: dict[Key, FiledChart] = {}

    def index(self, key: Key) -> FiledIndex | None:
        return self._indexes.get(key)

    def chart(self, key: Key) -> FiledChart | None:
        return self._charts.get(key)

    def put_index(self, key: Key, index: FiledIndex) -> None:
        self._indexes[key] = index

    def put_chart(self, key: Key, chart: FiledChart) -> None:
        self._charts[key] = chart

    def drop(self, key: Key) -> None:
        self._indexes.pop(key, None)
        self._charts.pop(key, None)
