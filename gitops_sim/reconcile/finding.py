"""Finding what agents read in a repository: Applications and their kin, Flux's objects, and where each of them stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from gitops_sim.errors import BadInput
from gitops_sim.forge import Tree
from gitops_sim.objects import Object, get_path, group_of
from gitops_sim.reconcile.kustomizations import Kustomizations, is_aside
from gitops_sim.yaml_in import load_documents

ARGO = "argoproj.io"
_ARGO_KINDS = ("Application", "ApplicationSet", "AppProject")
_FLUX_KINDS = ("Kustomization", "HelmRelease", "GitRepository", "HelmRepository", "OCIRepository", "Bucket", "ArtifactGenerator")
_MARKS = (b"argoproj.io/", b"fluxcd.io/", b"fluxcd.controlplane.io/")
_INSTANCE = (b"sync:", b"path:", b"instance:")
_INSTANCE_PLACES = (("spec", "sync"), ("spec", "values", "instance", "sync"), ("instance", "sync"))
"""Where a FluxInstance, a HelmRelease of one, and the values of its chart say what Flux is bootstrapped with."""
_ENCRYPTED = (b"\nsops:", b"ENC[AES256_GCM,")
_MOST_BYTES = 2_000_000


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
    """Everything that was found, by agent; ``charts`` are the folders of charts whose templates make Applications; ``syncs`` are
    what the Flux Operator is told to bootstrap Flux with; ``aside`` the files that were left out because they lie in folders of
    tests; ``encrypted`` those that SOPS has encrypted."""

    argo: list[Found] = field(default_factory=list)
    flux: list[Found] = field(default_factory=list)
    charts: list[str] = field(default_factory=list)
    syncs: list[Object] = field(default_factory=list)
    aside: list[str] = field(default_factory=list)
    encrypted: list[str] = field(default_factory=list)

    def of(self, *kinds: str) -> list[Found]:
        return [found for found in (*self.argo, *self.flux) if found.kind in kinds]

    @property
    def applications(self) -> list[Found]:
        return [found for found in self.argo if found.kind != "AppProject"]


def find(tree: Tree, path: str, kustomizations: Kustomizations) -> Findings:
    """Looks at all YAML files below ``path``, and at those that a kustomization there uses. What cannot be read as YAML (a
    template, mostly) is passed over."""
    findings = Findings()
    folder = path.strip("/.")
    prefix, reached = f"{folder}/" if folder else "", kustomizations.reach(folder)
    files = tree.files()
    charts = {file.rpartition("/")[0] for file in files if file.rpartition("/")[2] == "Chart.yaml"}
    for file in files:
        if not (file.startswith(prefix) or file in reached) or not file.endswith((".yaml", ".yml")):
            continue
        content = _content(tree, file)
        if _ENCRYPTED[0] in content and _ENCRYPTED[1] in content:
            findings.encrypted.append(file)
        marked = any(mark in content for mark in _MARKS)
        if not marked and not all(mark in content for mark in _INSTANCE):
            continue
        if is_aside(file.removeprefix(prefix)):
            if marked:
                findings.aside.append(file)
            continue
        chart = _chart_of(file, charts)
        if chart is not None:
            if b"kind: Application" in content and chart not in findings.charts:
                findings.charts.append(chart)
            continue
        _sort(findings, content, file)
    return findings


def is_argo(obj: Object) -> bool:
    """Whether an object is one of Argo CD's own."""
    return group_of(obj["apiVersion"]) == ARGO and obj["kind"] in _ARGO_KINDS


def _sort(findings: Findings, content: bytes, file: str) -> None:
    for value in _values(content, file):
        findings.syncs += [sync for place in _INSTANCE_PLACES if isinstance(sync := get_path(value, place), dict)]
        if not _is_object(value):
            continue
        if is_argo(value):
            findings.argo.append(Found(value, file))
        elif group_of(value["apiVersion"]).endswith("fluxcd.io") and value["kind"] in _FLUX_KINDS:
            findings.flux.append(Found(value, file))


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


def _values(content: bytes, file: str) -> Iterator[Any]:
    """The documents, and what Lists of them hold."""
    try:
        documents = load_documents(content, where=file)
    except BadInput:
        return
    waiting = [document.value for document in documents]
    while waiting:
        value = waiting.pop(0)
        if isinstance(value, dict) and value.get("kind") == "List" and isinstance(value.get("items"), list):
            waiting += value["items"]
        elif isinstance(value, dict):
            yield value


def _is_object(value: Any) -> bool:
    named = isinstance(value.get("kind"), str) and isinstance(value.get("apiVersion"), str)
    meta = value.get("metadata")
    return named and isinstance(meta, dict) and isinstance(meta.get("name"), str) and isinstance(value.get("spec") or {}, dict)
