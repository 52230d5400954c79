"""From a source to the desired state: which revision it means now, and the objects that Git holds there.

What was read once for a folder's content is kept by its Git id: a commit that does not touch the folder costs nothing.
"""

from __future__ import annotations

import json
import posixpath
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any, TypeVar

from gitops_sim.agents.argocd import hooks
from gitops_sim.agents.argocd.application import Application, Source
from gitops_sim.agents.argocd.helm_source import HelmFailedError, HelmRun, read_options
from gitops_sim.agents.argocd.overrides import has_overrides, overridden
from gitops_sim.agents.argocd.tracking import tracked
from gitops_sim.agents.frozen import Frozen
from gitops_sim.agents.remotes import ForgeRemotes
from gitops_sim.cluster.apply import last_applied_text
from gitops_sim.cluster.decoding import unknown_fields
from gitops_sim.cluster.kinds import Kind
from gitops_sim.cluster.protocol import ClusterAPI
from gitops_sim.errors import BadInput
from gitops_sim.forge import Forge, Repository, Tree, download
from gitops_sim.manifests import Manifest, Reading, parse_directory, source_type
from gitops_sim.manifests.helm import Chart, ChartVersion, fetch_chart, fetch_index, load_chart, with_dependencies
from gitops_sim.manifests.kustomize import build
from gitops_sim.objects import Key, Object, Path, with_path, without_path

_T = TypeVar("_T")
_SYMLINK = 0o120000
_CACHED = "<path to cached source>"
"""What Argo CD writes for the folder in which it works."""
_KEPT = 4
"""Desired states kept per application: enough to roll back and forth."""
_FOLDERS = 1024
"""Folders at a commit that are remembered."""


class LoadFailedError(Exception):
    """The desired state cannot be loaded: ``message`` as Argo CD puts it, ``mend`` the way out, ``where`` the file and line."""

    def __init__(self, message: str, *, mend: str = "", where: str = "", number: int = 1, of: int = 1) -> None:
        super().__init__(message)
        self.why = f"rpc error: code = {message}"
        self.message = f"failed to generate manifest for source {number} of {of}: {self.why}"
        self.mend, self.where = mend, where

    def of(self, number: int, all: int) -> LoadFailedError:
        """The same, of one of several sources."""
        return LoadFailedError(str(self), mend=self.mend, where=self.where, number=number, of=all)


@dataclass(frozen=True)
class Target(Frozen):
    """One object as Git wants it, in its namespace and with its tracking id. ``where`` is the file and line it comes from."""

    key: Key
    kind: Kind
    object: Object
    where: str

    @property
    def version(self) -> str:
        return str(self.object["apiVersion"]).rpartition("/")[2]

    @cached_property
    def text(self) -> str:
        """What applying it leaves in the last-applied annotation."""
        return last_applied_text(self.object)

    @cached_property
    def unknown_fields(self) -> tuple[Path, ...]:
        """What the manifest states and the API server drops: misspelt fields, mostly."""
        return tuple(map(_steps, unknown_fields(self.kind, self.object)))


@dataclass(frozen=True, slots=True)
class DesiredState(Frozen):
    """Everything that a folder holds. ``repeated``: identities that appear more than once, with how often (the last one counts);
    ``problems``: what the manifests lack. ``hooks`` are run by a sync, ``last_hooks`` when the Application is deleted; neither is
    compared, and a name that is yet to be made up is empty there. ``tools``: what each source is to Argo CD."""

    targets: Mapping[Key, Target]
    repeated: Sequence[tuple[Key, int]] = ()
    problems: Sequence[str] = ()
    hooks: Sequence[Target] = ()
    last_hooks: Sequence[Target] = ()
    tools: tuple[str, ...] = ("Directory",)


Refs = Mapping[str, tuple[Source, str]]
"""Sources whose files others may name (``$values``), each with its revision."""


@dataclass(frozen=True, slots=True)
class _Folder(Frozen):
    """What is remembered of one. ``linked``: it has symbolic links, so that it may hold what is not in it; ``overridden``: files
    lay settings of their own over the source."""

    sha: str
    type: str
    linked: bool
    overridden: bool


