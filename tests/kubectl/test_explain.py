"""``kubectl explain``, compared with what the real kubectl printed from the same documents."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gitops_sim.cluster import Cluster
from gitops_sim.kubectl import Kubectl

RECORDED = json.loads((Path(__file__).parent.parent / "goldens" / "kubectl-explain.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def kubectl() -> Kubectl:
    cluster = Cluster(controllers=False)
    cluster.create(RECORDED["definition"])
    return Kubectl(cluster)


@pytest.mark.parametrize("step", RECORDED["steps"], ids=lambda step: step["cmd"])
def test_it_explains_as_the_real_one_does(kubectl: Kubectl, step: dict[str, Any]) -> None:
    shown = kubectl.run(step["cmd"])
    wanted = {"exit": 0, "stdout": "", "stderr": ""} | step
    assert (shown.exit, shown.stdout, shown.stderr) == (wanted["exit"], wanted["stdout"], wanted["stderr"])
