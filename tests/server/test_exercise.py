"""Exercises done with the real kubectl and the real git against ``gitops-sim serve --exercise``, then checked and graded."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from gitops_sim.actions import load_actions
from gitops_sim.course.exercises import load_exercise, play
from gitops_sim.course.session import Session
from gitops_sim.course.workspace import HOME, Workspace
from gitops_sim.output import Output
from tests.course.grading.handing_in import graded, row_of
from tests.server.client import Client
from tests.server.tools import KUBECTLS, Shell, Terminal, serving

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: gitops-demo
spec:
  replicas: 2
  selector:
    matchLabels:
      app: gitops-demo
  template:
    metadata:
      labels:
        app: gitops-demo
    spec:
      containers:
      - name: nginx
        image: nginx:1.24
"""
SIMULATOR = f'gitops-sim() {{ "{sys.executable}" -m gitops_sim "$@"; }}'

Say = Callable[[str], Output]


class Learner:
    """Somebody in a shell, who has begun an exercise by serving it."""

    def __init__(self, terminal: Terminal, workspace: Path) -> None:
        self.say, self.workspace = terminal, workspace

    def ok(self, line: str) -> str:
        said = self.say(line)
        assert said.exit == 0, f"{line}\n{said}"
        return said.stdout

    def failed(self) -> dict[str, dict[str, Any]]:
        """The checks that are not passed."""
        checks = json.loads(self.say("gitops-sim exercise check --json").stdout)["checks"]
        return {check["id"]: check for check in checks if not check["passed"]}


