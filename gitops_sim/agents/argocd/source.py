"""From a source to the desired state: which revision it means now, and the objects that Git holds there.

What was read once for a folder's content is kept by its Git id: a commit that does not touch the folder costs nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from gitops_sim.agents.argocd.application import Application, Source
from gitops_sim.agents.argocd.desired import DesiredState, LoadFailedError, RefsFailedError, joined
from gitops_sim.agents.argocd.folders import Folders
from gitops_sim.agents.argocd.generating import Generator, Refs
from gitops_sim.agents.argocd.helm_source import read_options
from gitops_sim.agents.argocd.overrides import overridden
from gitops_sim.cluster.protocol import ClusterAPI
from gitops_sim.errors import BadInput
from gitops_sim.forge import Forge, download
from gitops_sim.manifests.helm import ChartVersion, fetch_index
from gitops_sim.objects import Key

_T = TypeVar("_T")
_KEPT = 4
"""Desired states kept per application: enough to roll back and forth."""

_REF = re.compile(r"[a-zA-Z0-9_-]+")


class Sources:
    """Reads Git through the forge. ``cluster_of`` is where an Application deploys to: it says what kinds there are.
    ``build_options`` are those of kustomize, as argocd-cm states them."""

    def __init__(self, forge: Forge, cluster_of: Callable[[Application], ClusterAPI]) -> None:
        self._forge, self._folders = forge, Folders(forge)
        self._generator = Generator(forge, self._folders, cluster_of)
        self.build_options = ""
        self._kept: dict[Key, dict[tuple[Any, ...], DesiredState]] = {}
        self._joined: dict[Key, tuple[list[DesiredState], DesiredState]] = {}

    def resolve(self, source: Source, revision: str = "") -> str:
        """The commit id that a revision names now: branch, tag, commit, and ``HEAD`` or nothing for the default branch. Of a
        chart, the version that is meant: itself, or the newest of a range. Of several sources, each of theirs."""
        if source.parts:
            return ",".join(self._numbered(source, revision, self.resolve))
        if source.chart:
            return self._version(source, revision).version
        repository = self._folders.repository(source)
        wanted = revision or source.target_revision or "HEAD"
        try:
            return repository.resolve(wanted)
        except BadInput as error:
            raise LoadFailedError(f"Unknown desc = unable to resolve '{wanted}' to a commit SHA", mend=error.mend) from None

    def test(self, url: str, *, charts: bool = False) -> None:
        """Raises LoadFailedError where a repository, of Git or of charts, cannot be reached."""
        try:
            if charts:
                fetch_index(url, partial(download, self._forge))
            else:
                self._forge.repository(url)
        except BadInput as error:
            text = f"Unknown desc = error testing repository connectivity: {error.what}"
            raise LoadFailedError(text, mend=error.mend) from None

    def load(self, app: Application, revision: str, source: Source | None = None) -> DesiredState:
        """The objects at a commit, for ``app``; ``source`` in place of its own for a rollback."""
        source = source or app.source
        if not source.parts:
            return self._load(app, source, revision, {})
        _check_refs([part.ref for part in source.parts if part.ref])
        revisions = revision.split(",")
        refs = {f"${part.ref}": (part, at) for part, at in zip(source.parts, revisions, strict=True) if part.ref}
        read = partial(self._load_part, app, refs)
        found = [state for state in self._numbered(source, revision, read) if state is not None]
        kept = self._joined.get(app.key)
        if kept is None or len(kept[0]) != len(found) or any(a is not b for a, b in zip(kept[0], found, strict=True)):
            kept = self._joined[app.key] = found, joined(found)
        return kept[1]

    def _load_part(self, app: Application, refs: Refs, part: Source, revision: str) -> DesiredState | None:
        """None for a source that only lends its files."""
        return self._load(app, part, revision, refs) if part.path or part.chart else None

    @staticmethod
    def _numbered(source: Source, revision: str, do: Callable[[Source, str], _T]) -> list[_T]:
        """Does it for each of several sources, and says of which one it failed."""
        found = []
        revisions = revision.split(",") if revision else [""] * len(source.parts)
        if len(revisions) != len(source.parts):
            what = f"{len(revisions)} revisions were given for {len(source.parts)} sources"
            raise LoadFailedError(f"InvalidArgument desc = {what}", mend="give each source its targetRevision")
        for number, (part, wanted) in enumerate(zip(source.parts, revisions, strict=True), 1):
            try:
                found.append(do(part, wanted))
            except LoadFailedError as error:
                raise error.of(number, len(source.parts)) from None
        return found

    def _load(self, app: Application, source: Source, revision: str, refs: Refs) -> DesiredState:
        if not source.chart:
            source = self._overridden(app, source, revision)
        _refuse_several_tools(source)
        options = read_options(source)
        lent = (
            tuple(f"{name}@{refs[name][1]}" for name in sorted(refs))
            if any(n.startswith("$") for n in options.value_files)
            else ()
        )
        if source.chart:
            known = self._version(source, revision)
            content: tuple[str, ...] = (source.repo_url, known.name, known.version, known.digest, *lent)
            return self._keep(app, source, content, lambda: self._generator.chart(app, source, known, refs))
        repository = self._folders.repository(source)
        seen = self._folders.look(repository, source, revision)
        if source.raw.get("kustomize") or seen.type == "kustomize":
            whole = repository.tree(revision)
            said = self.build_options
            content = (source.repo_url, whole.sha, source.path, said)
            return self._keep(app, source, content, lambda: self._generator.kustomization(app, whole, source, said))
        outside = seen.linked or any(name.startswith(("/", "../")) for name in options.value_files)
        content = (source.repo_url, seen.sha, revision if outside else "", source.path, *lent)
        return self._keep(app, source, content, lambda: self._generator.folder(app, repository, source, revision, refs, seen))

    def forget(self, app: Key) -> None:
        """Drops what was kept for an application: a hard refresh, or its deletion."""
        self._kept.pop(app, None)
        self._joined.pop(app, None)

    def _keep(self, app: Application, source: Source, content: Sequence[str], read: Callable[[], DesiredState]) -> DesiredState:
        """What the same content made of the same source for the same destination before, or makes of it now."""
        wishes = json.dumps([source.raw.get(tool) for tool in ("directory", "helm", "kustomize")], sort_keys=True, default=str)
        known = (*content, wishes, app.instance, app.destination.server, app.destination.name, app.destination.namespace)
        kept = self._kept.setdefault(app.key, {})
        if known not in kept:
            if len(kept) >= _KEPT * max(1, len(app.source.parts)):
                del kept[next(iter(kept))]
            kept[known] = read()
        return kept[known]

    def _version(self, source: Source, revision: str) -> ChartVersion:
        try:
            index = fetch_index(source.repo_url, partial(download, self._forge))
            return index.find(source.chart, revision or source.target_revision)
        except BadInput as error:
            raise LoadFailedError(f"Unknown desc = {error.what}", mend=error.mend, where=error.where) from None

    def _overridden(self, app: Application, source: Source, revision: str) -> Source:
        """The source with what files of its folder lay over it."""
        repository = self._folders.repository(source)
        if not self._folders.look(repository, source, revision).overridden:
            return source
        try:
            return overridden(source, app.instance, self._folders.tree(repository, source, revision))
        except BadInput as error:
            raise LoadFailedError(f"Unknown desc = {error.what}", mend=error.mend, where=error.where) from None


def _check_refs(names: Sequence[str]) -> None:
    """Raises RefsFailedError. Source: ``GetRefSources`` of ``util/argo/argo.go``."""
    for name in names:
        if not _REF.fullmatch(name):
            text = f"sources.ref {name} cannot contain any special characters except '_' and '-'"
            raise RefsFailedError(text, mend="write it with letters, digits, '_' and '-'")
    if len(set(names)) < len(names):
        raise RefsFailedError("invalid sources: multiple sources had the same `ref` key", mend="give each a name of its own")


def _refuse_several_tools(source: Source) -> None:
    """Raises LoadFailedError where settings of more than one tool are written."""
    found = [tool for tool in ("Kustomize", "Helm", "Directory", "Plugin") if _says_anything(source.raw.get(tool.lower()))]
    if len(found) > 1:
        text = f"error getting app source type: multiple application sources defined: {','.join(found)}"
        raise LoadFailedError(f"Unknown desc = {text}", mend="keep the settings of one tool")


def _says_anything(settings: Any) -> bool:
    return isinstance(settings, Mapping) and any(settings.values())
