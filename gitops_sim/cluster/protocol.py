"""What an agent may assume of a cluster, simulated or real."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Literal, Protocol

from gitops_sim.cluster.kinds import Kind, Kinds
from gitops_sim.cluster.store import Change
from gitops_sim.objects import Object

KindRef = Kind | str
"""A kind, or any name of it that kubectl takes (``deploy``, ``Deployment``, ``deployments.apps``)."""

PatchType = Literal["strategic", "merge", "json"]
Propagation = Literal["Background", "Foreground", "Orphan"]


class ClusterAPI(Protocol):
    """The verbs of the Kubernetes API, spoken as one user. Every verb raises :class:`~gitops_sim.errors.ApiError`.

    ``manager`` is the field manager that a write is on behalf of; without it, one that goes with the user.

    Objects that come back are frozen: build new ones with :mod:`gitops_sim.objects`.
    """

    name: str
    user: str
    kinds: Kinds

    def as_user(self, user: str, groups: Iterable[str] | None = None) -> ClusterAPI:
        """The same cluster, with requests made as ``user``, a member of ``groups``."""
        ...

    def informed(self) -> ClusterAPI:
        """The same user with a cache that watches fill: what is in it can be read whatever becomes of the rights."""
        ...

    def furnish(self, objects: Iterable[Object]) -> None:
        """Objects that an installation brings along, if they are not there: no step of any story."""
        ...

    def kind_of(self, obj: Object) -> Kind: ...

    def serves(self, obj: Object) -> bool:
        """Whether the API knows the kind of a manifest, in the very version that it names."""
        ...

    def get(self, kind: KindRef, name: str, namespace: str = "default") -> Object: ...

    def find(self, kind: KindRef, name: str, namespace: str = "default") -> Object | None:
        """Like ``get``, but None instead of NotFound."""
        ...

    def list(self, kind: KindRef, namespace: str = "", *, labels: str = "", fields: str = "") -> list[Object]: ...

    def create(self, obj: Object, *, namespace: str = "", manager: str = "", dry_run: bool = False) -> Object: ...

    def update(self, obj: Object, *, subresource: str = "", manager: str = "", dry_run: bool = False) -> Object: ...

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
    ) -> Object: ...

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
        ...

    def delete(
        self,
        kind: KindRef,
        name: str,
        namespace: str = "default",
        *,
        propagation: Propagation = "Background",
        grace_period: float | None = None,
        dry_run: bool = False,
    ) -> Object: ...

    def with_managed_fields(self, obj: Object) -> Object:
        """An object that came out of a verb or a watch, with ``metadata.managedFields``."""
        ...

    def watch(self, watcher: Callable[[Change], object]) -> None: ...
