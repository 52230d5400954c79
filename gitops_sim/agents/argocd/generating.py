"""Manifest generation: what the tool of a source (a folder of manifests, Kustomize, Helm) makes of it at one revision."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from gitops_sim.agents.argocd.application import Application, Source
from gitops_sim.agents.argocd.desired import DesiredState, LoadFailedError, Target, desired_state, target_of
from gitops_sim.agents.argocd.folders import Folder, Folders, make_room
from gitops_sim.agents.argocd.helm_source import HelmFailedError, HelmRun
from gitops_sim.agents.frozen import Frozen
from gitops_sim.agents.remotes import ForgeRemotes
from gitops_sim.cluster.protocol import ClusterAPI
from gitops_sim.errors import BadInput
from gitops_sim.forge import Forge, Repository, Tree, download
from gitops_sim.manifests import Manifest, Reading, parse_directory
from gitops_sim.manifests.helm import Chart, ChartVersion, fetch_chart, fetch_index, load_chart, with_dependencies
from gitops_sim.manifests.helm.go_yaml import NOT_YAML, yaml_words
from gitops_sim.manifests.kustomize import build

_CACHED = "<path to cached source>"
"""What Argo CD writes for the folder in which it works."""

Refs = Mapping[str, tuple[Source, str]]
"""Sources whose files others may name (``$values``), each with its revision."""


@dataclass(frozen=True, slots=True)
class _Plain(Frozen):
    """The documents of a folder of plain manifests, which are the same for every Application."""

    reading: Reading


class Generator:
    """``cluster_of`` is where an Application deploys to: it says what kinds there are. Methods raise LoadFailedError."""

    def __init__(self, forge: Forge, folders: Folders, cluster_of: Callable[[Application], ClusterAPI]) -> None:
        self._forge, self._folders, self._cluster_of = forge, folders, cluster_of
        self._plain: dict[tuple[Any, ...], _Plain] = {}

    def chart(self, app: Application, source: Source, known: ChartVersion, refs: Refs) -> DesiredState:
        """What a chart of a chart repository renders."""
        fetch = partial(download, self._forge)
        try:
            chart = fetch_chart(fetch_index(source.repo_url, fetch), known, fetch)
        except BadInput as error:
            raise LoadFailedError(f"Unknown desc = {error.what}", mend=error.mend, where=error.where) from None
        return self._helm(app, source, chart, None, known.version, refs)

    def folder(
        self, app: Application, repository: Repository, source: Source, revision: str, refs: Refs, seen: Folder
    ) -> DesiredState:
        """What a folder holds that Kustomize does not build: plain manifests, or a chart."""
        prefix = f"{source.path.strip('/').removeprefix('./')}/" if source.path.strip("./") else ""
        try:
            if source.raw.get("helm") or ("directory" not in source.raw and seen.type == "helm"):
                folder = self._folders.tree(repository, source, revision)
                chart = with_dependencies(load_chart(folder, where=prefix), partial(download, self._forge))
                return self._helm(app, source, chart, repository.tree(revision), revision, refs)
            found = self._documents(repository, source, revision, seen, prefix).counted(app.destination.namespace)
        except BadInput as error:
            where = f"{error.where}: " if error.where else ""
            raise LoadFailedError(f"FailedPrecondition desc = {where}{error.what}", mend=error.mend, where=error.where) from None
        repeated = [(key, len(places)) for key, places in found.repeated.items()]
        return desired_state([self._target(app, manifest) for manifest in found.manifests], repeated)

    def kustomization(self, app: Application, whole: Tree, source: Source, options: str) -> DesiredState:
        """What ``kustomize build`` with ``options`` makes of the folder, after the edits that the source asks for."""
        path = posixpath.normpath(source.path or ".")
        inside = "" if path == "." else path
        wishes = source.raw.get("kustomize")
        try:
            built = build(
                whole,
                inside,
                remotes=ForgeRemotes(self._forge, helm="--enable-helm" in options.split()),
                shown=_CACHED,
                wishes=wishes if isinstance(wishes, dict) else None,
            )
        except BadInput as error:
            place = f"{_CACHED}/{inside}".rstrip("/")
            text = f"Unknown desc = `kustomize build {place}` failed exit status 1: Error: {error.what.rstrip()}"
            raise LoadFailedError(text, mend=error.mend, where=error.where) from None
        file = f"{inside}/kustomization.yaml" if inside else "kustomization.yaml"
        return desired_state([self._target(app, Manifest(obj, file, 1)) for obj in built.objects], [], "Kustomize")

    # ------------------------------------------------------------------ inside

    def _helm(
        self, app: Application, source: Source, chart: Chart, files: Tree | None, revision: str, refs: Refs
    ) -> DesiredState:
        lent = {name: self._folders.repository(part).tree(at) for name, (part, at) in refs.items()}
        run = HelmRun(app, source, self._cluster_of(app), files, source.path, lent)
        try:
            found = run.manifests(chart, revision)
        except HelmFailedError as error:
            raise LoadFailedError(f"Unknown desc = {error.message}", mend=error.mend, where=error.where) from None
        targets = [self._target(app, manifest) for manifest in found]
        counts = Counter(target.key for target in targets if target.key.name)
        return desired_state(targets, [(key, count) for key, count in counts.items() if count > 1], "Helm")

    def _documents(self, repository: Repository, source: Source, revision: str, seen: Folder, prefix: str) -> Reading:
        """Read once for all Applications that are deployed from the folder."""
        recurse, include, exclude = source.recurse, source.include, source.exclude
        known = (repository.name, revision if seen.linked else "", seen.sha, prefix, recurse, include, exclude)
        if known not in self._plain:
            folder = self._folders.tree(repository, source, revision)
            _refuse_jsonnet(folder, source, prefix)
            make_room(self._plain)
            try:
                read = parse_directory(folder, where=prefix, recurse=recurse, include=include, exclude=exclude)
            except BadInput as error:
                raise _unreadable(error, folder, prefix) from None
            self._plain[known] = _Plain(read)
        return self._plain[known].reading

    def _target(self, app: Application, manifest: Manifest) -> Target:
        return target_of(app, manifest, self._cluster_of(app).kind_of(manifest.object))


def _unreadable(error: BadInput, folder: Tree, prefix: str) -> BadInput | LoadFailedError:
    """What is no YAML, in the words of the decoder, which counts the lines of each document by itself."""
    file, *place = error.where.rsplit(":", 2)
    if not error.what.startswith(NOT_YAML) or len(place) != 2:
        return error
    line, column = map(int, place)
    above = folder.read(file.removeprefix(prefix)).decode(errors="replace").splitlines()[: line - 1]
    begins = max((number for number, text in enumerate(above, 1) if text.startswith("---")), default=0)
    words = yaml_words(BadInput(error.what, where=f"{file}:{line - begins}:{column}"))
    text = f'Failed to unmarshal "{posixpath.basename(file)}": failed to unmarshal manifest: {words}'
    return LoadFailedError(f"FailedPrecondition desc = {text}", mend=f"{file}:{line}: {error.mend}", where=error.where)


def _refuse_jsonnet(folder: Tree, source: Source, where: str) -> None:
    """Argo CD would render such a file; here nothing does. Raises BadInput."""
    for name in folder.files():
        if name.endswith(".jsonnet") and (source.recurse or "/" not in name):
            mend = "render it, commit the result, and move the file out of the folder"
            raise BadInput("is Jsonnet, which is not simulated", where=where + name, mend=mend)
