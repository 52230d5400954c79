"""``.argocd-source.yaml`` and ``.argocd-source-<application>.yaml``: settings of a source that lie next to the manifests."""

from __future__ import annotations

import pytest

from tests.agents.lab import Lab, application, deployment

KUSTOMIZATION = "resources: [web.yaml]\n"
WEB = {"manifests/kustomization.yaml": KUSTOMIZATION, "manifests/web.yaml": deployment(image="shop/web:1.0.0")}
IMAGES = "kustomize:\n  images:\n  - shop/web:1.1.0\n"
DOING = "error getting app source type: error while parsing source parameters: <path to cached source>/manifests/"


def image(lab: Lab, name: str = "web") -> str:
    return str(lab.cluster.get("deploy", name)["spec"]["template"]["spec"]["containers"][0]["image"])


def test_a_file_for_the_application_lays_its_images_over_the_kustomization(lab: Lab) -> None:
    lab.repo({**WEB, "manifests/.argocd-source-web.yaml": IMAGES})
    lab.add(application(automated={}))
    assert image(lab) == "shop/web:1.1.0"
    assert "kustomize" not in lab.app()["spec"]["source"], "the Application itself stays as it was written"


def test_a_file_for_another_application_does_not_count(lab: Lab) -> None:
    lab.repo({**WEB, "manifests/.argocd-source-api.yaml": IMAGES})
    lab.add(application(automated={}))
    assert image(lab) == "shop/web:1.0.0"


def test_the_file_for_the_application_wins_over_the_one_for_all_and_over_the_spec(lab: Lab) -> None:
    everybody = "kustomize:\n  images: [shop/web:1.1.0]\n  namePrefix: all-\n"
    lab.repo(
        {
            **WEB,
            "manifests/.argocd-source.yaml": everybody,
            "manifests/.argocd-source-web.yaml": "kustomize: {images: [shop/web:1.2.0]}\n",
        }
    )
    app = application(automated={})
    app["spec"]["source"]["kustomize"] = {"images": ["shop/web:0.9.0"], "nameSuffix": "-x"}
    lab.add(app)
    assert image(lab, "all-web-x") == "shop/web:1.2.0", "lists are replaced, other fields are merged"


def test_a_commit_that_only_changes_such_a_file_is_synced(lab: Lab) -> None:
    lab.repo({**WEB, "manifests/.argocd-source-web.yaml": IMAGES})
    lab.add(application(automated={}))
    lab.commit({"manifests/.argocd-source-web.yaml": IMAGES.replace("1.1.0", "1.3.0")})
    lab.next_poll()
    assert image(lab) == "shop/web:1.3.0"


def test_parameters_of_helm_may_be_spelt_as_the_image_updater_spells_them(lab: Lab) -> None:
    template = deployment(image='"{{ .Values.image.name }}:{{ .Values.image.tag }}"')
    written = 'helm:\n  parameters:\n  - name: image.tag\n    value: "1.20"\n    forcestring: true\n'
    lab.repo(
        {
            "manifests/Chart.yaml": "apiVersion: v2\nname: web\nversion: 0.1.0\n",
            "manifests/values.yaml": "image: {name: shop/web, tag: 1.0.0}\n",
            "manifests/templates/web.yaml": template,
            "manifests/.argocd-source-web.yaml": written,
        }
    )
    lab.add(application(automated={}))
    assert image(lab) == "shop/web:1.20"


def test_what_is_not_about_tools_cannot_be_changed(lab: Lab) -> None:
    lab.repo({**WEB, "manifests/.argocd-source.yaml": "path: elsewhere\ntargetRevision: v1\nrepoURL: https://evil.example\n"})
    lab.add(application(automated={}))
    assert lab.sync() == "Synced"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (
            "kustomize:\n  images: shop/web:1.1.0\n",
            "json: cannot unmarshal string into Go struct field "
            "ApplicationSourceKustomize.kustomize.images of type v1alpha1.KustomizeImages",
        ),
        (
            "helm: {parameters: [{name: image.tag, value: 1.5}]}\n",
            "json: cannot unmarshal number into Go struct field HelmParameter.helm.parameters.value of type string",
        ),
        ("just words\n", "Invalid JSON Patch"),
        ("kustomize: [\n", "yaml: line 1: did not find expected node content"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_comparison_error_in_the_real_words(lab: Lab, content: str, words: str) -> None:
    lab.repo({**WEB, "manifests/.argocd-source-web.yaml": content})
    lab.add(application(automated={}))
    assert lab.sync() == "Unknown"
    message = lab.conditions()["ComparisonError"]
    assert message.startswith("Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: ")
    assert f"code = Unknown desc = {DOING}.argocd-source-web.yaml: {words}" in message
