"""What stands in for something: one ConfigMap that says so, as a manifest, as the files of a folder, or as a chart."""

from __future__ import annotations

import re
from typing import Any

from gitops_sim.manifests.helm import pack
from gitops_sim.manifests.kustomize import STAND_IN
from gitops_sim.objects import Object
from gitops_sim.yaml_out import dump_yaml

LABEL = STAND_IN
_FILE = "stand-in.yaml"


def packed(chart: str, version: str, url: str) -> bytes:
    """A chart that has one template."""
    name, told = chart.rpartition("/")[2], f"Stands in for the chart {chart} of {url}"
    metadata = {"apiVersion": "v2", "name": name, "version": version, "description": told}
    stands_for = f"chart {chart} {version} of {url}"
    stand_in = config_map("{{ .Release.Name | trunc 50 }}-stand-in", stands_for, "{{ .Release.Namespace }}")
    files = {"Chart.yaml": dump_yaml(metadata).encode(), f"templates/{_FILE}": dump_yaml(stand_in).encode()}
    return pack(files, name)


def folder_files(tool: str, where: str, stand_in: Object) -> dict[str, str]:
    """The files of a folder, for the tool that is to read it."""
    text = dump_yaml(stand_in)
    if tool == "helm":
        metadata = {"apiVersion": "v2", "name": "stand-in", "version": "0.0.0"}
        return {f"{where}Chart.yaml": dump_yaml(metadata), f"{where}templates/{_FILE}": text}
    if tool in ("kustomize", "component"):
        kind = "kind: Component\n" if tool == "component" else ""
        return {f"{where}kustomization.yaml": f"{kind}resources:\n- {_FILE}\n", f"{where}{_FILE}": text}
    return {f"{where}{_FILE}": text}


def config_map(name: str, stands_for: str, namespace: str) -> Object:
    meta: dict[str, Any] = {"name": name[:200], "labels": {LABEL: "true"}}
    if namespace:
        meta["namespace"] = namespace
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": {"stands-for": stands_for}}


def slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60].strip("-")
