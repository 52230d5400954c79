"""An in-memory Kubernetes cluster: the verbs of its API over a versioned store."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from gitops_sim.clock import Clock
from gitops_sim.cluster import defaults, merge, selectors, validation
from gitops_sim.cluster.kinds import Kind, Kinds
from gitops_sim.cluster.protocol import KindRef, PatchType, Propagation
from gitops_sim.cluster.store import Change, Store
from gitops_sim.errors import ApiError, already_exists, bad_request, conflict, forbidden, invalid, not_found
from gitops_sim.errors import Cause
from gitops_sim.objects import Key, Object, changes, dotted, get_path, key_of, with_path, without_path
from gitops_sim.randomness import Randomness
from gitops_sim.registry import Registry
from gitops_sim.trace import Trace

ADMIN = "kubernetes-admin"
_SERVER_OWNED = ("uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation", "resourceVersion")


class Cluster:
    """One cluster, seen as one user: :meth:`as_user` gives another user's view of the same cluster.

    Writes go the way of the real API server: default, validate, compare versions, store, tell the watchers. A write that changes
    nothing keeps its resourceVersion. Source: k8s.io/apiserver ``pkg/registry/generic/registry/store.go``.
    """

    def __init__(
        self,
        name: str = "production",
        *,
        clock: Clock | None = None,
        trace: Trace | None = None,
        randomness: Randomness | None = None,
        registry: Registry | None = None,
        controllers: bool = True,
    ) -> None:
        self.name, self.user = name, ADMIN
        self.clock = clock or Clock()
        self.trace = trace or Trace(self.clock)
        self.randomness = randomness or Randomness()
        self.registry = registry or Registry()
        self.kinds = Kinds()
        self.store = Store(self.clock)
        self.store.watch(self._learn_kinds)
        for namespace in ("default", "kube-node-lease", "kube-public", "kube-system"):
            self.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
        if controllers:
            from gitops_sim.cluster.controllers import start_controllers

            self.controllers = start_controllers(self)
            self.clock.settle()

    def as_user(self, user: str) -> Cluster:
        """The same cluster, with requests made as ``user``."""
        view = copy.copy(self)
        view.user = user
        return view

    # ------------------------------------------------------------------ reads

    def kind(self, ref: KindRef) -> Kind:
        """Raises ApiError 404 ``the server doesn't have a resource type ...`` for an unknown name."""
        found = ref if isinstance(ref, Kind) else self.kinds.find(ref)
        if found is None:
            raise ApiError(404, "NotFound", f'the server doesn\'t have a resource type "{ref}"')
        return found

    def kind_of(self, obj: Object) -> Kind:
        return self.kinds.of_object(obj)

    def key(self, ref: KindRef, name: str, namespace: str) -> Key:
        kind = self.kind(ref)
        return Key(kind.group, kind.kind, namespace if kind.namespaced else "", name)

    def find(self, kind: KindRef, name: str, namespace: str = "default") -> Object | None:
        return self.store.get(self.key(kind, name, namespace))

    def get(self, kind: KindRef, name: str, namespace: str = "default") -> Object:
        found = self.find(kind, name, namespace)
        if found is None:
            known = self.kind(kind)
            raise not_found(known.plural, name, known.group)
        return found

    def list(self, kind: KindRef, namespace: str = "", *, labels: str = "", fields: str = "") -> list[Object]:
        """Sorted by namespace and name; all namespaces when ``namespace`` is empty. Selectors in kubectl's syntax."""
        known = self.kind(kind)
        found = self.store.list(known.group, known.kind, namespace if known.namespaced else "")
        if labels:
            matches = selectors.label_selector(labels)
            found = [obj for obj in found if matches(obj)]
        if fields:
            matches = selectors.field_selector(known, fields)
            found = [obj for obj in found if matches(obj)]
        return found

    def watch(self, watcher: Callable[[Change], object]) -> None:
        self.store.watch(watcher)

    def at(self, time: float) -> Cluster:
        """This cluster as it was at ``time`` (simulated seconds): reads answer as they did then, writes are refused."""
        view = copy.copy(self)
        view.clock = Clock()
        view.clock.now = time
        view.store = self.store.at(time)
        return view

    # ------------------------------------------------------------------ writes

    def create(self, obj: Object, *, namespace: str = "", dry_run: bool = False) -> Object:
        """``namespace`` is the one of the request's path; it must agree with the object's own."""
        kind = self.kinds.of_object(obj)
        obj = self._named(kind, self._placed(kind, obj, namespace))
        for field in _SERVER_OWNED:
            obj = without_path(obj, ("metadata", field))
        if kind.status and not kind.custom:
            obj = without_path(obj, ("status",))
        obj = defaults.default(kind, obj)
        key = key_of(obj)
        self._check_namespace(kind, key)
        if self.store.get(key) is not None:
            raise already_exists(kind.plural, key.name, kind.group)
        validation.validate(kind, obj)
        meta = dict(obj["metadata"])
        meta["uid"] = self.randomness.uid(f"{self.name}/uid") if not dry_run else "00000000-0000-4000-8000-000000000000"
        meta["creationTimestamp"] = self.clock.timestamp()
        if kind.generation:
            meta["generation"] = 1
        obj = {**obj, "metadata": meta}
        if dry_run:
            return obj
        stored = self.store.put(key, obj, self.user)
        self._record("ObjectCreated", key, stored)
        return stored

    def update(self, obj: Object, *, subresource: str = "", dry_run: bool = False) -> Object:
        """Replaces an object, or with ``subresource="status"`` only its status. A resourceVersion in ``obj`` must be the current one."""
        kind = self.kinds.of_object(obj)
        key = key_of(obj)
        current = self.get(kind, key.name, key.namespace)
        sent = obj["metadata"].get("resourceVersion")
        if sent and sent != current["metadata"]["resourceVersion"]:
            raise conflict(kind.plural, key.name, kind.group)
        uid = obj["metadata"].get("uid")
        if uid and uid != current["metadata"]["uid"]:
            raise conflict(
                kind.plural,
                key.name,
                kind.group,
                why=f"Precondition failed: UID in precondition: {uid}, UID in object meta: {current['metadata']['uid']}",
            )
        return self._write(kind, key, current, obj, subresource, dry_run)

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
    ) -> Object:
        """Strategic merge falls back to JSON merge for custom kinds only where the caller asks for it: like the real server, it is refused
        for them (415)."""
        known = self.kind(kind)
        current = self.get(known, name, namespace)
        if type == "json":
            patched = merge.json_patch(current, body)
        elif type == "merge":
            patched = merge.merge_patch(current, body)
        elif known.custom:
            raise ApiError(
                415,
                "UnsupportedMediaType",
                "the body of the request was in an unknown format - accepted media types include: "
                "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml",
            )
        else:
            patched = merge.strategic_merge(known, current, body)
        key = key_of(current)
        sent = get_path(patched, ("metadata", "resourceVersion"))
        if sent and sent != current["metadata"]["resourceVersion"]:
            raise conflict(known.plural, name, known.group)
        if get_path(patched, ("metadata", "name")) != key.name:
            raise bad_request("the name of the object (%s) does not match the name on the URL (%s)"
                              % (get_path(patched, ("metadata", "name")), key.name))
        return self._write(known, key, current, patched, subresource, dry_run)

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
        """Deletes, or marks for deletion: an object with finalizers, a running Pod and a Namespace go when what holds them is done.

        ``Foreground`` and ``Orphan`` are finalizers that the garbage collector works off. Returns the last version.
        """
        known = self.kind(kind)
        current = self.get(known, name, namespace)
        if dry_run:
            return current
        key = key_of(current)
        meta = current["metadata"]
        finalizers = list(meta.get("finalizers") or ())
        wanted = {"Foreground": "foregroundDeletion", "Orphan": "orphan"}.get(propagation)
        if wanted and wanted not in finalizers:
            finalizers.append(wanted)
        grace = _grace_period(known, current, grace_period)
        held = bool(finalizers) or grace > 0 or bool(get_path(current, ("spec", "finalizers")) and known.kind == "Namespace")
        if not held:
            last = self.store.remove(key, self.user)
            self._record("ObjectDeleted", key, last)
            return last
        marked: Object = current
        if finalizers != list(meta.get("finalizers") or ()):
            marked = with_path(marked, ("metadata", "finalizers"), finalizers)
        if not meta.get("deletionTimestamp"):
            marked = with_path(marked, ("metadata", "deletionTimestamp"), self.clock.timestamp(self.clock.now + grace))
            marked = with_path(marked, ("metadata", "deletionGracePeriodSeconds"), int(grace))
            if known.generation:
                marked = with_path(marked, ("metadata", "generation"), meta.get("generation", 0) + 1)
            if known.kind == "Namespace":
                marked = with_path(marked, ("status", "phase"), "Terminating")
        if marked is current:
            return current
        stored = self.store.put(key, marked, self.user)
        self._record("ObjectDeletionRequested", key, stored)
        return stored

    # ------------------------------------------------------------------ the common end of every write

    def _write(self, kind: Kind, key: Key, current: Object, wanted: Object, subresource: str, dry_run: bool) -> Object:
        if subresource == "status":
            new: Object = with_path(current, ("status",), wanted.get("status") or {})
        else:
            meta = dict(wanted["metadata"])
            for field in _SERVER_OWNED:
                meta.pop(field, None)
                if field in current["metadata"]:
                    meta[field] = current["metadata"][field]
            new = {**wanted, "metadata": meta}
            if kind.status:
                new = with_path(new, ("status",), current["status"]) if "status" in current else without_path(new, ("status",))
            new = defaults.default(kind, new)
            validation.validate(kind, new, current)
            if kind.generation and _spec_changed(kind, current, new):
                new = with_path(new, ("metadata", "generation"), current["metadata"].get("generation", 0) + 1)
        if new == current:
            return current
        if dry_run:
            return new
        if new["metadata"].get("deletionTimestamp") and self._nothing_holds(kind, new):
            self.store.put(key, new, self.user)
            last = self.store.remove(key, self.user)
            self._record("ObjectDeleted", key, last)
            return last
        stored = self.store.put(key, new, self.user)
        if subresource != "status":
            self._record("ObjectUpdated", key, stored, current)
        return stored

    @staticmethod
    def _nothing_holds(kind: Kind, obj: Object) -> bool:
        if obj["metadata"].get("finalizers"):
            return False
        if kind.kind == "Namespace" and not kind.group:
            return not get_path(obj, ("spec", "finalizers"))
        return not obj["metadata"].get("deletionGracePeriodSeconds")

    def _placed(self, kind: Kind, obj: Object, namespace: str) -> Object:
        own = obj["metadata"].get("namespace") or ""
        if not kind.namespaced:
            return without_path(obj, ("metadata", "namespace"))
        if namespace and own and own != namespace:
            raise bad_request(
                f"the namespace of the provided object does not match the namespace sent on the request: {own!r} != {namespace!r}"
            )
        placed: Object = with_path(obj, ("metadata", "namespace"), own or namespace or "default")
        return placed

    def _named(self, kind: Kind, obj: Object) -> Object:
        meta = obj["metadata"]
        if meta.get("name"):
            return obj
        prefix = meta.get("generateName")
        if not prefix:
            raise invalid(
                kind.kind,
                "",
                [Cause("metadata.name", "Required value: name or generateName is required", "FieldValueRequired")],
                kind.group,
            )
        named: Object = with_path(
            obj, ("metadata", "name"), prefix[:58] + self.randomness.suffix(f"{self.name}/names/{kind.kind}")
        )
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
        if change.key.kind == "CustomResourceDefinition" and change.type != "DELETED":
            self.kinds.learn(change.object)

    def _record(self, event: str, key: Key, new: Object, old: Object | None = None) -> None:
        """Events and the controllers' bookkeeping stay out of the trace: the objects themselves tell them."""
        if key.kind in ("Event", "Lease", "Endpoints", "EndpointSlice"):
            return
        fields = []
        if old is not None:
            fields = [
                [dotted(path), before, after]
                for path, before, after in changes(old, new)
                if path[0] != "status" and path[:2] not in _NOISE
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


_NOISE = (("metadata", "resourceVersion"), ("metadata", "generation"))


def _spec_changed(kind: Kind, old: Object, new: Object) -> bool:
    """Whether ``metadata.generation`` goes up. A Deployment counts its annotations too (seen on a real server)."""
    if any(old.get(part) != new.get(part) for part in {*old, *new} - {"metadata", "status", "apiVersion"}):
        return True
    return kind.kind == "Deployment" and old["metadata"].get("annotations") != new["metadata"].get("annotations")


def _grace_period(kind: Kind, obj: Object, asked: float | None) -> float:
    """Seconds that a Pod gets to stop; only a Pod that runs on a node has to be waited for."""
    if kind.kind != "Pod" or not get_path(obj, ("spec", "nodeName")):
        return 0
    if get_path(obj, ("status", "phase")) in ("Succeeded", "Failed"):
        return 0
    return asked if asked is not None else float(get_path(obj, ("spec", "terminationGracePeriodSeconds"), 30))
