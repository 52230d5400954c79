"""A real cluster with the verbs of the one in memory: what an agent needs, over the Kubernetes API of a kind cluster."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Sequence
from queue import Empty, SimpleQueue
from typing import Any

from gitops_sim.cluster import Cluster
from gitops_sim.cluster.kinds import Kind, Kinds
from gitops_sim.cluster.load import Load
from gitops_sim.cluster.protocol import KindRef, PatchType, Propagation
from gitops_sim.cluster.store import Change
from gitops_sim.errors import ApiError, BadInput, forbidden, not_found
from gitops_sim.kind.context import check_nodes
from gitops_sim.kind.door import Answer, Door
from gitops_sim.kind.marks import is_marked, marked
from gitops_sim.kind.mirror import Mirror
from gitops_sim.kind.paths import collection, one
from gitops_sim.kind.watching import Seen, Watching, listed
from gitops_sim.objects import Key, Object, get_path, with_path
from gitops_sim.randomness import Randomness
from gitops_sim.wallclock import WallClock

AGENTS = "argocd"
"""The namespace in which an agent keeps its own objects: in memory, never in the real cluster."""
_CONTENT = {
    "strategic": "application/strategic-merge-patch+json",
    "merge": "application/merge-patch+json",
    "json": "application/json-patch+json",
}
_ALWAYS_WATCHED = (
    "pods",
    "replicasets.apps",
    "deployments.apps",
    "statefulsets.apps",
    "daemonsets.apps",
    "jobs.batch",
    "services",
)
_CONFLICTS = 5
"""How often an update is tried on a newer version of the object."""


class KindCluster:
    """A kind cluster, behind the same protocol as :class:`~gitops_sim.cluster.cluster.Cluster`.

    It writes only in ``namespaces``, which it makes when they are not there, and cluster-wide only with ``cluster_scoped``;
    everything else is refused as Forbidden before a request is made. What it creates is marked (:mod:`.marks`). With ``dry_run``
    each write asks the server for its answer and leaves everything as it is. An agent's own objects (``argoproj.io``, and what is
    in the namespace ``argocd``) stay in memory.

    Changes arrive by watch in threads; :meth:`receive` hands them on, in the thread that calls it, and :attr:`store` keeps them.
    """

    def __init__(
        self,
        door: Door,
        clock: WallClock,
        *,
        namespaces: Sequence[str],
        cluster_scoped: bool = False,
        dry_run: bool = False,
        any_loopback_server: bool = False,
    ) -> None:
        """Raises BadInput unless the cluster's nodes are kind's; ``any_loopback_server`` leaves that check out, for tests."""
        self.name, self.user, self.clock = door.context.name, "gitops-sim", clock
        self.door, self.namespaces = door, tuple(namespaces)
        self.cluster_scoped, self.dry_run = cluster_scoped, dry_run
        self.kinds = Kinds()
        if not any_loopback_server:
            nodes = door.ask("GET", "/api/v1/nodes").object()
            check_nodes(nodes.get("items") or (), door.context)
        self._learn_custom_kinds()
        self.own = Cluster("agent", clock=clock, controllers=False)
        self.store, self.randomness = Mirror(clock), Randomness()
        self.load = Load()
        """Nobody measures one here."""
        self._prepared: set[str] = set()
        self._watchings: dict[tuple[str, str], Watching] = {}
        self._queue: SimpleQueue[Seen] = SimpleQueue()

    def __deepcopy__(self, memo: dict[int, Any]) -> KindCluster:
        raise BadInput("a real cluster cannot be copied", mend="try what might happen in a simulated world: World()")

    @property
    def home(self) -> str:
        """The namespace of commands that name none."""
        return self.namespaces[0]

    def furnish(self, objects: Iterable[Object]) -> None:
        """What an agent's installation brings along stays in memory."""
        self.own.furnish(objects)

    def as_user(self, user: str, groups: Iterable[str] | None = None) -> KindCluster:
        """The same cluster. The server knows one user, the kubeconfig's; ``user`` is who is told to have acted."""
        view = copy.copy(self)
        view.user, view.own = user, self.own.as_user(user, groups)
        return view

    def informed(self) -> KindCluster:
        """What is read of an agent's own objects comes from its cache; the server answers for all others."""
        view = copy.copy(self)
        view.own = self.own.informed()
        return view

    # ------------------------------------------------------------------ reads

    def kind(self, ref: KindRef) -> Kind:
        """Raises ApiError 404 for an unknown name."""
        found = ref if isinstance(ref, Kind) else self.kinds.find(ref)
        if found is None:
            raise ApiError(404, "NotFound", f'the server doesn\'t have a resource type "{ref}"')
        return found

    def kind_of(self, obj: Object) -> Kind:
        return self.kinds.of_object(obj)

    def serves(self, obj: Object) -> bool:
        """Whether the API knows the kind of a manifest, in the very version that it names; the server is asked about those that
        are unknown here."""
        if self.kinds.serves(obj):
            return True
        try:
            listed = self.door.ask("GET", f"/apis/{obj['apiVersion']}" if "/" in obj["apiVersion"] else "/api/v1").object()
        except ApiError as error:
            if error.code == 404:
                return False
            raise
        return any(found["kind"] == obj["kind"] for found in listed.get("resources") or ())

    def key(self, ref: KindRef, name: str, namespace: str) -> Key:
        kind = self.kind(ref)
        return Key(kind.group, kind.kind, namespace if kind.namespaced else "", name)

    def find(self, kind: KindRef, name: str, namespace: str = "default") -> Object | None:
        known = self.kind(kind)
        if _is_own(known, name, namespace):
            return self.own.find(known, name, namespace)
        if self._watchings:
            self._watch_kind(known)
        answer = self.door.ask("GET", one(known, name, namespace))
        found: Object | None = None if answer.status == 404 else answer.object()
        return found

    def get(self, kind: KindRef, name: str, namespace: str = "default") -> Object:
        found = self.find(kind, name, namespace)
        if found is None:
            known = self.kind(kind)
            raise not_found(known.plural, name, known.group)
        return found

    def list(self, kind: KindRef, namespace: str = "", *, labels: str = "", fields: str = "") -> list[Object]:
        """In ``namespace``, or in all that it works in; a kind that the server does not have has no objects."""
        known = self.kind(kind)
        if _is_own(known, "", namespace):
            return self.own.list(known, namespace, labels=labels, fields=fields)
        selectors = {"labelSelector": labels, "fieldSelector": fields}
        query = {name: value for name, value in selectors.items() if value}
        places = ((namespace,) if namespace else self.namespaces) if known.namespaced else ("",)
        found: list[Object] = []
        for place in places:
            answer = self.door.ask("GET", collection(known, place), query)
            found += [] if answer.status in (404, 405) else listed(known, answer.object())
        return found

    # ------------------------------------------------------------------ writes

    def create(self, obj: Object, *, namespace: str = "", dry_run: bool = False, manager: str = "") -> Object:
        kind = self.kind_of(obj)
        meta = obj["metadata"]
        name, place = str(meta.get("name", "")), str(meta.get("namespace") or namespace) if kind.namespaced else ""
        if _is_own(kind, name, place):
            return self.own.create(obj, namespace=namespace, dry_run=dry_run)
        self._check(kind, name, place)
        if place and place not in self._prepared:
            self._prepare(place)
        query = self._query(dry_run, manager)
        answer = self.door.ask("POST", collection(kind, place), query, marked(obj))
        if answer.status == 409 and answer.repeated and name:
            there = self.find(kind, name, place)
            if there is not None and is_marked(there):
                return there  # the first try had got through
        return self._object(answer)

    def update(self, obj: Object, *, subresource: str = "", dry_run: bool = False, manager: str = "") -> Object:
        """Replaces an object. When somebody wrote it in between, the same is tried on the newer version."""
        kind = self.kind_of(obj)
        name, place = obj["metadata"]["name"], str(obj["metadata"].get("namespace") or "") if kind.namespaced else ""
        if _is_own(kind, name, place):
            return self.own.update(obj, subresource=subresource, dry_run=dry_run)
        self._check(kind, name, place)
        query = self._query(dry_run, manager)
        for _ in range(_CONFLICTS):
            current = self.get(kind, name, place)
            body = with_path(obj, ("metadata", "resourceVersion"), current["metadata"]["resourceVersion"])
            body = marked(body) if is_marked(current) else body
            answer = self.door.ask("PUT", one(kind, name, place, subresource), query, body)
            if answer.status != 409:
                break
        return self._object(answer)

    def patch(
        self,
        kind: KindRef,
        name: str,
        namespace: str,
        body: Any,
        *,
        type: PatchType = "strategic",
        subresource: str = "",
        dry_run: bool = False,
        manager: str = "",
    ) -> Object:
        known = self.kind(kind)
        if _is_own(known, name, namespace):
            return self.own.patch(known, name, namespace, body, type=type, subresource=subresource, dry_run=dry_run)
        self._check(known, name, namespace)
        path = one(known, name, namespace, subresource)
        answer = self.door.ask("PATCH", path, self._query(dry_run, manager), body, _CONTENT[type])
        return self._object(answer)

    def apply(
        self,
        kind: KindRef,
        name: str,
        namespace: str,
        config: Any,
        *,
        manager: str,
        force: bool = False,
        subresource: str = "",
        dry_run: bool = False,
    ) -> Object:
        """Server-side apply. What it creates is marked."""
        known = self.kind(kind)
        if _is_own(known, name, namespace):
            return self.own.apply(
                known, name, namespace, config, manager=manager, force=force, subresource=subresource, dry_run=dry_run
            )
        self._check(known, name, namespace)
        if known.namespaced and namespace not in self._prepared:
            self._prepare(namespace)
        there = self.find(known, name, namespace)
        body = marked(config) if there is None or is_marked(there) else config
        query = {**self._query(dry_run, manager), **({"force": "true"} if force else {})}
        path = one(known, name, namespace, subresource)
        return self._object(self.door.ask("PATCH", path, query, body, "application/apply-patch+yaml"))

    def delete(
        self,
        kind: KindRef,
        name: str,
        namespace: str = "default",
        *,
        propagation: Propagation = "Background",
        grace_period: float | None = None,
        dry_run: bool = False,
    ) -> Object:
        known = self.kind(kind)
        if _is_own(known, name, namespace):
            return self.own.delete(known, name, namespace, propagation=propagation, grace_period=grace_period, dry_run=dry_run)
        self._check(known, name, namespace)
        current = self.get(known, name, namespace)
        options: dict[str, Any] = {"propagationPolicy": propagation, "preconditions": {"uid": current["metadata"]["uid"]}}
        if grace_period is not None:
            options["gracePeriodSeconds"] = int(grace_period)
        if dry_run or self.dry_run:
            options["dryRun"] = ["All"]
        body = {"apiVersion": "v1", "kind": "DeleteOptions", **options}
        answer = self.door.ask("DELETE", one(known, name, namespace), body=body)
        if answer.status == 404 and answer.repeated:
            return current
        answer.object()
        return current

    # ------------------------------------------------------------------ changes

    def evict(self, name: str, namespace: str = "default", *, grace_period: float | None = None, dry_run: bool = False) -> None:
        """Asks the server to delete a Pod unless a budget forbids it."""
        known = self.kind("pods")
        self._check(known, name, namespace)
        grace = {} if grace_period is None else {"gracePeriodSeconds": int(grace_period)}
        options = {**grace, **({"dryRun": ["All"]} if dry_run or self.dry_run else {})}
        meta = {"name": name, "namespace": namespace}
        body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": meta, "deleteOptions": options}
        self.door.ask("POST", one(known, name, namespace, "eviction"), body=body).object()

    def with_managed_fields(self, obj: Object) -> Object:
        """The server always sends them."""
        return obj

    def watch(self, watcher: Callable[[Change], object]) -> None:
        """``watcher`` is told of changes while :meth:`receive` runs; of the agent's own objects at once."""
        self.store.watch(watcher)
        self.own.watch(watcher)

    def follow(self) -> None:
        """Watches from now on what trees and pictures show, and every other kind from the first look at one of its objects on."""
        for name in _ALWAYS_WATCHED:
            self._watch_kind(self.kind(name))

    def receive(self, seconds: float) -> bool:
        """Hands on the changes that have come, after waiting at most ``seconds`` for the first; says whether there were any."""
        try:
            seen = self._queue.get(timeout=seconds) if seconds > 0 else self._queue.get_nowait()
        except Empty:
            return False
        self.clock.catch_up()
        self.store.take(seen, self.user)
        while not self._queue.empty():
            self.store.take(self._queue.get_nowait(), self.user)
        return True

    def close(self) -> None:
        """Ends the watches and the connections."""
        for watching in self._watchings.values():
            watching.stop()
        self.door.close()
        for watching in self._watchings.values():
            watching.join()

    def _watch_kind(self, kind: Kind) -> None:
        """Changes of this kind's objects are reported from now on."""
        for place in self.namespaces if kind.namespaced else ("",):
            if (kind.resource, place) not in self._watchings:
                self._watchings[kind.resource, place] = Watching(self.door, kind, place, self._queue)

    # ------------------------------------------------------------------ inside

    def _check(self, kind: Kind, name: str, namespace: str) -> None:
        """Raises ApiError 403 for a place where nothing may be written."""
        if kind.namespaced and namespace in self.namespaces:
            return
        if not kind.namespaced and (self.cluster_scoped or (kind.resource == "namespaces" and name in self.namespaces)):
            return
        if kind.namespaced:
            why = f"this agent writes in namespace {', '.join(self.namespaces)} only (--namespace changes that)"
        else:
            why = "this agent writes nothing cluster-wide (--cluster-scoped changes that)"
        raise forbidden(kind.plural, name, kind.group, why=why)

    def _prepare(self, namespace: str) -> None:
        """Makes the namespace before the first object in it."""
        self._prepared.add(namespace)
        if self.find("Namespace", namespace) is None:
            self.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})

    def _query(self, dry_run: bool, manager: str) -> dict[str, str]:
        query = {"fieldManager": manager or "gitops-sim"}
        return {**query, "dryRun": "All"} if dry_run or self.dry_run else query

    def _object(self, answer: Answer) -> Object:
        obj: Object = answer.object()
        return obj

    def _learn_custom_kinds(self) -> None:
        definitions = self.door.ask("GET", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions").object()
        for definition in definitions.get("items") or ():
            if get_path(definition, ("spec", "group")) != "argoproj.io":
                self.kinds.learn(definition)


def _is_own(kind: Kind, name: str, namespace: str) -> bool:
    if kind.group == "argoproj.io" or (kind.namespaced and namespace == AGENTS):
        return True
    return kind.resource == "namespaces" and name == AGENTS
