"""A cluster seen by somebody: who asks, what they may, and what they can read."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Self

from gitops_sim.clock import Clock
from gitops_sim.cluster import selectors, versions
from gitops_sim.cluster.access import MASTERS, Authorizer, User, Verdict, user_of
from gitops_sim.cluster.access.refusal import refusal
from gitops_sim.cluster.access.rules import Asked
from gitops_sim.cluster.events import forgotten
from gitops_sim.cluster.kinds import Kind, Kinds
from gitops_sim.cluster.ownership.history import owners_of
from gitops_sim.cluster.ownership.managers import Owners, entries
from gitops_sim.cluster.ownership.shapes import Shape, shape_of
from gitops_sim.cluster.protocol import KindRef
from gitops_sim.cluster.store import Change, Store
from gitops_sim.errors import ApiError, not_found
from gitops_sim.objects import Key, Object, get_path, with_path


class ClusterView:
    """One cluster, seen as one user: :meth:`as_user` gives another user's view of the same cluster."""

    user: str
    who: User
    trusted: bool
    """Whether the verbs look at no rights: for members of ``system:masters``, and where they were looked at before."""
    reads_freely: bool
    """Whether only writes look at rights."""
    people: Mapping[str, tuple[str, ...]]
    """The groups of the people that a world gives some; all others are administrators."""
    authorizer: Authorizer
    clock: Clock
    kinds: Kinds
    store: Store

    def __copy__(self) -> Self:
        view = object.__new__(type(self))
        view.__dict__.update(self.__dict__)
        return view

    def as_user(self, user: str, groups: Iterable[str] | None = None) -> Self:
        """The same cluster, with requests made as ``user``, a member of ``groups``.

        Without ``groups`` they are what the cluster knows: those of a ServiceAccount, those that the world gives to a person, and
        ``system:masters`` for every other person.
        """
        if groups is None:
            groups = self.people.get(user, () if user.startswith("system:") else (MASTERS,))
        view = copy.copy(self)
        view.user, view.who = user, user_of(user, groups)
        view.trusted = view.reads_freely = view.who.all_powerful
        return view

    def seen_as(self, who: User) -> Self:
        """The same cluster for somebody who showed who they are."""
        view = self.as_user(who.name, who.groups)
        view.who = who
        return view

    def informed(self) -> Self:
        """The same user with a cache that watches fill: what is in it can be read whatever becomes of the rights."""
        view = copy.copy(self)
        view.reads_freely = True
        return view

    def as_component(self, user: str) -> Self:
        """The same cluster for a part of the control plane, which is not held to roles here."""
        view = self.as_user(user)
        view.trusted = view.reads_freely = True
        return view

    # ------------------------------------------------------------------ rights

    def verdict(self, asked: Asked, user: User | None = None) -> Verdict:
        """Whether this user, or another one, may."""
        return self.authorizer.verdict(self.store, user or self.who, asked)

    def authorize(self, verb: str, kind: Kind, name: str = "", namespace: str = "", subresource: str = "") -> Self:
        """Raises Forbidden unless the user may; returns the cluster as one who was let in, whose verbs do not ask again."""
        if not self.authorizer.unlimited(self.store, self.who):
            place = namespace if kind.namespaced else name if kind.kind == "Namespace" and not kind.group else ""
            asked = Asked(verb, kind.group, kind.plural, subresource, place, name)
            verdict = self.verdict(asked)
            if not verdict.allowed:
                raise refusal(self.user, asked, verdict.reason)
        if self.trusted:
            return self
        view = copy.copy(self)
        view.trusted = view.reads_freely = True
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

    def serves(self, obj: Object) -> bool:
        """Whether the API knows the kind of a manifest, in the very version that it names."""
        return self.kinds.serves(obj)

    def _served(self, obj: Object) -> Kind:
        """The kind of a manifest. Raises ApiError 404 for a version that its definition does not serve."""
        kind = self.kinds.of_object(obj)
        if kind.declared is not None and (obj["apiVersion"] != kind.api_version or not kind.served):
            raise ApiError(404, "NotFound", "the server could not find the requested resource", details={})
        return kind

    def key(self, ref: KindRef, name: str, namespace: str) -> Key:
        kind = self.kind(ref)
        kind = kind.stored or kind
        return Key(kind.group, kind.kind, namespace if kind.namespaced else "", name)

    def find(self, kind: KindRef, name: str, namespace: str = "default") -> Object | None:
        known = self.kind(kind)
        if not self.reads_freely:
            self.authorize("get", known, name, namespace)
        found = self.store.get(self.key(known, name, namespace))
        if found is None or (known.kind == "Event" and forgotten(self, found)):
            return None
        return found if known.stored is None else versions.seen(known, found)

    def get(self, kind: KindRef, name: str, namespace: str = "default") -> Object:
        found = self.find(kind, name, namespace)
        if found is None:
            known = self.kind(kind)
            raise not_found(known.plural, name, known.group)
        return found

    def list(self, kind: KindRef, namespace: str = "", *, labels: str = "", fields: str = "") -> list[Object]:
        """Sorted by namespace and name; all namespaces when ``namespace`` is empty. Selectors in kubectl's syntax."""
        known = self.kind(kind)
        if not self.reads_freely:
            self.authorize("list", known, "", namespace)
        stored = known.stored or known
        found = self.store.list(stored.group, stored.kind, namespace if known.namespaced else "")
        if stored.kind == "Event":
            found = [event for event in found if not forgotten(self, event)]
        if known.stored:
            found = [versions.seen(known, obj) for obj in found]
        if labels:
            by_labels = selectors.label_selector(labels)
            found = [obj for obj in found if by_labels(obj)]
        if fields:
            by_fields = selectors.field_selector(known, fields)
            found = [obj for obj in found if by_fields(obj)]
        return found

    def watch(self, watcher: Callable[[Change], object]) -> None:
        self.store.watch(watcher)

    def at(self, time: float) -> Self:
        """This cluster as it was at ``time`` (simulated seconds): reads answer as they did then, writes are refused."""
        view = copy.copy(self)
        view.clock = Clock()
        view.clock.now = time
        view.store = self.store.at(time)
        return view

    # ------------------------------------------------------------------ who owns which field

    def with_managed_fields(self, obj: Object) -> Object:
        """``obj``, any version that came out of a verb or a watch, with ``metadata.managedFields``: how the API shows it."""
        tried, version = self.store.tried, get_path(obj, ("metadata", "resourceVersion")) or ""
        if tried is not None and obj is tried.object:
            change = tried
        elif version.isdigit() and 0 < int(version) <= len(self.store.log):
            change = self.store.log[int(version) - 1]
        else:
            return obj
        if change.key.kind != obj.get("kind"):
            return obj
        kind = self.kinds.of_object(obj)
        managed = entries(self._owners_after(kind.stored or kind, change))
        shown: Object = with_path(obj, ("metadata", "managedFields"), managed) if managed else obj
        return shown

    def _owners(self, kind: Kind, current: Object) -> Owners:
        return self._owners_after(kind, self.store.log[int(current["metadata"]["resourceVersion"]) - 1])

    def _owners_after(self, kind: Kind, change: Change) -> Owners:
        return owners_of(self.store, change, kind, partial(self._shape, kind), self.clock.timestamp)

    def _shape(self, kind: Kind) -> Shape:
        definition = Key("apiextensions.k8s.io", "CustomResourceDefinition", "", kind.resource)
        return shape_of(kind, self.store.get(definition) if kind.custom else None)
