"""Plain manifests, a kustomization or a chart: one Application of Argo CD, or one push pipeline, takes a folder."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gitops_sim.agents.remotes import ForgeRemotes
from gitops_sim.errors import BadInput
from gitops_sim.forge import Repository
from gitops_sim.manifests import KUSTOMIZATION_NAMES, Manifest, read_directory, source_type
from gitops_sim.manifests.render import render
from gitops_sim.objects import Key, Object, get_path, group_of
from gitops_sim.reconcile.attention import Attention
from gitops_sim.reconcile.kinds import Used, define
from gitops_sim.views.resources import application_tree, objects_tree
from gitops_sim.views.tree import Node
from gitops_sim.world import World

_NAMESPACE = "default"
_KUSTOMIZATIONS = "{kustomization.yaml,kustomization.yml,*/kustomization.yaml,*/kustomization.yml}"


def run_plain(
    world: World, repository: Repository, name: str, path: str, agent: str, minutes: float
) -> tuple[Node, list[Attention]]:
    """Raises BadInput before anything is done when a manifest cannot be used."""
    commit = repository.tip()
    tree_of_files = repository.tree(commit)
    kind = source_type(tree_of_files, path.strip("/"))
    built = agent == "argocd" and kind != "directory"
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
        app = application(repository, path, built=built)
        world.argocd_in()
        world.cluster().as_user("platform").create(app)
    else:
        world.add_pipeline(repo=repository.name, path=path.strip("/"), recurse=True).run(commit)
    world.run(minutes=minutes)
    if agent == "argocd":
        return application_tree(world.cluster(), app["metadata"]["name"]), attention
    placed = [_placed(world, m) for m in manifests if m.object["metadata"].get("name")]
    return objects_tree(world.cluster(), "Repository", name, placed), attention


def application(repository: Repository, path: str, *, built: bool) -> Object:
    """An Application for a folder of this repository, that syncs by itself."""
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
                folder or ".",
                "is a kustomization, read here as plain manifests",
                "to have it built, name its folder: --path",
                sort="note",
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
                sort="stand-in",
            )


def _undefined_kinds(world: World, manifests: list[Manifest]) -> Iterator[Attention]:
    """Custom resources whose definition the manifests do not bring: one that says nothing stands in for it here."""
    definitions = [m.object for m in manifests if m.object["kind"] == "CustomResourceDefinition"]
    brought = {(str(get_path(d, ("spec", "group"))), str(get_path(d, ("spec", "names", "kind")))) for d in definitions}
    used: dict[tuple[str, str], Used] = {}
    for m in manifests:
        use = used.setdefault((group_of(m.object["apiVersion"]), m.object["kind"]), Used())
        use.namespaced |= "namespace" in m.object["metadata"]
        use.versions += [m.object["apiVersion"]] if m.object["apiVersion"] not in use.versions else []
    for group, kind in sorted(used.keys() - brought):
        if world.cluster().kinds.of(group, kind) is None:
            yield Attention(
                f"{kind}.{group}" if group else kind,
                "is no kind that a new cluster knows, and none of the manifests defines it; taken here as it is",
                "on your cluster its CustomResourceDefinition must be there first, or the sync fails",
                sort="stand-in",
            )
    define({place: use for place, use in used.items() if place not in brought}, world.cluster().as_user("platform"))
