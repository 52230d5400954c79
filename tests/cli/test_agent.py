"""``gitops-sim agent`` and ``parity`` as somebody types them, against a server that stands in for a kind cluster."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.kind.served import CONTEXT, stand
from tests.test_live_agent import DEPLOYMENT, commit, git


def run(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gitops_sim", *words], cwd=cwd, capture_output=True, text=True, timeout=120, env={**os.environ}
    )


def test_an_agent_deploys_once_plans_and_cleans_up(tmp_path: Path) -> None:
    repo = tmp_path / "shop"
    (repo / "manifests").mkdir(parents=True)
    git(repo, "init", "-q", "-b", "main")
    commit(repo, "Deploy web", DEPLOYMENT)
    with stand(tmp_path) as there:
        cluster = ["--context", CONTEXT, "--kubeconfig", str(there.settings.kubeconfig), "--any-loopback-server"]
        work = ["--repo", "shop", "--path", "manifests"]
        planned = run("agent", *cluster, *work, "--dry-run", cwd=tmp_path)
        assert (planned.returncode, planned.stdout) == (0, "Deployment/web would be created\nnothing was written\n")
        done = run("agent", *cluster, *work, "--once", "--minutes", "1", cwd=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Deployment/web created" in done.stdout
        assert done.stdout.endswith("done: Synced and Healthy\n")
        with there.world.turn:
            assert there.world.cluster().get("deploy", "web", "gitops-sim")["status"]["readyReplicas"] == 2
        again = run("agent", *cluster, *work, "--dry-run", cwd=tmp_path)
        assert again.stdout == "Deployment/web stays as it is\nnothing was written\n"
        cleaned = run("agent", *cluster, "--cleanup", cwd=tmp_path)
        assert (cleaned.returncode, cleaned.stdout) == (0, "deployment.apps/web removed\nnamespace/gitops-sim removed\n")


def test_anything_but_a_kind_cluster_is_refused_with_the_reason(tmp_path: Path) -> None:
    with stand(tmp_path) as there:
        given = ["--context", CONTEXT, "--kubeconfig", str(there.settings.kubeconfig), "--repo", "."]
        refused = run("agent", *given, cwd=tmp_path)
        with there.world.turn:
            assert there.world.cluster().find("ns", "gitops-sim") is None
    assert refused.returncode == 2
    assert "nothing was written" in refused.stderr
    assert "Traceback" not in refused.stderr
    elsewhere = run("agent", "--context", "prod", "--repo", ".", cwd=tmp_path)
    assert (elsewhere.returncode, "is not one of a kind cluster" in elsewhere.stderr) == (2, True)


def test_parity_prints_what_differs(tmp_path: Path) -> None:
    with stand(tmp_path) as there:
        there.world.registry.push("nginx:1.24", {"pull_error": "not found"})
        cluster = ["--context", CONTEXT, "--kubeconfig", str(there.settings.kubeconfig), "--any-loopback-server"]
        done = run("parity", "hands-on", *cluster, "--patience", "0.5", cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    assert "Deployment/gitops-demo .status.readyReplicas  simulated 2, real None" in done.stdout
