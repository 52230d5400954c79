"""The main job on somebody's own repository: an agent brings it into an empty in-memory cluster, and says what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from gitops_sim.agents.remotes import ForgeRemotes
from gitops_sim.errors import BadInput
from gitops_sim.forge import Repository
from gitops_sim.manifests import KUSTOMIZATION_NAMES, Manifest, read_directory, source_type
from gitops_sim.manifests.render import render
from gitops_sim.objects import Key, Object, get_path, group_of
from gitops_sim.trace import Record
from gitops_sim.views.resources import application_tree, objects_tree
from gitops_sim.views.tree import Node
from gitops_sim.world import World

AgentName = Literal["argocd", "push"]
_NAMESPACE = "default"
_KUSTOMIZATIONS = "{kustomization.yaml,kustomization.yml,*/kustomization.yaml,*/kustomization.yml}"
_QUIET_KINDS = ("ReplicaSet", "Pod")


@dataclass(frozen=True, slots=True)
class Attention:
    """Something that a person should look at: what, about which object, and why."""

    subject: str
    what: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What came of it. ``sync`` and ``health`` are Argo CD's words; a push pipeline knows no sync status, its ``sync``
    is empty."""

    world: World
    name: str
    path: str
    commit: str
    agent: AgentName
    tree: Node
    sync: str
    health: str
    attention: list[Attention]

    @property
    def timeline(self) -> list[Record]:
        return self.world.trace.story()

    def as_json(self) -> dict[str, Any]:
        return {
            "repository": self.name,
            "path": self.path,
            "revision": self.commit,
            "agent": self.agent,
            "sync": self.sync,
            "health": self.health,
            "tree": _node_json(self.tree),
            "attention": [{"subject": a.subject, "what": a.what, "why": a.why} for a in self.attention],
            "timeline": [
                {"time": r.time, "actor": r.actor, "event": r.event, "message": r.message, "reason": r.reason}
                for r in self.timeline
            ],
            "trace_digest": self.world.trace.digest(),
            "simulated_seconds": self.world.now,
        }


def reconcile(
    source: Path,
    *,
    path: str = "",
    revision: str = "HEAD",
    agent: AgentName = "argocd",
    minutes: float = 10,
    seed: int = 0,
) -> Reconciled:
    """Reads ``path`` of ``source`` (a work tree or a bare repository) at ``revision`` and lets the agent work for
    ``minutes`` (simulated).

    Raises BadInput before anything is done when the repository, the revision, the path or a manifest cannot be used.
    """
    world = World(seed)
    name = source.resolve().name.removesuffix(".git") or "repository"
    repository = world.git.adopt(safe_name(source), source, revision)
    commit = repository.tip()
    tree_of_files = repository.tree(commit)
    built = agent == "argocd" and source_type(tree_of_files, path.strip("/")) == "kustomize"
    if built:
        manifests = list(render(tree_of_files, path.strip("/"), remotes=ForgeRemotes(world.git)).manifests)
    else:
        manifests = read_directory(tree_of_files, path.strip("/"), recurse=True, exclude=_KUSTOMIZATIONS, namespace=_NAMESPACE)
    if not manifests:
        raise BadInput("holds no manifest", where=path or ".", mend="name the folder of your manifests: --path DIR")
    attention = [
        *(() if built else _plain_kustomizations(tree_of_files.files(), path)),
        *_undefined_kinds(world, manifests),
        *_stand_in_namespaces(world, manifests),
    ]
    if agent == "argocd":
        app = _application(repository, path, built=built)
        world.argocd_in()
        world.cluster().as_user("platform").create(app)
    else:
        world.add_pipeline(repo=repository.name, path=path.strip("/"), recurse=True).run(commit)
    world.run(minutes=minutes)
    if agent == "argocd":
        tree = application_tree(world.cluster(), app["metadata"]["name"])
    else:
        tree = objects_tree(
            world.cluster(), "Repository", name, [_placed(world, m) for m in manifests if m.object["metadata"].get("name")]
        )
    attention += _from_trace(world)
    attention += _unhealthy(tree)
    return Reconciled(world, name, path, commit, agent, tree, tree.sync, tree.health, attention)


def safe_name(source: Path) -> str:
    """A directory's name as a name that a repository and an Application may have."""
    name = source.resolve().name.removesuffix(".git")
    kept = "".join(c if c.isascii() and (c.isalnum() or c == "-") else "-" for c in name.lower()).strip("-")
    return kept[:50].strip("-") or "repository"


