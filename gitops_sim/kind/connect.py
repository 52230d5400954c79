"""From the name of a context to a cluster that may be worked with."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gitops_sim.kind.cluster import KindCluster
from gitops_sim.kind.context import choose
from gitops_sim.kind.door import Door
from gitops_sim.wallclock import WallClock

NAMESPACE = "gitops-sim"
"""Where everything goes unless told otherwise."""


def _to_stderr(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


@dataclass(frozen=True, slots=True)
class KindSettings:
    """Which kind cluster, and how far one may go in it: see :class:`KindCluster`.

    ``kubeconfig`` is the file; None looks where kubectl looks. ``tell`` is given a line when the server makes one wait.
    ``any_loopback_server`` is for tests: it accepts a server on loopback whose nodes are not kind's.
    """

    context: str
    kubeconfig: Path | None = None
    namespace: str = NAMESPACE
    cluster_scoped: bool = False
    dry_run: bool = False
    any_loopback_server: bool = False
    tell: Callable[[str], object] = _to_stderr


def open_door(settings: KindSettings) -> Door:
    """Requests to the server, before anything was asked of it. Raises BadInput for a context that must not be touched."""
    return Door(choose(settings.context, settings.kubeconfig), settings.tell)


def connect(settings: KindSettings | str, clock: WallClock) -> KindCluster:
    """The cluster, at work while ``clock`` waits. Raises BadInput when it must not be touched; nothing is written yet."""
    if isinstance(settings, str):
        settings = KindSettings(settings)
    cluster = KindCluster(
        open_door(settings),
        clock,
        namespaces=(settings.namespace,),
        cluster_scoped=settings.cluster_scoped,
        dry_run=settings.dry_run,
        any_loopback_server=settings.any_loopback_server,
    )
    cluster.follow()
    clock.pause = cluster.receive
    return cluster
