"""``gitops-sim health`` reads what kubectl prints, and says what both agents think of it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from gitops_sim import World

INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop}
spec: {}
"""


def run(*args: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "gitops_sim", "health", *args]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=60, check=False)


def test_the_two_may_disagree_and_it_says_why() -> None:
    done = run("-", stdin=INGRESS)
    assert done.returncode == 0
    assert "Ingress shop/web   they disagree" in done.stdout
    assert "waits until a controller has filled in an address" in done.stdout


def test_scripts_get_the_format_of_the_documentation(tmp_path: Path) -> None:
    file = tmp_path / "objects.yaml"
    file.write_text(INGRESS, encoding="utf-8")
    (found,) = json.loads(run(str(file), "--json").stdout)
    assert found == {
        "kind": "Ingress",
        "namespace": "shop",
        "name": "web",
        "argocd": {"status": "Progressing", "message": ""},
        "flux": {"status": "Current", "message": "Resource is current"},
    }


def test_it_reads_what_kubectl_prints() -> None:
    world = World()
    world.kubectl("create deployment web --image=nginx:1 --replicas=2")
    world.run(minutes=1)
    done = run("-", stdin=str(world.kubectl("get deployments,pods -o yaml")))
    assert "Argo CD  Healthy" in done.stdout
    assert "an Application of all these: Healthy" in done.stdout


def test_what_cannot_be_judged_is_refused(tmp_path: Path) -> None:
    for args, stdin in ((("-",), "- 1\n"), (("-",), ""), ((str(tmp_path / "nothing.yaml"),), ""), ((str(tmp_path),), "")):
        done = run(*args, stdin=stdin)
        assert done.returncode == 2
        assert done.stdout == ""
        assert "Traceback" not in done.stderr
