"""Helm as a source of Argo CD: the chart of a folder or of a chart repository, rendered as its ``helm template`` would.

No release is kept: ``helm list`` shows nothing. Source: argo-cd ``reposerver/repository/repository.go`` (``helmTemplate``) and
``util/helm/cmd.go``.
"""

from __future__ import annotations

import json
import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from gitops_sim.agents.argocd.application import Application, Source
from gitops_sim.agents.frozen import Frozen
from gitops_sim.cluster.controllers.nodes import VERSION
from gitops_sim.cluster.protocol import ClusterAPI
from gitops_sim.errors import BadInput
from gitops_sim.manifests import Files, Manifest
from gitops_sim.manifests.helm import (
    Capabilities,
    Chart,
    Release,
    RenderedChart,
    Values,
    load_values,
    merge_maps,
    render_chart,
    set_files,
    set_strings,
    set_values,
)
from gitops_sim.manifests.helm.numbers import floats

_CACHED = "<path to cached source>"
"""How Argo CD hides where it has its copy of a repository."""


@dataclass(frozen=True, slots=True)
class HelmOptions(Frozen):
    """``spec.source.helm``. ``values`` is the text of ``values``, or what ``valuesObject`` holds, which wins."""

    release_name: str = ""
    value_files: Sequence[str] = ()
    values: str | Mapping[str, Any] = ""
    parameters: Sequence[Mapping[str, Any]] = ()
    file_parameters: Sequence[Mapping[str, Any]] = ()
    flags: frozenset[str] = field(default_factory=frozenset)
    namespace: str = ""
    kube_version: str = ""
    api_versions: Sequence[str] = ()
    version: str = ""


def read_options(source: Source) -> HelmOptions:
    """What a source asks of helm; parts of the wrong type count as not there."""
    found = source.raw.get("helm")
    raw: Mapping[str, Any] = found if isinstance(found, Mapping) else {}
    whole = raw.get("valuesObject")
    flags = ("ignoreMissingValueFiles", "skipCrds", "skipTests", "skipSchemaValidation")
    return HelmOptions(
        str(raw.get("releaseName") or ""),
        [str(name) for name in _list(raw, "valueFiles")],
        whole if isinstance(whole, Mapping) and whole else str(raw.get("values") or ""),
        [entry for entry in _list(raw, "parameters") if isinstance(entry, Mapping)],
        [entry for entry in _list(raw, "fileParameters") if isinstance(entry, Mapping)],
        frozenset(flag for flag in flags if raw.get(flag) is True),
        str(raw.get("namespace") or ""),
        str(raw.get("kubeVersion") or ""),
        [str(version) for version in _list(raw, "apiVersions")],
        str(raw.get("version") or ""),
    )


class HelmFailedError(Exception):
    """``message`` as Argo CD puts it, with helm's command and words; ``mend`` and ``where`` as in BadInput."""

    def __init__(self, message: str, error: BadInput) -> None:
        super().__init__(message)
        self.message, self.mend, self.where = message, error.mend, error.where


