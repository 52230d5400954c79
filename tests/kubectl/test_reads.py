"""What the recordings do not show of get, describe, logs, events, version and wait."""

from __future__ import annotations

import pytest

from gitops_sim.kubectl import Kubectl
from gitops_sim.output import Output
from tests.kubectl.stage import WEB, Stage

POD = "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec: {{containers: [{{name: c, image: {image}}}{more}]}}\n"


def test_versions() -> None:
    stage = Stage()
    assert stage.ok("version") == "Client Version: v1.36.2\nKustomize Version: v5.8.1\nServer Version: v1.36.2\n"
    assert stage.ok("version --client") == "Client Version: v1.36.2\nKustomize Version: v5.8.1\n"
    assert "serverVersion:\n  gitVersion: v1.36.2\n" in stage.ok("version -o yaml")
    assert '"serverVersion"' not in stage.ok("version -o json --client")
    assert stage.error("version x") == "error: extra arguments: [x]\n"


def test_the_one_context() -> None:
    stage = Stage()
    assert stage.ok("config current-context") == "production\n"
    assert stage.ok("config get-contexts").splitlines()[1].split() == ["*", "production", "production", "kubernetes-admin"]
    assert stage.ok("config get-contexts -o name --context=production") == "production\n"


def test_types_can_be_listed() -> None:
    stage = Stage()
    assert stage.ok("api-resources --api-group=batch").splitlines() == [
        "NAME       SHORTNAMES   APIVERSION   NAMESPACED   KIND",
        "cronjobs   cj           batch/v1     true         CronJob",
        "jobs                    batch/v1     true         Job",
    ]
    assert "Use -o" not in stage.error("api-resources -o yaml")


def test_nobody_measures() -> None:
    assert Stage().error("top pods") == "error: Metrics API not available\n"


def test_logs_tell_why_a_container_does_not_run() -> None:
    images = {"broken:1": {"pull_error": "not found"}, "crash:1": {"crash": "2s"}}
    files = {
        f"{name}.yaml": POD.format(name=name, image=image, more=more)
        for name, image, more in (("stuck", "broken:1", ""), ("fine", "nginx:1", ""), ("two", "nginx:1", ", {name: d, image: x}"))
    }
    stage = Stage(files | {"crash.yaml": POD.format(name="crash", image="crash:1", more="")}, images)
    stage.ok("apply -f web.yaml " + " ".join(f"-f {path}" for path in stage.files if path not in ("web.yaml", "conf.yaml")))
    waiting = 'Error from server (BadRequest): container "c" in pod "{}" is waiting to start: {}\n'
    assert stage.error("logs fine") == waiting.format("fine", "ContainerCreating")
    stage.after(40)
    nothing = "Nothing runs inside the simulated Pods: they write no logs. See 'kubectl describe pod' and 'kubectl events'.\n"
    assert stage.ok("logs fine") == nothing
    assert stage.ok("logs crash") == nothing
    assert stage.ok("logs -l app=web --all-containers") == 2 * nothing
    assert stage.error("logs stuck") == waiting.format("stuck", "trying and failing to pull image")
    assert stage.run("logs two") == Output(nothing, 'Defaulted container "c" out of: c, d\n')
    assert stage.ok("logs two d") == nothing
    assert stage.error("logs two -c e") == "error: container e is not valid for pod two out of: c, d\n"
    assert stage.run("logs deploy/web").stderr.startswith("Found 2 pods, using pod/web-")
    assert stage.error("logs none") == 'error: error from server (NotFound): pods "none" not found in namespace "default"\n'
    assert stage.error("logs svc/kubernetes").startswith("error: cannot get the logs from *v1.Service")
    stage.ok("apply -f conf.yaml")
    assert stage.error("logs cm/conf").startswith("error: cannot get the logs from *v1.ConfigMap")
    stage.ok("scale deploy web --replicas=0")
    stage.after(60)
    assert stage.error("logs deploy/web") == "error: timed out waiting for the condition\n"


def test_events_are_listed_oldest_first() -> None:
    stage = Stage()
    stage.ok("apply -f web.yaml")
    stage.after(30)
    lines = stage.ok("events -A").splitlines()
    assert lines[0].split() == ["NAMESPACE", "LAST", "SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"]
    assert "Started" in lines[-1]
    assert stage.ok("events -o jsonpath={.kind}") == "EventList"
    assert stage.ok("events --for pod/").startswith("LAST SEEN")
    assert Kubectl(Stage().cluster).run("events -A --types=warning").stderr == "No events found.\n"


