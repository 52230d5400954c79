"""The definitions that come with Argo CD."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gitops_sim.agents.argocd.definitions import definitions
from gitops_sim.cluster import Cluster
from gitops_sim.errors import ApiError
from gitops_sim.kubectl import Kubectl
from gitops_sim.objects import get_path, with_path
from tests.agents.lab import Lab, application


def test_they_are_as_an_api_server_takes_them() -> None:
    cluster = Cluster(controllers=False)
    for definition in definitions():
        cluster.create(definition)
        status = cluster.get("crd", definition["metadata"]["name"])["status"]
        assert [(c["type"], c["status"]) for c in status["conditions"]] == [("NamesAccepted", "True"), ("Established", "True")]


def test_they_are_there_as_soon_as_argo_cd_is_and_leave_no_trace(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    assert [obj["metadata"]["name"] for obj in lab.cluster.list("crd")] == [
        "applications.argoproj.io",
        "applicationsets.argoproj.io",
        "appprojects.argoproj.io",
    ]
    assert not [record for record in lab.trace if "CustomResourceDefinition" in record.subject]


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("spec", "source"), 7, 'spec.source: Invalid value: "integer": spec.source in body must be of type object: "integer"'),
        (("status",), "fine", 'status: Invalid value: "string": status in body must be of type object: "string"'),
        (("spec", "syncPolicy", "syncOptions"), [1], 'spec.syncPolicy.syncOptions[0] in body must be of type string: "integer"'),
        (("spec", "syncPolicy"), {"automated": {"prune": "yes"}}, "spec.syncPolicy.automated.prune in body must be of type bool"),
        (("spec", "source"), {"path": "a"}, "spec.source.repoURL: Required value"),
    ],
)
def test_a_spoilt_application_is_refused(tmp_path: Path, path: tuple[str, ...], value: Any, message: str) -> None:
    lab = Lab(tmp_path)
    with pytest.raises(ApiError) as refused:
        lab.cluster.create(with_path(application(), path, value))
    assert (refused.value.code, message in refused.value.message) == (422, True), refused.value.message


@pytest.mark.parametrize(
    ("path", "field"),
    [
        (("spec",), "syncpolicy"),
        (("spec", "source"), "targetrevision"),
        (("spec", "syncPolicy", "automated"), "selfheal"),
        (("spec", "syncPolicy", "retry", "backoff"), "max"),
    ],
)
def test_a_misspelt_field_is_refused_by_kubectl_and_dropped_without_it(tmp_path: Path, path: tuple[str, ...], field: str) -> None:
    lab = Lab(tmp_path)
    spoilt = with_path(application(), (*path, field), {})
    said = Kubectl(lab.cluster).run("apply -f app.yaml", files={"app.yaml": json.dumps(spoilt)})
    assert (said.exit, said.stdout) == (1, "")
    assert f'strict decoding error: unknown field "{".".join((*path, field))}"' in said.stderr
    assert field not in (get_path(lab.cluster.create(spoilt), path) or {})


@pytest.mark.parametrize(
    ("path", "field"), [(("spec",), "sourceRepo"), (("spec", "orphanedResources"), "warning"), (("spec",), "destination")]
)
def test_a_misspelt_field_of_a_project_is_refused_by_kubectl(tmp_path: Path, path: tuple[str, ...], field: str) -> None:
    lab = Lab(tmp_path)
    project = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AppProject",
        "metadata": {"name": "team", "namespace": "argocd"},
        "spec": {"sourceRepos": ["*"], "orphanedResources": {"warn": True, "ignore": [{"kind": "ConfigMap"}]}},
    }
    assert Kubectl(lab.cluster).run("apply -f p.yaml", files={"p.yaml": json.dumps(project)}).exit == 0
    spoilt = with_path(project, (*path, field), {})
    said = Kubectl(lab.cluster).run("apply -f p.yaml", files={"p.yaml": json.dumps(spoilt)})
    assert (said.exit, said.stdout) == (1, "")
    assert f'strict decoding error: unknown field "{".".join((*path, field))}"' in said.stderr


GIT: dict[str, Any] = {"repoURL": "https://git.example/shop.git", "revision": "main", "directories": [{"path": "*"}]}
LIST: dict[str, Any] = {"elements": [{"env": "dev", "any": {"thing": 1}}]}


def appset(*generators: Any) -> dict[str, Any]:
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "ApplicationSet",
        "metadata": {"name": "web", "namespace": "argocd"},
        "spec": {
            "generators": list(generators),
            "template": {"metadata": {"name": "web"}, "spec": application()["spec"]},
            "strategy": {"type": "RollingSync", "rollingSync": {"steps": [{"maxUpdate": "10%"}, {"maxUpdate": 0}]}},
        },
    }


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ('"generators"', '"generator"', "spec.generator"),
        ('"repoURL": "https://git.example/shop.git", "revision"', '"repoUrl": "x", "revision"', "spec.generators[1].git.repoUrl"),
        ('"elements"', '"element"', "spec.generators[0].list.element"),
        ('"name": "web"}, "spec"', '"names": "web"}, "spec"', "spec.template.metadata.names"),
        ('"destination"', '"destinations"', "spec.template.spec.destinations"),
        ('"maxUpdate": 0', '"maxUnavailable": 0', "spec.strategy.rollingSync.steps[1].maxUnavailable"),
        ('"git": {"repoURL": "y"', '"git": {"repoURLs": "y"', "spec.generators[2].matrix.generators[0].git.repoURLs"),
    ],
)
def test_a_misspelt_field_of_an_applicationset_is_refused_by_kubectl(tmp_path: Path, old: str, new: str, field: str) -> None:
    lab = Lab(tmp_path)
    matrix = {"generators": [{"git": {**GIT, "repoURL": "y"}}, {"matrix": {"any": "thing"}}]}
    text = json.dumps(appset({"list": LIST}, {"git": GIT}, {"matrix": matrix}))
    assert old in text
    fine = Kubectl(lab.cluster).run("apply -f a.yaml", files={"a.yaml": text})
    assert (fine.exit, fine.stdout) == (0, "applicationset.argoproj.io/web created\n"), fine.stderr
    said = Kubectl(lab.cluster).run("apply -f a.yaml", files={"a.yaml": text.replace(old, new, 1)})
    assert (said.exit, said.stdout) == (1, "")
    assert f'strict decoding error: unknown field "{field}"' in said.stderr


def test_a_misspelt_field_of_an_applicationset_is_dropped_where_nobody_asks(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    spoilt = with_path(appset({"list": {**LIST, "element": []}}), ("spec", "strategy", "rollingsync"), {})
    said = Kubectl(lab.cluster).run("apply -f a.yaml --validate=false", files={"a.yaml": json.dumps(spoilt)})
    assert (said.exit, said.stdout, said.stderr) == (0, "applicationset.argoproj.io/web created\n", "")
    spec = lab.cluster.get("appset", "web", "argocd")["spec"]
    assert spec["generators"] == [{"list": LIST}]
    assert "rollingsync" not in spec["strategy"]


@pytest.mark.parametrize(
    ("generator", "message"),
    [
        ({"git": {"repoURL": "x", "directories": []}}, "spec.generators[0].git.revision: Required value"),
        ({"merge": {"generators": []}}, "spec.generators[0].merge.mergeKeys: Required value"),
        ({"list": {"elements": {"env": "dev"}}}, "spec.generators[0].list.elements in body must be of type array"),
        (
            {"list": {**LIST, "template": {"metadata": {}, "spec": {"source": {"path": "a"}}}}},
            "[spec.generators[0].list.template.spec.source.repoURL: Required value, "
            "spec.generators[0].list.template.spec.destination: Required value, "
            "spec.generators[0].list.template.spec.project: Required value]",
        ),
    ],
)
def test_an_applicationset_that_lacks_something_is_refused(tmp_path: Path, generator: Any, message: str) -> None:
    lab = Lab(tmp_path)
    with pytest.raises(ApiError) as refused:
        lab.cluster.create(appset(generator))
    assert (refused.value.code, message in refused.value.message) == (422, True), refused.value.message


def test_a_policy_that_there_is_not_is_refused(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    with pytest.raises(ApiError) as refused:
        lab.cluster.create(with_path(appset({"list": LIST}), ("spec", "syncPolicy"), {"applicationsSync": "create"}))
    text = 'spec.syncPolicy.applicationsSync: Unsupported value: "create": supported values: "create-only", "create-update", '
    assert text in refused.value.message


def test_what_the_simulator_does_not_know_is_kept(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    app = application(
        sources=[{"repoURL": "https://git.example/shop.git", "helm": {"valueFiles": ["a.yaml"]}}],
        info=[{"name": "a", "value": "b"}],
    )
    app["spec"]["source"]["kustomize"] = {"images": ["web=web:2"]}
    assert lab.cluster.create(app)["spec"] == app["spec"]


def test_kubectl_prints_the_columns_of_argo_cd(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    lab.add(application())
    kubectl: Callable[[str], str] = lambda line: Kubectl(lab.cluster).run(line).stdout  # noqa: E731
    assert kubectl("get applications -n argocd").splitlines()[0].split("  ") == ["NAME", " SYNC STATUS", " HEALTH STATUS"]
    wide = kubectl("get applications -n argocd -o wide").splitlines()[0]
    assert [name.strip() for name in wide.split("  ") if name.strip()] == [
        "NAME",
        "SYNC STATUS",
        "HEALTH STATUS",
        "REVISION",
        "PROJECT",
    ]
