"""The Applications, ApplicationSets and projects of a repository, run by an Argo CD in an empty cluster."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gitops_sim.agents.argocd.settings import CONFIG_MAP
from gitops_sim.agents.health import HealthStatus, worst
from gitops_sim.agents.remotes import ForgeRemotes
from gitops_sim.clock import Priority
from gitops_sim.errors import ApiError, BadInput
from gitops_sim.forge import Repository
from gitops_sim.manifests.render import render
from gitops_sim.objects import Object, get_path, with_path
from gitops_sim.reconcile.attention import Attention, alike, from_trace
from gitops_sim.reconcile.finding import Found, is_argo
from gitops_sim.reconcile.plain import application
from gitops_sim.reconcile.result import AgentObject
from gitops_sim.reconcile.roots import Built, Roots
from gitops_sim.reconcile.standins import StandIns
from gitops_sim.views.resources import application_tree, owned_objects
from gitops_sim.views.tree import Node
from gitops_sim.world import World

NAMESPACE, KIND, SETS = "argocd", "applications.argoproj.io", "applicationsets.argoproj.io"
_PLURALS = {"Application": KIND, "ApplicationSet": SETS, "AppProject": "appprojects.argoproj.io"}
_LOOK_EVERY = 30.0
_NOTHING = "makes no Application: its generators find nothing here"
_MANUAL = "has no automated sync policy: synced once here, as somebody would with argocd app sync"


class FirstSyncs:
    """Syncs Applications that do not sync by themselves, once each, as somebody would who tries them out."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.done: list[str] = []
        world.clock.after(_LOOK_EVERY, self._look, priority=Priority.AGENT)

    def _look(self) -> None:
        self._world.clock.after(_LOOK_EVERY, self._look, priority=Priority.AGENT)
        for app in self._world.cluster().list(KIND, NAMESPACE):
            name, automated = app["metadata"]["name"], get_path(app, ("spec", "syncPolicy", "automated"))
            off = automated is None or get_path(automated, ("enabled",), True) is False
            if off and name not in self.done and get_path(app, ("status", "sync", "status")) == "OutOfSync":
                self.done.append(name)
                asked = {"initiatedBy": {"username": "platform"}, "sync": {"prune": True}}
                self._world.cluster().update({**app, "operation": asked})


def run_argo(
    world: World, repository: Repository, roots: Roots, stand_ins: StandIns, minutes: float, *, helm: bool = False
) -> tuple[list[AgentObject], list[Attention]]:
    """Applies the roots to the namespace of Argo CD, lets the time pass, and looks at what became of all Applications. ``helm``
    lets kustomizations inflate charts."""
    world.argocd_in()
    if helm:
        _enable_helm(world)
    stand_ins.define_kinds()
    built, attention = _built(world, repository, roots.built, helm=helm)
    attention += _applied(world, [*built, *roots.applied])
    for chart in roots.charts:
        app = with_path(application(repository, chart, built=True), ("metadata", "name"), _name_of(chart, repository))
        world.cluster().as_user("platform").create(app)
    syncs = FirstSyncs(world)
    world.run(minutes=minutes)
    attention += [Attention(f"Application/{name}", _MANUAL, cause=_MANUAL, sort="note") for name in syncs.done]
    found = applications(world)
    attention += _unwell(found)
    told = [f"{obj.kind}/{obj.namespace}/{obj.name}" for obj in found]
    attention += from_trace(world, settled=[f"Application/{NAMESPACE}/{name}" for name in syncs.done], told=told)
    return found, attention


def applications(world: World) -> list[AgentObject]:
    """All Applications and ApplicationSets as they are now."""
    cluster = world.cluster()
    owned = owned_objects(cluster)
    found = [_set(obj) for obj in cluster.list(SETS)]
    for app in cluster.list(KIND):
        meta = app["metadata"]
        tree = application_tree(cluster, meta["name"], meta["namespace"], owned=owned)
        found.append(
            AgentObject(
                "Application", meta["namespace"], meta["name"], tree.note, _message(app), tree, sync=tree.sync, health=tree.health
            )
        )
    return found


def _unwell(found: Sequence[AgentObject]) -> Iterator[Attention]:
    for obj in found:
        if obj.kind == "ApplicationSet" and obj.message == _NOTHING:
            yield Attention(f"{obj.kind}/{obj.name}", _NOTHING, cause=_NOTHING)
        elif not obj.well and (obj.message or obj.sync == "Unknown"):
            message = obj.message or "was not compared"
            yield Attention(f"{obj.kind}/{obj.name}", message, cause=alike(f"{obj.kind} {obj.state}", message))


