"""One revision of a release, as Helm keeps it. Source: helm ``pkg/release/v1/release.go`` and ``info.go``."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gitops_sim.agents.frozen import Frozen
from gitops_sim.cluster.go_text import json_text
from gitops_sim.manifests.helm import Chart
from gitops_sim.manifests.helm.numbers import plain

_ZERO = "0001-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Release(Frozen):
    """``data`` is the JSON that the Secret holds; nothing in it is changed."""

    data: Mapping[str, Any]

    @property
    def name(self) -> str:
        return str(self.data["name"])

    @property
    def namespace(self) -> str:
        return str(self.data["namespace"])

    @property
    def version(self) -> int:
        return int(self.data["version"])

    @property
    def info(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.data["info"]
        return found

    @property
    def status(self) -> str:
        return str(self.info.get("status") or "unknown")

    @property
    def is_pending(self) -> bool:
        return self.status.startswith("pending-")

    @property
    def manifest(self) -> str:
        return str(self.data.get("manifest") or "")

    @property
    def hooks(self) -> Sequence[Mapping[str, Any]]:
        return self.data.get("hooks") or ()

    @property
    def config(self) -> Mapping[str, Any]:
        return self.data.get("config") or {}

    @property
    def chart(self) -> Mapping[str, Any]:
        """Its metadata."""
        found: Mapping[str, Any] = (self.data.get("chart") or {}).get("metadata") or {}
        return found

    @property
    def chart_name(self) -> str:
        return str(self.chart.get("name") or "")

    @property
    def chart_version(self) -> str:
        return str(self.chart.get("version") or "")

    def with_info(self, status: str, description: str = "", **more: str) -> Release:
        """A copy with another status; an empty ``description`` leaves the old one."""
        told = {"description": description} if description else {}
        return self.replace(info={**self.info, "status": status, **told, **more})

    def with_hook(self, index: int, **last_run: str) -> Release:
        """A copy in which one hook has run."""
        hooks = list(self.hooks)
        hooks[index] = {**hooks[index], "last_run": {**hooks[index]["last_run"], **last_run}}
        return self.replace(hooks=hooks)

    def replace(self, **parts: Any) -> Release:
        return dataclasses.replace(self, data={**self.data, **parts})

    def digest(self) -> str:
        """The checksum of what is observed of it: without the chart's files and the tests, which people may run at will. Source:
        helm-controller ``internal/release/observation.go``."""
        hooks = [hook for hook in self.hooks if "test" not in hook["events"]]
        parts = {name: self.data.get(name) for name in ("name", "version", "info", "config", "manifest", "namespace")}
        text = json_text({**parts, "chartMetadata": self.chart, "hooks": hooks})
        return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def chart_data(chart: Chart) -> Mapping[str, Any]:
    """A chart as it is kept in a release."""
    return {
        "files": _files(chart.files),
        "lock": chart.lock,
        "metadata": chart.metadata.as_json(),
        "modtime": _ZERO,
        "schema": base64.b64encode(chart.schema).decode() if chart.schema else None,
        "schemamodtime": _ZERO,
        "templates": _files(chart.templates),
        "values": plain(chart.values),
    }


def _files(files: Mapping[str, bytes]) -> list[Mapping[str, str]]:
    return [{"data": base64.b64encode(files[name]).decode(), "modtime": _ZERO, "name": name} for name in sorted(files)]
