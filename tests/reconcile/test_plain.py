"""``gitops-sim reconcile`` on repositories that somebody else made, with the real git."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: nginx:1.25}]
"""
WIDGET = "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w, namespace: other}\nspec: {size: 3}\n"
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n"


def git(folder: Path, *args: str) -> None:
    identity = ("-c", "user.name=ana", "-c", "user.email=ana@example.com", "-c", "init.defaultBranch=main")
    subprocess.run(["git", *identity, *args], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path):
    def make(files: dict[str, str]) -> Path:
        folder = tmp_path / "shop"
        folder.mkdir()
        git(folder, "init", "-q")
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        git(folder, "add", "-A")
        git(folder, "commit", "-qm", "First", "--allow-empty")
        return folder

    return make


def run(*args: object, path: str | None = None) -> subprocess.CompletedProcess[str]:
    env = os.environ if path is None else {**os.environ, "PATH": path}
    words = [sys.executable, "-m", "gitops_sim", "reconcile", *map(str, args)]
    return subprocess.run(words, capture_output=True, text=True, env=env, check=False)


def test_tree_timeline_and_what_needs_attention_are_told(repository):
    folder = repository({"m/web.yaml": WEB, "m/deep/widget.yaml": WIDGET, "README.md": "not a manifest"})
    done = run(folder, "--path", "m")
    assert done.returncode == 0, done.stderr
    assert "Deployment/web  2/2 ready  Synced, Healthy" in done.stdout
    assert "Widget/w" in done.stdout
    assert "compares for the first time" in done.stdout
    assert "Namespace/other: is in none of the manifests" in done.stdout
    assert str(folder) not in done.stdout


def test_a_bare_repository_and_an_old_revision_work_too_and_nothing_is_written(repository, tmp_path):
    folder = repository({"m/web.yaml": WEB})
    (folder / "m/web.yaml").write_text(WEB.replace("replicas: 2", "replicas: 4"))
    git(folder, "commit", "-qam", "Scale")
    git(tmp_path, "clone", "-q", "--bare", str(folder), "shop.git")
    before = sorted((p, p.stat().st_mtime_ns) for p in (tmp_path / "shop.git").rglob("*"))
    assert "2/2 ready" in run(tmp_path / "shop.git", "--path", "m", "--revision", "HEAD~1").stdout
    assert "4/4 ready" in run(tmp_path / "shop.git", "--path", "m").stdout
    assert sorted((p, p.stat().st_mtime_ns) for p in (tmp_path / "shop.git").rglob("*")) == before


def test_json_is_the_same_every_time_and_holds_the_tree(repository):
    folder = repository({"web.yaml": WEB})
    first, second = run(folder, "--json"), run(folder, "--json")
    assert first.stdout == second.stdout
    found = json.loads(first.stdout)
    assert (found["sync"], found["health"], found["agent"]) == ("Synced", "Healthy", "argocd")
    assert found["tree"]["children"][0]["kind"] == "Deployment"
    assert found["attention"] == []


def test_a_pipeline_applies_the_same_and_knows_no_sync_status(repository):
    folder = repository({"m/web.yaml": WEB, "m/deep/widget.yaml": WIDGET})
    found = json.loads(run(folder, "--path", "m", "--agent", "push", "--json").stdout)
    assert found["sync"] == ""
    assert found["health"] == "Healthy"
    assert {child["kind"] for child in found["tree"]["children"]} == {"Deployment", "Widget"}


def test_what_the_agent_cannot_bring_about_is_told_once_with_the_reason(repository):
    folder = repository({"web.yaml": WEB.replace("app: web}}\n  template", "app: other}}\n  template")})
    done = run(folder)
    assert done.returncode == 0
    told = done.stdout.partition("not well")[2].partition("\ntimeline")[0]
    assert "selector" in told
    assert told.count("gives up syncing") == 1


HOOK = """\
apiVersion: batch/v1
kind: Job
metadata: {generateName: migrate-, annotations: {argocd.argoproj.io/hook: PreSync}}
spec:
  template:
    spec: {restartPolicy: Never, containers: [{name: m, image: "migrate:1"}]}
"""


