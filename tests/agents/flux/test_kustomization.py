"""Kustomization: what is applied and kept applied, what is deleted, and what it reports."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_sim.errors import ApiError
from tests.agents.flux.lab import FluxLab, config_map, deployment, git_repository, kustomization
from tests.agents.lab import SERVICE

WEB = "default_web_apps_Deployment"


def revision(lab: FluxLab) -> str:
    return f"main@sha1:{lab.repo.tip()}"


# ---------------------------------------------------------------------- applying


def test_what_it_reports_when_all_is_well() -> None:
    lab = FluxLab({"manifests/web.yaml": deployment(3), "manifests/svc.yaml": SERVICE}).start()
    status = lab.status()
    assert lab.conditions() == {"Ready": ("True", "ReconciliationSucceeded", f"Applied revision: {revision(lab)}")}
    assert (status["lastAppliedRevision"], status["lastAttemptedRevision"]) == (revision(lab), revision(lab))
    assert status["observedGeneration"] == 1
    assert lab.inventory() == ["default_web__Service", WEB]
    assert [e["v"] for e in status["inventory"]["entries"]] == ["v1", "v1"]
    assert lab.events() == [
        ("Normal", "Progressing", "Service/default/web created\nDeployment/default/web created", 1),
        ("Normal", "ReconciliationSucceeded", "Reconciliation finished in 0s, next run in 10m0s", 1),
    ]
    assert lab.ks()["metadata"]["finalizers"] == ["finalizers.fluxcd.io"]


def test_every_object_says_whose_it_is_and_who_applied_it() -> None:
    lab = FluxLab().start()
    web = lab.cluster.with_managed_fields(lab.cluster.get("deploy", "web"))
    assert web["metadata"]["labels"] == {
        "kustomize.toolkit.fluxcd.io/name": "shop",
        "kustomize.toolkit.fluxcd.io/namespace": "flux-system",
    }
    entry = web["metadata"]["managedFields"][0]
    assert (entry["manager"], entry["operation"]) == ("kustomize-controller", "Apply")


def test_without_a_kustomization_file_all_folders_below_are_read() -> None:
    lab = FluxLab({"manifests/a.yaml": config_map("a"), "manifests/deep/er/b.yml": config_map("b"), "c.yaml": config_map("c")})
    lab.start()
    assert lab.inventory() == ["default_a__ConfigMap", "default_b__ConfigMap"]
    lab.spec(path=None)
    assert lab.inventory() == ["default_a__ConfigMap", "default_b__ConfigMap", "default_c__ConfigMap"]


def test_definitions_and_namespaces_come_first_and_the_rest_waits_for_them() -> None:
    definition = (
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: widgets.example.com}\n"
        "spec:\n  group: example.com\n  names: {kind: Widget, plural: widgets}\n  scope: Namespaced\n  versions:\n"
        "  - name: v1\n    served: true\n    storage: true\n    schema: {openAPIV3Schema: {type: object, properties: "
        "{spec: {type: object, x-kubernetes-preserve-unknown-fields: true}}}}\n"
    )
    files = {
        "manifests/a-widget.yaml": "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w, namespace: apps}\n",
        "manifests/b-class.yaml": "apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: high}\nvalue: 5\n",
        "manifests/c-namespace.yaml": "apiVersion: v1\nkind: Namespace\nmetadata: {name: apps}\n",
        "manifests/d-definition.yaml": definition,
    }
    lab = FluxLab(files).start(targetNamespace=None)
    lab.run(10)
    assert lab.ready()[0] == "True"
    assert lab.inventory() == [
        "_widgets.example.com_apiextensions.k8s.io_CustomResourceDefinition",
        "_apps__Namespace",
        "_high_scheduling.k8s.io_PriorityClass",
        "apps_w_example.com_Widget",
    ]


def test_a_failed_trial_applies_nothing_of_its_stage() -> None:
    files = {"manifests/a.yaml": config_map("a"), "manifests/web.yaml": deployment(3).replace("replicas: 3", "replicas: many")}
    lab = FluxLab(files).start()
    assert lab.cluster.find("cm", "a") is None
    kind, reason, message = lab.ready()
    assert (kind, reason) == ("False", "ReconciliationFailed")
    assert message.startswith(
        "Deployment/default/web dry-run failed: failed to create typed patch object (default/web; apps/v1, Kind"
    )
    assert message.endswith("\n")
    assert lab.status()["history"][0]["lastReconciledStatus"] == "ReconciliationFailed"
    assert lab.conditions()["Reconciling"][:2] == ("True", "ProgressingWithRetry")
    assert lab.status()["observedGeneration"] == -1


@pytest.mark.parametrize(
    ("manifest", "spec", "message"),
    [
        (
            deployment(1).replace("name: web\n", "name: web\n  namespace: prod\n", 1),
            {"targetNamespace": None},
            'Deployment/prod/web not found: namespaces "prod" not found\n',
        ),
        (
            config_map(),
            {"targetNamespace": None},
            "ConfigMap/settings namespace not specified: the server could not find the requested resource\n",
        ),
        (
            "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\n",
            {},
            'Widget/default/w dry-run failed: no matches for kind "Widget" in version "example.com/v1"\n',
        ),
        (
            config_map().replace("\ndata:", "\ndta:"),
            {},
            "ConfigMap/default/settings dry-run failed: failed to create typed patch object (default/settings; /v1, "
            "Kind=ConfigMap): .dta: field not declared in schema\n",
        ),
    ],
)
def test_what_the_api_server_refuses_is_the_reason(manifest: str, spec: dict[str, Any], message: str) -> None:
    lab = FluxLab({"manifests/a.yaml": manifest}).start(**spec)
    assert lab.ready() == ("False", "ReconciliationFailed", message)
    assert lab.events()[-1][:3] == ("Warning", "ReconciliationFailed", message)


def test_after_a_failure_it_tries_again_at_the_retry_interval() -> None:
    lab = FluxLab({"manifests/a.yaml": config_map().replace("metadata:", "metadata:\n  namespace: apps")})
    lab.start(targetNamespace=None, retryInterval="2m")
    assert lab.ready()[0] == "False"
    lab.cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "apps"}})
    lab.run(119)
    assert lab.ready()[0] == "False"
    lab.run(1)
    assert lab.ready()[0] == "True"
    assert len([line for line in lab.story() if "fails to apply" in line]) == 1


def test_a_path_that_is_not_there() -> None:
    lab = FluxLab().start(path="./deploy/prod")
    kind, reason, message = lab.ready()
    assert (kind, reason) == ("False", "ArtifactFailed")
    assert message.startswith("kustomization path not found: stat /tmp/kustomization-")
    assert message.endswith("/deploy/prod: no such file or directory")
    assert "lastAttemptedRevision" not in lab.status()


def test_a_source_that_is_not_there_and_one_without_an_artifact() -> None:
    lab = FluxLab().start(kustomization(source="nowhere"), git_repository("broken", ref={"tag": "v9"}))
    assert lab.ready() == ("False", "ArtifactFailed", 'GitRepository.source.toolkit.fluxcd.io "nowhere" not found')
    lab.add(kustomization("other", source="broken"))
    assert lab.ready("other") == ("False", "ArtifactFailed", "Source artifact not found, retrying in 30s")
    assert lab.events("other") == []


def test_a_file_that_cannot_be_read_as_yaml() -> None:
    lab = FluxLab({"manifests/a.yaml": "a: [1\n"}).start()
    kind, reason, message = lab.ready()
    assert (kind, reason) == ("False", "BuildFailed")
    assert message.startswith("failed to decode Kubernetes YAML from /tmp/kustomization-")
    assert "/manifests/a.yaml" in message


# ---------------------------------------------------------------------- drift


def test_drift_is_undone_at_the_interval_and_not_before() -> None:
    lab = FluxLab().start()
    lab.kubectl("scale deploy web --replicas=10")
    lab.run(599)
    assert lab.replicas() == 10
    lab.run(1)
    assert lab.replicas() == 3
    assert lab.events()[2:] == [("Normal", "Progressing", "Deployment/default/web configured", 1)]
    short = lab.repo.tip()[:7]
    assert lab.story(600) == [
        "flux compares (every 10m): Deployment/web drifted  .spec.replicas  Git 3, cluster 10",
        f"flux applies main@{short} again: Deployment/web configured",
    ]
    seen = lab.world.trace.find(event="DriftDetected")[-1]
    assert (seen.time, seen.subject) == (600, "Deployment/default/web")
    assert seen.data["fields"] == [[".spec.replicas", 3, 10]]


def test_what_kubectl_added_is_taken_away_too() -> None:
    lab = FluxLab().start()
    lab.kubectl("label deploy web team=ben")
    lab.kubectl("set env deploy/web DEBUG=1")
    lab.kubectl("rollout restart deploy web")
    lab.run("10m")
    web = lab.cluster.get("deploy", "web")
    assert "team" not in web["metadata"]["labels"]
    assert "env" not in web["spec"]["template"]["spec"]["containers"][0]
    assert "annotations" not in web["spec"]["template"]["metadata"]


def test_what_kubectl_applied_is_taken_over_with_its_annotation() -> None:
    lab = FluxLab()
    lab.kubectl("apply -f -", stdin=deployment(5).replace("name: web\n", "name: web\n  labels: {old: label}\n", 1))
    lab.start()
    web = lab.cluster.get("deploy", "web")
    assert web["spec"]["replicas"] == 3
    assert "kubectl.kubernetes.io/last-applied-configuration" not in web["metadata"].get("annotations", {})
    assert "old" not in web["metadata"]["labels"]


def test_a_scale_stays_when_git_does_not_speak_of_replicas() -> None:
    lab = FluxLab({"manifests/web.yaml": deployment(None)}).start()
    lab.kubectl("scale deploy web --replicas=7")
    lab.run("30m")
    assert lab.replicas() == 7


def test_what_another_manager_added_stays() -> None:
    lab = FluxLab().start()
    label = {"metadata": {"labels": {"team": "ben"}}}
    lab.cluster.as_user("ben").patch("deploy", "web", "default", label, manager="flux-client-side-apply")
    lab.run("30m")
    assert lab.cluster.get("deploy", "web")["metadata"]["labels"]["team"] == "ben"


def test_a_deleted_object_is_made_again() -> None:
    lab = FluxLab({"manifests/web.yaml": deployment(1), "manifests/svc.yaml": SERVICE}).start()
    lab.kubectl("delete svc web")
    lab.run("10m")
    assert lab.cluster.find("svc", "web") is not None
    assert "flux compares (every 10m): Service/web is gone" in lab.story()


def test_an_idle_interval_applies_nothing_and_leaves_no_record() -> None:
    lab = FluxLab().start()
    lab.run("10m")
    version, records = lab.cluster.get("deploy", "web")["metadata"]["resourceVersion"], len(lab.world.trace)
    writes = lab.cluster.store.revision
    lab.run("1h")
    assert lab.cluster.get("deploy", "web")["metadata"]["resourceVersion"] == version
    assert len(lab.world.trace) == records
    assert lab.cluster.store.revision == writes + 12  # a status and a counted event, each of six times
    assert lab.status()["history"][0]["totalReconciliations"] == 8
    assert lab.events()[-1][3] == 8


def test_rights_that_were_taken_away_are_noticed_at_an_idle_interval() -> None:
    lab = FluxLab()
    for obj in _tenant("edit"):
        lab.cluster.create(obj)
    lab.start(serviceAccountName="tenant")
    assert lab.ready()[0] == "True"
    lab.cluster.delete("rolebinding", "tenant", "default")
    lab.run("10m")
    assert lab.ready()[2].startswith(
        'Deployment/default/web dry-run failed (Forbidden): deployments.apps "web" is forbidden: User'
    )


# ---------------------------------------------------------------------- annotations


@pytest.mark.parametrize(
    ("note", "replicas"),
    [("reconcile: disabled", 10), ("reconcile: Disabled", 10), ("ssa: Ignore", 10), ("ssa: Override", 3), ("prune: disabled", 3)],
)
def test_objects_that_opt_out_of_drift_correction(note: str, replicas: int) -> None:
    marked = deployment(3, extra=f"\n  annotations: {{kustomize.toolkit.fluxcd.io/{note}}}")
    lab = FluxLab().start()
    lab.commit({"manifests/web.yaml": marked})
    lab.run("1m")
    lab.kubectl("scale deploy web --replicas=10")
    lab.run("10m")
    assert lab.replicas() == replicas
    assert lab.inventory() == [WEB]


def test_opting_out_in_the_cluster() -> None:
    lab = FluxLab().start()
    lab.kubectl("annotate deploy web kustomize.toolkit.fluxcd.io/reconcile=disabled")
    lab.kubectl("scale deploy web --replicas=10")
    lab.run("10m")
    assert lab.replicas() == 10


def test_if_not_present_and_merge() -> None:
    files = {
        "manifests/a.yaml": config_map("a", annotation="kustomize.toolkit.fluxcd.io/ssa: IfNotPresent"),
        "manifests/b.yaml": config_map("b", annotation="kustomize.toolkit.fluxcd.io/ssa: Merge"),
    }
    lab = FluxLab(files).start()
    for name in ("a", "b"):
        patch = '{"data":{"key":"z","more":"x"}}'
        lab.kubectl(f"patch cm {name} -p '{patch}'")
    lab.run("10m")
    assert lab.cluster.get("cm", "a")["data"] == {"key": "z", "more": "x"}
    assert lab.cluster.get("cm", "b")["data"] == {"key": "a", "more": "x"}


JOB = """\
apiVersion: batch/v1
kind: Job
metadata: {{name: migrate{notes}}}
spec:
  template:
    spec:
      restartPolicy: Never
      containers: [{{name: main, image: "shop/migrate:{tag}"}}]
