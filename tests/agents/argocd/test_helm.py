"""Charts as sources of Argo CD: from a folder and from a chart repository of the world."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_sim.manifests.helm import pack, write_index
from tests.agents.lab import Lab, application, config_map

CHART = {
    "web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.2.3\n",
    "web/values.yaml": "color: red\nsize: 1\nlist: []\nfile: ''\n",
    "web/templates/a.yaml": (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}, labels: {chart: {{ .Chart.Version }}}}\ndata:\n"
        '  values: {{ omit .Values "global" | toJson | quote }}\n  namespace: {{ .Release.Namespace }}\n'
        '  kube: {{ .Capabilities.KubeVersion.Version }}\n  apps: "{{ .Capabilities.APIVersions.Has "apps/v1/Deployment" }}"\n'
    ),
    "web/values-prod.yaml": "color: green\n",
    "shared/all.yaml": "size: 5\n",
    "manifests/a.yaml": config_map(),
}
URL = "https://git.example/charts/raw/main"


def chart(lab: Lab, helm: dict[str, Any] | None = None, files: dict[str, str] | None = None, **spec: Any) -> None:
    lab.repo({**CHART, **(files or {})})
    source = {"repoURL": "https://git.example/shop.git", "path": "web", **({} if helm is None else {"helm": helm})}
    lab.add(application(source=source, automated={}, **spec))


def data(lab: Lab, name: str = "web") -> dict[str, Any]:
    found: dict[str, Any] = lab.cluster.get("cm", name)["data"]
    return found


def test_a_folder_with_a_chart_is_rendered(lab: Lab) -> None:
    chart(lab)
    assert (lab.sync(), lab.health()) == ("Synced", "Healthy")
    kube = {"kube": "v1.36.2", "namespace": "default", "apps": "true"}
    assert data(lab) == {"values": '{"color":"red","file":"","list":[],"size":1}', **kube}
    assert lab.cluster.list("secrets") == []  # Argo CD keeps no release


@pytest.mark.parametrize(
    ("helm", "values"),
    [
        ({"valueFiles": ["values-prod.yaml"]}, '{"color":"green","file":"","list":[],"size":1}'),
        ({"valueFiles": ["../shared/all.yaml", "/web/values-prod.yaml"]}, '{"color":"green","file":"","list":[],"size":5}'),
        ({"valueFiles": ["none.yaml"], "ignoreMissingValueFiles": True}, '{"color":"red","file":"","list":[],"size":1}'),
        ({"valueFiles": ["values-prod.yaml"], "values": "color: blue\n"}, '{"color":"blue","file":"","list":[],"size":1}'),
        ({"values": "color: blue\n", "valuesObject": {"size": 7}}, '{"color":"red","file":"","list":[],"size":7}'),
        (
            {"valuesObject": {"size": 7}, "parameters": [{"name": "size", "value": "8"}, {"name": "color", "value": "a,b"}]},
            '{"color":"a,b","file":"","list":[],"size":8}',
        ),
        ({"parameters": [{"name": "size", "value": "8", "forceString": True}]}, '{"color":"red","file":"","list":[],"size":"8"}'),
        ({"parameters": [{"name": "list", "value": "{a,b}"}]}, '{"color":"red","file":"","list":["a","b"],"size":1}'),
        (
            {"fileParameters": [{"name": "file", "path": "/shared/all.yaml"}]},
            '{"color":"red","file":"size: 5\\n","list":[],"size":1}',
        ),
    ],
    ids=str,
)
def test_where_values_come_from_and_which_win(lab: Lab, helm: dict[str, Any], values: str) -> None:
    chart(lab, helm)
    assert lab.conditions() == {}
    assert data(lab)["values"] == values


def test_the_release_is_called_after_the_application_unless_told_otherwise(lab: Lab) -> None:
    chart(lab, {"releaseName": "shop", "kubeVersion": "1.30", "namespace": "told"})
    assert data(lab, "shop") | {"values": ""} == {"values": "", "namespace": "told", "kube": "v1.30", "apps": "true"}


def test_a_commit_to_values_is_synced_also_outside_of_the_chart(lab: Lab) -> None:
    chart(lab, {"valueFiles": ["/shared/all.yaml"]})
    lab.commit({"shared/all.yaml": "size: 6\n"})
    lab.next_poll()
    assert '"size":6' in data(lab)["values"]


def test_changing_the_source_renders_anew(lab: Lab) -> None:
    chart(lab, {"parameters": [{"name": "size", "value": "2"}]})
    lab.set_spec({"source": {"helm": {"parameters": [{"name": "size", "value": "3"}]}}})
    assert '"size":3' in data(lab)["values"]


def test_chance_in_a_template_is_new_with_every_commit_alone(lab: Lab) -> None:
    luck = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: luck}\ndata: {x: "{{ randAlphaNum 9 }}"}\n'
    chart(lab, files={"web/templates/luck.yaml": luck})
    first = data(lab, "luck")
    lab.cli("app get web --hard-refresh")
    assert (lab.sync(), data(lab, "luck")) == ("Synced", first)
    lab.commit({"web/values.yaml": "color: white\n"})
    lab.next_poll()
    assert data(lab, "luck") != first


PREFIX = "Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unknown desc = "
RUNNING = "failed to execute helm template command: failed running helm: `"
COMMAND = "helm template . --name-template web --namespace default --kube-version 1.36.2"


@pytest.mark.parametrize(
    ("helm", "files", "message"),
    [
        (
            {"valueFiles": ["none.yaml"]},
            {},
            f"{RUNNING}{COMMAND} --values <path to cached source>/web/none.yaml <api versions removed> --include-crds` failed "
            "exit status 1: Error: open <path to cached source>/web/none.yaml: no such file or directory",
        ),
        (
            {"skipCrds": True, "parameters": [{"name": "a", "value": "b"}]},
            {"web/templates/b.yaml": "x: {{ .Values.deep.er }}\n"},
            f"{RUNNING}{COMMAND} --set a=b <api versions removed>` failed exit "
            'status 1: Error: web/templates/b.yaml:1:13\n  executing "web/templates/b.yaml" at <.Values.deep.er>:\n'
            "    nil pointer evaluating interface {}.er",
        ),
        (
            {},
            {"web/templates/b.yaml": '{{ required "give a host" .Values.host }}\n'},
            f"{RUNNING}{COMMAND} <api versions removed> --include-crds` failed "
            "exit status 1: Error: execution error at (web/templates/b.yaml:1:3): give a host",
        ),
        ({"version": "v2"}, {}, "helm chart version 'v2' is not supported"),
    ],
)
def test_what_helm_refuses_is_a_comparison_error(lab: Lab, helm: dict[str, Any], files: dict[str, str], message: str) -> None:
    chart(lab, helm, files)
    assert lab.conditions()["ComparisonError"] == PREFIX + message
    assert lab.sync() == "Unknown"
    assert lab.last("ComparisonFailed").data["mend"]
    assert lab.cluster.find("cm", "web") is None


@pytest.mark.parametrize(
    ("helm", "words"),
    [
        ({"valueFiles": ["../../x.yaml"]}, "value file '../../x.yaml' resolved to outside repository root"),
        ({"valueFiles": ["https://example.com/x.yaml"]}, "is on the network"),
        ({"valueFiles": ["$values/x.yaml"]}, "source referenced \"values\", but no source has a 'ref' field defined"),
        ({"values": "a: [\n"}, "cannot unmarshal yaml document"),
        ({"parameters": [{"name": "a[", "value": "x"}]}, "failed parsing --set data"),
        ({"fileParameters": [{"name": "a", "path": "none"}]}, "no such file or directory"),
        ({"releaseName": "Web"}, "release name check failed"),
        ({"valueFiles": 5, "parameters": [1], "values": 7}, "cannot unmarshal number"),
    ],
)
def test_odd_wishes_are_errors_not_crashes(lab: Lab, helm: dict[str, Any], words: str) -> None:
    chart(lab, helm)
    assert words in lab.conditions()["ComparisonError"]


def test_custom_resources_come_with_their_definitions_unless_skipped(lab: Lab) -> None:
    crd = (
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: webs.example.com}\nspec:\n"
        "  group: example.com\n  names: {kind: Web, plural: webs}\n  scope: Namespaced\n  versions:\n"
        "  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}\n"
    )
    chart(lab, files={"web/crds/a.yaml": crd})
    assert lab.sync() == "Synced"
    assert lab.cluster.find("crd", "webs.example.com", "") is not None


def packages(*versions: str) -> dict[str, bytes]:
    made = {}
    for version in versions:
        files = {name.removeprefix("web/"): text.encode() for name, text in CHART.items() if name.startswith("web/")}
        files["Chart.yaml"] = f"apiVersion: v2\nname: web\nversion: {version}\n".encode()
        made[f"web-{version}.tgz"] = pack(files, "web")
    return made


def publish(lab: Lab, *versions: str) -> None:
    found = packages(*versions)
    index = {"index.yaml": write_index(found, created="2026-01-05T09:00:00Z")}
    if any(repository.name == "charts" for repository in lab.forge.repositories):
        lab.forge.repository("charts").commit({**found, **index}, "Publish", author="ana")
    else:
        lab.forge.create("charts", {**found, **index}, author="ana")


def from_repository(lab: Lab, revision: str, chart: str = "web", url: str = URL) -> None:
    source = {
        "repoURL": url,
        "chart": chart,
        "targetRevision": revision,
        "helm": {"parameters": [{"name": "size", "value": "2"}]},
    }
    lab.add(application(source=source, automated={}))


def test_a_chart_of_a_repository_and_its_newest_fitting_version(lab: Lab) -> None:
    publish(lab, "1.0.0", "1.1.0", "2.0.0")
    from_repository(lab, "^1.0.0")
    assert lab.cluster.get("cm", "web")["metadata"]["labels"]["chart"] == "1.1.0"
    assert '"size":2' in data(lab)["values"]
    assert lab.status()["sync"]["revision"] == "1.1.0"
    publish(lab, "1.0.0", "1.1.0", "1.2.0", "2.0.0")
    lab.next_poll()
    assert (lab.sync(), lab.status()["sync"]["revision"]) == ("Synced", "1.2.0")
    assert lab.cluster.get("cm", "web")["metadata"]["labels"]["chart"] == "1.2.0"


@pytest.mark.parametrize(
    ("revision", "chart", "url", "words"),
    [
        ("9.9.9", "web", URL, f'chart "web" version "9.9.9" not found in {URL} repository'),
        ("1.0.0", "none", URL, f'chart "none" not found in {URL} repository'),
        ("1.0.0", "web", "https://git.example/none/raw/main", "is not a valid chart repository or cannot be reached"),
    ],
)
def test_a_chart_that_no_repository_has(lab: Lab, revision: str, chart: str, url: str, words: str) -> None:
    publish(lab, "1.0.0")
    from_repository(lab, revision, chart, url)
    assert words in lab.conditions()["ComparisonError"]