class HelmRun:
    """One run of ``helm template`` for an application. ``files`` are those of the repository, of which ``path`` is the chart;
    None for a chart that came from a chart repository. ``lent``: the files of other sources, by their names (``$values``)."""

    def __init__(
        self, app: Application, source: Source, cluster: ClusterAPI, files: Files | None, path: str, lent: Mapping[str, Files]
    ) -> None:
        self._options, self._lent = read_options(source), lent
        self._files, self._path = files, path.strip("/")
        namespace = self._options.namespace or app.destination.namespace or "default"
        self._release = Release(self._options.release_name or app.name, namespace)
        self._cluster = cluster
        self._used: list[str] = []

    def manifests(self, chart: Chart, revision: str) -> list[Manifest]:
        """What helm prints, in its order: CRDs, the install order, hooks. Chance in templates comes from the revision: the same
        one renders the same. Raises HelmFailedError."""
        options = self._options
        if options.version not in ("", "v3"):
            error = BadInput(f"helm chart version '{options.version}' is not supported", mend="leave helm.version away")
            raise HelmFailedError(error.what, error)
        try:
            rendered = self._rendered(chart, revision)
            flags = options.flags
            return rendered.objects(include_crds="skipCrds" not in flags, tests="skipTests" not in flags, folder=self._path)
        except BadInput as error:
            what = f"failed to execute helm template command: failed running helm: `{self._command()}` failed exit status 1"
            raise HelmFailedError(f"{what}: Error: {error.what}", error) from None

    def _rendered(self, chart: Chart, revision: str) -> RenderedChart:
        options = self._options
        kinds = self._cluster.kinds.served()
        versions = [f"{kind.group}/{kind.version}" if kind.group else kind.version for kind in kinds]
        names = [f"{version}/{kind.kind}" for version, kind in zip(versions, kinds, strict=True)]
        capabilities = Capabilities(options.kube_version or VERSION, options.api_versions or [*dict.fromkeys(versions), *names])
        return render_chart(
            chart,
            self._release,
            self._values(),
            capabilities,
            chance=Random(f"helm/{self._release.namespace}/{self._release.name}/{revision}"),
            validate="skipSchemaValidation" not in options.flags,
        )

    def _values(self) -> Values:
        """Value files first, then the values of the Application, then its parameters: the later one wins."""
        options = self._options
        values: Values = {}
        for name in options.value_files:
            path = self._resolved(name)
            content = self._read(path)
            if content is not None:
                self._used.append(f"{_CACHED}/{path}")
                values = merge_maps(values, load_values(content, where=path, doing=f"failed to parse {_CACHED}/{path}: "))
            elif "ignoreMissingValueFiles" not in options.flags:
                self._used.append(f"{_CACHED}/{path}")
                mend = f"commit {path}, or say ignoreMissingValueFiles"
                raise BadInput(f"open {_CACHED}/{path}: no such file or directory", where=path, mend=mend)
        if isinstance(options.values, Mapping):
            values = merge_maps(values, floats(dict(options.values)))
        elif options.values:
            values = merge_maps(values, load_values(options.values, where="spec.source.helm.values"))
        for entry in options.parameters:
            (set_strings if entry.get("forceString") is True else set_values)(values, _line(entry, "value"))
        for entry in options.file_parameters:
            set_files(values, _line(entry, "path"), self._text)
        return values

    def _resolved(self, name: str) -> str:
        """Where a value file is in the repository: relative to the chart, with a ``/`` in front relative to the top."""
        if "://" in name:
            raise BadInput(f"the value file {name} is on the network, where nothing is fetched", mend="commit it")
        if name.startswith("$"):
            return self._lent_path(name)
        path = posixpath.normpath(posixpath.join("" if name.startswith("/") else self._path, name.lstrip("/")))
        if path.startswith("../") or path == "..":
            what = f"value file '{name}' resolved to outside repository root"
            raise BadInput(what, where=name, mend="name a file of the repository")
        return path

    def _lent_path(self, name: str) -> str:
        """A file of another source: ``$values/prod.yaml``."""
        ref, _, path = name.partition("/")
        if ref not in self._lent:
            mend = "give the source that has the file this ref"
            if not self._lent:
                raise BadInput(f"source referenced {json.dumps(ref[1:])}, but no source has a 'ref' field defined", mend=mend)
            known = ", ".join(other[1:] for other in self._lent)
            what = f"source referenced {json.dumps(ref[1:])}, which is not one of the available sources ({known})"
            raise BadInput(what, mend=mend)
        return f"{ref}/{posixpath.normpath(path)}"

    def _read(self, path: str) -> bytes | None:
        if path.startswith("$"):
            ref, _, inside = path.partition("/")
            files = self._lent[ref]
            return files.read(inside) if inside in files.files() else None
        if self._files is None or path not in self._files.files():
            return None
        return self._files.read(path)

    def _text(self, name: str) -> str:
        path = self._resolved(name)
        content = self._read(path)
        if content is None:
            what = f"failed parsing --set-file data: open {_CACHED}/{path}: no such file or directory"
            raise BadInput(what, where=path, mend="commit the file, or mend fileParameters")
        return content.decode("utf-8", "replace")

    def _command(self) -> str:
        """The command that Argo CD shows, as far as it had got."""
        options = self._options
        words = ["helm template . --name-template", self._release.name, "--namespace", self._release.namespace]
        words += ["--kube-version", (options.kube_version or VERSION).removeprefix("v")]
        plain = [entry for entry in options.parameters if entry.get("forceString") is not True]
        words += [f"--set {_line(entry, 'value')}" for entry in plain]
        words += [f"--set-string {_line(entry, 'value')}" for entry in options.parameters if entry not in plain]
        words += [f"--values {path}" for path in self._used]
        words += ["<api versions removed>"]
        words += [] if "skipCrds" in options.flags else ["--include-crds"]
        return " ".join(words)


def _line(entry: Mapping[str, Any], key: str) -> str:
    """``name=value`` as it is passed on: commas in a value are no separators, unless it is a ``{list}``."""
    value = str(entry.get(key) or "")
    if not (value.startswith("{") and value.endswith("}")):
        value = value.replace("\\,", ",").replace(",", "\\,")
    return f"{entry.get('name') or ''}={value}"


def _list(raw: Mapping[str, Any], key: str) -> list[Any]:
    found = raw.get(key)
    return found if isinstance(found, list) else []
