"""``gitops-sim render`` as somebody types it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from gitops_sim.output import Output
from tests.manifests.kustomize.referee import real
from tests.manifests.kustomize.trees import Case
from tests.server.tools import OWN

FILES = {
    "base/kustomization.yaml": "resources: [web.yaml]\nreplicas: [{name: web, count: 2}]\n",
    "base/web.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 1}\n",
    "over/kustomization.yaml": "resources: [../base]\ncommonLabels: {team: x}\npatches:\n- path: more.yaml\n",
    "over/more.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 7}\n",
    "broken/tab/kustomization.yaml": "resources:\n\t- a.yaml\n",
    "broken/circle/kustomization.yaml": "resources: [../elsewhere]\n",
    "broken/elsewhere/kustomization.yaml": "resources: [../circle]\n",
    "broken/lost/kustomization.yaml": "resources: [none.yaml]\n",
    "plain/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {z: '1', b: x}\n",
}


def run(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gitops_sim", "render", *words], cwd=cwd, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    Case("render", "what one types", FILES).write(tmp_path)
    return tmp_path.resolve()


def test_it_prints_what_kubectl_kustomize_prints(root: Path) -> None:
    done = run("over", cwd=root)
    assert Output(done.stdout, done.stderr, done.returncode) == real(str(OWN), root, "over")


def test_it_says_where_a_field_came_from(root: Path) -> None:
    assert run("over", "--explain", "spec.replicas", cwd=root).stdout == (
        "Deployment/web  spec.replicas: 7\n"
        "  base/web.yaml: 1\n"
        "  replicas of base/kustomization.yaml: 2\n"
        "  patches (more.yaml) of over/kustomization.yaml: 7\n"
    )


def test_it_renders_a_commit_whatever_the_files_are_now(root: Path) -> None:
    for words in (
        ["init", "-q", "-b", "main"],
        ["add", "-A"],
        ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x"],
    ):
        subprocess.run(["git", *words], cwd=root, check=True, capture_output=True)
    now = run("over", cwd=root)
    (root / "base" / "web.yaml").write_text("broken: [")
    at = run("over", "--revision", "main", cwd=root)
    assert (at.returncode, at.stdout) == (0, now.stdout)
    assert run("over", cwd=root).returncode == 2


def test_plain_manifests_are_printed_with_sorted_keys(root: Path) -> None:
    done = run("plain", cwd=root)
    assert done.stdout == 'apiVersion: v1\ndata:\n  b: x\n  z: "1"\nkind: ConfigMap\nmetadata:\n  name: a\n'


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["nope"], "no such folder"),
        (["plain", "--explain", "data"], "is no kustomization"),
        (["over", "--explain", "spec.nope"], "no object has a field 'spec.nope'"),
        (["over", "--revision", "x"], "is in no Git repository"),
        (["."], "holds no manifest"),
        (["broken/tab"], "gitops-sim: broken/tab/kustomization.yaml: invalid Kustomization: yaml: line 2: "),
        (["broken/tab"], "indent with spaces, not tabs"),
        (["broken/circle"], "to mend it: a kustomization cannot use itself"),
        (["broken/lost"], "gitops-sim: broken/lost/none.yaml: accumulating resources"),
    ],
)
def test_what_cannot_be_done_is_said_without_any_output(root: Path, words: list[str], why: str) -> None:
    done = run(*words, cwd=root)
    assert (done.returncode, done.stdout) == (2, "")
    assert why in done.stderr
    assert "Traceback" not in done.stderr
