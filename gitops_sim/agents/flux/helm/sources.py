"""What HelmRepositories and HelmCharts wish for, read from their objects. The API server has checked their form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gitops_sim.agents.flux.durations import seconds_of
from gitops_sim.objects import Key, Object, key_of

GROUP = "source.toolkit.fluxcd.io"
REPOSITORIES, CHARTS = f"helmrepositories.{GROUP}", f"helmcharts.{GROUP}"
CHART_SOURCES = {"HelmChart": "helmcharts", "OCIRepository": "ocirepositories", "ExternalArtifact": "externalartifacts"}
"""What a HelmRelease may have its chart from, with the names of their resources. A controller here makes those of HelmCharts."""


@dataclass(frozen=True, slots=True)
class HelmRepository:
    """``interval`` is in seconds; one that ``is_oci`` has no index, and nothing looks at it."""

    key: Key
    url: str
    interval: float
    is_oci: bool
    secret: str
    suspended: bool


@dataclass(frozen=True, slots=True)
class HelmChart:
    """``chart`` is a name in a HelmRepository, or a path in the files of a GitRepository; ``interval`` is in seconds, and
    ``by_revision`` makes every revision of the source a new chart."""

    key: Key
    chart: str
    version: str
    source: Key
    interval: float
    by_revision: bool
    values_files: tuple[str, ...]
    ignore_missing: bool
    suspended: bool
    unsupported: tuple[str, ...]


def read_helm_repository(obj: Object) -> HelmRepository:
    spec: Mapping[str, Any] = obj["spec"]
    secret = (spec.get("secretRef") or {}).get("name") or ""
    interval, suspended = seconds_of(spec.get("interval") or "1m"), spec.get("suspend") is True
    return HelmRepository(key_of(obj), spec["url"], interval, spec.get("type") == "oci", secret, suspended)


def read_helm_chart(obj: Object) -> HelmChart:
    spec: Mapping[str, Any] = obj["spec"]
    key, ref = key_of(obj), spec["sourceRef"]
    return HelmChart(
        key=key,
        chart=spec["chart"],
        version=spec.get("version") or "*",
        source=Key(GROUP, ref["kind"], key.namespace, ref["name"]),
        interval=seconds_of(spec.get("interval")),
        by_revision=spec.get("reconcileStrategy") == "Revision",
        values_files=tuple(spec.get("valuesFiles") or ()),
        ignore_missing=spec.get("ignoreMissingValuesFiles") is True,
        suspended=spec.get("suspend") is True,
        unsupported=("spec.verify",) if spec.get("verify") else (),
    )