def test_several_tables_cannot_be_sorted_together() -> None:
    stage = Stage()
    stage.ok("apply -f web.yaml -f conf.yaml")
    assert "couldn't find any field" in stage.error("get deploy,cm --sort-by=.metadata.name")
    names = stage.ok("get deploy,cm --sort-by=.metadata.name -o name").splitlines()
    assert names == ["configmap/conf", "configmap/kube-root-ca.crt", "deployment.apps/web"]
    assert stage.ok("get pods --sort-by=.metadata.name -o name") == ""


def test_quantities_are_sorted_by_their_amount() -> None:
    stage = Stage()
    for name, size in (("a", "1Gi"), ("b", "200Mi"), ("c", "3k"), ("d", "text")):
        stage.ok(f"create cm {name} --from-literal=size={size}")
    assert stage.ok("get cm a b c -o name --sort-by=.data.size") == "configmap/c\nconfigmap/b\nconfigmap/a\n"
    assert stage.ok("get cm a d -o name --sort-by=.data.size") == "configmap/a\nconfigmap/d\n"


def test_waiting_takes_simulated_time_only() -> None:
    stage = Stage()
    stage.ok("apply -f web.yaml")
    assert stage.ok("wait --for=condition=Available deploy/web --timeout=1h") == "deployment.apps/web condition met\n"
    assert 0 < stage.cluster.clock.now < 60
    stage.cluster.clock.after(5, stage.cluster.create, {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "late"}})
    assert stage.ok("wait --for=create cm/late --timeout=10s") == "configmap/late condition met\n"
    stage.cluster.clock.after(5, stage.cluster.delete, "configmaps", "late")
    assert stage.ok("wait --for=delete cm/late --timeout=10s") == "configmap/late condition met\n"
    stage.ok("create cm brief")
    stage.cluster.clock.after(5, stage.cluster.delete, "configmaps", "brief")
    assert (
        stage.error("wait --for=jsonpath={.data.x}=1 cm/brief") == 'Error from server (NotFound): configmaps "brief" not found\n'
    )


@pytest.mark.parametrize("kind", ["hpa", "pvc", "pv", "storageclass", "priorityclass", "lease", "controllerrevision", "rc"])
def test_kinds_without_a_page_of_their_own_are_described_by_their_fields(kind: str) -> None:
    stage = Stage()
    known = stage.cluster.kind(kind)
    obj = {"apiVersion": known.api_version, "kind": known.kind, "metadata": {"name": "x", "namespace": "default", "uid": "u"}}
    key = stage.cluster.key(known, "x", "default")
    stage.cluster.store.put(key, {**obj, "spec": {"someField": [1, {"aURL": "x"}]}}, "test")
    shown = stage.ok(f"describe {kind} x")
    assert f"Kind:         {known.kind}\n" in shown
    assert "API Version:  " in shown
    assert stage.ok(f"get {kind} x -o name") == f"{known.qualified}/x\n"
    assert "x" in stage.ok(f"get {kind} -o wide")


def test_a_warning_about_an_old_kind_comes_once() -> None:
    stage = Stage()
    stage.ok("apply -f web.yaml")
    stage.ok("expose deploy web --port=80")
    stage.after(20)
    assert stage.run("describe ep").stderr.count("Warning: v1 Endpoints is deprecated") == 1


def test_nodes_are_described_with_what_runs_on_them() -> None:
    stage = Stage(
        {"web.yaml": WEB.replace("ports:", "resources: {requests: {cpu: 250m, memory: 64Mi}, limits: {memory: 1Gi}}, ports:")}
    )
    stage.ok("apply -f web.yaml")
    stage.after(20)
    shown = stage.ok("describe node node-1")
    assert "  cpu                500m" in shown
    stage.ok('patch node node-1 -p \'{"spec": {"unschedulable": true, "taints": [{"key": "a", "effect": "NoSchedule"}]}}\'')
    shown = stage.ok("describe node node-1")
    assert "Taints:             a:NoSchedule\n" in shown
    assert "Unschedulable:      true\n" in shown
