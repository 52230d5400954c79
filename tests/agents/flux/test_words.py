"""The small parts: durations, variables, patterns, order, ids and managers."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_sim.agents.flux.durations import go_duration
from gitops_sim.agents.flux.inventory import id_of, key_of_id
from gitops_sim.agents.flux.kstatus import kstatus
from gitops_sim.agents.flux.managers import cleanup
from gitops_sim.agents.flux.order import stages
from gitops_sim.agents.flux.sourceignore import always, kept, read
from gitops_sim.agents.flux.substitute import SubstitutionError, substituted
from gitops_sim.objects import Key


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (0.75, "750ms"),
        (0.0005, "500µs"),
        (1.5, "1.5s"),
        (60, "1m0s"),
        (570, "9m30s"),
        (3600, "1h0m0s"),
        (90061.25, "25h1m1.25s"),
    ],
)
def test_durations_are_those_of_go(seconds: float, text: str) -> None:
    assert go_duration(seconds) == text


def config(text: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"x": text}}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${name}", "web"),
        ("a-${name}-${name}", "a-web-web"),
        ("${none:=3}", 3),
        ("${none:-a b}", "a b"),
        ("${name:=other}", "web"),
        ("${none:=${name}}", "web"),
        ("$name and $$name", "$name and $$name"),
        ("$${name}", "${name}"),
        ("${name^^}", "WEB"),
        ("${name^}", "Web"),
        ("${upper,,}", "abc"),
        ("${upper,}", "aBC"),
        ("${#name}", 3),
        ("${path#*/}", "b/c.txt"),
        ("${path##*/}", "c.txt"),
        ("${path%/*}", "a/b"),
        ("${path%%/*}", "a"),
        ("${path/b/x}", "a/x/c.txt"),
        ("${twice//a/b}", "bxb"),
        ("${path/#a/z}", "z/b/c.txt"),
        ("${path/%txt/md}", "a/b/c.md"),
        ("${name:1}", "eb"),
        ("${name:0:2}", "we"),
        ("${name:-2}", "web"),
        ("${count}", 5),
        ("${yes}", True),
    ],
)
def test_variables(text: str, value: object) -> None:
    values = {"name": "web", "upper": "ABC", "path": "a/b/c.txt", "twice": "axa", "count": "5", "yes": "true"}
    assert substituted(config(text), values)["data"]["x"] == value


@pytest.mark.parametrize(
    ("text", "values", "message"),
    [
        ("${none}", {}, 'envsubst error: variable substitution failed: variable not set (strict mode): "none"'),
        ("${none^^}", {}, 'envsubst error: variable substitution failed: variable not set (strict mode): "none"'),
        ("${name", {"name": "a"}, "envsubst error: variable substitution failed: missing closing brace"),
        ("${-}", {}, "envsubst error: variable substitution failed: unable to parse variable name"),
        ("x", {"a-b": "c"}, "envsubst error: 'a-b' var name is invalid, must match '^[_[:alpha:]][_[:alpha:][:digit:]]*$'"),
    ],
)
def test_variables_that_cannot_be_replaced(text: str, values: dict[str, str], message: str) -> None:
    with pytest.raises(SubstitutionError) as wrong:
        substituted(config(text), values)
    assert wrong.value.message == message


@pytest.mark.parametrize(
    ("lines", "left"),
    [
        ("", ["a.yaml", "b/a.yaml", "b/c/d.yaml"]),
        ("a.yaml", ["b/c/d.yaml"]),
        ("/a.yaml", ["b/a.yaml", "b/c/d.yaml"]),
        ("b/", ["a.yaml"]),
        ("*.yaml\n!d.yaml", ["b/c/d.yaml"]),
        ("b/*/d.yaml", ["a.yaml", "b/a.yaml"]),
        ("**/d.yaml", ["a.yaml", "b/a.yaml"]),
        ("b/**", ["a.yaml"]),
        ("?.yaml\n!/a.yaml", ["a.yaml"]),
        ("[a-c].yaml", ["b/c/d.yaml"]),
        ("d.yaml/", ["a.yaml", "b/a.yaml", "b/c/d.yaml"]),
        ("# a.yaml\n\n \n", ["a.yaml", "b/a.yaml", "b/c/d.yaml"]),
    ],
)
def test_ignore_patterns(lines: str, left: list[str]) -> None:
    assert list(kept(["a.yaml", "b/a.yaml", "b/c/d.yaml"], list(read(lines)))) == left


def test_what_never_gets_into_an_artifact() -> None:
    out = [".gitignore", ".github/x.yaml", "docs/logo.png", "x.tar.gz", "a/.sops.yaml", ".gitlab-ci.yml", "sub/.git/config"]
    assert list(kept([*out, "a.yaml", ".sourceignore"], always())) == ["a.yaml", ".sourceignore"]


def test_an_ignore_file_in_a_folder_speaks_of_that_folder() -> None:
    assert list(kept(["a.yaml", "b/a.yaml"], list(read("/a.yaml", "b")))) == ["a.yaml"]


def test_stages_and_their_order() -> None:
    keys = [
        Key("", "ConfigMap", "b", "x"),
        Key("", "ConfigMap", "a", "y"),
        Key("apps", "Deployment", "a", "web"),
        Key("example.com", "Widget", "a", "w"),
        Key("admissionregistration.k8s.io", "ValidatingWebhookConfiguration", "", "v"),
        Key("scheduling.k8s.io", "PriorityClass", "", "p"),
        Key("", "Namespace", "", "a"),
        Key("rbac.authorization.k8s.io", "ClusterRole", "", "r"),
        Key("", "ServiceAccount", "a", "s"),
    ]
    kinds = [[key.kind for key in stage] for stage in stages(keys)]
    assert kinds == [
        ["Namespace", "ClusterRole"],
        ["PriorityClass"],
        ["ServiceAccount", "ConfigMap", "ConfigMap", "Deployment", "Widget", "ValidatingWebhookConfiguration"],
    ]
    assert stages(keys)[2][1] == Key("", "ConfigMap", "a", "y")
    assert stages([]) == [[]]


@pytest.mark.parametrize(
    ("key", "id"),
    [
        (Key("apps", "Deployment", "default", "web"), "default_web_apps_Deployment"),
        (Key("", "Namespace", "", "apps"), "_apps__Namespace"),
        (Key("rbac.authorization.k8s.io", "ClusterRole", "", "a:b"), "_a__b_rbac.authorization.k8s.io_ClusterRole"),
    ],
)
def test_inventory_ids(key: Key, id: str) -> None:
    assert (id_of(key), key_of_id(id)) == (id, key)


def test_what_is_no_inventory_id() -> None:
    assert [key_of_id(text) for text in ("", "web", "a_b", "a__b_")] == [None] * 4


def test_managers_that_are_taken_over() -> None:
    def entry(manager: str, operation: str, field: str, subresource: str = "") -> dict[str, Any]:
        more = {"subresource": subresource} if subresource else {}
        return {"manager": manager, "operation": operation, "fieldsV1": {"f:spec": {field: {}}}, **more}

    live = {"metadata": {"annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}"}}}
    entries = [
        entry("kustomize-controller", "Apply", "f:a"),
        entry("kubectl-edit", "Update", "f:b"),
        entry("kubectl", "Apply", "f:c"),
        entry("kubectl", "Update", "f:d", "scale"),
        entry("kube-controller-manager", "Update", "f:e"),
    ]
    patch = cleanup(live, entries)
    assert patch[0] == {"op": "remove", "path": "/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration"}
    folded = patch[1]["value"]
    assert [(e["manager"], sorted(e["fieldsV1"]["f:spec"])) for e in folded] == [
        ("kubectl", ["f:d"]),
        ("kube-controller-manager", ["f:e"]),
        ("kustomize-controller", ["f:a", "f:b", "f:c"]),
    ]
    assert cleanup({"metadata": {}}, [entries[0], entries[3], entries[4]]) == []


def thing(kind: str, api: str = "a/v1", status: Any = None, **more: Any) -> dict[str, Any]:
    meta = {"name": "a", **more.pop("metadata", {})}
    return {"apiVersion": api, "kind": kind, "metadata": meta, **more, **({} if status is None else {"status": status})}


def said(type_: str, status: str = "True", **more: Any) -> dict[str, Any]:
    return {"conditions": [{"type": type_, "status": status}], **more}


@pytest.mark.parametrize(
    ("obj", "status"),
    [
        (None, "NotFound"),
        (thing("ConfigMap", "v1", metadata={"deletionTimestamp": "x"}), "Terminating"),
        (thing("Secret", "v1"), "Current"),
        (thing("Job", "batch/v1"), "InProgress"),
        (thing("Job", "batch/v1", {"startTime": "x", "active": 1}), "InProgress"),
        (thing("Job", "batch/v1", said("Complete", startTime="x")), "Current"),
        (thing("Job", "batch/v1", said("Failed", startTime="x")), "Failed"),
        (thing("X", status={"observedGeneration": 1}, metadata={"generation": 2}), "InProgress"),
        (thing("X", status=said("Ready", "False")), "InProgress"),
        (thing("X", status=said("Ready")), "Current"),
        (thing("X", status=said("Stalled")), "Failed"),
        (thing("X", status=said("Reconciling")), "InProgress"),
        (thing("X"), "Current"),
        (thing("PersistentVolumeClaim", "v1", {"phase": "Pending"}), "InProgress"),
        (thing("Service", "v1", spec={"type": "LoadBalancer"}), "InProgress"),
        (thing("Ingress", "networking.k8s.io/v1"), "Current"),
        (thing("Pod", "v1", {"phase": "Failed"}), "Current"),
        (thing("CustomResourceDefinition", "apiextensions.k8s.io/v1", said("NamesAccepted", "False")), "Failed"),
        (thing("CustomResourceDefinition", "apiextensions.k8s.io/v1"), "InProgress"),
    ],
)
def test_how_an_object_is(obj: Any, status: str) -> None:
    assert kstatus(obj)[0] == status
