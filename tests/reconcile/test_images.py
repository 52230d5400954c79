"""``gitops-sim reconcile`` on repositories with Flux's automation of images: no registry can be asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitops_sim.reconcile import reconcile
from tests.reconcile.conftest import git
from tests.reconcile.manifests import kustomization, source, states

IMAGE = "apiVersion: image.toolkit.fluxcd.io/v1\nkind: {kind}\nmetadata: {{name: {name}, namespace: flux-system}}\nspec: {spec}\n"
AUTOMATION = (
    "{interval: 30m, sourceRef: {kind: GitRepository, name: flux-system}, git: {commit: {author: {email: bot@x.example}}}}"
)
WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: default}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: ghcr.io/me/web:main-a1b2-42 # {"$imagepolicy": "flux-system:web"}
"""
FILTERED = (
    "{imageRepositoryRef: {name: web}, policy: {numerical: {}}, filterTags: {pattern: '^main-.*-(?P<ts>\\d+)$', extract: $ts}}"
)
BY_RANGE = "{imageRepositoryRef: {name: web}, policy: {semver: {range: '>=2.1.0 <3'}}}"


def fleet(policy: str, deployment: str) -> dict[str, str]:
    objects = (
        ("ImageRepository", "{image: ghcr.io/me/web, interval: 1h}"),
        ("ImagePolicy", policy),
        ("ImageUpdateAutomation", AUTOMATION),
    )
    here = "{interval: 1m, url: https://github.com/me/fleet, ref: {branch: main}}"
    return {
        "clusters/prod/sync.yaml": source("GitRepository", here, name="flux-system"),
        "clusters/prod/apps.yaml": kustomization("apps", "./apps", extra=", wait: true"),
        "apps/images.yaml": "---\n".join(IMAGE.format(kind=kind, name="web", spec=spec) for kind, spec in objects),
        "apps/web.yaml": deployment,
    }


@pytest.mark.parametrize(
    ("policy", "deployment", "tag"),
    [(FILTERED, WEB, "main-a1b2-42"), (BY_RANGE, WEB.partition(" # {")[0] + "\n", "2.1.0")],
)
def test_the_registry_holds_what_git_names_so_that_policies_choose_and_nothing_is_written(
    tmp_path: Path, policy: str, deployment: str, tag: str
) -> None:
    git(tmp_path, "init", "-q")
    for file, text in fleet(policy, deployment).items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(text)
    git(tmp_path, "remote", "add", "origin", "https://github.com/me/fleet")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "First")
    done = reconcile(tmp_path)
    assert {name: state for name, state in states(done).items() if name.startswith("Image")} == {
        "ImageRepository/web": "Ready",
        "ImagePolicy/web": "Ready",
        "ImageUpdateAutomation/web": "Ready",
    }
    assert states(done)["Kustomization/apps"] == "Ready"
    assert {obj.revision for obj in done.objects if obj.kind == "ImagePolicy"} == {tag}
    [item] = [item for item in done.attention if item.subject == "images web"]
    assert item.what == "is not here: ghcr.io/me/web"
    assert "it holds the tags that this repository names" in item.cause
