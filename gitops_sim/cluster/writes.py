"""How every write goes: the verbs that create and replace, and the way that all others share with them."""

from __future__ import annotations

from collections.abc import Mapping

from gitops_sim.cluster import decoding, defaults, deletion, limit_ranges, quotas, steps, validation, versions
from gitops_sim.cluster.access import escalation
from gitops_sim.cluster.admission import Admission
from gitops_sim.cluster.custom import establishing
from gitops_sim.cluster.kinds import Kind
from gitops_sim.cluster.ownership.history import after_update, default_manager
from gitops_sim.cluster.ownership.managers import Owners, read_entries
from gitops_sim.cluster.ownership.server_side import same_owners
from gitops_sim.cluster.store import Write
from gitops_sim.cluster.three_way import same
from gitops_sim.cluster.view import ClusterView
from gitops_sim.errors import ApiError, Cause, already_exists, bad_request, conflict, forbidden, invalid, not_found
from gitops_sim.objects import Key, Object, changes, dotted, key_of, with_path, without_path
from gitops_sim.randomness import Randomness
from gitops_sim.trace import Trace

_NOISE = (("metadata", "resourceVersion"), ("metadata", "generation"))
"""What changes with every write and tells nothing."""


class ClusterWrites(ClusterView):
    """A cluster that can be written to.

    Writes go the way of the real API server: default, validate, compare versions, store, tell the watchers. A write that changes
    nothing keeps its resourceVersion. Source: k8s.io/apiserver ``pkg/registry/generic/registry/store.go``.
    """

    name: str
    trace: Trace
    randomness: Randomness

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
            sent = new = steps.with_status(kind, current, wanted)
        elif subresource == "finalize" and kind.kind == "Namespace":
            sent = new = with_path(current, ("spec",), wanted.get("spec") or {})
        elif subresource not in ("", "scale"):
            raise steps.no_subresource()
        else:
            sent = steps.completed(kind, current, wanted)
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

    def _claimed(self, kind: Kind, current: Object, wanted: Object, subresource: str) -> tuple[Object, Owners | None]:
        """``wanted`` without its managedFields, and the managers that they claim, if these are others than the current ones."""
        if "managedFields" not in wanted["metadata"]:
            return wanted, None
        claimed = None if subresource else read_entries(wanted["metadata"]["managedFields"])
        if claimed is not None and claimed == self._owners(kind, current):
            claimed = None
        return without_path(wanted, ("metadata", "managedFields")), claimed

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
        meta = {name: value for name, value in obj["metadata"].items() if name not in steps.SERVER_OWNED}
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