"""


def test_a_field_that_cannot_change_fails_without_force() -> None:
    lab = FluxLab({"manifests/job.yaml": JOB.format(tag=1, notes="")}).start()
    lab.run("1m")
    lab.commit({"manifests/job.yaml": JOB.format(tag=2, notes="")})
    lab.run("1m")
    kind, reason, message = lab.ready()
    assert (kind, reason) == ("False", "ReconciliationFailed")
    assert message.startswith('Job/default/migrate dry-run failed (Invalid): Job.batch "migrate" is invalid: spec.template: ')
    assert "field is immutable" in message


@pytest.mark.parametrize("way", ["spec", "annotation"])
def test_with_force_it_is_made_anew(way: str) -> None:
    lab = FluxLab({"manifests/job.yaml": JOB.format(tag=1, notes="")})
    lab.start(**({"force": True} if way == "spec" else {}))
    lab.run("1m")
    old = lab.cluster.get("job", "migrate")["metadata"]["uid"]
    notes = "" if way == "spec" else ', annotations: {"kustomize.toolkit.fluxcd.io/force": enabled}'
    lab.commit({"manifests/job.yaml": JOB.format(tag=2, notes=notes)})
    lab.run("2m")
    job = lab.cluster.get("job", "migrate")
    assert job["metadata"]["uid"] != old
    assert lab.ready()[0] == "True"


# ---------------------------------------------------------------------- pruning


def test_what_leaves_git_is_deleted_and_leaves_the_inventory() -> None:
    lab = FluxLab({"manifests/web.yaml": deployment(3), "manifests/cm.yaml": config_map()}).start()
    lab.commit({"manifests/cm.yaml": None})
    lab.run("1m")
    assert lab.cluster.find("cm", "settings") is None
    assert lab.inventory() == [WEB]
    assert ("Normal", "Progressing", "ConfigMap/default/settings deleted", 1) in lab.events()
    assert "flux prunes ConfigMap/settings: it is in the inventory, not in Git" in lab.story()


def test_without_prune_it_stays_and_nobody_looks_after_it() -> None:
    lab = FluxLab({"manifests/web.yaml": deployment(3), "manifests/cm.yaml": config_map()}).start(prune=False)
    lab.commit({"manifests/cm.yaml": None})
    lab.run("1m")
    assert lab.cluster.find("cm", "settings") is not None
    assert lab.inventory() == [WEB]
    assert "flux lets go of ConfigMap/settings, which Git does not have any more: prune is off" in lab.story()


@pytest.mark.parametrize("by", ["annotation", "label"])
def test_what_opts_out_of_pruning_or_is_no_longer_its_own_stays(by: str) -> None:
    lab = FluxLab({"manifests/web.yaml": deployment(3), "manifests/cm.yaml": config_map()}).start()
    if by == "annotation":
        lab.kubectl("annotate cm settings kustomize.toolkit.fluxcd.io/prune=disabled")
    else:
        lab.kubectl("label cm settings kustomize.toolkit.fluxcd.io/name=other --overwrite")
    lab.commit({"manifests/cm.yaml": None})
    lab.run("1m")
    assert lab.cluster.find("cm", "settings") is not None
    assert ("Normal", "Progressing", "ConfigMap/default/settings skipped", 1) in lab.events()


def test_two_kustomizations_with_one_object_take_it_from_each_other() -> None:
    files = {"a/cm.yaml": config_map(value="a"), "b/cm.yaml": config_map(value="b")}
    lab = FluxLab(files).start(git_repository(), kustomization("a", path="a"), kustomization("b", path="b", interval="15m"))
    assert lab.cluster.get("cm", "settings")["data"] == {"key": "b"}
    lab.run("10m")
    assert lab.cluster.get("cm", "settings")["data"] == {"key": "a"}
    lab.run("5m")
    assert lab.cluster.get("cm", "settings")["data"] == {"key": "b"}
    assert (lab.ready("a")[0], lab.ready("b")[0]) == ("True", "True")
    lab.cluster.as_user("ben").delete("ks", "a", "flux-system")
    lab.world.clock.settle()
    assert lab.cluster.find("cm", "settings") is not None  # it carries the labels of the other one


@pytest.mark.parametrize(
    ("spec", "stays"),
    [
        ({}, False),
        ({"prune": False}, True),
        ({"prune": False, "deletionPolicy": "Delete"}, False),
        ({"deletionPolicy": "Orphan"}, True),
        ({"deletionPolicy": "WaitForTermination"}, False),
        ({"suspend": True}, True),
    ],
)
def test_what_becomes_of_the_objects_when_it_is_deleted(spec: dict[str, Any], stays: bool) -> None:
    lab = FluxLab().start()
    lab.spec(**spec)
    lab.cluster.as_user("ben").delete("ks", "shop", "flux-system")
    lab.run("1m")
    assert lab.cluster.find("ks", "shop", "flux-system") is None
    assert (lab.cluster.find("deploy", "web") is not None) == stays


def test_waiting_for_termination_lasts_until_the_last_object_is_gone() -> None:
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: a, image: nginx}]}\n"
    lab = FluxLab({"manifests/pod.yaml": pod}).start(deletionPolicy="WaitForTermination")
    lab.run("1m")
    lab.cluster.as_user("ben").delete("ks", "shop", "flux-system")
    lab.run(1)
    assert lab.cluster.find("ks", "shop", "flux-system") is not None
    lab.run(10)
    assert lab.cluster.find("pod", "p") is None
    assert lab.cluster.find("ks", "shop", "flux-system") is None


# ---------------------------------------------------------------------- health


def test_ready_means_applied_when_nothing_is_waited_for() -> None:
    lab = FluxLab({"manifests/web.yaml": deployment(1, image="shop/bad:1")}, images={"shop/bad:1": {"crash": "1s"}}).start()
    lab.run("5m")
    assert lab.ready()[0] == "True"
    assert "Healthy" not in lab.conditions()


def test_with_wait_it_is_ready_when_all_objects_are() -> None:
    lab = FluxLab().start(wait=True)
    text = f"Running health checks for revision {revision(lab)} with a timeout of 9m30s"
    assert lab.conditions() == {
        "Reconciling": ("True", "Progressing", text),
        "Ready": ("Unknown", "Progressing", "Reconciliation in progress"),
        "Healthy": ("Unknown", "Progressing", text),
    }
    assert (lab.status()["lastAttemptedRevision"], lab.status().get("lastAppliedRevision")) == (revision(lab), None)
    lab.run(5)
    assert lab.conditions() == {
        "Ready": ("True", "ReconciliationSucceeded", f"Applied revision: {revision(lab)}"),
        "Healthy": ("True", "Succeeded", "Health check passed in 5s"),
    }
    assert [event[:3] for event in lab.events()][1:] == [
        ("Normal", "Progressing", "Health check passed in 5s"),
        ("Normal", "ReconciliationSucceeded", "Reconciliation finished in 5s, next run in 10m0s"),
    ]
    assert lab.status()["history"][0]["lastReconciledDuration"] == "5s"


BAD = {"shop/slow:1": {"never_ready": True}, "shop/ok:1": {}}
PROBE = "\n        readinessProbe: {httpGet: {path: /, port: 80}}"


def probed(image: str) -> str:
    return deployment(1, image=image).replace(f"image: {image}", f"image: {image}{PROBE}")


def test_a_health_check_that_fails_leaves_what_was_applied_and_the_old_revision() -> None:
    files = {"manifests/web.yaml": probed("shop/ok:1"), "manifests/cm.yaml": config_map()}
    lab = FluxLab(files, images=BAD).start(wait=True, timeout="1m")
    lab.run(30)
    old = revision(lab)
    lab.commit({"manifests/web.yaml": probed("shop/slow:1"), "manifests/cm.yaml": None})
    lab.run("1m")
    assert lab.cluster.find("cm", "settings") is None  # collected before the health check
    lab.run("1m")
    error = "timeout waiting for: [Deployment/default/web status: 'InProgress']"
    assert lab.ready() == ("False", "HealthCheckFailed", f"health check failed after 1m0s: {error}")
    assert lab.conditions()["Healthy"] == ("False", "HealthCheckFailed", error)
    assert (lab.status()["lastAppliedRevision"], lab.status()["lastAttemptedRevision"]) == (old, revision(lab))
    assert lab.cluster.find("cm", "settings") is None
    assert lab.cluster.get("deploy", "web")["spec"]["template"]["spec"]["containers"][0]["image"] == "shop/slow:1"
    assert [entry["lastReconciledStatus"] for entry in lab.status()["history"]] == [
        "HealthCheckFailed",
        "ReconciliationSucceeded",
    ]
    lab.repo.revert("HEAD", author="ana")
    lab.run("10m")
    assert lab.ready()[0] == "True"


def test_what_has_failed_is_not_waited_for() -> None:
    slow = probed("shop/slow:1").replace("spec:\n  replicas", "spec:\n  progressDeadlineSeconds: 20\n  replicas")
    lab = FluxLab({"manifests/web.yaml": slow}, images=BAD).start(wait=True)
    lab.run("1m")
    text = "failed early due to stalled resources: [Deployment/default/web status: 'Failed']"
    assert lab.ready()[2].endswith(text)
    assert lab.ready()[2].startswith("health check failed after 2")


def test_health_checks_name_what_counts() -> None:
    files = {
        "manifests/web.yaml": deployment(1),
        "manifests/slow.yaml": probed("shop/slow:1").replace("name: web", "name: slow", 1),
    }
    checks = [{"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "namespace": "default"}]
    lab = FluxLab(files, images=BAD).start(healthChecks=checks)
    lab.run(5)
    assert lab.ready()[0] == "True"
    lab.spec(healthChecks=[{**checks[0], "name": "nowhere"}], timeout="30s")
    lab.run(30)
    assert "[Deployment/default/nowhere status: 'NotFound']" in lab.ready()[2]


def test_jobs_must_complete() -> None:
    lab = FluxLab({"manifests/job.yaml": JOB.format(tag=1, notes="")}).start(wait=True)
    assert lab.ready()[0] == "Unknown"
    lab.run(10)
    assert lab.ready()[0] == "True"


# ---------------------------------------------------------------------- the rest of the spec


def test_suspend_stops_everything_and_resume_starts_it_again() -> None:
    lab = FluxLab().start()
    lab.spec(suspend=True)
    lab.commit({"manifests/web.yaml": deployment(5)})
    lab.kubectl("scale deploy web --replicas=10")
    lab.run("1h")
    assert lab.replicas() == 10
    assert lab.ready()[0] == "True"
    lab.spec(suspend=False)
    assert lab.replicas() == 5


def test_dependencies_are_waited_for_and_looked_at_every_half_minute() -> None:
    files = {"infra/web.yaml": deployment(1), "apps/cm.yaml": config_map()}
    lab = FluxLab(files).start(
        git_repository(),
        kustomization("apps", path="apps", dependsOn=[{"name": "infra"}]),
        kustomization("infra", path="infra", wait=True),
    )
    assert lab.ready("apps") == ("False", "DependencyNotReady", "dependency 'flux-system/infra' is not ready")
    assert lab.events("apps") == [
        ("Normal", "DependencyNotReady", "Dependencies do not meet ready condition, retrying in 30s", 1)
    ]
    lab.run(29)
    assert lab.cluster.find("cm", "settings") is None
    lab.run(1)
    assert lab.cluster.find("cm", "settings") is not None
    lab.commit({"apps/cm.yaml": config_map(value="b")})
    lab.run("1m")
    lab.run("1m")
    assert lab.ready("apps")[2] == f"Applied revision: {revision(lab)}"


def test_a_dependency_on_the_same_source_must_have_applied_its_revision_too() -> None:
    lab = FluxLab({"a/cm.yaml": config_map("a"), "b/cm.yaml": config_map("b")})
    lab.start(git_repository(), kustomization(path="./a"), kustomization("b", path="./b", dependsOn=[{"name": "shop"}]))
    lab.run("1m")
    old = {"status": {"lastAppliedRevision": "main@sha1:old"}}
    lab.cluster.patch("ks", "shop", "flux-system", old, type="merge", subresource="status")
    lab.world.flux("reconcile kustomization b")
    assert lab.ready("b") == ("False", "DependencyNotReady", "dependency 'flux-system/shop' revision is not up to date")
    lab.world.flux("reconcile kustomization shop")
    lab.run("31s")
    assert lab.ready("b")[0] == "True"


def test_a_dependency_that_is_not_there_and_a_circle() -> None:
    lab = FluxLab().start(git_repository(), kustomization(dependsOn=[{"name": "infra"}]))
    message = "dependency 'flux-system/infra' not found: kustomizations.kustomize.toolkit.fluxcd.io \"infra\" not found"
    assert lab.ready() == ("False", "DependencyNotReady", message)
    lab.add(kustomization("infra", dependsOn=[{"name": "shop"}]))
    lab.run("1h")
    assert lab.ready() == ("False", "DependencyNotReady", "dependency 'flux-system/infra' is not ready")
    assert lab.ready("infra") == ("False", "DependencyNotReady", "dependency 'flux-system/shop' is not ready")
    assert lab.cluster.find("deploy", "web") is None


def _tenant(role: str) -> list[dict[str, Any]]:
    return [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "tenant", "namespace": "flux-system"}},
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "RoleBinding",
            "metadata": {"name": "tenant", "namespace": "default"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
            "subjects": [{"kind": "ServiceAccount", "name": "tenant", "namespace": "flux-system"}],
        },
    ]


def test_it_has_the_rights_of_the_service_account_that_it_names() -> None:
    lab = FluxLab()
    for obj in _tenant("edit"):
        lab.cluster.create(obj)
    lab.start(serviceAccountName="tenant")
    assert lab.ready()[0] == "True"
    user = "system:serviceaccount:flux-system:tenant"
    made = [r for r in lab.world.trace.find(event="ObjectCreated") if r.subject == "Deployment/default/web"]
    assert [r.actor for r in made] == [user]
    lab.commit({"manifests/role.yaml": "apiVersion: v1\nkind: Namespace\nmetadata: {name: mine}\n"})
    lab.run("1m")
    assert lab.ready()[2].startswith(
        f'Namespace/default dry-run failed (Forbidden): namespaces "default" is forbidden: User "{user}" cannot patch'
    )


def test_common_metadata_goes_before_what_the_manifest_says() -> None:
    lab = FluxLab({"manifests/a.yaml": config_map(annotation="team: a")})
    lab.start(commonMetadata={"labels": {"env": "prod"}, "annotations": {"team": "b"}})
    meta = lab.cluster.get("cm", "settings")["metadata"]
    assert (meta["labels"]["env"], meta["annotations"]) == ("prod", {"team": "b"})


def test_ignored_fields_belong_to_others() -> None:
    lab = FluxLab().start(ignore=[{"paths": ["/spec/replicas"], "target": {"kind": "Deployment"}}])
    lab.kubectl("scale deploy web --replicas=10")
    lab.run("10m")
    assert lab.replicas() == 10
    lab.kubectl("set image deploy/web web=nginx:9")
    lab.run("10m")
    assert lab.replicas() == 10
    assert lab.cluster.get("deploy", "web")["spec"]["template"]["spec"]["containers"][0]["image"] == "nginx:1.24"


def test_secrets_are_encoded_and_ports_get_their_protocol() -> None:
    secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {password: geheim}\n"
    lab = FluxLab({"manifests/s.yaml": secret, "manifests/svc.yaml": SERVICE}).start()
    assert lab.cluster.get("secret", "s")["data"] == {"password": "Z2VoZWlt"}
    lab.run("20m")
    assert [event for event in lab.events() if "configured" in event[2]] == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"prune": None}, "spec.prune: Required value"),
        ({"interval": "-1m"}, "spec.interval in body should match"),
        ({"interval": "10"}, "spec.interval in body should match"),
        ({"deletionPolicy": "Keep"}, 'spec.deletionPolicy: Unsupported value: "Keep"'),
        ({"sourceRef": {"kind": "HelmRepository", "name": "a"}}, 'spec.sourceRef.kind: Unsupported value: "HelmRepository"'),
        ({"wait": "yes"}, 'spec.wait in body must be of type boolean: "string"'),
    ],
)
def test_the_api_server_refuses_what_is_no_kustomization(change: dict[str, Any], message: str) -> None:
    obj = kustomization()
    obj["spec"] = {key: value for key, value in {**obj["spec"], **change}.items() if value is not None}
    with pytest.raises(ApiError) as refused:
        FluxLab().cluster.create(obj)
    assert message in refused.value.message, refused.value.message


def test_what_is_not_simulated_is_never_silent() -> None:
    lab = FluxLab().start(decryption={"provider": "sops"})
    told = lab.world.trace.find(event="OptionIgnored")
    assert [r.message for r in told] == ["does not honour (not simulated yet): spec.decryption"]
