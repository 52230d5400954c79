"""What commands that change one object at a time have in common: find it, build the new version, send the difference, print.

Source: k8s.io/kubectl ``pkg/cmd/set/helper.go``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gitops_sim.errors import GitOpsSimError
from gitops_sim.kubectl.info import Info
from gitops_sim.kubectl.invocation import Invocation
from gitops_sim.kubectl.requests import manager
from gitops_sim.objects import Object

_GONE = object()


def difference(old: Any, new: Any) -> Any:
    """The JSON merge patch that makes ``new`` of ``old``; an empty mapping when they are equal."""
    patch: dict[str, Any] = {}
    for key in sorted({*old, *new}):
        before, after = old.get(key, _GONE), new.get(key, _GONE)
        if before == after:
            continue
        if after is _GONE:
            patch[key] = None
        elif isinstance(before, Mapping) and isinstance(after, Mapping):
            patch[key] = difference(before, after)
        else:
            patch[key] = after
    return patch


def send(inv: Invocation, info: Info, new: Object, *, dry_run: bool | None = None) -> Object:
    """Patches the object to ``new`` and returns what the server made of it."""
    patch = difference(info.object, new)
    server = inv.dry_run == "server" if dry_run is None else dry_run
    return inv.cluster.patch(info.kind, info.name, info.namespace, patch, type="merge", manager=manager(inv), dry_run=server)


def each(infos: list[Info], errors: list[GitOpsSimError], act: Callable[[Info], None]) -> None:
    """Does something for every object; what goes wrong with one does not keep the others from it."""
    for info in infos:
        try:
            act(info)
        except GitOpsSimError as error:
            errors.append(error)
