"""``autoscale``, ``create job --from`` and ``top``: what the real kubectl 1.37.1 said to a world behind an HTTP server, and what
it prints where there are metrics."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from gitops_sim import World

SESSIONS = json.loads((Path(__file__).parent.parent / "goldens" / "kubectl-autoscale.json").read_text(encoding="utf-8"))
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_UID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_VERSION = re.compile(r'resourceVersion: "\d+"')


def deployment(name: str, replicas: int) -> dict[str, Any]:
    container = {"name": "c", "image": "nginx:1", "resources": {"requests": {"cpu": "100m"}}}
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container]}}
    spec = {"replicas": replicas, "selector": {"matchLabels": {"app": name}}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec}


def recorded_world() -> World:
    world = World(seed=7)
    home = world.cluster()
    home.create(deployment("web", 2))
    home.create(deployment("api", 1))
    pod = {"restartPolicy": "Never", "containers": [{"name": "c", "image": "nginx:1"}]}
    job = {"metadata": {"labels": {"x": "y"}, "annotations": {"c": "d"}}, "spec": {"template": {"spec": pod}}}
    meta = {"name": "nightly", "annotations": {"a": "b"}, "labels": {"l": "m"}}
    spec = {"schedule": "0 0 30 2 *", "jobTemplate": job}
    home.create({"apiVersion": "batch/v1", "kind": "CronJob", "metadata": meta, "spec": spec})
    home.create({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "svc"}, "spec": {"ports": [{"port": 80}]}})
    return world.run(30)


def masked(text: str) -> str:
    return _VERSION.sub("resourceVersion: <rv>", _UID.sub("<uid>", _TIME.sub("<time>", text)))


@pytest.mark.parametrize("session", range(len(SESSIONS)))
def test_commands_say_what_the_real_ones_say(session: int) -> None:
    world = recorded_world()
    for step in SESSIONS[session]:
        output = world.kubectl(step["cmd"])
        found = (masked(output.stdout), masked(output.stderr), output.exit)
        assert found == (masked(step["stdout"]), masked(step["stderr"]), step["exit"]), step["cmd"]


def test_top_shows_how_the_load_is_shared() -> None:
    world = World(nodes={"node-1": {"cpu": "2", "memory": "1Gi"}, "node-2": {"cpu": "2", "memory": "1Gi"}})
    world.kubectl("create namespace shop")
    world.cluster().create(deployment("web", 3), namespace="shop")
    world.cluster().create(deployment("api", 1))
    world.run("1m")
    assert world.kubectl("top pod").stderr == "error: Metrics API not available\n"
    world.do("load", workload="deployment/web", namespace="shop", cpu="900m", memory="300Mi")
    lines = world.kubectl("top pod -n shop").stdout.splitlines()
    names = sorted(pod["metadata"]["name"] for pod in world.cluster().list("pods", "shop"))
    assert lines[0].split() == ["NAME", "CPU(cores)", "MEMORY(bytes)"]
    assert [line.split() for line in lines[1:]] == [[name, "300m", "100Mi"] for name in names]
    most = world.kubectl("top pod -A --sort-by=cpu --no-headers").stdout.splitlines()
    assert [line.split()[0] for line in most] == ["shop", "shop", "shop", "default"]
    assert most[-1].split()[2:] == ["0m", "0Mi"]
    nodes = [line.split() for line in world.kubectl("top node").stdout.splitlines()]
    assert nodes[0] == ["NAME", "CPU(cores)", "CPU(%)", "MEMORY(bytes)", "MEMORY(%)"]
    used = {line[0]: (line[1], line[2]) for line in nodes[1:]}
    assert sorted(used.values()) == [("300m", "15%"), ("600m", "30%")]
    world.do("node", args="lose node-2")
    assert world.kubectl("top node node-2 --no-headers").stdout.split() == ["node-2", *["<unknown>"] * 4]


def test_an_autoscaler_made_by_hand_scales() -> None:
    world = recorded_world()
    world.kubectl("autoscale deployment web --min=2 --max=6 --cpu=50%")
    world.do("load", workload="deployment/web", cpu="250m")
    world.run("3m")
    assert world.cluster().get("deployment", "web")["spec"]["replicas"] == 5


@pytest.mark.parametrize(
    ("args", "error"),
    [
        ("top pod --sort-by=disk", "error: --sort-by accepts only cpu or memory\n"),
        ("top pod nope", 'Error from server (NotFound): podmetrics.metrics.k8s.io "nope" not found\n'),
        ("top node nope", 'Error from server (NotFound): nodes "nope" not found\n'),
        ("top pod -n nowhere", "No resources found in nowhere namespace.\n"),
    ],
)
def test_top_of_what_is_not_there(args: str, error: str) -> None:
    world = World()
    world.do("load", workload="deployment/web", cpu="1")
    assert world.kubectl(args).stderr == error