def test_a_hook_with_a_generated_name_is_run_by_argo_cd_and_refused_by_a_pipeline(repository):
    folder = repository({"web.yaml": WEB, "hook.yaml": HOOK})
    done = run(folder)
    assert done.returncode == 0
    assert "waiting for completion of hook batch/Job/migrate-" in " ".join(done.stdout.split())
    assert "Deployment/web  2/2 ready  Synced, Healthy" in done.stdout
    pushed = run(folder, "--agent", "push")
    assert pushed.returncode == 0
    assert "from migrate-: cannot use generate name with apply" in " ".join(pushed.stdout.split())


def test_a_kind_that_nothing_defines_needs_attention(repository):
    folder = repository({"widget.yaml": WIDGET, "gizmo.yaml": WIDGET.replace("Widget", "Gizmo")})
    definition = (
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: gizmos.example.com}\n"
        "spec: {group: example.com, scope: Namespaced, names: {kind: Gizmo, plural: gizmos},"
        " versions: [{name: v1, served: true, storage: true}]}\n"
    )
    (folder / "crd.yaml").write_text(definition)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "Define gizmos")
    told = {item["subject"]: item["why"] for item in json.loads(run(folder, "--json").stdout)["attention"]}
    assert "CustomResourceDefinition must be there first" in told["Widget.example.com"]
    assert "Gizmo.example.com" not in told


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("files", "args", "says"),
    [
        ({"a.yaml": CONFIG}, ["--path", "nope"], "no folder 'nope'"),
        ({"m/a.yaml": CONFIG}, ["--path", "m/a.yaml"], "'m/a.yaml' is a file or a link, not a folder"),
        ({"a.yaml": CONFIG}, ["--revision", "nope"], "unknown revision 'nope'"),
        ({"a.yaml": "a: [1,\n"}, [], "a.yaml:2:1: not valid YAML"),
        ({"a.yaml": "apiVersion: v1\nmetadata: {name: x}\n"}, [], "a.yaml:1: a document without kind"),
        ({"a.yaml": "apiVersion: v1\nkind: ConfigMap\n"}, [], "a.yaml:1"),
        ({"a.yaml": CONFIG, "b.yaml": CONFIG}, [], "in a.yaml:1 and in b.yaml:1"),
        ({"a.yaml": BOMB}, [], "expands to more than"),
        ({"a.yaml": "x" * 11_000_000}, [], "exceed 10 MB"),
        ({"README.md": "hello"}, [], "holds no manifest"),
        ({"kustomization.yaml": "resources: [nope.yaml]\n", "a.yaml": CONFIG}, [], "lstat /nope.yaml: no such file or directory"),
        ({"kustomization.yaml": "resources: [a.yaml]\n", "a.yaml": CONFIG}, ["--agent", "push"], "is a kustomization"),
    ],
)
def test_bad_input_is_one_clear_message_with_a_way_to_mend_it(repository, files, args, says):
    done = run(repository(files), *args)
    assert done.returncode == 2
    assert says in done.stderr
    assert "to mend it:" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_kustomization_is_built(repository):
    files = {"k/kustomization.yaml": "resources: [../a]\nnamePrefix: p-\n", "a/kustomization.yaml": "resources: [a.yaml]\n"}
    done = run(repository({**files, "a/a.yaml": CONFIG}), "--path", "k", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["sync"], [node["name"] for node in told["tree"]["children"]]) == ("Synced", ["p-c"])


def test_a_link_out_of_the_repository_is_not_followed(repository):
    folder = repository({"a.yaml": CONFIG})
    (folder / "b.yaml").symlink_to("../../../etc/passwd")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "Link")
    done = run(folder)
    assert done.returncode == 2
    assert "leads out of the repository" in done.stderr


def test_what_is_no_repository_or_has_no_commit_says_so(tmp_path):
    (tmp_path / "empty").mkdir()
    git(tmp_path / "empty", "init", "-q")
    (tmp_path / "plain").mkdir()
    for folder, says in [("empty", "no commit yet"), ("plain", "not a Git repository"), ("absent", "no such folder")]:
        done = run(tmp_path / folder)
        assert done.returncode == 2
        assert says in done.stderr


def test_a_machine_without_git_is_told_to_install_it(repository, tmp_path):
    folder = repository({"a.yaml": CONFIG})
    done = run(folder, path=str(tmp_path))
    assert done.returncode == 2
    assert "install" in done.stderr
    assert "Traceback" not in done.stderr
