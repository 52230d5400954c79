from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gitops_sim import World
from gitops_sim.server import Served
from tests.server.client import Client


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with World(seed=7).serve(kubeconfig=tmp_path / "kubeconfig") as served:
        yield served


@pytest.fixture
def client(served: Served) -> Client:
    return Client(served.kubeconfig)
