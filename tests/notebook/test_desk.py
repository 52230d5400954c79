"""The terminal of the hands-on exercise answers as the real tools do, whatever is typed."""

from __future__ import annotations

import pytest

from gitops_sim.notebook import Desk, image, replicas

MANIFEST = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: gitops-demo}
spec:
  replicas: 2
  selector: {matchLabels: {app: demo}}
  template:
    metadata: {labels: {app: demo}}
    spec:
      containers:
      - {name: nginx, image: "nginx:1.24"}
"""
FILE = "manifests/deployment.yaml"


@pytest.fixture
def desk() -> Desk:
    made = Desk()
    made.write(FILE, MANIFEST)
    return made


def test_the_module_s_eleven_steps(desk: Desk) -> None:
    assert "Run 2" in str(desk("git commit -am 'Run 2'"))
    assert str(desk("kubectl apply -f manifests/")) == "deployment.apps/gitops-demo created"
    assert " 2/2 " in str(desk("kubectl get deployment gitops-demo"))
    assert str(desk("kubectl scale deployment gitops-demo --replicas=5")) == "deployment.apps/gitops-demo scaled"
    assert " 5/5 " in str(desk("kubectl get deployment gitops-demo"))
    assert str(desk("kubectl apply -f manifests/")) == "deployment.apps/gitops-demo configured"
    assert " 2/2 " in str(desk("kubectl get deployment gitops-demo"))
    desk(f"sed -i 's/nginx:1.24/nginx:1.25/' {FILE}")
    desk("git commit -am 'Go to nginx 1.25'")
    assert image(desk.world, "gitops-demo") == "nginx:1.24"
    desk("kubectl apply -f manifests/")
    assert image(desk.world, "gitops-demo") == "nginx:1.25"
    assert str(desk("kubectl delete -f manifests/")) == 'deployment.apps "gitops-demo" deleted from default namespace'
    desk("rm -rf ~/gitops-demo")
    assert str(desk("ls")) == ""
    assert str(desk("git log --format=%s")).splitlines() == ["Go to nginx 1.25", "Run 2"]


def test_the_module_s_sed_fails_as_gnu_sed_does(desk: Desk) -> None:
    answer = desk(f"sed -i '' 's/nginx:1.24/nginx:1.25/' {FILE}")
    assert str(answer) == "sed: can't read s/nginx:1.24/nginx:1.25/: No such file or directory"
    assert answer.exit == 2
    assert desk.files[FILE] == MANIFEST.lstrip("\n")


def test_sed_deletes_lines(desk: Desk) -> None:
    desk(f"sed -i '/replicas/d' {FILE}")
    assert "replicas" not in desk.files[FILE]


@pytest.mark.parametrize("script", ["s/a", "s/a/b/;s/c/d/", "s", "y/a/b/", "/x/"])
def test_sed_says_what_it_cannot_do(desk: Desk, script: str) -> None:
    assert desk(f"sed -i '{script}' {FILE}").exit == 1
    assert desk.files[FILE] == MANIFEST.lstrip("\n")


@pytest.mark.parametrize(
    ("command", "exit"),
    [
        ("", 0),
        ("vim x", 127),
        ("echo 'open", 2),
        ("cat nothing", 1),
        ("kubectl frobnicate", 1),
        ("git frobnicate", 1),
        ("sed", 1),
    ],
)
def test_nothing_that_is_typed_raises(desk: Desk, command: str, exit: int) -> None:
    assert desk(command).exit == exit


def test_a_commit_without_a_change_says_so(desk: Desk) -> None:
    desk("git commit -am 'Run 2'")
    assert str(desk("git commit -am 'Run 2'")) == "nothing to commit, working tree clean"


def test_a_file_that_was_removed_leaves_git_with_the_next_commit(desk: Desk) -> None:
    desk("git commit -am 'Run 2'")
    desk(f"rm {FILE}")
    desk("git commit -am 'Clean up'")
    assert str(desk("git ls-tree -r --name-only HEAD")) == ""


def test_another_cluster_gets_a_copy_of_the_files(desk: Desk) -> None:
    desk("git commit -am 'Run 2'")
    other = desk.at(desk.world.fork())
    other(f"sed -i '/replicas/d' {FILE}")
    other("kubectl apply -f manifests/")
    assert replicas(other.world, "gitops-demo") == 1
    assert replicas(desk.world, "gitops-demo") is None
    assert "replicas" in desk.files[FILE]
