"""Rollouts while time passes."""

from __future__ import annotations

import pytest

from gitops_sim.kubectl import Kubectl
from gitops_sim.kubectl.rollout.status import stateful_set
from tests.kubectl.stage import WEB, Stage

ABOVE = """\
apiVersion: apps/v1
kind: {kind}
metadata: {{name: x}}
spec:
  {more}
  selector: {{matchLabels: {{app: x}}}}
  template:
    metadata: {{labels: {{app: x}}}}
    spec: {{containers: [{{name: c, image: "nginx:1.24"}}]}}
"""


def test_a_rollout_is_told_step_by_step() -> None:
    stage = Stage()
    stage.ok("apply -f web.yaml")
    lines = stage.ok("rollout status deploy/web").splitlines()
    assert lines[0] == "Waiting for deployment spec update to be observed..."
    assert 'Waiting for deployment "web" rollout to finish: 0 of 2 updated replicas are available...' in lines
    assert lines[-1] == 'deployment "web" successfully rolled out'
    assert lines.count(lines[-1]) == 1


def test_a_rollout_that_does_not_get_on_ends_with_an_error() -> None:
    stage = Stage(images={"broken:1": {"pull_error": "not found"}})
    stage.files["web.yaml"] = WEB.replace("nginx:1.24", "broken:1")
    stage.ok("apply -f web.yaml")
    output = stage.run("rollout status deploy/web")
    assert output.stderr == 'error: deployment "web" exceeded its progress deadline\n'
    assert output.exit == 1
    assert stage.run("rollout status deploy/web --watch=false").exit == 1


def test_an_object_that_is_deleted_meanwhile_ends_the_rollout() -> None:
    stage = Stage()
    stage.ok("apply -f web.yaml")
    stage.cluster.clock.at(1.0, stage.cluster.delete, "deployments", "web")
    assert stage.run("rollout status deploy/web").stderr == "error: object has been deleted\n"


def test_a_certain_revision_can_be_waited_for() -> None:
    stage = Stage()
    stage.ok("apply -f web.yaml")
    stage.after(20)
    assert stage.ok("rollout status deploy/web --revision=1") == 'deployment "web" successfully rolled out\n'
    assert stage.error("rollout status deploy/web --revision=2") == (
        "error: desired revision (2) is different from the running revision (1)\n"
    )


@pytest.mark.parametrize(
    ("kind", "last"),
    [
        ("DaemonSet", 'daemon set "x" successfully rolled out'),
        ("StatefulSet", "partitioned roll out complete: 1 new pods have been updated..."),
    ],
)
def test_other_rollouts_are_told_too(kind: str, last: str) -> None:
    stage = Stage({"x.yaml": ABOVE.format(kind=kind, more="serviceName: x" if kind == "StatefulSet" else "")})
    stage.ok("apply -f x.yaml")
    assert "spec update to be observed..." in Kubectl(stage.cluster).run(f"rollout status {kind}/x").stdout
    assert stage.ok(f"rollout status {kind}/x").splitlines()[-1] == last
    stage.ok(f"set image {kind}/x c=nginx:1.25")
    stage.after(0.2)
    lines = stage.ok(f"rollout status {kind}/x").splitlines()
    assert lines[0].startswith("Waiting for")
    assert lines[-1] == last
    stage.ok(f"rollout undo {kind}/x")
    stage.ok(f"rollout status {kind}/x")
    assert stage.ok(f"get {kind} x -o jsonpath={{..image}}") == "nginx:1.24"
    stage.ok(f"patch {kind} x -p " + '\'{"spec": {"updateStrategy": {"type": "OnDelete", "rollingUpdate": null}}}\'')
    stage.after(1)
    assert "only available for RollingUpdate strategy type" in stage.error(f"rollout status {kind}/x")


PARTITION = {"type": "RollingUpdate", "rollingUpdate": {"partition": 1}}
STATES = [
    ({"replicas": 3}, {"readyReplicas": 1}, "Waiting for 2 pods to be ready..."),
    (
        {"replicas": 1},
        {"readyReplicas": 1, "updateRevision": "b", "currentRevision": "a", "updatedReplicas": 1},
        "waiting for statefulset rolling update to complete 1 pods at revision b...",
    ),
    (
        {"replicas": 1},
        {"readyReplicas": 1, "updateRevision": "b", "currentRevision": "b", "currentReplicas": 1},
        "statefulset rolling update complete 1 pods at revision b...",
    ),
    (
        {"replicas": 3, "updateStrategy": PARTITION},
        {"readyReplicas": 3, "updatedReplicas": 1},
        "Waiting for partitioned roll out to finish: 1 out of 2 new pods have been updated...",
    ),
]


@pytest.mark.parametrize(("spec", "status", "line"), STATES)
def test_states_of_stateful_sets(spec: dict[str, object], status: dict[str, object], line: str) -> None:
    obj = {
        "metadata": {"name": "x", "generation": 1},
        "spec": {"updateStrategy": {"type": "RollingUpdate"}, **spec},
        "status": {"observedGeneration": 1, **status},
    }
    assert stateful_set(obj)[0] == line


def test_a_rollback_returns_the_template_and_its_annotations() -> None:
    stage = Stage()
    stage.ok("create -f web.yaml")
    stage.ok("annotate deploy web kubernetes.io/change-cause=first")
    stage.after(20)
    stage.ok("set image deploy web nginx=nginx:1.25")
    stage.ok("annotate deploy web kubernetes.io/change-cause=second --overwrite")
    stage.after(20)
    listed = "deployment.apps/web \nREVISION  CHANGE-CAUSE\n1         first\n2         second\n\n"
    assert stage.ok("rollout history deploy/web") == listed
    shown = stage.ok("rollout history deploy/web --revision=2")
    assert "Annotations:\tkubernetes.io/change-cause: second" in shown
    assert "Image:\tnginx:1.25" in shown
    assert "Image:\tnginx:1.24" in stage.ok("rollout undo deploy/web --dry-run=client")
    assert stage.ok("rollout undo deploy/web") == "deployment.apps/web rolled back\n"
    stage.after(20)
    assert "3         first" in stage.ok("rollout history deploy/web")
    stage.ok("rollout pause deploy/web")
    assert "you cannot rollback a paused deployment" in stage.error("rollout undo deploy/web")


@pytest.mark.parametrize("verb", ["history", "undo"])
def test_what_has_no_history_says_so(verb: str) -> None:
    stage = Stage()
    stage.ok("create -f web.yaml -f conf.yaml")
    stage.after(20)
    viewer, doing = {"history": ("history viewer", "history"), "undo": ("rollbacker", "rollbacker")}[verb]
    assert stage.error(f"rollout {verb} cm/conf") == (
        f'error: error retrieving {doing} for "ConfigMap", no visitor method exists for {{ ConfigMap}}\n'
    )
    assert f'error: no {viewer} has been implemented for "ReplicaSet.apps"' in stage.error(f"rollout {verb} rs")
