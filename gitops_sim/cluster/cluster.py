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
    limit_ranges,
    patching,
    quotas,
    scale,
    steps,
    validation,
    versions,
)
from gitops_sim.cluster.access import MASTERS, Authorizer, bootstrap, escalation, user_of
from gitops_sim.cluster.admission import Admission
from gitops_sim.cluster.custom import establishing
from gitops_sim.cluster.kinds import Kind, Kinds
from gitops_sim.cluster.load import Load
from gitops_sim.cluster.machines import DEFAULT, Machine, Machines
from gitops_sim.cluster.ownership import server_side
from gitops_sim.cluster.ownership.history import after_update, default_manager
from gitops_sim.cluster.ownership.managers import Owners, read_entries
from gitops_sim.cluster.ownership.server_side import same_owners
from gitops_sim.cluster.protocol import KindRef, PatchType, Propagation
from gitops_sim.cluster.store import Change, Store, Write
from gitops_sim.cluster.three_way import same
from gitops_sim.cluster.view import ClusterView
from gitops_sim.errors import ApiError, BadInput, Cause, already_exists, bad_request, conflict, forbidden, invalid, not_found
from gitops_sim.objects import Key, Object, changes, dotted, get_path, key_of, with_path, without_path
from gitops_sim.randomness import Randomness
from gitops_sim.registry import Registry
from gitops_sim.trace import Trace

ADMIN = "kubernetes-admin"
PARTS = ("ingress", "loadbalancer")
"""What a cluster need not have: a controller that serves Ingresses, and a cloud that gives Services of type LoadBalancer an
address."""
_PROTECTED = ("default", "kube-public", "kube-system")
_SERVER_OWNED = frozenset(
    (
        *("creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp", "generation", "managedFields"),
        *("resourceVersion", "selfLink", "uid"),
    )
)