def _application(repository: Repository, path: str, *, built: bool) -> Object:
    folder: dict[str, Any] = {} if built else {"directory": {"recurse": True, "exclude": _KUSTOMIZATIONS}}
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": repository.name, "namespace": "argocd"},
        "spec": {
            "project": "default",
            "source": {
                "repoURL": repository.url,
                "targetRevision": repository.default_branch,
                "path": path.strip("/") or ".",
                **folder,
            },
            "destination": {"server": "https://kubernetes.default.svc", "namespace": _NAMESPACE},
            "syncPolicy": {"automated": {"prune": True, "selfHeal": True}},
        },
    }


def _placed(world: World, manifest: Manifest) -> Key:
    key = manifest.key
    namespaced = world.cluster().kind_of(manifest.object).namespaced
    return key._replace(namespace=key.namespace or _NAMESPACE) if namespaced else key._replace(namespace="")


def _plain_kustomizations(files: list[str], path: str) -> Iterator[Attention]:
    """Folders below the path that are kustomizations: their files are read, but nothing is rendered."""
    prefix = f"{path.strip('/')}/" if path.strip("/") else ""
    for file in files:
        folder, _, name = file.rpartition("/")
        if file.startswith(prefix) and name in KUSTOMIZATION_NAMES:
            yield Attention(
                folder or ".", "is a kustomization, read here as plain manifests", "to have it built, name its folder: --path"
            )


def _stand_in_namespaces(world: World, manifests: list[Manifest]) -> Iterator[Attention]:
    """Namespaces that the manifests use but do not bring: made here, so that the rest can be seen."""
    cluster = world.cluster().as_user("platform")
    brought = {
        m.object["metadata"].get("name") for m in manifests if (m.object["apiVersion"], m.object["kind"]) == ("v1", "Namespace")
    }
    used = {m.object["metadata"].get("namespace") or _NAMESPACE for m in manifests}
    for namespace in sorted(used - brought):
        if cluster.find("namespace", namespace) is None:
            cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
            yield Attention(
                f"Namespace/{namespace}",
                "is in none of the manifests, so an empty one stands in for it",
                "on your cluster it must be there first, or the sync fails: add it, or use CreateNamespace=true",
            )


def _undefined_kinds(world: World, manifests: list[Manifest]) -> Iterator[Attention]:
    """Custom resources whose definition the manifests do not bring: taken here as they are, a real cluster knows no such kind."""
    definitions = [m.object for m in manifests if m.object["kind"] == "CustomResourceDefinition"]
    brought = {(str(get_path(d, ("spec", "group"))), str(get_path(d, ("spec", "names", "kind")))) for d in definitions}
    used = {(group_of(m.object["apiVersion"]), m.object["kind"]) for m in manifests}
    for group, kind in sorted(used - brought):
        if world.cluster().kinds.of(group, kind) is None:
            yield Attention(
                f"{kind}.{group}" if group else kind,
                "is no kind that a new cluster knows, and none of the manifests defines it; taken here as it is",
                "on your cluster its CustomResourceDefinition must be there first, or the sync fails",
            )


_TELLING = ("SyncFailed", "SyncSkipped", "ComparisonFailed", "PipelineFailed", "PruneSkipped", "OptionIgnored", "FieldDropped")


def _from_trace(world: World) -> Iterator[Attention]:
    """What went wrong, each kind of trouble with an object once: the last time tells how it ended."""
    last: dict[tuple[str, str], Record] = {}
    for record in world.trace.find(event=_TELLING):
        last.pop((record.subject, record.event), None)
        last[record.subject, record.event] = record
    for record in last.values():
        yield Attention(record.subject, record.message, record.reason if record.reason not in record.message else "")


def _unhealthy(node: Node) -> Iterator[Attention]:
    for child in node.children:
        states = [child.health] if child.health not in ("", "Healthy") and child.kind not in _QUIET_KINDS else []
        states += [child.sync] if child.sync not in ("", "Synced") else []
        if states:
            yield Attention(f"{child.kind}/{child.name}", f"is {' and '.join(states)}", child.note)
        yield from _unhealthy(child)


def _node_json(node: Node) -> Mapping[str, Any]:
    fields = {"kind": node.kind, "name": node.name, "sync": node.sync, "health": node.health, "note": node.note}
    return {k: v for k, v in fields.items() if v} | {"children": [_node_json(child) for child in node.children]}