@pytest.fixture(params=KUBECTLS)
def doing(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    workspace = tmp_path / "course"
    monkeypatch.setenv(HOME, str(workspace))

    @contextmanager
    def begin(exercise: str, speed: str = "20") -> Iterator[Learner]:
        env = {HOME: str(workspace), "PYTHONPATH": os.pathsep.join(sys.path)}
        shell = Shell(tmp_path / "home", Path("/nowhere"), {"kubectl": KUBECTLS[request.param]}, env)
        with serving(tmp_path, "--exercise", exercise, "--speed", speed) as (ready, export), Terminal(shell) as terminal:
            learner = Learner(terminal, workspace)
            for line in (export, SIMULATOR, f"GIT={ready['git']}"):
                learner.ok(line)
            learner.ok("git config --global user.name 'Ana Silva' && git config --global user.email ana.silva@university.example")
            yield learner

    return begin


def test_drift_with_kubectl_and_the_terminal_in_turn(doing: Any) -> None:
    with doing("drift-and-reconcile", "1") as learner:
        assert "kubectl scale deployment web --replicas=10" in learner.ok("gitops-sim exercise run 12m")
        assert "10/10" in learner.ok("kubectl get deployment web")
        assert set(learner.failed()) >= {"three-at-the-end", "heals"}
        learner.ok("gitops-sim exercise argocd app set web --self-heal")
        learner.ok("kubectl wait deployment/web --for=jsonpath='{.spec.replicas}'=3 --timeout=30s")
        learner.ok("gitops-sim exercise run 45m")
        assert learner.failed() == {}
        learner.ok("gitops-sim exercise submit --id ana --name Ana")
    room = graded(learner.workspace / "submissions")
    assert row_of(room, "ana").points == 8


def test_a_number_mended_by_hand_is_no_gitops(doing: Any) -> None:
    with doing("drift-and-reconcile", "1") as learner:
        learner.ok("gitops-sim exercise run 12m")
        learner.ok("kubectl scale deployment web --replicas=3")
        learner.ok("gitops-sim exercise run 1m")
        failed = learner.failed()
        assert "you wrote Deployment/default/web" in failed["not-by-hand"]["cause"]["actual"]
        learner.ok("gitops-sim exercise undo")  # there is another world now: the server shows it
        assert "10/10" in learner.ok("kubectl get deployment web")


def test_hands_on_with_git_and_kubectl_alone(doing: Any) -> None:
    with doing("hands-on") as learner:
        ok = learner.ok
        ok('git clone -q "$GIT/gitops-demo.git" 2>/dev/null && cd gitops-demo && mkdir manifests')
        ok(f"cat > manifests/deployment.yaml << 'EOF'\n{DEPLOYMENT}EOF")
        ok("git add . && git commit -qm 'Run two pods' && git push -q")
        assert ok("kubectl apply -f manifests/") == "deployment.apps/gitops-demo created\n"
        ready = "kubectl wait deployment/gitops-demo --for=jsonpath='{.status.readyReplicas}'="
        ok(f"{ready}2 --timeout=30s")
        ok("kubectl scale deployment gitops-demo --replicas=5")
        ok(f"{ready}5 --timeout=30s")
        ok("kubectl get deployment gitops-demo")
        ok("kubectl apply -f manifests/")
        ok(f"{ready}2 --timeout=30s && sleep 0.5")
        ok("sed -i.bak 's/1.24/1.25/' manifests/deployment.yaml && rm manifests/*.bak")
        ok("git commit -qam 'Go to nginx 1.25' && git push -q")
        ok("kubectl apply -f manifests/")
        ok("kubectl rollout status deployment/gitops-demo --timeout=30s")
        assert "asked" in learner.failed()
        ok("kubectl get deployment gitops-demo -o jsonpath='{.spec.template.spec.containers[0].image}'")
        ok("kubectl delete -f manifests/")
        ok("git rm -q -r manifests && git commit -qm 'Clean up' && git push -q")
        assert learner.failed() == {}
        ok("gitops-sim exercise submit --id ana --name Ana")
    assert row_of(graded(learner.workspace / "submissions"), "ana").points == load_exercise("hands-on").max_points


def test_what_the_exercise_does_not_allow_is_refused_in_its_words(doing: Any) -> None:
    with doing("hands-on") as learner:
        why = "this exercise is done without 'kubectl create': an agent has a repository and the Kubernetes API, and no more"
        refused = learner.say("kubectl create deployment gitops-demo --image=nginx:1.24")
        assert refused.exit == 1
        assert why in refused.stderr
        assert "use kubectl with apply, get, " in refused.stderr
        assert learner.say("kubectl get deployments").stdout == ""
        learner.ok('git clone -q "$GIT/gitops-demo.git" 2>/dev/null && cd gitops-demo')
        learner.ok("git commit -qm One --allow-empty && git push -q")
        branch = learner.say("git switch -qc other && git push -q origin other")
        assert branch.exit == 1
        assert "this exercise is done without 'branch': an agent has a repository" in branch.stderr
        forced = learner.say("git switch -q main && git commit -q --amend -m Two --allow-empty && git push -qf")
        assert "this exercise is done without 'reset'" in forced.stderr
        log = learner.ok("gitops-sim exercise log --actions")
        assert (log.count("do: push"), log.count("method: POST"), log.count("method: GET")) == (1, 0, 1)


def test_rollback_by_a_revert_that_is_pushed(doing: Any) -> None:
    with doing("rollback-by-revert") as learner:
        learner.ok("gitops-sim exercise run 16m")
        assert "4/4" not in learner.ok("kubectl get deployment web")
        learner.ok('git clone -q "$GIT/shop.git" && cd shop && git revert --no-edit HEAD~1 && git push -q')
        learner.ok("gitops-sim exercise run 25m")
        assert "4/4" in learner.ok("kubectl get deployment web")
        assert learner.failed() == {}
        learner.ok("gitops-sim exercise submit --id ana --name Ana")
    assert row_of(graded(learner.workspace / "submissions"), "ana").points == load_exercise("rollback-by-revert").max_points


def test_a_rollout_undo_does_not_stay(doing: Any) -> None:
    with doing("rollback-by-revert") as learner:
        learner.ok("gitops-sim exercise run 16m")
        learner.ok("kubectl rollout undo deployment/web")
        learner.ok("gitops-sim exercise run 25m")
        failed = learner.failed()
        assert "the agent brings again within seconds" in failed["back"]["cause"]["rationale"]
        assert "kubectl rollout undo deployments/web" in learner.ok("gitops-sim exercise log")


def test_a_replay_comes_to_the_same_digest_as_what_was_served(tmp_path: Path) -> None:
    session = Session("rollback-by-revert", Workspace(tmp_path / "course"))
    with session.serve(speed=100, kubeconfig=tmp_path / "kubeconfig") as served:
        client = Client(served.kubeconfig)
        web = "/apis/apps/v1/namespaces/default/deployments/web"
        for replicas in (5, 6):
            scale = {"spec": {"replicas": replicas}}
            client.request("PATCH", f"{web}/scale", scale, content_type="application/merge-patch+json")
        session.run("10m")
        client.request("GET", web, **{"Kubectl-Command": "kubectl get"})
    log = load_actions(Path(tmp_path / "course" / "exercises" / "rollback-by-revert.yaml").read_text(), "log")
    assert [action.get("method") for action in log.actions] == ["PATCH", "PATCH", "GET"]
    assert play(session.exercise, log).world.trace.digest() == session.world.trace.digest()