def overall(found: Sequence[AgentObject]) -> tuple[str, str]:
    """The worst sync status and the worst health of all Applications."""
    apps = [obj for obj in found if obj.kind == "Application"]
    syncs = {obj.sync for obj in apps}
    sync = next((word for word in ("Unknown", "OutOfSync", "Synced") if word in syncs), "Unknown")
    healths: list[HealthStatus] = [obj.health for obj in apps if obj.health]  # type: ignore[misc]
    return sync, worst(healths)


def _enable_helm(world: World) -> None:
    """As who runs such a repository has set it."""
    cluster, options = world.cluster().as_user("platform"), {"kustomize.buildOptions": "--enable-helm"}
    there = cluster.find("configmaps", CONFIG_MAP, NAMESPACE)
    if there is None:
        meta = {"name": CONFIG_MAP, "namespace": NAMESPACE}
        cluster.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": options})
    else:
        cluster.update({**there, "data": {**(there.get("data") or {}), **options}})


def _built(world: World, repository: Repository, built: Sequence[Built], *, helm: bool) -> tuple[list[Found], list[Attention]]:
    """Argo CD's objects that kustomizations make, projects first; of one that cannot be built those that it is made of."""
    found: list[Found] = []
    attention = []
    for one in built:
        try:
            manifests = render(repository.tree(), one.folder, remotes=ForgeRemotes(world.git, helm=helm)).manifests
        except BadInput as error:
            cause = "cannot be built, so its files were taken as they are"
            attention.append(Attention(f"kustomization {one.folder or '.'}", error.what, cause=cause))
            found += one.holds
            continue
        found += [Found(manifest.object, one.folder or ".") for manifest in manifests if is_argo(manifest.object)]
    return sorted(found, key=lambda one: one.kind != "AppProject"), attention


def _applied(world: World, roots: Sequence[Found]) -> Iterator[Attention]:
    cluster = world.cluster().as_user("platform")
    taken: dict[tuple[str, str], str] = {}
    for found in roots:
        known = taken.get((found.kind, found.name))
        if known is not None:
            cause = "has a name that another one has already; the first was taken"
            yield Attention(f"{found.title} of {found.file}", f"is called like the one of {known}", cause=cause)
            continue
        taken[found.kind, found.name] = found.file
        obj = found.object
        if found.namespace not in ("", NAMESPACE):
            cause = f"is not in the namespace {NAMESPACE}, where this Argo CD runs; it was put there"
            yield Attention(found.title, f"is in {found.namespace}", found.file, cause, "note")
        obj = with_path(obj, ("metadata", "namespace"), NAMESPACE)
        try:
            there = cluster.find(_PLURALS[found.kind], found.name, NAMESPACE)
            wanted = _without_status(obj)
            if there is None:
                cluster.create(wanted)
            else:  # the project default comes with Argo CD
                cluster.update({**there, "spec": wanted.get("spec") or {}})
        except ApiError as error:
            yield Attention(f"{found.title} of {found.file}", error.message, cause="was refused by the API server")


def _without_status(obj: Object) -> Object:
    return {name: value for name, value in obj.items() if name not in ("status", "operation")}


def _message(app: Object) -> str:
    conditions = [f"{c.get('type')}: {c.get('message')}" for c in get_path(app, ("status", "conditions")) or ()]
    operation = get_path(app, ("status", "operationState")) or {}
    if operation.get("phase") not in (None, "Succeeded"):
        conditions.append(f"sync {operation.get('phase')}: {operation.get('message')}")
    return "; ".join(conditions)


def _set(obj: Object) -> AgentObject:
    meta = obj["metadata"]
    conditions = get_path(obj, ("status", "conditions")) or ()
    wrong = next((c for c in conditions if c.get("type") == "ErrorOccurred" and c.get("status") == "True"), None)
    made = len(get_path(obj, ("status", "resources")) or ())
    message = str(wrong.get("message")) if wrong else f"{made} Application{'s' * (made != 1)}" if made else _NOTHING
    ready = "Not ready" if wrong else "Ready"
    return AgentObject(obj["kind"], meta["namespace"], meta["name"], "", message, Node(obj["kind"], meta["name"]), ready=ready)


def _name_of(chart: str, repository: Repository) -> str:
    return "".join(c if c.isalnum() else "-" for c in chart.lower()).strip("-")[:50].strip("-") or repository.name
