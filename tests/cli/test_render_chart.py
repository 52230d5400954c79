"""``gitops-sim render`` of charts, as somebody types it: what ``helm template`` prints, or one error and nothing else."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from gitops_sim.manifests import Folder
from gitops_sim.manifests.helm import package
from tests.manifests.helm.helm import CHARTS, HELM, real


def run(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "gitops_sim", "render", *words]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.skipif(not HELM, reason="no helm 4 here: python -m tests.server.fetch")
@pytest.mark.parametrize(
    ("chart", "arguments"),
    [
        ("shop", ["--name-template", "my-shop", "--namespace", "prod", "--set", "replicas=5,hpa.enabled=true"]),
        ("shop", ["--set", "image.tag=1", "--set-string", "image.tag=2", "--set-json", 'env={"A":"b"}']),
        ("setting", ["--values", "one.yaml", "--values", "two.yaml", "--set", "a.b=4", "--set-file", "content=file.txt"]),
        ("capabilities", ["--kube-version", "v1.29.4", "--api-versions", "x/v1,y/v1", "--api-versions", "z/v1"]),
        ("crds", ["--include-crds"]),
        ("hooks", ["--no-hooks"]),
        ("hooks", ["--skip-tests"]),
        ("objects", ["--is-upgrade"]),
        ("schema", ["--set", "unknown=1", "--skip-schema-validation"]),
    ],
)
def test_it_prints_what_helm_template_prints(chart: str, arguments: Sequence[str], tmp_path: Path) -> None:
    theirs = real(CHARTS / chart, arguments, tmp_path)
    mine = run("chart", *arguments, cwd=CHARTS / chart)
    assert (mine.returncode, mine.stdout, mine.stderr) == (theirs.exit, theirs.stdout, "")


def test_a_package_renders_as_its_folder(tmp_path: Path) -> None:
    name, content = package(Folder(CHARTS / "shop" / "chart"))
    (tmp_path / name).write_bytes(content)
    assert (
        run(name, "--release-name", "x", cwd=tmp_path).stdout == run("chart", "--release-name", "x", cwd=CHARTS / "shop").stdout
    )


def test_a_chart_at_a_commit(tmp_path: Path) -> None:
    (tmp_path / "web" / "templates").mkdir(parents=True)
    (tmp_path / "web" / "Chart.yaml").write_text("apiVersion: v2\nname: web\nversion: 1.0.0\n")
    (tmp_path / "web" / "templates" / "a.yaml").write_text("size: {{ .Values.size }}\n")
    who = ["-c", "user.name=a", "-c", "user.email=a@b"]
    for words in (["init", "-q", "-b", "main"], ["add", "-A"], [*who, "commit", "-qm", "x"]):
        subprocess.run(["git", *words], cwd=tmp_path, check=True, capture_output=True)
    (tmp_path / "web" / "templates" / "a.yaml").write_text("{{ fail }}")
    done = run("web", "--revision", "main", "--set", "size=3", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "---\n# Source: web/templates/a.yaml\nsize: 3\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nil-access/chart"], "nil-access/chart/templates/b.yaml:6:15: nil-access/templates/b.yaml:6:15\n  executing"),
        (
            ["parse-function/chart"],
            'parse-function/chart/templates/a.yaml:2: parse error at (parse-function/templates/a.yaml:2): function "nosuch"',
        ),
        (["bad-values/chart"], "bad-values/chart/values.yaml:2:"),
        (["endless/chart"], "endless/chart/templates/a.yaml: rendering template has a nested reference name"),
        (["required/chart"], "execution error at (required/templates/a.yaml:5:12): set image.tag"),
        (["shop/chart", "--set", "a"], 'failed parsing --set data: key "a" has no value'),
        (["shop/chart", "--values", "none.yaml"], "none.yaml: open none.yaml: no such file or directory"),
        (["shop/chart", "--values", "."], "open .: is a directory"),
        (["shop/chart", "--set-file", "a=none"], "open none: no such file or directory"),
        (["shop/chart", "--explain", "spec"], "is a chart"),
        (["shop/chart", "--set", "a=1", "--explain", "spec"], "is a chart"),
        (["shop/chart/templates", "--set", "a=1"], "--set is for charts, and there is no Chart.yaml"),
        (["shop/chart/Chart.yaml"], "is a file, not a folder"),
        (["none.tgz"], "no such folder"),
    ],
)
def test_one_error_and_nothing_else(words: list[str], said: str) -> None:
    done = run(*words, cwd=CHARTS)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "to mend it: " in done.stderr
    assert "Traceback" not in done.stderr
