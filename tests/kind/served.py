"""Our own server in the place of a kind cluster, with a proxy in front of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gitops_sim.kind import KindSettings
from gitops_sim.server import Served
from gitops_sim.world import World
from tests.kind.proxy import Proxy

CONTEXT = "kind-test"
SPEED = 50.0
"""Simulated seconds of the served world in a real one."""


@dataclass
class Stand:
    """``world`` is what is served; ``settings`` lead to it through ``proxy``."""

    world: World
    served: Served
    proxy: Proxy
    settings: KindSettings
    told: list[str]


@contextmanager
def stand(tmp_path: Path, **settings: Any) -> Iterator[Stand]:
    """For the time of the block."""
    world = World(clusters=(CONTEXT,))
    with world.serve(speed=SPEED, kubeconfig=tmp_path / "direct") as served, Proxy(served.server) as proxy:
        config = tmp_path / "kubeconfig"
        config.write_text((tmp_path / "direct").read_text().replace(served.server, proxy.address))
        told: list[str] = []
        chosen = {"kubeconfig": config, "any_loopback_server": True, "tell": told.append, **settings}
        yield Stand(world, served, proxy, KindSettings(CONTEXT, **chosen), told)
