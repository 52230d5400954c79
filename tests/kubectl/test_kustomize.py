"""``kubectl kustomize`` and ``-k`` of the built-in kubectl."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kubectl.stage import Stage
from tests.manifests.kustomize.referee import real
from tests.manifests.kustomize.trees import Case, cases
from tests.server.tools import OWN

FILES = {
    "base/kustomization.yaml": "resources: [cm.yaml]\n",
    "base/cm.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: x}\n",
    "overlay/kustomization.yaml": "resources: [../base]\nnamePrefix: p-\ncommonLabels: {team: x}\n",
}
WARNING = (
    "# Warning: 'commonLabels' is deprecated. Please use 'labels' instead. "
    "Run 'kustomize edit fix' to update your Kustomization automatically.\n"
)


SOME = ("old-patches", "generators-merge-and-replace", "missing-file", "circle")


@pytest.mark.parametrize(
    "case", [case for case in cases() if case.id in {f"overlays/{name}" for name in SOME}], ids=lambda c: c.id
)
def test_kubectl_kustomize_prints_what_the_real_one_prints(case: Case, tmp_path: Path) -> None:
    case.write(tmp_path)
    assert Stage(files=dict(case.files)).run(f"kustomize {case.path}") == real(str(OWN), tmp_path, case.path)


def test_apply_get_diff_and_delete_read_a_kustomization() -> None:
    stage = Stage(files=FILES)
    assert stage.run("apply -k overlay").stdout == "configmap/p-c created\n"
    assert stage.run("get -k overlay -o name").stdout == "configmap/p-c\n"
    stage.files["base/cm.yaml"] = FILES["base/cm.yaml"].replace("x}", "z}")
    assert "+  a: z\n" in stage.run("diff -k overlay").stdout
    deleted = stage.run("delete -k overlay")
    assert deleted.stdout.startswith('configmap "p-c" deleted')
    assert deleted.stderr == WARNING


def test_a_folder_that_cannot_be_built_changes_nothing() -> None:
    stage = Stage(files={**FILES, "base/kustomization.yaml": "resources: [cm.yaml, nope.yaml]\n"})
    output = stage.run("apply -k base")
    assert output.exit == 1
    assert output.stdout == ""
    assert "evalsymlink failure on '/base/nope.yaml' : lstat /base/nope.yaml: no such file or directory" in output.stderr
    assert stage.run("get cm p-c").exit == 1
