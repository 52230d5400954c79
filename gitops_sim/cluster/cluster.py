"""An in-memory Kubernetes cluster: the verbs of its API over a versioned store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gitops_sim.clock import Clock
from gitops_sim.cluster import (
    decoding,
    defaults,
    deletion,
    eviction,
    patching,
    scale,
    steps,
    versions,
)
from gitops_sim.cluster.access import MASTERS, Authorizer, bootstrap, user_of
from gitops_sim.cluster.custom import establishing
from gitops_sim.cluster.kinds import Kind, Kinds
from gitops_sim.cluster.load import Load
from gitops_sim.cluster.machines import DEFAULT, Machine, Machines
from gitops_sim.cluster.ownership import server_side
from gitops_sim.cluster.protocol import KindRef, PatchType, Propagation
from gitops_sim.cluster.store import Change, Store
from gitops_sim.cluster.writes import ClusterWrites
from gitops_sim.errors import BadInput, bad_request, conflict, forbidden, not_found
from gitops_sim.objects import Object, get_path, key_of, without_path
from gitops_sim.randomness import Randomness
from gitops_sim.registry import Registry
from gitops_sim.trace import Trace

ADMIN = "kubernetes-admin"
PARTS = ("ingress", "loadbalancer")
"""What a cluster need not have: a controller that serves Ingresses, and a cloud that gives Services of type LoadBalancer an
address."""
_PROTECTED = ("default", "kube-public", "kube-system")


class Cluster(ClusterWrites):
    """One cluster, seen as one user: :meth:`as_user` gives another user's view of the same cluster."""

    home = "default"
    """The namespace of commands that name none."""

    def __init__(
        self,
        name: str = "production",
        *,
        clock: Clock | None = None,
        trace: Trace | None = None,
        randomness: Randomness | None = None,
        registry: Registry | None = None,
        controllers: bool = True,
        machines: Sequence[Machine] = DEFAULT,
        without: Sequence[str] = (),
    ) -> None:
        self.name, self.user = name, ADMIN
        self.who = user_of(ADMIN, (MASTERS,))
        self.trusted = True
        self.reads_freely = True
        self.people = {}
        self.authorizer = Authorizer()
        self.clock = clock or Clock()
        self.trace = Trace(self.clock) if trace is None else trace  # an empty one counts as false
        self.randomness = randomness or Randomness()
        self.registry = registry or Registry()
        self.load = Load()
        self.machines = Machines(machines)
        self.without = checked_parts(without)
        self.kinds = Kinds()
        self.store = Store(self.clock)
        self.store.watch(self._learn_kinds)
        self.furnish(bootstrap.objects())
        for namespace in ("default", "kube-node-lease", "kube-public", "kube-system"):
            self.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
        if controllers:
            from gitops_sim.cluster.controllers import start_controllers

            self.controllers = start_controllers(self)
            self.clock.settle()
        self.born = self.store.revision
        """The revision at which the cluster was ready: older ones were never anybody's to see."""

    def furnish(self, objects: Iterable[Object]) -> None:
        """Puts objects there, if they are not, as if they had always been: no revision, no trace, and dice of their own."""
        for manifest in objects:
            kind = self.kinds.of_object(manifest)
            key = key_of(manifest)
            if self.store.get(key) is None:
                defines = establishing.is_definition(kind)
                uid = self.randomness.uid(f"{self.name}/{'definitions' if defines else 'furniture'}")
                meta = {**manifest["metadata"], "uid": uid, "creationTimestamp": self.clock.timestamp()}
                made = defaults.default(kind, {**manifest, "metadata": meta})
                if defines:
                    made = {**made, "metadata": {**meta, "generation": 1}, "status": establishing.status(self, made)}
                    self.kinds.learn(made)
                self.store.furnish(key, made)

    # ------------------------------------------------------------------ writes

    def patch(
        self,
        kind: KindRef,
        name: str,
        namespace: str,
        body: Any,
        *,
        type: PatchType = "strategic",
        subresource: str = "",
        manager: str = "",
        dry_run: bool = False,
    ) -> Object:
        """A strategic merge patch of a custom resource is refused (415): its lists have no merge keys. ``subresource`` is
        ``status`` or ``scale``; the latter answers with a Scale."""
        known = self.kind(kind)
        if not self.trusted:
            allowed = self.authorize("patch", known, name, namespace, subresource)
            return allowed.patch(
                known, name, namespace, body, type=type, subresource=subresource, manager=manager, dry_run=dry_run
            )
        current = self.get(known, name, namespace)
        if known.stored and subresource == "scale":
            scaled = scale.patched(known, current, body, type)
            return scale.of(known, self.update(scaled, manager=manager, dry_run=dry_run))
        if known.stored:
            wanted = patching.patched(known, current, body, type)
            return self.update(wanted, subresource=subresource, manager=manager, dry_run=dry_run)
        key = key_of(current)
        if subresource == "scale":
            scaled = scale.patched(known, current, body, type)
            return scale.of(known, self._write(known, key, current, scaled, "scale", dry_run, manager))
        base = self.with_managed_fields(current) if patching.speaks_of_managers(body) else current
        patched = patching.patched(known, base, body, type)
        steps.check_versions(known, key, current, patched)
        steps.check_uid(known, current, patched)
        return self._write(known, key, current, patched, subresource, dry_run, manager)

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
        """Server-side apply: ``config`` is what ``manager`` wants, and all that it owns afterwards. Creates a missing object."""
        if not self.trusted:
            known = self.kind(kind)
            allowed = self.authorize("patch", known, name, namespace, subresource)
            if self.store.get(self.key(known, name, namespace)) is None:
                self.authorize("create", known, name, namespace)
            more: dict[str, Any] = {"manager": manager, "force": force, "subresource": subresource, "dry_run": dry_run}
            return allowed.apply(known, name, namespace, config, **more)
        known = self.kind(kind)
        if not isinstance(config, Mapping):
            word = "array" if isinstance(config, list) else "string" if isinstance(config, str) else "number"
            raise bad_request(
                "error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal "
                f"{word} into Go value of type map[string]interface {{}}"
            )
        if known.stored:
            made = versions.kept(known, server_side.checked(known, self._shape(known), name, namespace, config))
            put = self.apply(
                known.stored, name, namespace, made, manager=manager, force=force, subresource=subresource, dry_run=dry_run
            )
            return versions.seen(known, put)
        current = self.find(known, name, namespace)
        if subresource == "scale" and current is not None:
            return self._apply_scale(known, current, config, manager, force, dry_run)
        config = server_side.checked(known, self._shape(known), name, namespace, config)
        apply = server_side.Apply(known, self._shape(known), manager, subresource, force, self.clock.timestamp())
        if current is None:
            return self._create_applied(known, name, namespace, config, subresource, dry_run, apply, manager)
        key, before = key_of(current), self._owners(known, current)
        new, owners = apply.merged(before, current, config)
        new = decoding.decode(known, new, current)
        steps.check_versions(known, key, current, new)
        steps.check_uid(known, current, new)
        return self._write(known, key, current, new, subresource, dry_run, manager, owners)

    def _create_applied(
        self,
        kind: Kind,
        name: str,
        namespace: str,
        config: Object,
        subresource: str,
        dry_run: bool,
        apply: server_side.Apply,
        manager: str,
    ) -> Object:
        uid = config["metadata"].get("uid")
        if subresource:
            raise not_found(kind.plural, name, kind.group)
        if uid:
            why = f"uid mismatch: the provided object specified uid {uid}, and no existing object was found"
            raise conflict(kind.plural, name, kind.group, why=why)
        obj = without_path(config, ("metadata", "resourceVersion"))
        return self._create(kind, obj, namespace, dry_run, manager, apply.created(config))

    def _apply_scale(self, kind: Kind, current: Object, config: Any, manager: str, force: bool, dry_run: bool) -> Object:
        wanted = scale.patched(kind, current, {"spec": {"replicas": get_path(config, ("spec", "replicas"), 0)}}, "merge")
        before = self._owners(kind, current)
        replicas = wanted["spec"].get("replicas")
        owners = server_side.scaled(kind, before, current, replicas, manager, force, self.clock.timestamp())
        return scale.of(kind, self._write(kind, key_of(current), current, wanted, "scale", dry_run, manager, owners))

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
        """Deletes, or marks for deletion: an object with finalizers, a running Pod and a Namespace go when nothing holds them.

        ``Foreground`` and ``Orphan`` are finalizers that the garbage collector works off. Returns the last version.
        """
        known = self.kind(kind)
        if not self.trusted:
            allowed = self.authorize("delete", known, name, namespace)
            return allowed.delete(known, name, namespace, propagation=propagation, grace_period=grace_period, dry_run=dry_run)
        known = known.stored or known
        current = self.get(known, name, namespace)
        if known.kind == "Namespace" and name in _PROTECTED:
            raise forbidden("namespaces", name, why="this namespace may not be deleted")
        if dry_run:
            return current
        key = key_of(current)
        marked = deletion.marked(known, current, propagation, grace_period, self.clock)
        if not deletion.held(known, marked):
            last = self.store.remove(key, self.user, marked if known.kind == "Pod" else None)
            self._record("ObjectDeleted", key, last)
            if known.declared is not None:
                establishing.release(self, known.group, known.kind)
            return last
        if marked is current:
            return current
        stored = self.store.put(key, marked, self.user)
        self._record("ObjectDeletionRequested", key, stored)
        if establishing.is_definition(known):
            establishing.clear(self, stored)
        return stored

    def evict(self, name: str, namespace: str = "default", *, grace_period: float | None = None, dry_run: bool = False) -> None:
        """Deletes a Pod for the sake of its node. Raises ApiError 429 when a PodDisruptionBudget forbids it now."""
        if not self.trusted:
            allowed = self.authorize("create", self.kind("pods"), name, namespace, "eviction")
            return allowed.evict(name, namespace, grace_period=grace_period, dry_run=dry_run)
        pod = self.get("pods", name, namespace)
        budget = eviction.budget_of(self.store, pod)
        if not dry_run:
            if budget is not None:
                self.update(eviction.spent(budget), subresource="status")
            if "deletionTimestamp" not in pod["metadata"]:
                self.update(eviction.marked(pod, self.clock.timestamp()), subresource="status")
        self.delete("pods", name, namespace, grace_period=grace_period, dry_run=dry_run)
        return None

    # ------------------------------------------------------------------ inside

    def _learn_kinds(self, change: Change) -> None:
        if (change.key.group, change.key.kind) != (establishing.GROUP, establishing.KIND):
            return
        if change.type == "DELETED":
            self.kinds.forget(change.object)
        elif establishing.is_established(change.object):
            self.kinds.learn(change.object)


def checked_parts(without: Sequence[str], where: str = "without") -> tuple[str, ...]:
    """Raises BadInput for what no cluster can do without."""
    for part in without:
        if part not in PARTS:
            raise BadInput(f"a cluster cannot be without {part!r}", where=where, mend="use " + " or ".join(PARTS))
    return tuple(without)
