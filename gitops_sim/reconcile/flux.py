"""The Kustomizations and HelmReleases of a repository, run by a Flux that was bootstrapped at one of its folders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gitops_sim.agents.flux import inventory
from gitops_sim.forge import Repository
from gitops_sim.objects import get_path, labels_of
from gitops_sim.reconcile.attention import Attention, alike, from_trace
from gitops_sim.reconcile.result import AgentObject
from gitops_sim.reconcile.sources import COMPOSED, FETCHED
from gitops_sim.reconcile.standins import StandIns
from gitops_sim.reconcile.substitutes import LABEL
from gitops_sim.views.flux import flux_objects
from gitops_sim.views.resources import objects_tree, owned_objects
from gitops_sim.views.tree import Node
from gitops_sim.world import World

_NAMESPACE, _OPERATOR = "flux-system", "fluxcd.controlplane.io"
_WITHOUT_STATUS = ("Alert", "Provider")
_OPERATOR_KINDS = ("FluxInstance", "ResourceSet", "ResourceSetInputProvider")


def run_flux(
    world: World,
    repository: Repository,
    path: str,
    stand_ins: StandIns,
    minutes: float,
    *,
    source: str = _NAMESPACE,
    operated: bool = False,
) -> tuple[list[AgentObject], list[Attention]]:
    """``path`` is what ``flux bootstrap`` would be given, ``source`` how it calls the repository. The Secret that it makes for
    its Git credentials is there, too. ``operated`` says that the Flux Operator is at work."""
    stand_ins.serve(world.flux_in())
    stand_ins.define_kinds()
    if operated or world.cluster().kinds.of(_OPERATOR, "FluxInstance"):
        _let_alerts_name_more(world)
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": source, "namespace": _NAMESPACE}}
    world.cluster().as_user("platform").create(secret)
    world.add_flux(repo=repository.name, path=path, name=source)
    world.run(minutes=minutes)
    found = toolkit_objects(world)
    failed = list(_not_ready(found))
    told = [f"{obj.kind}/{obj.namespace}/{obj.name}" for obj in found]
    return found, [*failed, *from_trace(world, told=told)]


def toolkit_objects(world: World) -> list[AgentObject]:
    """Everything of Flux's kinds as it is now, with what each applied."""
    cluster = world.cluster()
    owned = owned_objects(cluster)
    run = set(_kinds_that_run(world))
    found = []
    for fact in flux_objects(cluster):
        obj = cluster.store.get(fact.key)
        assert obj is not None
        kind, name, state = fact.key.kind, fact.key.name, fact.state
        if kind in _WITHOUT_STATUS:
            continue  # they have no status of their own
        if kind not in run:
            state = "Not run"
        applied = list(inventory.read(obj))
        tree = objects_tree(cluster, kind, name, applied, owned=owned)
        node = Node(kind, name, note=f"{state} {_short(fact.revision)}".strip(), children=tree.children, key=fact.key)
        message = "is stored, but no controller here runs it" if state == "Not run" else fact.message
        found.append(AgentObject(kind, fact.key.namespace, name, fact.revision, message, node, ready=state))
    return found


def _let_alerts_name_more(world: World) -> None:
    """Where the Flux Operator is at work, Alerts and Receivers may name its kinds, too: it widens their definitions."""
    cluster = world.cluster()
    for name in ("alerts", "receivers"):
        definition = cluster.get("customresourcedefinitions", f"{name}.notification.toolkit.fluxcd.io")
        cluster.update(_widened(definition))


def _widened(value: Any) -> Any:
    """A definition whose kinds that can be named include those of the Flux Operator."""
    if isinstance(value, list):
        kinds = [*value, *_OPERATOR_KINDS] if "GitRepository" in value and "Kustomization" in value else value
        return [_widened(item) for item in kinds]
    return {name: _widened(inner) for name, inner in value.items()} if isinstance(value, Mapping) else value


def _kinds_that_run(world: World) -> Iterator[str]:
    """Those whose definition came with Flux, not with a stand-in."""
    for definition in world.cluster().list("customresourcedefinitions"):
        kind = str(get_path(definition, ("spec", "names", "kind")))
        if LABEL not in labels_of(definition) or kind in (*FETCHED, COMPOSED):
            yield kind


def _not_ready(found: Sequence[AgentObject]) -> Iterator[Attention]:
    for obj in found:
        if obj.ready not in ("Ready", "Suspended"):
            message = obj.message or "says nothing yet"
            cause = alike(f"{obj.kind} {obj.ready}", message)
            yield Attention(f"{obj.kind}/{obj.namespace}/{obj.name}", message, cause=cause)


def _short(revision: str) -> str:
    name, mark, sha = revision.rpartition("sha1:")
    return f"{name}{mark}{sha[:7]}" if mark else revision
