"""Charts that kustomizations inflate, and addresses of bases elsewhere: where a forge answers for them."""

from __future__ import annotations

import pytest

from gitops_sim.agents.remotes import ForgeRemotes
from gitops_sim.forge import Repository
from gitops_sim.manifests.kustomize import KustomizeError, build, parted
from gitops_sim.world import World

CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '{{ .Release.Name }}', namespace: '{{ .Release.Namespace }}'}\n"
CHART = {
    "Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
    "values.yaml": "size: 1\ncolour: red\nnested: {a: 1, b: 1}\n",
    "templates/c.yaml": CONFIG + "data: {values: '{{ .Values | toJson }}'}\n",
    "templates/hook.yaml": CONFIG.replace("}}', ", "}}-hook', annotations: {helm.sh/hook: pre-install}, "),
    "templates/test.yaml": CONFIG.replace("}}', ", "}}-test', annotations: {helm.sh/hook: test}, "),
    "crds/d.yaml": (
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: ws.example.com}\nspec: {}\n"
    ),
}


@pytest.fixture
def made():
    def make(chart: str, **files: str) -> list[str]:
        world = World()
        local = {f"app/charts/web/{name}": text for name, text in CHART.items()}
        text = f"namePrefix: p-\nhelmCharts:\n- {{name: web, {chart}}}\n"
        repository = world.git.create("shop", {"app/kustomization.yaml": text, **local, **files}, author="ana")
        return objects(world, repository)

    return make


def objects(world: World, repository: Repository) -> list[str]:
    found = build(repository.tree(), "app", remotes=ForgeRemotes(world.git, helm=True)).objects
    names = [(one["metadata"], one.get("data") or {}) for one in found]
    return [f"{meta.get('namespace', '')}/{meta['name']} {data.get('values', '')}".strip() for meta, data in names]


def test_a_chart_that_is_there_is_rendered_and_then_customised(made):
    values = '{"colour":"red","nested":{"a":1,"b":1},"size":1}'
    assert made("releaseName: r, namespace: data") == [f"data/p-r {values}", "data/p-r-hook", "data/p-r-test"]


def test_hooks_and_tests_are_left_out_and_definitions_taken_in_as_is_said(made):
    assert made("releaseName: r, skipHooks: true, includeCRDs: true")[0] == "/ws.example.com"
    assert [name.partition(" ")[0] for name in made("releaseName: r, skipTests: true")] == ["default/p-r", "default/p-r-hook"]


@pytest.mark.parametrize(
    ("way", "values"),
    [
        ("override", '{"colour":"blue","nested":{"a":2,"b":3},"size":9}'),
        ("merge", '{"colour":"blue","nested":{"a":3,"b":3},"size":9}'),
        ("replace", '{"colour":"red","nested":{"a":2,"b":1},"size":9}'),
    ],
)
def test_values_of_a_file_and_those_in_line_are_merged_as_is_said(made, way, values):
    wanted = f"releaseName: r, valuesFile: v.yaml, valuesMerge: {way}, valuesInline: {{nested: {{a: 2}}}}, skipHooks: true"
    files = {"app/v.yaml": "colour: blue\nnested: {a: 3, b: 3}\n", "app/last.yaml": "size: 9\n"}
    assert made(f"{wanted}, additionalValuesFiles: [last.yaml]", **files) == [f"default/p-r {values}"]


@pytest.mark.parametrize(
    ("chart", "what"),
    [
        ("name: ''", "chart name cannot be empty"),
        ("name: other", "no repo specified for pull, no chart found at"),
        ("name: web, valuesMerge: mix", "valuesMerge must be one of [merge override replace]"),
        ("name: other, repo: 'https://charts.example.com'", "is not a valid chart repository or cannot be reached"),
    ],
)
def test_what_is_wrong_with_a_chart_is_said(made, chart, what):
    with pytest.raises(KustomizeError) as caught:
        made(f"releaseName: r, {chart}")
    assert what in caught.value.what


def test_without_enable_helm_charts_are_refused():
    world = World()
    repository = world.git.create("shop", {"app/kustomization.yaml": "helmCharts: [{name: web}]\n"}, author="ana")
    with pytest.raises(KustomizeError, match="must specify --enable-helm"):
        build(repository.tree(), "app", remotes=ForgeRemotes(world.git))


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("github.com/acme/shop/deploy/base?ref=v1", ("github.com/acme/shop", "deploy/base", "v1")),
        ("https://github.com/acme/shop", ("https://github.com/acme/shop", "", "")),
        ("https://git.example/a/b/c//deploy?version=v2", ("https://git.example/a/b/c", "deploy", "v2")),
        ("https://git.example/shop.git/deploy", ("https://git.example/shop.git", "deploy", "")),
        ("git@github.com:acme/shop//deploy", ("git@github.com:acme/shop", "deploy", "")),
        ("git::https://github.com/acme/shop.git", ("https://github.com/acme/shop.git", "", "")),
        ("https://dev.azure.com/org/proj/_git/repo/path/to", ("https://dev.azure.com/org/proj/_git/repo", "path/to", "")),
        ("https://git.example/shop", ("https://git.example/shop", "", "")),
    ],
)
def test_an_address_is_a_repository_a_folder_and_a_revision(address, found):
    assert parted(address) == found
