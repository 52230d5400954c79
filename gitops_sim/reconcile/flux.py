"""The Kustomizations and HelmReleases of a repository, run by a Flux that was bootstrapped at one of its folders."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gitops_sim.agents.flux import inventory
from gitops_sim.forge import Repository
from gitops_sim.reconcile.attention import Attention, from_trace
from gitops_sim.reconcile.result import AgentObject
from gitops_sim.views.flux import GROUP, flux_objects
from gitops_sim.views.resources import objects_tree, owned_objects
from gitops_sim.views.tree import Node
from gitops_sim.world import World

_NAMESPACE = "flux-system"


def run_flux(world: World, repository: Repository, path: str, minutes: float) -> tuple[list[AgentObject], list[Attention]]:
    """``path`` is what ``flux bootstrap`` would be given. The Secret that it makes for its Git credentials is there, too."""
    world.flux_in()
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": _NAMESPACE, "namespace": _NAMESPACE}}
    world.cluster().as_user("platform").create(secret)
    world.add_flux(repo=repository.name, path=path)
    world.run(minutes=minutes)
    found = toolkit_objects(world)
    return found, [*_not_ready(found), *from_trace(world)]


def toolkit_objects(world: World) -> list[AgentObject]:
    """Everything of Flux's kinds as it is now, with what each applied."""
    cluster = world.cluster()
    owned = owned_objects(cluster)
    run = {kind for group, kind in _kinds_that_run(world)}
    found = []
    for fact in flux_objects(cluster):
        obj = cluster.store.get(fact.key)
        assert obj is not None
        kind, name, state = fact.key.kind, fact.key.name, fact.state
        if kind not in run:
            state = "Not run"
        applied = list(inventory.read(obj))
        tree = objects_tree(cluster, kind, name, applied, owned=owned)
        node = Node(kind, name, note=f"{state} {_short(fact.revision)}".strip(), children=tree.children, key=fact.key)
        message = "is stored, but no controller here runs it" if state == "Not run" else fact.message
        found.append(AgentObject(kind, fact.key.namespace, name, fact.revision, message, node, ready=state))
    return found


def _kinds_that_run(world: World) -> Iterator[tuple[str, str]]:
    """Those whose definition came with Flux: the others are taken as they are, like every unknown kind."""
    for group, kind in world.cluster().store.kinds():
        known = world.cluster().kinds.of(group, kind)
        if group.endswith(GROUP) and known is not None and not known.guessed:
            yield group, kind


def _not_ready(found: Sequence[AgentObject]) -> Iterator[Attention]:
    for obj in found:
        if obj.ready not in ("Ready", "Suspended"):
            yield Attention(
                f"{obj.kind}/{obj.namespace}/{obj.name}", obj.message or "says nothing yet", cause=f"{obj.kind} {obj.ready}"
            )


def _short(revision: str) -> str:
    name, mark, sha = revision.rpartition("sha1:")
    return f"{name}{mark}{sha[:7]}" if mark else revision
