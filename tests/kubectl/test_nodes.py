"""Nodes by kubectl: what the real kubectl 1.37.1 said to a world behind an HTTP server, and what becomes of the Pods."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from gitops_sim import World
from gitops_sim.output import Output

RECORDED = json.loads((Path(__file__).parent.parent / "goldens" / "kubectl-nodes.json").read_text(encoding="utf-8"))
_SUFFIX = re.compile(r"\b(api|web|log)(-[bcdfghjklmnpqrstvwxz2456789]{7,10})?-[bcdfghjklmnpqrstvwxz2456789]{5}\b")


def workload(kind: str, name: str, **spec: Any) -> dict[str, Any]:
    pod = {"nodeSelector": {"kubernetes.io/hostname": "node-1"}, "containers": [{"name": "c", "image": "nginx:1"}]}
    if kind == "DaemonSet":
        del pod["nodeSelector"]
    template = {"metadata": {"labels": {"app": name}}, "spec": pod}
    whole = {"selector": {"matchLabels": {"app": name}}, "template": template, **spec}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name}, "spec": whole}


def budget(name: str, least: int) -> dict[str, Any]:
    spec = {"minAvailable": least, "selector": {"matchLabels": {"app": name}}}
    return {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": name}, "spec": spec}


def recorded_world() -> World:
    """Two nodes; on the first a Pod of its own, one with local data, a daemon, and two Deployments, one under a budget."""
    world = World(seed=7, nodes={"node-1": {"cpu": "2"}, "node-2": {"cpu": "2"}})
    home = world.cluster()
    for name, volumes in (("bare", []), ("local", [{"name": "v", "emptyDir": {}}])):
        spec = {"nodeName": "node-1", "volumes": volumes, "containers": [{"name": "c", "image": "nginx:1"}]}
        home.create({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec})
    for manifest in (
        workload("DaemonSet", "log"),
        workload("Deployment", "web"),
        workload("Deployment", "api"),
        budget("api", 1),
    ):
        home.create(manifest)
    return world.run(30)


def shown(output: Output | dict[str, Any], command: str) -> list[Any]:
    given = output if isinstance(output, dict) else {"stdout": output.stdout, "stderr": output.stderr, "exit": output.exit}
    out = _SUFFIX.sub(r"\1-<rand>", given["stdout"])
    lines = sorted(out.splitlines()) if command.startswith("drain") else out
    """A real drain works on all Pods at once: its lines come in an order of chance."""
    return [lines, _SUFFIX.sub(r"\1-<rand>", given["stderr"]), given["exit"]]


def test_commands_about_nodes_say_what_the_real_ones_say() -> None:
    world = recorded_world()
    for step in RECORDED:
        command = step["cmd"]
        assert shown(world.kubectl(command), command) == shown(step, command), command


@pytest.mark.parametrize("shuffle", [None, 1, 2])
def test_a_drain_waits_for_the_budget(shuffle: int | None) -> None:
    world = World(nodes={"node-1": None, "node-2": None}, shuffle=shuffle)
    web = workload("Deployment", "web", replicas=4)
    del web["spec"]["template"]["spec"]["nodeSelector"]
    web["spec"]["template"]["spec"]["containers"][0]["readinessProbe"] = {"httpGet": {"port": 80}, "initialDelaySeconds": 7}
    home = world.cluster()
    home.create(web)
    home.create(budget("web", 3))
    world.run("1m")
    assert len(home.list("pods", fields="spec.nodeName=node-1")) == 2
    least: list[int] = []
    home.watch(
        lambda change: least.append(home.get("pdb", "web")["status"]["currentHealthy"]) if change.key.kind == "Pod" else None
    )
    output = world.kubectl("drain node-1")
    assert output.exit == 0
    assert output.stdout.endswith("node/node-1 drained\n")
    assert "(will retry after 5s): Cannot evict pod as it would violate the pod's disruption budget." in output.stderr
    world.run("1m")
    assert home.list("pods", fields="spec.nodeName=node-1") == []
    assert home.get("deployment", "web")["status"]["readyReplicas"] == 4
    assert min(least) == 3
    assert [pod["spec"]["nodeName"] for pod in home.list("pods")] == ["node-2"] * 4


def test_a_drain_of_a_lost_node_ends_with_its_time() -> None:
    world = World(nodes={"node-1": None, "node-2": None})
    world.cluster().create(workload("Deployment", "web"))
    world.run("1m")
    world.do("node", args="lose node-1")
    output = world.kubectl("drain node-1 --timeout=90s")
    assert output.exit == 1
    assert "to terminate: global timeout reached: 1m30s" in output.stderr
    assert world.now == pytest.approx(150)


def test_who_may_not_evict_cannot_drain() -> None:
    world = recorded_world()
    output = world.kubectl("drain node-1 --ignore-daemonsets --as=eve")
    assert output.exit == 1
    assert 'nodes "node-1" is forbidden: User "eve" cannot get resource "nodes"' in output.stderr
