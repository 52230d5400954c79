"""ignoreDifferences: by pointers, by jq paths and by managers of fields."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_sim.agents.argocd import jq
from gitops_sim.errors import BadInput
from tests.agents.lab import Lab, application, config_map, deployment

POD: dict[str, Any] = {
    "spec": {
        "containers": [{"name": "web", "image": "a", "resources": {}}, {"name": "proxy", "image": "b"}],
        "labels": {"example.com/owner": "ana"},
    }
}


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        (".spec.containers", [("spec", "containers")]),
        (".spec.containers[].image", [("spec", "containers", 0, "image"), ("spec", "containers", 1, "image")]),
        (".spec.containers[]?.resources", [("spec", "containers", 0, "resources")]),
        (".spec.containers[0]", [("spec", "containers", 0)]),
        (".spec.containers[-1].name", [("spec", "containers", 1, "name")]),
        ('.spec.containers[] | select(.name == "proxy")', [("spec", "containers", 1)]),
        ('.spec.containers[] | select(.name != "proxy") | .image', [("spec", "containers", 0, "image")]),
        ('.spec.containers[] | select(.name == "x" or .image == "b").image', [("spec", "containers", 1, "image")]),
        ('.spec.containers[] | select(.name == "web" and .image == "b")', []),
        ('.spec.labels["example.com/owner"]', [("spec", "labels", "example.com/owner")]),
        ('.spec.labels."example.com/owner"', [("spec", "labels", "example.com/owner")]),
        (".spec.nothing[].here", []),
    ],
)
def test_jq_paths(text: str, paths: list[Any]) -> None:
    assert jq.parse(text).paths(POD) == paths


OTHERS = (
    "",
    ".",
    "del(.a)",
    ".a | map(.b)",
    ".a,.b",
    '.a[] | select(.b | test("c"))',
    ".a[] | select(.b",
    ".a[] | select(.b[] == 1)",
)


@pytest.mark.parametrize("text", OTHERS)
def test_the_rest_of_jq_is_refused_with_what_can_be_written(text: str) -> None:
    with pytest.raises(BadInput) as caught:
        jq.parse(text)
    assert "select(.name" in str(caught.value)


def test_an_expression_that_is_not_understood_makes_the_application_unusable_and_says_which(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map()})
    lab.add(application(automated={}, ignoreDifferences=[{"kind": "ConfigMap", "jqPathExpressions": [".data | keys"]}]))
    text = "spec.ignoreDifferences.jqPathExpressions: cannot follow the jq expression '.data | keys' at 'keys'"
    assert lab.conditions()["InvalidSpecError"].startswith(text)


def test_an_item_of_a_list_may_be_ignored(lab: Lab) -> None:
    web = '.spec.template.spec.containers[] | select(.name == "web")'
    rule = {"group": "apps", "kind": "Deployment", "jqPathExpressions": [web]}
    lab.repo({"manifests/web.yaml": deployment(2)})
    lab.add(application(automated={"selfHeal": True}, ignoreDifferences=[rule]))
    change = {"spec": {"template": {"spec": {"containers": [{"name": "web", "image": "nginx:9"}]}}}}
    lab.cluster.as_user("ben").patch("deploy", "web", "default", change)
    lab.run(60)
    assert lab.sync() == "Synced"
    lab.scale(5)
    lab.run(60)
    assert lab.replicas() == 2  # what is not ignored is healed


def test_fields_of_a_trusted_manager_do_not_count(lab: Lab) -> None:
    lab.repo({"manifests/web.yaml": deployment(2)})
    lab.add(application(ignoreDifferences=[{"group": "apps", "kind": "Deployment", "managedFieldsManagers": ["autoscaler"]}]))
    lab.cli("app sync web")
    lab.run(30)
    lab.cluster.patch("deploy", "web", "default", {"spec": {"replicas": 7}}, manager="autoscaler")
    lab.run(30)
    assert lab.sync() == "Synced"
    lab.cluster.patch("deploy", "web", "default", {"spec": {"replicas": 8}}, manager="somebody")
    lab.run(30)
    assert lab.sync() == "OutOfSync"


def test_a_sync_overwrites_ignored_fields_unless_they_are_respected(lab: Lab) -> None:
    rule = {"group": "apps", "kind": "Deployment", "jqPathExpressions": [".spec.replicas"]}
    lab.repo({"manifests/web.yaml": deployment(2)})
    lab.add(application(ignoreDifferences=[rule]))
    lab.cli("app sync web")
    lab.scale(5)
    assert lab.sync() == "Synced"
    lab.cli("app sync web")
    assert lab.replicas() == 2
    lab.scale(5)
    lab.set_spec({"syncPolicy": {"syncOptions": ["RespectIgnoreDifferences=true"]}})
    lab.commit({"manifests/web.yaml": deployment(2, "nginx:1.25")})
    lab.cli("app sync web")
    assert lab.replicas() == 5


def test_fields_of_a_trusted_manager_are_respected_too(lab: Lab) -> None:
    rule = {"group": "apps", "kind": "Deployment", "managedFieldsManagers": ["autoscaler"]}
    lab.repo({"manifests/web.yaml": deployment(2)})
    lab.add(application(ignoreDifferences=[rule], options=["RespectIgnoreDifferences=true"]))
    lab.cli("app sync web")
    lab.cluster.patch("deploy", "web", "default", {"spec": {"replicas": 7}}, manager="autoscaler")
    lab.commit({"manifests/web.yaml": deployment(2, "nginx:1.25")})
    lab.cli("app sync web")
    assert lab.replicas() == 7
