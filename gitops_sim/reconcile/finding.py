"""Finding what agents read in a repository: Applications and their kin, Flux's objects, and where each of them stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from gitops_sim.errors import BadInput
from gitops_sim.forge import Tree
from gitops_sim.objects import Object, group_of
from gitops_sim.yaml_in import load_documents

ARGO, FLUX = "argoproj.io", "toolkit.fluxcd.io"
_ARGO_KINDS = ("Application", "ApplicationSet", "AppProject")
_FLUX_KINDS = ("Kustomization", "HelmRelease", "GitRepository", "HelmRepository", "OCIRepository", "Bucket", "ArtifactGenerator")
_MARKS = (b"argoproj.io/", b"fluxcd.io/")
_ENCRYPTED = (b"\nsops:", b"ENC[AES256_GCM,")
_MOST_BYTES = 2_000_000
_ASIDE = frozenset({"testdata", "test", "tests", "e2e", "fixtures", "node_modules", "vendor"})
"""Folders whose manifests try something out."""


@dataclass(frozen=True, slots=True)
class Found:
    """One object of an agent, and the file that it is in."""

    object: Object
    file: str

    @property
    def kind(self) -> str:
        return str(self.object["kind"])

    @property
    def name(self) -> str:
        return str(self.object["metadata"].get("name") or "")

    @property
    def namespace(self) -> str:
        return str(self.object["metadata"].get("namespace") or "")

    @property
    def folder(self) -> str:
        return self.file.rpartition("/")[0]

    @property
    def title(self) -> str:
        return f"{self.kind}/{self.name}"


@dataclass(slots=True)
class Findings:
    """Everything that was found, by agent; ``charts`` are the folders of charts whose templates make Applications; ``aside`` the
    files that were left out because they lie in folders of tests; ``encrypted`` those that SOPS has encrypted."""

    argo: list[Found] = field(default_factory=list)
    flux: list[Found] = field(default_factory=list)
    charts: list[str] = field(default_factory=list)
    aside: list[str] = field(default_factory=list)
    encrypted: list[str] = field(default_factory=list)

    def of(self, *kinds: str) -> list[Found]:
        return [found for found in (*self.argo, *self.flux) if found.kind in kinds]

    @property
    def applications(self) -> list[Found]:
        return [found for found in self.argo if found.kind != "AppProject"]


def find(tree: Tree, path: str = "") -> Findings:
    """Looks at all YAML files below ``path``. What cannot be read as YAML (a template, mostly) is passed over."""
    findings = Findings()
    prefix = f"{path.strip('/')}/" if path.strip("/.") else ""
    files = tree.files()
    charts = {file.rpartition("/")[0] for file in files if file.rpartition("/")[2] == "Chart.yaml"}
    for file in files:
        if not file.startswith(prefix) or not file.endswith((".yaml", ".yml")):
            continue
        content = _content(tree, file)
        if _ENCRYPTED[0] in content and _ENCRYPTED[1] in content:
            findings.encrypted.append(file)
        if not any(mark in content for mark in _MARKS):
            continue
        if is_aside(file.removeprefix(prefix)):
            findings.aside.append(file)
            continue
        chart = _chart_of(file, charts)
        if chart is not None:
            if b"kind: Application" in content and chart not in findings.charts:
                findings.charts.append(chart)
            continue
        for obj in _objects(content, file):
            group = group_of(obj["apiVersion"])
            if group == ARGO and obj["kind"] in _ARGO_KINDS:
                findings.argo.append(Found(obj, file))
            elif group.endswith("fluxcd.io") and obj["kind"] in _FLUX_KINDS:
                findings.flux.append(Found(obj, file))
    return findings


def is_aside(file: str) -> bool:
    """Whether a file lies in a folder of tests, or in a hidden one."""
    folders = file.split("/")[:-1]
    return bool(_ASIDE.intersection(folders)) or any(folder.startswith(".") for folder in folders)


def _content(tree: Tree, file: str) -> bytes:
    try:
        return tree.read(file) if tree.size(file) <= _MOST_BYTES else b""
    except BadInput:  # a link to nothing
        return b""


def _chart_of(file: str, charts: set[str]) -> str | None:
    """The folder of the chart whose template a file is."""
    folder = file
    while "/" in folder:
        folder = folder.rpartition("/")[0]
        above, _, name = folder.rpartition("/")
        if name == "templates" and above in charts:
            return above
    return None


def _objects(content: bytes, file: str) -> Iterator[Object]:
    try:
        documents = load_documents(content, where=file)
    except BadInput:
        return
    waiting = [document.value for document in documents]
    while waiting:
        value = waiting.pop(0)
        if not isinstance(value, dict) or not isinstance(value.get("kind"), str) or not isinstance(value.get("apiVersion"), str):
            continue
        if value["kind"] == "List" and isinstance(value.get("items"), list):
            waiting += value["items"]
        elif _is_named(value.get("metadata")) and isinstance(value.get("spec") or {}, dict):
            yield value


def _is_named(meta: Any) -> bool:
    return isinstance(meta, dict) and isinstance(meta.get("name"), str)
