"""The real kubectl against a served world, and its writes played again."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from gitops_sim import World
from gitops_sim.scenarios.player import perform
from gitops_sim.server import Served
from tests.server.tools import KUBECTLS

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: api}
spec:
  replicas: REPLICAS
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec: {containers: [{name: api, image: "nginx:1"}]}
"""


class Kubectl:
    def __init__(self, program: str, served: Served, home: Path) -> None:
        self.program, self.home = program, home
        self.env = {"KUBECONFIG": str(served.kubeconfig), "HOME": str(home), "PATH": os.environ["PATH"]}

    def __call__(self, args: str, *, fails: bool = False) -> str:
        """Standard output, or standard error of a command that fails."""
        done = subprocess.run(
            [self.program, *args.split()], env=self.env, cwd=self.home, capture_output=True, text=True, timeout=60, check=False
        )
        assert bool(done.returncode) is fails, done.stderr + done.stdout
        return done.stderr if fails else done.stdout


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """At a pace at which nobody waits for Pods."""
    with World(seed=7).serve(speed=50, kubeconfig=tmp_path / "kubeconfig") as served:
        yield served


@pytest.fixture(params=KUBECTLS)
def kubectl(request: pytest.FixtureRequest, served: Served, tmp_path: Path) -> Kubectl:
    return Kubectl(KUBECTLS[request.param], served, tmp_path)


def test_a_day_with_kubectl(kubectl: Kubectl, served: Served, tmp_path: Path) -> None:
    """Creates that send protobuf, apply, reads as tables, scale, rollout and delete; then the record, played in a fresh world."""
    assert kubectl("create namespace shop") == "namespace/shop created\n"
    for thing in (
        "configmap c --from-literal=a=b",
        "secret generic s --from-literal=a=b",
        "serviceaccount sa",
        "quota q --hard=pods=20",
        "role r --verb=get --resource=pods",
        "rolebinding rb --role=r --user=bob",
        "job j --image=busybox:1 -- true",
        "cronjob cj --image=busybox:1 --schedule=@hourly",
        "ingress i --rule=shop.example/=web:80",
        "service clusterip svc --tcp=80:8080",
        "pdb p --selector=app=api --min-available=1",
        "deployment web --image=nginx:1",
    ):
        assert kubectl(f"create {thing} -n shop").endswith(" created\n")
    assert kubectl("get secret s -n shop -o jsonpath={.data.a}") == "Yg=="
    assert kubectl("get service svc -n shop -o jsonpath={.spec.ports[0].targetPort}") == "8080"

    (tmp_path / "api.yaml").write_text(DEPLOYMENT.replace("REPLICAS", "1"))
    assert kubectl("apply -f api.yaml -n shop") == "deployment.apps/api created\n"
    assert kubectl("apply -f api.yaml -n shop") == "deployment.apps/api unchanged\n"
    assert kubectl("wait --for=condition=Available deployment/api -n shop --timeout=30s") == "deployment.apps/api condition met\n"
    (tmp_path / "api.yaml").write_text(DEPLOYMENT.replace("REPLICAS", "2"))
    assert kubectl("apply -f api.yaml -n shop --dry-run=server") == "deployment.apps/api configured (server dry run)\n"
    assert kubectl("apply -f api.yaml -n shop") == "deployment.apps/api configured\n"
    (tmp_path / "map.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata: {a: b}\n")
    assert kubectl("apply --server-side -f map.yaml -n shop") == "configmap/m serverside-applied\n"
    assert (
        kubectl("apply --server-side -f map.yaml -n shop --dry-run=server") == "configmap/m serverside-applied (server dry run)\n"
    )
    assert kubectl("scale deployment/api --replicas=3 -n shop") == "deployment.apps/api scaled\n"
    assert kubectl("set image deployment/api api=nginx:2 -n shop") == "deployment.apps/api image updated\n"
    assert "successfully rolled out" in kubectl("rollout status deployment/api -n shop")
    assert kubectl("get deployment api -n shop").splitlines()[0].split() == ["NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE"]
    assert kubectl("get deployment api -n shop").splitlines()[1].split()[:2] == ["api", "3/3"]
    maps = "get configmaps,secrets,serviceaccounts -n shop -o name"
    assert kubectl(f"{maps} --chunk-size=1") == kubectl(f"{maps} --chunk-size=0") != ""

    (tmp_path / "bad.yaml").write_text(
        DEPLOYMENT.replace("replicas: REPLICAS", "replicaz: 1").replace("name: api}", "name: bad}")
    )
    assert 'strict decoding error: unknown field "spec.replicaz"' in kubectl("apply -f bad.yaml -n shop", fails=True)
    assert "NotFound" in kubectl("get deployment nothing -n shop", fails=True)
    assert "replicas" in kubectl("explain deployment.spec.replicas")
    assert kubectl("delete namespace shop").startswith('namespace "shop" deleted')
    served.stop()

    again = World(seed=7)
    perform(again, served.world.actions, served.world.now)
    assert again.trace.digest() == served.world.trace.digest()
    assert {action.get("contentType") for action in again.actions if action.get("method") == "POST"} == {"application/json"}


def test_ages_that_kubectl_reckons_are_right_in_a_world_that_starts_now(tmp_path: Path) -> None:
    with World(seed=7, starts="now").serve(kubeconfig=tmp_path / "kubeconfig") as served:
        kubectl = Kubectl(next(iter(KUBECTLS.values())), served, tmp_path)
        kubectl("create deployment web --image=nginx:1")
        assert re.match(r"\d+s\b", kubectl("events --for deployment/web").splitlines()[1])
