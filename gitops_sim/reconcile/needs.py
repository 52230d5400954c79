"""What an object of an agent asks the world for: repositories, folders in them, charts."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from gitops_sim.objects import Key, Object, get_path

Tool = Literal["plain", "kustomize", "component", "helm", "files"]


@dataclass(frozen=True, slots=True)
class Need:
    """``url`` is the address of a repository; ``path`` a folder of it, to be read with ``tool`` (``files``: nothing is read but
    ``files``, which others ask it for); ``chart`` is there when it is a chart repository, with the version or range."""

    url: str
    path: str = ""
    tool: Tool = "plain"
    files: tuple[str, ...] = ()
    chart: str = ""
    version: str = ""
    namespace: str = ""

    def at(self, url: str) -> Need:
        """The same of the repository at ``url``."""
        return replace(self, url=url)


def of_application(spec: Mapping[str, Any]) -> Iterator[Need]:
    """The sources of an Application's spec, or of an ApplicationSet's template. What a template has yet to fill in is no need."""
    several = spec.get("sources")
    sources = [spec.get("source"), *(several if isinstance(several, list) else ())]
    raws = [raw for raw in sources if isinstance(raw, Mapping) and isinstance(raw.get("repoURL"), str) and raw["repoURL"]]
    lent: dict[str, list[str]] = {}
    for raw in raws:
        for file in _value_files(raw):
            if file.startswith("$"):
                name, _, path = file[1:].partition("/")
                lent.setdefault(name, []).append(posixpath.normpath(path))
    for raw in raws:
        url, path = raw["repoURL"], str(raw.get("path") or "")
        files = tuple(lent.get(str(raw.get("ref") or ""), ()))
        if raw.get("chart"):
            yield Need(url, chart=str(raw["chart"]), version=str(raw.get("targetRevision") or ""))
            continue
        own = tuple(
            posixpath.normpath(posixpath.join(path, f)) for f in _value_files(raw) if not f.startswith(("$", "http", "/"))
        )
        tool: Tool = "helm" if raw.get("helm") else "kustomize" if raw.get("kustomize") else "plain" if path else "files"
        yield Need(url, path, tool, (*files, *own) if tool == "helm" else files)


def _value_files(raw: Mapping[str, Any]) -> list[str]:
    files = get_path(raw, ("helm", "valueFiles"))
    return [file for file in files if isinstance(file, str)] if isinstance(files, list) else []


def of_generators(value: Any) -> Iterator[Need]:
    """The repositories that an ApplicationSet's Git generators look into, wherever they are nested."""
    if isinstance(value, Mapping):
        git = value.get("git")
        if isinstance(git, Mapping) and isinstance(git.get("repoURL"), str):
            yield Need(git["repoURL"], tool="files")
        for inner in value.values():
            yield from of_generators(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from of_generators(inner)


def of_argo(obj: Object) -> Iterator[Need]:
    """Of an Application or an ApplicationSet."""
    spec = obj.get("spec") or {}
    if obj["kind"] == "Application":
        yield from of_application(spec)
    elif obj["kind"] == "ApplicationSet":
        yield from of_generators(spec.get("generators"))
        template = get_path(spec, ("template", "spec"))
        yield from of_application(template if isinstance(template, Mapping) else {})


def of_kustomization(obj: Object) -> tuple[Key, Need] | None:
    """Of Flux's Kustomization: its source, and the folder of it."""
    spec, meta = obj.get("spec") or {}, obj["metadata"]
    source = _source(spec.get("sourceRef"), meta.get("namespace", ""))
    namespace = spec.get("targetNamespace") or meta.get("namespace", "")
    return (source, Need("", str(spec.get("path") or ""), namespace=str(namespace))) if source else None


def of_helm_release(obj: Object) -> tuple[Key, Need] | None:
    """Of a HelmRelease that has its chart from a repository of charts, or from a folder of a repository in Git."""
    wanted: Mapping[str, Any] = get_path(obj, ("spec", "chart", "spec")) or {}
    source = _source(wanted.get("sourceRef"), obj["metadata"].get("namespace", ""))
    if get_path(obj, ("spec", "chartRef", "kind")) in ("OCIRepository", "ExternalArtifact"):
        return None
    if source is None or not wanted.get("chart"):
        return None
    if source.kind == "HelmRepository":
        return source, Need("", chart=str(wanted["chart"]), version=str(wanted.get("version") or ""))
    return source, Need("", str(wanted["chart"]), "helm", tuple(str(f) for f in wanted.get("valuesFiles") or ()))


def _source(ref: Any, namespace: str) -> Key | None:
    if not isinstance(ref, Mapping) or not ref.get("kind") or not ref.get("name"):
        return None
    return Key("source.toolkit.fluxcd.io", str(ref["kind"]), str(ref.get("namespace") or namespace), str(ref["name"]))
