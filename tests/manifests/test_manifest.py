"""Objects out of files, each with its place, and what is no object."""

from __future__ import annotations

import pytest

from gitops_sim.errors import BadInput
from gitops_sim.manifests import load_manifests
from gitops_sim.objects import Key

WEB = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\n"


def test_every_document_is_an_object_with_its_line() -> None:
    text = f"# The shop\n---\n{WEB}---\n\n---\napiVersion: v1\nkind: Service\nmetadata:\n  name: web\n"
    found = load_manifests(text, where="shop.yaml")
    assert [(m.key, m.where, m.title) for m in found] == [
        (Key("apps", "Deployment", "shop", "web"), "shop.yaml:3", "Deployment/web"),
        (Key("", "Service", "", "web"), "shop.yaml:9", "Service/web"),
    ]
    assert load_manifests("# nothing\n", where="x") == []


def test_a_list_stands_for_its_items() -> None:
    text = """
apiVersion: v1
kind: List
metadata: {resourceVersion: ""}
items:
- {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
- apiVersion: v1
  kind: ConfigMapList
  items:
  - {apiVersion: v1, kind: ConfigMap, metadata: {name: b}}
"""
    assert [m.title for m in load_manifests(text, where="x")] == ["ConfigMap/a", "ConfigMap/b"]
    assert load_manifests("apiVersion: v1\nkind: List\n", where="x") == []
    allow = "apiVersion: x.example/v1\nkind: AllowList\nmetadata: {name: a}\nspec: {}\n"
    assert [m.title for m in load_manifests(allow, where="x")] == ["AllowList/a"]


def test_a_generated_name_is_a_name() -> None:
    (job,) = load_manifests("apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: migrate-}\n", where="x")
    assert job.title == "Job/migrate-*"


def test_json_and_custom_resources_are_objects_like_any_other() -> None:
    (thing,) = load_manifests('{"apiVersion": "x.example/v9", "kind": "Thing", "metadata": {"name": "t"}, "any": [1]}', where="x")
    assert thing.object["any"] == [1]


@pytest.mark.parametrize(
    ("text", "where", "says"),
    [
        ("a: 1", "x:1", "a document without apiVersion(?s:.*)such as v1 or apps/v1"),
        ("apiVersion: v1\nmetadata: {name: a}", "x:1", "a document without kind(?s:.*)such as Deployment"),
        ("apiVersion: ''\nkind: Pod", "x:1", "a document without apiVersion"),
        ("apiVersion: 1\nkind: Pod", "x:1", "apiVersion must be a string, not the number 1"),
        ("apiVersion: v1\nkind: [Pod]", "x:1", "kind must be a string, not a list"),
        ("- apiVersion: v1", "x:1", "is a list, not a Kubernetes object"),
        ("hello", "x:1", "is a text, not a Kubernetes object"),
        (f"{WEB}---\n3", "x:5 (document 2)", "is the number 3, not"),
        ("apiVersion: v1\nkind: Pod", "x:1", "Pod has no metadata.name(?s:.*)add a 'name:' below 'metadata:'"),
        ("apiVersion: v1\nkind: Pod\nmetadata: {labels: {a: b}}", "x:1", "Pod has no metadata.name"),
        ("apiVersion: v1\nkind: Pod\nmetadata: a", "x:1", "metadata must be a mapping, not a text"),
        (
            "apiVersion: v1\nkind: Pod\nmetadata: {name: 12}",
            "x:1",
            '(?s)metadata.name must be a string, not the number 12.*name: "12"',
        ),
        ("apiVersion: v1\nkind: Pod\nmetadata: {name: on}", "x:1", '(?s)not the boolean true.*name: "true"'),
        ("apiVersion: v1\nkind: Pod\nmetadata: {name: {}}", "x:1", "(?s)not a mapping.*write name as text"),
        ("apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: 1}", "x:1", "metadata.namespace must be a string"),
        ("apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: [b]}", "x:1", "metadata.labels must be a mapping, not a list"),
        ("apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: {v: 1.5}}", "x:1", '(?s)metadata.labels.v must be.*v: "1.5"'),
        ("apiVersion: v1\nkind: Pod\nmetadata: {name: a, annotations: {v: no}}", "x:1", '(?s)annotations.v must.*v: "false"'),
        ("apiVersion: v1\nkind: List\nitems: {}", "x:1", "items must be a list, not a mapping"),
        ("apiVersion: v1\nkind: List\nitems: [{kind: Pod}]", "x:1 items[0]", "a document without apiVersion"),
        ("apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization", "x:1", "(?s)no metadata.name.*belongs to kustomize"),
        ("a: [", "x:2:1", "not valid YAML"),
    ],
)
def test_what_is_no_object_is_refused_with_its_place(text: str, where: str, says: str) -> None:
    with pytest.raises(BadInput, match=says) as caught:
        load_manifests(text, where="x")
    assert caught.value.where == where
    assert caught.value.mend


def test_empty_labels_and_null_values_are_left_as_they_are() -> None:
    text = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: null, annotations: {b: null}}"
    assert load_manifests(text, where="x")[0].object["metadata"]["annotations"] == {"b": None}
