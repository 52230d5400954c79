"""Where and when the cluster was not what Git said, field by field, and which of the two had moved.

Only fields that Git states are compared: live against what it would be if the manifest were merged into it, with the API's
defaults.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from gitops_sim.agents.argocd.application import read_application
from gitops_sim.agents.flux.build import folder_of
from gitops_sim.agents.flux.gitrepository import DEFAULT_BRANCH, read_git_repository
from gitops_sim.agents.flux.gitrepository import KIND as GIT_REPOSITORIES
from gitops_sim.agents.flux.helm.desired import chart_folder, desired_objects
from gitops_sim.agents.flux.helm.helmrelease import KIND as HELM_RELEASES
from gitops_sim.agents.flux.helm.helmrelease import HelmRelease, read_helm_release
from gitops_sim.agents.flux.kustomization import KIND as KUSTOMIZATIONS
from gitops_sim.agents.flux.kustomization import read_kustomization
from gitops_sim.agents.pipeline import PushPipeline
from gitops_sim.cluster import defaults, merge
from gitops_sim.cluster.cluster import Cluster
from gitops_sim.errors import BadInput
from gitops_sim.forge import Repository, Tree
from gitops_sim.manifests import read_directory, source_type
from gitops_sim.manifests.kustomize import build
from gitops_sim.objects import Key, Object, changes, dotted, with_path
from gitops_sim.scenarios.evidence import Evidence, ObjectRef, step_at

Mover = Literal["git", "cluster"]
_TIP_EVENTS = frozenset(
    {
        "RepositoryCreated",
        "RepositoryAdopted",
        "CommitPushed",
        "CommitReverted",
        "BranchMerged",
        "BranchForcePushed",
        "BranchCreated",
    }
)


@dataclass(frozen=True, slots=True)
class Source:
    """A folder of a branch that says what one namespace of a cluster should hold, and the agent or pipeline that reads it. Of a
    chart the ``release`` says with which values."""

    reader: str
    repo: str
    branch: str
    path: str
    cluster: str
    namespace: str
    recurse: bool = False
    release: HelmRelease | None = dataclasses.field(default=None, hash=False)


@dataclass(frozen=True, slots=True)
class Divergence:
    """From ``start`` to ``end`` (None: still) a field was not what Git said, because ``mover`` had moved.

    ``field`` is empty for a whole object that is missing, or that Git does not have any more.
    """

    source: Source
    key: Key
    field: str
    desired: Any
    live: Any
    mover: Mover
    start: float
    end: float | None

    def __str__(self) -> str:
        if self.field:
            return f"{self.key.kind}/{self.key.name} {self.field}: Git {self.desired}, cluster {self.live}"
        return f"{self.key.kind}/{self.key.name} {'missing' if self.live is None else 'not in Git any more'}"


Desired = Mapping[Key, Object]


def sources(evidence: Evidence) -> list[Source]:
    """Every source of desired state that an agent or a pipeline of this world reads."""
    found: list[Source] = []
    world = evidence.world
    for cluster in world.clusters.values():
        for app in map(read_application, cluster.list("applications.argoproj.io")):
            repository = _repository(evidence, app.source.repo_url)
            if repository is None:
                continue
            branch = app.source.target_revision or "HEAD"
            found.append(
                Source(
                    reader=app.name,
                    repo=repository.name,
                    branch=repository.default_branch if branch == "HEAD" else branch,
                    path=app.source.path,
                    cluster=cluster.name,
                    namespace=app.destination.namespace or "default",
                    recurse=app.source.recurse,
                )
            )
        found += _of_flux(evidence, cluster)
    for agent in world.agents.values():
        if isinstance(agent, PushPipeline):
            repository = world.git.repository(agent.repo)
            found.append(
                Source(
                    agent.name,
                    repository.name,
                    agent.branch or repository.default_branch,
                    agent.path,
                    agent.cluster_name,
                    agent.namespace,
                )
            )
    return found


def _of_flux(evidence: Evidence, cluster: Cluster) -> Iterator[Source]:
    """What the Kustomizations and HelmReleases of a cluster read, where their source follows a branch."""
    if cluster.kinds.find(KUSTOMIZATIONS) is None:
        return
    for app in map(read_kustomization, cluster.list(KUSTOMIZATIONS)):
        followed = _followed(evidence, cluster, app.source)
        if followed is not None:
            namespace = app.generated.get("targetNamespace", "default")
            yield Source(app.name, *followed, folder_of(app.path), cluster.name, namespace, recurse=True)
    for release in map(read_helm_release, cluster.list(HELM_RELEASES)):
        ref = ((release.template or {}).get("spec") or {}).get("sourceRef") or {}
        key = Key("", str(ref.get("kind")), release.chart_source.namespace, str(ref.get("name")))
        followed = _followed(evidence, cluster, key)
        if followed is not None:
            yield Source(release.name, *followed, chart_folder(release), cluster.name, release.namespace, release=release)


def _followed(evidence: Evidence, cluster: Cluster, key: Key) -> tuple[str, str] | None:
    """The repository and the branch of a GitRepository; None for another kind of source, and for one that follows no branch."""
    obj = cluster.find(GIT_REPOSITORIES, key.name, key.namespace) if key.kind == "GitRepository" else None
    if obj is None:
        return None
    source = read_git_repository(obj)
    repository, ref = _repository(evidence, source.url), source.reference
    if repository is None or ref.commit or ref.name or ref.semver or ref.tag:
        return None
    return repository.name, ref.branch or DEFAULT_BRANCH


def tips(evidence: Evidence, source: Source) -> list[tuple[float, str]]:
    """Which commit the branch pointed at, from when on."""
    found: list[tuple[float, str]] = []
    for record in evidence.world.trace:
        data = record.data
        if (
            record.event in _TIP_EVENTS
            and data.get("repo") == source.repo
            and data.get("branch") == source.branch
            and data.get("commit")
        ):
            if found and found[-1][0] == record.time:
                found.pop()
            found.append((record.time, data["commit"]))
    return found


def desired_at(evidence: Evidence, source: Source, commit: str) -> Desired:
    """The objects that a commit asks for, in their namespaces; nothing when they cannot be read."""
    cluster = evidence.cluster(source.cluster)
    try:
        tree = evidence.world.git.repository(source.repo).tree(commit)
        if source.release is not None:
            objects: Iterable[Object] = desired_objects(source.release, tree, cluster, evidence.world.clock)
        else:
            objects = _objects(tree, source)
    except BadInput:
        return {}
    result: dict[Key, Object] = {}
    for obj in objects:
        kind = cluster.kind_of(obj)
        if kind.namespaced and not obj["metadata"].get("namespace"):
            obj = with_path(obj, ("metadata", "namespace"), source.namespace)
        if obj["metadata"].get("name"):
            result[
                Key(
                    kind.group,
                    kind.kind,
                    obj["metadata"].get("namespace", "") if kind.namespaced else "",
                    obj["metadata"]["name"],
                )
            ] = obj
    return result


def _objects(files: Tree, source: Source) -> Iterable[Object]:
    path = source.path.removeprefix("./")
    if source_type(files, path) == "kustomize":
        return build(files, path).objects
    found = read_directory(files, path, recurse=source.recurse, namespace=source.namespace)
    return [manifest.object for manifest in found]


def differing(cluster: Cluster, manifest: Object, live: Object) -> dict[str, tuple[Any, Any]]:
    """``{field: (Git's value, the cluster's)}`` for every field that Git states and the cluster has otherwise."""
    kind = cluster.kind_of(manifest)
    if kind.custom:
        after = merge.merge_patch(live, {k: v for k, v in manifest.items() if k != "status"})
    else:
        after = merge.strategic_merge(kind, live, {k: v for k, v in manifest.items() if k != "status"})
    after = defaults.default(kind, after)
    return {dotted(path): (new, old) for path, old, new in changes(live, after)}


def divergences(evidence: Evidence) -> list[Divergence]:
    """All of them, in order of time."""
    found: list[Divergence] = []
    for source in sources(evidence):
        found += _of_source(evidence, source)
    return sorted(found, key=lambda d: (d.start, str(d.key), d.field))


def wrong_spans(evidence: Evidence, since: float = 0.0) -> list[tuple[float, float | None]]:
    """When the cluster was not what Git said, whatever the field, from ``since`` on: ``(start, end)`` in simulated seconds, the
    end None while it lasts. Drift that was seen and undone within one instant is a span of no length."""
    spans = [(max(d.start, since), d.end) for d in divergences(evidence) if d.end is None or d.end > since]
    joined: list[tuple[float, float | None]] = []
    for start, end in sorted(spans, key=lambda span: span[0]):
        if joined and (joined[-1][1] is None or joined[-1][1] >= start):
            last = joined[-1][1]
            joined[-1] = (joined[-1][0], None if last is None or end is None else max(last, end))
        elif end is None or end > start:
            joined.append((start, end))
    seen = sorted({r.time for r in evidence.world.trace if r.event == "DriftDetected" and r.time >= since})
    outside = [t for t in seen if not any(start <= t and (end is None or t <= end) for start, end in joined)]
    return sorted([*joined, *((t, t) for t in outside)], key=lambda span: span[0])


def _of_source(evidence: Evidence, source: Source) -> Iterable[Divergence]:
    timeline = [(time, desired_at(evidence, source, commit)) for time, commit in tips(evidence, source)]
    for key in sorted({key for _, desired in timeline for key in desired}):
        yield from _of_object(evidence, source, key, [(time, desired.get(key)) for time, desired in timeline])


def _of_object(evidence: Evidence, source: Source, key: Key, wishes: list[tuple[float, Object | None]]) -> Iterable[Divergence]:
    cluster = evidence.cluster(source.cluster)
    steps = evidence.steps(
        ObjectRef(key.kind if not key.group else f"{key.kind}.{key.group}", key.namespace, key.name, source.cluster)
    )
    open_: dict[str, Divergence] = {}
    before: tuple[Object | None, Object | None] = (None, None)
    for time in sorted({t for t, _ in wishes} | {s.time for s in steps}):
        manifest = next((wish for t, wish in reversed(wishes) if t <= time), None)
        live = step_at(steps, time)
        now = _fields(cluster, manifest, live)
        for field in [*open_]:
            if field not in now:
                yield _closed(open_.pop(field), time)
        for field, (wanted, had) in now.items():
            if field not in open_:
                mover: Mover = "git" if manifest is not before[0] and manifest != before[0] else "cluster"
                open_[field] = Divergence(source, key, field, wanted, had, mover, time, None)
        before = (manifest, live)
    yield from open_.values()


def _fields(cluster: Cluster, manifest: Object | None, live: Object | None) -> dict[str, tuple[Any, Any]]:
    if manifest is None:
        return {} if live is None else {"": (None, "there")}
    if live is None:
        return {"": ("there", None)}
    return differing(cluster, manifest, live)


def _closed(divergence: Divergence, end: float) -> Divergence:
    d = divergence
    return Divergence(d.source, d.key, d.field, d.desired, d.live, d.mover, d.start, end)


def _repository(evidence: Evidence, url: str) -> Repository | None:
    try:
        return evidence.world.git.repository(url)
    except BadInput:
        return None