@dataclass(frozen=True, slots=True)
class _Plain(Frozen):
    """The documents of a folder of plain manifests, which are the same for every Application."""

    reading: Reading


class Sources:
    """Reads Git through the forge. ``cluster_of`` is where an Application deploys to: it says what kinds there are."""

    def __init__(self, forge: Forge, cluster_of: Callable[[Application], ClusterAPI]) -> None:
        self._forge, self._cluster_of = forge, cluster_of
        self._kept: dict[Key, dict[tuple[Any, ...], DesiredState]] = {}
        self._joined: dict[Key, tuple[list[DesiredState], DesiredState]] = {}
        self._folders: dict[tuple[str, str, str], _Folder] = {}
        self._plain: dict[tuple[Any, ...], _Plain] = {}

    def resolve(self, source: Source, revision: str = "") -> str:
        """The commit id that a revision names now: branch, tag, commit, and ``HEAD`` or nothing for the default branch. Of a
        chart, the version that is meant: itself, or the newest of a range. Of several sources, each of theirs."""
        if source.parts:
            return ",".join(self._numbered(source, revision, self.resolve))
        if source.chart:
            return self._version(source, revision).version
        repository = self._repository(source)
        wanted = revision or source.target_revision or "HEAD"
        try:
            return repository.resolve(wanted)
        except BadInput as error:
            raise LoadFailedError(f"Unknown desc = unable to resolve '{wanted}' to a commit SHA", mend=error.mend) from None

    def load(self, app: Application, revision: str, source: Source | None = None) -> DesiredState:
        """The objects at a commit, for ``app``; ``source`` in place of its own for a rollback."""
        source = source or app.source
        if not source.parts:
            return self._load(app, source, revision, {})
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
        options = read_options(source)
        lent = (
            tuple(f"{name}@{refs[name][1]}" for name in sorted(refs))
            if any(n.startswith("$") for n in options.value_files)
            else ()
        )
        if source.chart:
            known = self._version(source, revision)
            content: tuple[str, ...] = (source.repo_url, known.name, known.version, known.digest, *lent)
            return self._keep(app, source, content, lambda: self._chart(app, source, known, refs))
        repository = self._repository(source)
        seen = self._looked_at(repository, source, revision)
        if source.raw.get("kustomize") or seen.type == "kustomize":
            whole = repository.tree(revision)
            return self._keep(app, source, (source.repo_url, whole.sha, source.path), lambda: self._build(app, whole, source))
        outside = seen.linked or any(name.startswith(("/", "../")) for name in options.value_files)
        content = (source.repo_url, seen.sha, revision if outside else "", source.path, *lent)
        return self._keep(app, source, content, lambda: self._read(app, repository, source, revision, refs, seen))

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

    def _chart(self, app: Application, source: Source, known: ChartVersion, refs: Refs) -> DesiredState:
        fetch = partial(download, self._forge)
        try:
            chart = fetch_chart(fetch_index(source.repo_url, fetch), known, fetch)
        except BadInput as error:
            raise LoadFailedError(f"Unknown desc = {error.what}", mend=error.mend, where=error.where) from None
        return self._helm(app, source, chart, None, known.version, refs)

    def _helm(
        self, app: Application, source: Source, chart: Chart, files: Tree | None, revision: str, refs: Refs
    ) -> DesiredState:
        lent = {name: self._repository(part).tree(at) for name, (part, at) in refs.items()}
        run = HelmRun(app, source, self._cluster_of(app), files, source.path, lent)
        try:
            found = run.manifests(chart, revision)
        except HelmFailedError as error:
            raise LoadFailedError(f"Unknown desc = {error.message}", mend=error.mend, where=error.where) from None
        targets = [self._target(app, manifest) for manifest in found]
        counts = Counter(target.key for target in targets if target.key.name)
        return desired_state(targets, [(key, count) for key, count in counts.items() if count > 1], "Helm")

    def _repository(self, source: Source) -> Repository:
        if source.raw.get("plugin"):
            raise LoadFailedError(
                "Unimplemented desc = sources of type plugin are not supported by this simulator yet",
                mend="point the Application at plain manifests, a kustomization or a chart",
            )
        try:
            return self._forge.repository(source.repo_url)
        except BadInput as error:
            raise LoadFailedError(f"Unknown desc = failed to list refs: {error.what}", mend=error.mend) from None

    def _overridden(self, app: Application, source: Source, revision: str) -> Source:
        """The source with what files of its folder lay over it."""
        repository = self._repository(source)
        if not self._looked_at(repository, source, revision).overridden:
            return source
        try:
            return overridden(source, app.instance, self._folder(repository, source, revision))
        except BadInput as error:
            raise LoadFailedError(f"Unknown desc = {error.what}", mend=error.mend, where=error.where) from None

    def _looked_at(self, repository: Repository, source: Source, revision: str) -> _Folder:
        """A folder at a commit, which never changes: all Applications that are deployed from it look at it once."""
        known = (repository.name, revision, source.path)
        if known not in self._folders:
            tree = self._folder(repository, source, revision)
            linked = any(tree.mode(file) == _SYMLINK for file in tree.files())
            _make_room(self._folders)
            self._folders[known] = _Folder(tree.sha, source_type(tree), linked, has_overrides(tree))
        return self._folders[known]

    def _folder(self, repository: Repository, source: Source, revision: str) -> Tree:
        try:
            return repository.tree(revision, source.path)
        except BadInput as error:
            if source.path.startswith("/"):
                text = f"{source.path}: app path is absolute"
            elif "leads out of the repository" in error.what:
                text = f"{source.path}: app path outside root"
            elif "is a file" in error.what:
                text = f"{source.path}: app path is not a directory"
            else:
                text = f"{source.path}: app path does not exist"
            raise LoadFailedError(f"Unknown desc = {text}", mend=error.mend) from None

    def _build(self, app: Application, whole: Tree, source: Source) -> DesiredState:
        """What ``kustomize build`` makes of the folder, after the edits that the source asks for."""
        path = posixpath.normpath(source.path or ".")
        inside = "" if path == "." else path
        wishes = source.raw.get("kustomize")
        try:
            built = build(
                whole,
                inside,
                remotes=ForgeRemotes(self._forge),
                shown=_CACHED,
                wishes=wishes if isinstance(wishes, dict) else None,
            )
        except BadInput as error:
            place = f"{_CACHED}/{inside}".rstrip("/")
            text = f"Unknown desc = `kustomize build {place}` failed exit status 1: Error: {error.what.rstrip()}"
            raise LoadFailedError(text, mend=error.mend, where=error.where) from None
        file = f"{inside}/kustomization.yaml" if inside else "kustomization.yaml"
        return desired_state([self._target(app, Manifest(obj, file, 1)) for obj in built.objects], [], "Kustomize")

    def _read(
        self, app: Application, repository: Repository, source: Source, revision: str, refs: Refs, seen: _Folder
    ) -> DesiredState:
        prefix = f"{source.path.strip('/').removeprefix('./')}/" if source.path.strip("./") else ""
        try:
            if source.raw.get("helm") or ("directory" not in source.raw and seen.type == "helm"):
                folder = self._folder(repository, source, revision)
                chart = with_dependencies(load_chart(folder, where=prefix), partial(download, self._forge))
                return self._helm(app, source, chart, repository.tree(revision), revision, refs)
            found = self._documents(repository, source, revision, seen, prefix).counted(app.destination.namespace)
        except BadInput as error:
            where = f"{error.where}: " if error.where else ""
            raise LoadFailedError(f"FailedPrecondition desc = {where}{error.what}", mend=error.mend, where=error.where) from None
        repeated = [(key, len(places)) for key, places in found.repeated.items()]
        return desired_state([self._target(app, manifest) for manifest in found.manifests], repeated)

    def _documents(self, repository: Repository, source: Source, revision: str, seen: _Folder, prefix: str) -> Reading:
        """Read once for all Applications that are deployed from the folder."""
        recurse, include, exclude = source.recurse, source.include, source.exclude
        known = (repository.name, revision if seen.linked else "", seen.sha, prefix, recurse, include, exclude)
        if known not in self._plain:
            folder = self._folder(repository, source, revision)
            _refuse_jsonnet(folder, source, prefix)
            _make_room(self._plain)
            read = parse_directory(folder, where=prefix, recurse=recurse, include=include, exclude=exclude)
            self._plain[known] = _Plain(read)
        return self._plain[known].reading

    def _target(self, app: Application, manifest: Manifest) -> Target:
        obj: Any = manifest.object
        kind = self._cluster_of(app).kind_of(obj)
        if not kind.namespaced:
            obj = without_path(obj, ("metadata", "namespace"))
        elif not obj["metadata"].get("namespace") and app.destination.namespace:
            obj = with_path(obj, ("metadata", "namespace"), app.destination.namespace)
        key = Key(kind.group, kind.kind, obj["metadata"].get("namespace") or "", obj["metadata"].get("name") or "")
        return Target(key, kind, tracked(obj, app.instance, key, app.destination.namespace), manifest.where)