class Cluster(ClusterView):
    """One cluster, seen as one user: :meth:`as_user` gives another user's view of the same cluster.

    Writes go the way of the real API server: default, validate, compare versions, store, tell the watchers. A write that changes
    nothing keeps its resourceVersion. Source: k8s.io/apiserver ``pkg/registry/generic/registry/store.go``.
    """

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

    def create(self, obj: Object, *, namespace: str = "", manager: str = "", dry_run: bool = False) -> Object:
        """``namespace`` is the one of the request's path; it must agree with the object's own."""
        kind = self._served(decoding.identify(obj))
        if not self.trusted:
            allowed = self.authorize("create", kind, "", namespace or steps.namespace_of(obj))
            return allowed.create(obj, namespace=namespace, manager=manager, dry_run=dry_run)
        if kind.stored:
            asked = versions.asked(kind, obj)
            kept = versions.kept(kind, asked)
            if kind.custom:
                return versions.seen(kind, self._create(kind.stored, kept, namespace, dry_run, manager, asked=asked))
            return versions.seen(kind, self.create(kept, namespace=namespace, manager=manager, dry_run=dry_run))
        if not kind.kept:
            raise ApiError(405, "MethodNotAllowed", "the server does not allow this method on the requested resource")
        return self._create(kind, obj, namespace, dry_run, manager)

    def _create(
        self,
        kind: Kind,
        obj: Object,
        namespace: str,
        dry_run: bool,
        manager: str,
        owners: Owners | None = None,
        asked: Object | None = None,
    ) -> Object:
        """``owners`` are given when the object is applied, ``asked`` is what was sent in another version."""
        obj = decoding.decode(kind, without_path(obj, ("status",)) if kind.status else obj)
        if obj["metadata"].get("resourceVersion"):
            raise ApiError(500, "", "resourceVersion should not be set on objects to be created")
        obj = self._named(kind, steps.placed(kind, obj, namespace), dry_run)
        sent = obj = defaults.default(kind, self._born(kind, obj, dry_run))
        key = key_of(obj)
        self._check_namespace(kind, key)
        obj = self._admission(dry_run).create(kind, obj)
        validation.validate(kind, obj)
        obj = defaults.default(kind, obj)  # as it is read back: what was admitted may have defaults of its own
        escalation.check(self.authorizer, self.store, self.who, kind, obj)
        if self.store.get(key) is not None:
            raise already_exists(kind.plural, key.name, kind.group)
        limit_ranges.check(self.store, kind, obj)
        quotas.check(self.store, kind, obj)
        write = Write(manager, "", sent if asked is None else {**asked, "metadata": sent["metadata"]}, owners)
        if dry_run:
            return self.store.try_out(key, obj, self.user, write)
        stored = self.store.put(key, obj, self.user, write)
        self._record("ObjectCreated", key, stored)
        if establishing.is_definition(kind):
            establishing.settle(self, stored)
        return stored

    def update(self, obj: Object, *, subresource: str = "", manager: str = "", dry_run: bool = False) -> Object:
        """Replaces an object, or with ``subresource="status"`` only its status. A resourceVersion in ``obj`` must be current."""
        kind = self._served(decoding.identify(obj))
        if not self.trusted:
            meta = obj.get("metadata")
            named = str(meta.get("name") or "") if isinstance(meta, Mapping) else ""
            allowed = self.authorize("update", kind, named, steps.namespace_of(obj), subresource)
            return allowed.update(obj, subresource=subresource, manager=manager, dry_run=dry_run)
        if kind.stored:
            kept = versions.kept(kind, versions.asked(kind, obj))
            version = kind.api_version if kind.custom else ""
            return versions.seen(kind, self._update(kind.stored, kept, subresource, dry_run, manager, version))
        return self._update(kind, obj, subresource, dry_run, manager)

    def _update(self, kind: Kind, obj: Object, subresource: str, dry_run: bool, manager: str, version: str = "") -> Object:
        """``version`` is the one that was written in, where ``obj`` came in another."""
        meta = obj.get("metadata")
        name = meta.get("name") if isinstance(meta, Mapping) else None
        if not isinstance(meta, Mapping) or not isinstance(name, str) or not name:
            raise bad_request("the name of the object was undeterminable: name must be provided")
        place = meta.get("namespace")
        current = self.get(kind, name, place if isinstance(place, str) and place else "default")
        key = key_of(current)
        obj = steps.placed(kind, decoding.decode(kind, obj, current), "")
        steps.check_versions(kind, key, current, obj)
        uid = obj["metadata"].get("uid")
        if uid and uid != current["metadata"]["uid"]:
            where = "/".join(part for part in ("/registry", kind.plural, key.namespace, key.name) if part)
            why = (
                f"StorageError: invalid object, Code: 4, Key: {where}, ResourceVersion: 0, AdditionalErrorMsg: Precondition"
                f" failed: UID in precondition: {uid}, UID in object meta: {current['metadata']['uid']}"
            )
            raise conflict(kind.plural, key.name, kind.group, why=why)
        return self._write(kind, key, current, obj, subresource, dry_run, manager, version=version)

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

    # ------------------------------------------------------------------ who owns which field

    def _claimed(self, kind: Kind, current: Object, wanted: Object, subresource: str) -> tuple[Object, Owners | None]:
        """``wanted`` without its managedFields, and the managers that they claim, if these are others than the current ones."""
        if "managedFields" not in wanted["metadata"]:
            return wanted, None
        claimed = None if subresource else read_entries(wanted["metadata"]["managedFields"])
        if claimed is not None and claimed == self._owners(kind, current):
            claimed = None
        return without_path(wanted, ("metadata", "managedFields")), claimed

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

    # ------------------------------------------------------------------ the common end of every update

    def _write(
        self,
        kind: Kind,
        key: Key,
        current: Object,
        wanted: Object,
        subresource: str,
        dry_run: bool,
        manager: str,
        owners: Owners | None = None,
        version: str = "",
    ) -> Object:
        """``wanted`` is decoded and stands for the same object as ``current``; ``owners`` are the managers after an apply, or
        None for those of an update, which was in another ``version`` if that is given."""
        claimed: Owners | None = None
        if owners is None:
            wanted, claimed = self._claimed(kind, current, wanted, subresource)
        if subresource == "status":
            sent = new = self._new_status(kind, current, wanted)
        elif subresource == "finalize" and kind.kind == "Namespace":
            sent = new = with_path(current, ("spec",), wanted.get("spec") or {})
        elif subresource not in ("", "scale"):
            raise steps.no_subresource()
        else:
            sent = self._wanted(kind, current, wanted)
            new = self._new_version(kind, current, sent, dry_run)
            escalation.check(self.authorizer, self.store, self.who, kind, new, current)
        if version:
            sent = {**sent, "apiVersion": version}
        unchanged = new == current and (not kind.custom or same(new, current)) and claimed is None
        if unchanged and (owners is None or same_owners(owners, self._owners(kind, current))):
            return current
        write = Write(manager, subresource, sent, owners)
        if claimed is not None:
            name, now = manager or default_manager(self.user), self.clock.timestamp()
            write.owners = after_update(kind, self._shape(kind), claimed, current, write, name, now)
        if dry_run:
            return self.store.try_out(key, new, self.user, write)
        if new["metadata"].get("deletionTimestamp") and not deletion.held(kind, new):
            self.store.try_out(key, new, self.user, write)
            last = self.store.remove(key, self.user, new)
            self._record("ObjectDeleted", key, last)
            if kind.declared is not None:
                establishing.release(self, kind.group, kind.kind)
            return new
        stored = self.store.put(key, new, self.user, write)
        if subresource != "status":
            self._record("ObjectUpdated", key, stored, current)
        if not subresource and establishing.is_definition(kind):
            establishing.settle(self, stored)
        return stored

    def _new_status(self, kind: Kind, current: Object, wanted: Object) -> Object:
        if not kind.status:
            raise steps.no_subresource()
        new: Object = with_path(current, ("status",), wanted.get("status") or {})
        annotations = wanted["metadata"].get("annotations")
        if kind.kind == "Deployment" and annotations and annotations != current["metadata"].get("annotations"):
            # The status endpoint takes metadata along: that is how a rollout's revision number counts no generation.
            new = with_path(new, ("metadata", "annotations"), annotations)
        validation.validate_status(kind, new, current)
        return new

    def _wanted(self, kind: Kind, current: Object, wanted: Object) -> Object:
        """``wanted`` with what only the server says, and with defaults."""
        deleted_at = wanted["metadata"].get("deletionTimestamp")
        if deleted_at and deleted_at != current["metadata"].get("deletionTimestamp"):
            cause = Cause("metadata.deletionTimestamp", f'Invalid value: "{deleted_at}": field is immutable')
            raise invalid(kind.kind, current["metadata"]["name"], [cause, cause], kind.group)
        meta = {name: value for name, value in wanted["metadata"].items() if name not in _SERVER_OWNED}
        meta |= {name: value for name, value in current["metadata"].items() if name in _SERVER_OWNED}
        new: Object = {**wanted, "metadata": current["metadata"] if meta == current["metadata"] else meta}
        if kind.status:
            new = with_path(new, ("status",), current["status"]) if "status" in current else without_path(new, ("status",))
        return defaults.default(kind, new)

    def _new_version(self, kind: Kind, current: Object, sent: Object, dry_run: bool) -> Object:
        new = self._admission(dry_run).update(kind, sent, current)
        validation.validate(kind, new, current)
        if kind.generation and steps.spec_changed(kind, current, new):
            new = with_path(new, ("metadata", "generation"), (current["metadata"].get("generation") or 0) + 1)
        return new

    # ------------------------------------------------------------------ steps of a write

    def _admission(self, dry_run: bool) -> Admission:
        return Admission(self.store, self.randomness, self._dice(dry_run))

    def _dice(self, dry_run: bool) -> str:
        """A dry run rolls dice of its own: looking ahead must not change what comes."""
        return f"{self.name}/dry-run" if dry_run else self.name

    def _born(self, kind: Kind, obj: Object, dry_run: bool) -> Object:
        """``obj`` with what only the server gives, and without what others claim of it."""
        meta = {name: value for name, value in obj["metadata"].items() if name not in _SERVER_OWNED}
        meta["uid"] = "00000000-0000-4000-8000-000000000000" if dry_run else self.randomness.uid(f"{self.name}/uid")
        meta["creationTimestamp"] = self.clock.timestamp()
        if kind.generation:
            meta["generation"] = 1
        return {**obj, "metadata": meta}

    def _named(self, kind: Kind, obj: Object, dry_run: bool) -> Object:
        meta = obj["metadata"]
        if meta.get("name"):
            return obj
        prefix = meta.get("generateName")
        if not prefix:
            cause = Cause("metadata.name", "Required value: name or generateName is required", "FieldValueRequired")
            raise invalid(kind.kind, "", [cause], kind.group)
        name = prefix[:58] + self.randomness.suffix(f"{self._dice(dry_run)}/names/{kind.kind}")
        named: Object = with_path(obj, ("metadata", "name"), name)
        return named

    def _check_namespace(self, kind: Kind, key: Key) -> None:
        if not kind.namespaced:
            return
        namespace = self.store.get(Key("", "Namespace", "", key.namespace))
        if namespace is None:
            raise not_found("namespaces", key.namespace)
        if namespace["metadata"].get("deletionTimestamp"):
            raise forbidden(
                kind.plural,
                key.name,
                kind.group,
                why=f"unable to create new content in namespace {key.namespace} because it is being terminated",
            )

    def _learn_kinds(self, change: Change) -> None:
        if (change.key.group, change.key.kind) != (establishing.GROUP, establishing.KIND):
            return
        if change.type == "DELETED":
            self.kinds.forget(change.object)
        elif establishing.is_established(change.object):
            self.kinds.learn(change.object)

    def _record(self, event: str, key: Key, new: Object, old: Object | None = None) -> None:
        """Events and the controllers' bookkeeping stay out of the trace: the objects themselves tell them."""
        if key.kind in ("Event", "Lease", "Endpoints", "EndpointSlice"):
            return
        fields = []
        if old is not None:
            fields = [
                [dotted(path), before, after]
                for path, before, after in changes({**old, "status": None}, {**new, "status": None})
                if path[:2] not in _NOISE
            ]
            if not fields:
                return
        self.trace.add(
            self.user,
            event,
            str(key),
            cluster=self.name,
            group=key.group,
            kind=key.kind,
            namespace=key.namespace,
            name=key.name,
            version=new["metadata"]["resourceVersion"],
            fields=fields,
        )


def checked_parts(without: Sequence[str], where: str = "without") -> tuple[str, ...]:
    """Raises BadInput for what no cluster can do without."""
    for part in without:
        if part not in PARTS:
            raise BadInput(f"a cluster cannot be without {part!r}", where=where, mend="use " + " or ".join(PARTS))
    return tuple(without)


_NOISE = (("metadata", "resourceVersion"), ("metadata", "generation"))
