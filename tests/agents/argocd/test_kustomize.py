"""Sources that are kustomizations: found by themselves, edited as the Application wishes, and refused in Argo CD's words."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_sim import World

BASE = {
    "base/kustomization.yaml": "resources: [web.yaml]\nconfigMapGenerator: [{name: conf, literals: [a=1]}]\n",
    "base/web.yaml": """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: "nginx:1.25", envFrom: [{configMapRef: {name: conf}}]}]
""",
    "production/kustomization.yaml": "resources: [../base]\nnamespace: shop\nreplicas: [{name: web, count: 2}]\n",
    "namespace/ns.yaml": "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n",
}
NOPE = "<path to cached source>/production/nope.yaml"
NOT_THERE = f"evalsymlink failure on '{NOPE}' : lstat {NOPE}: no such file or directory"


def app(path: str, kustomize: dict[str, Any] | None = None) -> dict[str, Any]:
    source = {"repoURL": "shop", "targetRevision": "HEAD", "path": path, **({"kustomize": kustomize} if kustomize else {})}
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "shop", "namespace": "argocd"},
        "spec": {
            "project": "default",
            "source": source,
            "destination": {"server": "https://kubernetes.default.svc", "namespace": "shop"},
            "syncPolicy": {"automated": {"prune": True}, "syncOptions": ["CreateNamespace=true"]},
        },
    }


def world(files: dict[str, str], path: str, kustomize: dict[str, Any] | None = None) -> World:
    made = World()
    made.git.create("shop", files=files)
    made.argocd_in()
    made.cluster().as_user("platform").create(app(path, kustomize))
    made.run(minutes=5)
    return made


def conditions(made: World) -> list[str]:
    status = made.cluster().get("applications.argoproj.io", "shop", "argocd")["status"]
    return [condition["message"] for condition in status.get("conditions", [])]


def test_a_folder_with_a_kustomization_is_built_with_its_base() -> None:
    cluster = world(BASE, "production").cluster()
    web = cluster.get("deployments.apps", "web", "shop")
    assert web["spec"]["replicas"] == 2
    assert web["spec"]["template"]["spec"]["containers"][0]["envFrom"] == [{"configMapRef": {"name": "conf-h29d89cmmt"}}]
    assert cluster.get("configmaps", "conf-h29d89cmmt", "shop")["data"] == {"a": "1"}


def test_the_application_edits_the_kustomization() -> None:
    wishes = {
        "namePrefix": "a-",
        "images": ["nginx=other:2", "unused:1"],
        "replicas": [{"name": "web", "count": 4}],
        "commonLabels": {"team": "x"},
        "labelWithoutSelector": True,
        "commonAnnotations": {"note": "y"},
        "patches": [{"target": {"kind": "Deployment"}, "patch": "- {op: add, path: /spec/paused, value: true}"}],
    }
    web = world(BASE, "production", wishes).cluster().get("deployments.apps", "a-web", "shop")
    assert web["spec"]["template"]["spec"]["containers"][0]["image"] == "other:2"
    assert (web["spec"]["replicas"], web["spec"]["paused"]) == (4, True)
    assert web["metadata"]["labels"] == {"team": "x"}
    assert web["spec"]["selector"] == {"matchLabels": {"app": "web"}}
    assert web["metadata"]["annotations"]["note"] == "y"


@pytest.mark.parametrize(
    ("files", "error"),
    [
        (
            {**BASE, "production/kustomization.yaml": "resources: [nope.yaml]\n"},
            "accumulating resources: accumulation err='accumulating resources from 'nope.yaml': "
            f"{NOT_THERE}': must build at directory: not a valid directory: {NOT_THERE}",
        ),
        (
            {**BASE, "production/kustomization.yaml": "resource: [../base]\n"},
            'invalid Kustomization: json: unknown field "resource"',
        ),
    ],
)
def test_what_cannot_be_built_is_a_comparison_error(files: dict[str, str], error: str) -> None:
    assert conditions(world(files, "production")) == [
        "Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unknown desc = "
        f"`kustomize build <path to cached source>/production` failed exit status 1: Error: {error}"
    ]


def test_a_commit_to_the_base_reaches_the_overlay() -> None:
    made = world(BASE, "production")
    repository = made.git.repository("shop")
    repository.commit(
        {"base/kustomization.yaml": BASE["base/kustomization.yaml"].replace("a=1", "a=2")}, "Change conf", author="ana"
    )
    made.run(minutes=5)
    names = [obj["metadata"]["name"] for obj in made.cluster().list("configmaps", "shop") if obj["data"] != {}]
    assert "conf-h29d89cmmt" not in names
    assert made.cluster().get("deployments.apps", "web", "shop")["spec"]["template"]["spec"]["containers"][0]["envFrom"] != [
        {"configMapRef": {"name": "conf-h29d89cmmt"}}
    ]


def test_a_base_in_another_repository_of_the_forge_is_found() -> None:
    made = World()
    made.git.create("common", files={"lib/kustomization.yaml": "resources: [cm.yaml]\n", "lib/cm.yaml": CONFIG})
    address = f"{made.git.repository('common').url}//lib?ref=main"
    made.git.create("shop", files={"production/kustomization.yaml": f"resources: ['{address}']\nnamePrefix: p-\n"})
    made.argocd_in()
    made.cluster().as_user("platform").create(app("production"))
    made.run(minutes=5)
    assert made.cluster().get("configmaps", "p-c", "shop")["data"] == {"a": "x"}


CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: x}\n"


def test_an_image_that_the_application_sets_replaces_the_whole_entry_as_kustomize_edit_does() -> None:
    digest = "sha256:" + "a" * 64
    files = {
        **BASE,
        "base/kustomization.yaml": BASE["base/kustomization.yaml"] + "images: [{name: nginx, newName: other, newTag: '1'}]\n",
    }
    made = world(files, "base", {"images": [f"nginx:2@{digest}"]})
    containers = made.cluster().get("deploy", "web", "shop")["spec"]["template"]["spec"]["containers"]
    assert containers[0]["image"] == f"nginx:2@{digest}", (
        "the new name of the old entry is gone, the tag and the digest are both set"
    )


def test_a_count_that_is_no_number_cannot_be_compared_and_says_so() -> None:
    (message,) = conditions(world(BASE, "production", {"replicas": [{"name": "web", "count": "many"}]}))
    assert "expected integer value for count. Received: many" in message