def _make_room(kept: dict[Any, Any]) -> None:
    """Forgets what was kept first."""
    if len(kept) >= _FOLDERS:
        del kept[next(iter(kept))]


def _refuse_jsonnet(folder: Tree, source: Source, where: str) -> None:
    """Argo CD would render such a file; here nothing does. Raises BadInput."""
    for name in folder.files():
        if name.endswith(".jsonnet") and (source.recurse or "/" not in name):
            mend = "render it, commit the result, and move the file out of the folder"
            raise BadInput("is Jsonnet, which is not simulated", where=where + name, mend=mend)


def joined(states: Sequence[DesiredState]) -> DesiredState:
    """What several sources hold together. An identity that more than one has is the last one's."""
    counts: Counter[Key] = Counter()
    targets: dict[Key, Target] = {}
    for state in states:
        again = dict(state.repeated)
        for key, target in state.targets.items():
            counts[key] += again.get(key, 1)
            targets[key] = target
    return DesiredState(
        targets,
        [(key, count) for key, count in counts.items() if count > 1],
        [problem for state in states for problem in state.problems],
        [hook for state in states for hook in state.hooks],
        [hook for state in states for hook in state.last_hooks],
        tuple(tool for state in states for tool in state.tools),
    )


def desired_state(found: Sequence[Target], repeated: Sequence[tuple[Key, int]], tool: str = "Directory") -> DesiredState:
    """Tells apart what is kept in sync and what is run. What has no name and is no hook gets one that nothing else has: it can
    never be found in the cluster."""
    targets: dict[Key, Target] = {}
    problems, run, last = [], [], []
    for number, target in enumerate(found):
        obj, key = target.object, target.key
        if target.kind.namespaced and not key.namespace:
            problems.append(f"Namespace for {key.name} {_group_version_kind(target.kind)} is missing.")
            continue
        deletes = any(hooks.of_deletion(obj, phase) for phase in ("PreDelete", "PostDelete"))
        last += [target] if deletes else []
        if hooks.is_hook(obj):
            run += [target] if hooks.phases(obj) else []
        else:
            named = key if key.name else key._replace(name=f"{obj['metadata'].get('generateName', '')}{number}")
            targets[named] = target if key.name else replace(target, key=named)
    return DesiredState(targets, repeated, tuple(problems), tuple(run), tuple(last), (tool,))


def _steps(path: str) -> Path:
    """``spec.containers[0].imagee`` as steps."""
    parts = path.replace("[", ".[").split(".")
    return tuple(int(part[1:-1]) if part.startswith("[") else part for part in parts)


def _group_version_kind(kind: Kind) -> str:
    return f"{kind.group}/{kind.version}, Kind={kind.kind}"
