"""HelmReleases: what is installed, upgraded, rolled back and given up, and what is told of it."""

from __future__ import annotations

import base64
import gzip
import json

import pytest

from gitops_sim.yaml_out import dump_yaml
from tests.agents.flux.helmlab import HelmLab, chart, helm_release, hook
from tests.agents.flux.lab import config_map, git_repository, kustomization

INSTALLED = "Helm install succeeded for release default/web.v1 with chart web@1.0.0"
STUCK = "timeout waiting for: [Deployment/default/web status: 'InProgress']"


def test_an_install_waits_until_everything_is_ready() -> None:
    lab = HelmLab().start(git_repository(), helm_release())
    assert lab.conditions("web", "hr") == {
        "Reconciling": ("True", "Progressing", "Running 'install' action with timeout of 5m0s"),
        "Ready": ("Unknown", "Progressing", "Running 'install' action with timeout of 5m0s"),
    }
    assert lab.secrets() == [("sh.helm.release.v1.web.v1", "pending-install")]
    lab.run("10s")
    assert lab.conditions("web", "hr") == {
        "Ready": ("True", "InstallSucceeded", INSTALLED),
        "Released": ("True", "InstallSucceeded", INSTALLED),
    }
    assert lab.told() == [
        (
            "Normal",
            "HelmChartCreated",
            "Created HelmChart/flux-system/flux-system-web with SourceRef 'GitRepository/flux-system/shop'",
            1,
        ),
        ("Normal", "InstallSucceeded", INSTALLED, 1),
    ]
    status = lab.hr()["status"]
    assert status["inventory"]["entries"] == [{"id": "default_web_apps_Deployment", "v": "v1"}]
    assert (status["helmChart"], status["storageNamespace"]) == ("flux-system/flux-system-web", "flux-system")
    assert (status["lastAttemptedRevision"], status["lastAttemptedReleaseAction"]) == ("1.0.0", "install")
    assert status["lastAttemptedReleaseActionDuration"] == "5s"
    live = lab.cluster.get("deploy", "web")["metadata"]
    assert live["labels"] == {
        "app.kubernetes.io/managed-by": "Helm",
        "helm.toolkit.fluxcd.io/name": "web",
        "helm.toolkit.fluxcd.io/namespace": "flux-system",
    }
    assert live["annotations"]["meta.helm.sh/release-name"] == "web"
    assert lab.story()[-1] == "flux installs web, v1 with chart web@1.0.0 after 5s: Deployment/web created"


def test_the_secret_is_helms_own_and_the_same_every_time() -> None:
    labs = [HelmLab().release(values={"replicas": 2}) for _ in range(2)]
    secrets = [lab.cluster.get("secrets", "sh.helm.release.v1.web.v1", "flux-system") for lab in labs]
    assert secrets[0]["data"] == secrets[1]["data"]
    assert secrets[0]["type"] == "helm.sh/release.v1"
    labels = secrets[0]["metadata"]["labels"]
    assert {name: labels[name] for name in ("name", "owner", "status", "version")} == {
        "name": "web",
        "owner": "helm",
        "status": "deployed",
        "version": "1",
    }
    content = json.loads(gzip.decompress(base64.b64decode(base64.b64decode(secrets[0]["data"]["release"]))))
    assert content["config"] == {"replicas": 2}
    assert content["info"]["description"] == "Install complete"
    assert content["chart"]["metadata"]["version"] == "1.0.0"


def test_a_new_value_upgrades_and_another_chart_does() -> None:
    lab = HelmLab().release()
    lab.set(values={"replicas": 2})
    lab.run("1m")
    assert lab.replicas() == 2
    assert lab.ready("web", "hr")[1:] == (
        "UpgradeSucceeded",
        "Helm upgrade succeeded for release default/web.v2 with chart web@1.0.0",
    )
    lab.change_chart(chart("1.1.0"))
    lab.run("2m")
    assert lab.ready("web", "hr")[2] == "Helm upgrade succeeded for release default/web.v3 with chart web@1.1.0"
    assert lab.history() == [(3, "deployed"), (2, "superseded")]
    assert [status for _, status in lab.secrets()] == ["superseded", "superseded", "deployed"]


def test_a_chart_in_git_without_a_new_version_is_the_old_one() -> None:
    lab = HelmLab().release()
    lab.change_chart(chart(values="replicas: 5\nimage: nginx:1\n"))
    lab.run("30m")
    assert lab.replicas() == 3
    spec = {"chart": "./charts/web", "sourceRef": {"kind": "GitRepository", "name": "shop"}, "reconcileStrategy": "Revision"}
    lab.set(chart={"spec": spec})
    lab.run("1m")
    assert lab.replicas() == 5
    assert lab.hr()["status"]["lastAttemptedRevision"] == f"1.0.0+{lab.repo.tip()[:12]}"


def test_a_bad_upgrade_stays_and_is_given_up_at_once() -> None:
    lab = HelmLab().release()
    lab.set(values={"image": "nginx:bad"}, timeout="2m")
    lab.run("1h")
    failed = f"Helm upgrade failed for release default/web with chart web@1.0.0: {STUCK}"
    assert lab.conditions("web", "hr") == {
        "Stalled": ("True", "RetriesExceeded", "Failed to upgrade after 1 attempt(s)"),
        "Ready": ("False", "UpgradeFailed", failed),
        "Released": ("False", "UpgradeFailed", failed),
    }
    assert lab.image() == "nginx:bad"
    assert lab.history() == [(2, "failed"), (1, "deployed")]
    assert lab.told()[-1] == ("Warning", "UpgradeFailed", failed, 1)
    assert lab.story()[-1] == "flux gives web up: Failed to upgrade after 1 attempt(s)"
    lab.set(values={"image": "nginx:2"})
    lab.run("1m")
    assert lab.ready("web", "hr")[0] == "True"
    assert "upgradeFailures" not in lab.hr()["status"]


def test_with_retries_it_is_rolled_back_tried_again_and_rolled_back() -> None:
    lab = HelmLab().release()
    lab.set(values={"image": "nginx:bad"}, upgrade={"timeout": "2m", "remediation": {"retries": 1}})
    lab.run("30m")
    back = "Helm rollback to previous release default/web.v3 with chart web@1.0.0 succeeded"
    found = lab.conditions("web", "hr")
    assert found["Stalled"] == ("True", "RetriesExceeded", "Failed to upgrade after 2 attempt(s)")
    assert found["Ready"] == ("False", "RollbackSucceeded", back)
    assert found["Remediated"] == ("True", "RollbackSucceeded", back)
    assert lab.image() == "nginx:1"
    assert [status for _, status in lab.secrets()] == ["superseded", "failed", "superseded", "failed", "deployed"]
    assert lab.hr()["status"]["upgradeFailures"] == 2
    assert [line.partition(":")[0] for line in lab.story(60)] == [
        "flux fails to upgrade web with chart web@1.0.0",
        "flux rolls web back to v1, which is v3 now after 5s",
        "flux fails to upgrade web with chart web@1.0.0",
        "flux rolls web back to v3, which is v5 now after 5s",
        "flux gives web up",
    ]
    lab.set(values=None)
    lab.run("1m")
    assert lab.ready("web", "hr")[1] == "UpgradeSucceeded"
    assert lab.history()[0] == (5, "deployed"), "what it was rolled back to is what is wanted now"


def test_a_failed_install_is_uninstalled_and_tried_again() -> None:
    lab = HelmLab().start(
        git_repository(),
        helm_release(
            values={"image": "nginx:bad"}, timeout="1m", install={"remediation": {"retries": 1, "remediateLastFailure": True}}
        ),
    )
    lab.run("30m")
    found = lab.conditions("web", "hr")
    assert found["Stalled"] == ("True", "RetriesExceeded", "Failed to install after 2 attempt(s)")
    assert found["Remediated"][2] == "Helm uninstall remediation for release default/web.v1 with chart web@1.0.0 succeeded"
    assert lab.cluster.find("deploy", "web") is None
    assert lab.secrets() == []


def test_an_upgrade_can_be_retried_without_cleaning_up() -> None:
    lab = HelmLab().release()
    strategy = {"name": "RetryOnFailure", "retryInterval": "3m"}
    lab.set(values={"image": "nginx:bad"}, timeout="1m", upgrade={"strategy": strategy})
    lab.run("90s")
    assert lab.conditions("web", "hr")["Reconciling"] == ("True", "ProgressingWithRetry", "retrying after 3m0s")
    lab.run("10m")
    assert [status for _, status in lab.secrets()] == ["deployed", "failed", "failed", "failed"]


def test_what_cannot_be_rendered_is_not_noted_and_tried_again() -> None:
    broken = chart(templates__bad='{{ required "say who" .Values.who }}')
    lab = HelmLab(broken).release()
    ready = lab.ready("web", "hr")
    assert ready[:2] == ("False", "InstallFailed")
    assert ready[2].startswith("Helm install failed for release default/web with chart web@1.0.0: execution error at")
    assert ready[2].endswith("say who")
    assert lab.secrets() == []
    assert "installFailures" not in lab.hr()["status"]
    lab.set(values={"who": "{}"})
    lab.run("2m")
    assert lab.ready("web", "hr")[0] == "True" or "apiVersion" in lab.ready("web", "hr")[2]


# ---------------------------------------------------------------------- drift


def test_drift_is_not_looked_for_unless_asked() -> None:
    lab = HelmLab().release()
    lab.kubectl("scale deploy web --replicas=9", by="ben")
    lab.run("1h")
    assert lab.replicas() == 9
    assert "Drifted" not in lab.conditions("web", "hr")


def test_drift_is_told_when_warned_of_and_corrected_when_enabled() -> None:
    lab = HelmLab().release(driftDetection={"mode": "warn"})
    lab.kubectl("scale deploy web --replicas=9", by="ben")
    lab.run("11m")
    told = "Cluster state of release default/web.v1 has drifted from the desired state:\n"
    told += "Deployment/default/web changed (0 additions, 1 changes, 0 removals)"
    assert lab.conditions("web", "hr")["Drifted"] == ("True", "DriftDetected", told)
    assert lab.told()[-1] == ("Warning", "DriftDetected", told, 1)
    assert lab.replicas() == 9
    assert lab.story()[-1] == ("flux compares (every 10m): Deployment/web drifted  .spec.replicas  Git 3, cluster 9; leaves it")
    lab.set(driftDetection={"mode": "enabled"})
    lab.run("1m")
    assert lab.replicas() == 3
    assert lab.conditions("web", "hr")["Drifted"][:2] == ("False", "NoDriftDetected")
    assert lab.ready("web", "hr")[0] == "True"
    corrected = "Cluster state of release default/web.v1 has been corrected:\nDeployment/default/web configured"
    assert ("Normal", "DriftCorrected", corrected, 1) in lab.told()
    lab.cluster.delete("deploy", "web")
    lab.run("11m")
    assert lab.replicas() == 3
    assert "flux corrects web: Deployment/web created" in lab.story()


def test_what_others_add_is_no_drift_and_what_is_ignored_is_not() -> None:
    rule = {"paths": ["/spec/replicas"], "target": {"kind": "Deployment"}}
    lab = HelmLab().release(driftDetection={"mode": "enabled", "ignore": [rule]})
    lab.kubectl("label deploy web team=shop", by="ben")
    lab.kubectl("scale deploy web --replicas=9", by="ben")
    lab.run("11m")
    assert lab.replicas() == 9
    assert lab.conditions("web", "hr")["Drifted"][:2] == ("False", "NoDriftDetected")


def test_an_object_may_be_left_out() -> None:
    lab = HelmLab().release(driftDetection={"mode": "enabled"})
    lab.kubectl("annotate deploy web helm.toolkit.fluxcd.io/driftDetection=disabled", by="ben")
    lab.kubectl("scale deploy web --replicas=9", by="ben")
    lab.run("11m")
    assert lab.replicas() == 9


# ---------------------------------------------------------------------- hooks and tests


def test_hooks_run_in_order_and_go_as_they_say() -> None:
    files = chart(
        templates__second=hook("second", "pre-install", weight=2, policy="hook-succeeded"),
        templates__first=hook("first", "pre-install,pre-upgrade", weight=1),
        templates__after=hook("after", "post-install"),
    )
    lab = HelmLab(files).release()
    jobs = {job["metadata"]["name"]: job["metadata"]["creationTimestamp"] for job in lab.cluster.list("jobs", "default")}
    assert set(jobs) == {"first", "after"}
    assert jobs["first"] < lab.cluster.get("deploy", "web")["metadata"]["creationTimestamp"] < jobs["after"]
    uid = lab.cluster.get("jobs", "first")["metadata"]["uid"]
    lab.set(values={"replicas": 1})
    lab.run("1m")
    assert lab.cluster.get("jobs", "first")["metadata"]["uid"] != uid
    assert lab.ready("web", "hr")[1] == "UpgradeSucceeded"


def test_a_failing_hook_fails_the_install() -> None:
    lab = HelmLab(chart(templates__migrate=hook("migrate", "pre-install", "busybox:bad"))).release()
    text = "failed pre-install: failed early due to stalled resources: [Job/default/migrate status: 'Failed']"
    assert lab.ready("web", "hr")[2] == f"Helm install failed for release default/web with chart web@1.0.0: {text}"
    assert lab.cluster.find("deploy", "web") is None
    assert lab.secrets() == [("sh.helm.release.v1.web.v1", "failed")]


@pytest.mark.parametrize("image", ["busybox:ok", "busybox:bad"])
def test_tests_count_for_readiness(image: str) -> None:
    lab = HelmLab(chart(templates__test=hook("probe", "test", image))).release(test={"enable": True})
    found, about = lab.conditions("web", "hr"), "for release default/web.v1 with chart web@1.0.0"
    if image == "busybox:ok":
        assert found["TestSuccess"] == (
            "True",
            "TestSucceeded",
            f"Helm test succeeded {about}: 1 test hook completed successfully",
        )
        assert found["Ready"][:2] == ("True", "TestSucceeded")
        assert lab.hr()["status"]["history"][0]["testHooks"]["probe"]["phase"] == "Succeeded"
    else:
        why = "failed early due to stalled resources: [Job/default/probe status: 'Failed']"
        assert found["TestSuccess"] == ("False", "TestFailed", f"Helm test failed {about}: {why}")
        assert found["Ready"][:2] == ("False", "TestFailed")
        assert found["Stalled"][2] == "Failed to install after 1 attempt(s)"


# ---------------------------------------------------------------------- values


def test_values_of_others_come_first_and_a_target_path_last() -> None:
    lab = HelmLab().start(git_repository())
    lab.kubectl("create configmap defaults -n flux-system --from-literal=values.yaml='{replicas: 7, image: nginx:7}'")
    lab.kubectl("create secret generic keys -n flux-system --from-literal=tag=nginx:9")
    sources = [
        {"kind": "ConfigMap", "name": "defaults"},
        {"kind": "ConfigMap", "name": "nobody", "optional": True},
        {"kind": "Secret", "name": "keys", "valuesKey": "tag", "targetPath": "image"},
    ]
    lab.add(helm_release(valuesFrom=sources, values={"image": "nginx:8"}))
    lab.run("1m")
    assert (lab.replicas(), lab.image()) == (7, "nginx:9")


def test_missing_values_are_told() -> None:
    lab = HelmLab().start(git_repository(), helm_release(valuesFrom=[{"kind": "ConfigMap", "name": "nobody"}]))
    text = "could not resolve ConfigMap chart values reference 'flux-system/nobody' with key 'values.yaml'"
    assert lab.ready("web", "hr") == ("False", "ValuesError", f'{text}: configmaps "nobody" not found')


# ---------------------------------------------------------------------- the rest of the spec


def test_a_dependency_comes_first() -> None:
    lab = HelmLab().start(git_repository(), helm_release("api", dependsOn=[{"name": "web"}]), helm_release())
    assert lab.ready("api", "hr") == ("False", "DependencyNotReady", "dependency 'flux-system/web' is not ready")
    lab.run("2m")
    assert lab.ready("api", "hr")[0] == "True"


def test_names_and_namespaces() -> None:
    lab = HelmLab().start(
        git_repository(),
        helm_release(releaseName=None, targetNamespace="shop", storageNamespace="default", install={"createNamespace": True}),
    )
    lab.run("1m")
    assert lab.cluster.get("deploy", "shop-web", "shop")["metadata"]["annotations"]["meta.helm.sh/release-namespace"] == "shop"
    assert lab.secrets("default") == [("sh.helm.release.v1.shop-web.v1", "deployed")]


def test_another_name_uninstalls_the_old_release() -> None:
    lab = HelmLab().release()
    lab.set(releaseName="shop")
    lab.run("1m")
    assert lab.cluster.find("deploy", "web") is None
    assert lab.secrets() == [("sh.helm.release.v1.shop.v1", "deployed")]
    assert lab.history() == [(1, "deployed")]


def test_post_renderers_and_common_metadata() -> None:
    patch = "- {op: replace, path: /spec/replicas, value: 6}"
    kustomize = {"patches": [{"target": {"kind": "Deployment"}, "patch": patch}], "images": [{"name": "nginx", "newTag": "42"}]}
    lab = HelmLab().release(postRenderers=[{"kustomize": kustomize}], commonMetadata={"labels": {"team": "shop"}})
    assert (lab.replicas(), lab.image()) == (6, "nginx:42")
    assert lab.cluster.get("deploy", "web")["metadata"]["labels"]["team"] == "shop"
    lab.set(commonMetadata={"labels": {"team": "web"}})
    lab.run("1m")
    assert lab.history()[0] == (2, "deployed"), "other metadata are a reason to upgrade"


def test_definitions_of_a_chart_come_before_its_objects() -> None:
    crd = (
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: cats.zoo.example}\nspec:\n"
        "  group: zoo.example\n  scope: Namespaced\n  names: {kind: Cat, plural: cats}\n"
        "  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]\n"
    )
    cat = "apiVersion: zoo.example/v1\nkind: Cat\nmetadata: {name: tom}\n"
    lab = HelmLab(chart(crds__cats=crd, templates__cat=cat)).release()
    assert lab.cluster.get("cats", "tom")["metadata"]["labels"]["app.kubernetes.io/managed-by"] == "Helm"
    assert {"id": "_cats.zoo.example_apiextensions.k8s.io_CustomResourceDefinition", "v": "v1"} in lab.hr()["status"][
        "inventory"
    ]["entries"]
    other = HelmLab(chart(crds__cats=crd, templates__cat=cat)).release(install={"crds": "Skip"})
    assert 'no matches for kind "Cat" in version "zoo.example/v1"' in other.ready("web", "hr")[2]


def test_old_revisions_go() -> None:
    lab = HelmLab().release(maxHistory=2)
    for replicas in (1, 2, 4):
        lab.set(values={"replicas": replicas})
        lab.run("1m")
    assert [name for name, _ in lab.secrets()] == ["sh.helm.release.v1.web.v3", "sh.helm.release.v1.web.v4"]


def test_what_a_new_chart_does_not_have_is_deleted_unless_it_is_to_stay() -> None:
    kept = config_map("kept", annotation="helm.sh/resource-policy: keep")
    lab = HelmLab(chart(templates__gone=config_map("gone"), templates__kept=kept)).release()
    files = dict(chart("1.1.0"))
    lab.commit(
        {
            **{f"charts/web/{name}": text for name, text in files.items()},
            "charts/web/templates/gone.yaml": None,
            "charts/web/templates/kept.yaml": None,
        }
    )
    lab.run("2m")
    assert lab.hr()["status"]["lastAttemptedRevision"] == "1.1.0"
    assert lab.cluster.find("cm", "gone") is None
    assert lab.cluster.find("cm", "kept") is not None


def test_the_rights_of_a_service_account_count() -> None:
    lab = HelmLab().start(git_repository())
    lab.kubectl("create serviceaccount tenant -n flux-system")
    lab.add(helm_release(serviceAccountName="tenant"))
    lab.run("1m")
    assert "secrets is forbidden" in lab.ready("web", "hr")[2]


def test_suspended_nothing_happens_and_deleted_it_uninstalls() -> None:
    lab = HelmLab().release()
    lab.set(suspend=True, values={"replicas": 1})
    lab.run("1h")
    assert lab.replicas() == 3
    lab.set(suspend=False)
    lab.run("1m")
    assert lab.replicas() == 1
    lab.kubectl("delete hr web -n flux-system", by="ben")
    lab.run("1m")
    assert lab.cluster.find("hr", "web", "flux-system") is None
    assert lab.cluster.find("deploy", "web") is None
    assert lab.cluster.find("hc", "flux-system-web", "flux-system") is None
    assert lab.secrets() == []


def test_deleted_while_suspended_the_release_stays() -> None:
    lab = HelmLab().release()
    lab.set(suspend=True)
    lab.kubectl("delete hr web -n flux-system", by="ben")
    lab.run("1m")
    assert lab.cluster.find("hr", "web", "flux-system") is None
    assert lab.secrets() == [("sh.helm.release.v1.web.v1", "deployed")]


def test_a_release_that_somebody_else_upgraded_is_taken_back() -> None:
    lab = HelmLab().release()
    secret = lab.cluster.get("secrets", "sh.helm.release.v1.web.v1", "flux-system")
    lab.cluster.delete("secrets", "sh.helm.release.v1.web.v1", "flux-system")
    meta = {"name": "sh.helm.release.v1.web.v1", "namespace": "flux-system", "labels": secret["metadata"]["labels"]}
    text = base64.b64decode(base64.b64decode(secret["data"]["release"]))
    content = json.loads(gzip.decompress(text))
    content["info"]["description"] = "Changed by hand"
    packed = base64.b64encode(base64.b64encode(gzip.compress(json.dumps(content).encode()))).decode()
    lab.cluster.create({**secret, "metadata": meta, "data": {"release": packed}})
    lab.run("11m")
    assert lab.secrets()[-1] == ("sh.helm.release.v1.web.v2", "deployed")
    assert lab.history() == [(2, "deployed")], "it counts as somebody else's"


def test_a_copy_of_a_world_goes_on_from_the_middle_of_an_upgrade() -> None:
    lab = HelmLab().release()
    lab.set(values={"image": "nginx:2"})
    twin = lab.world.fork()
    twin.run("1m")
    lab.run("1m")
    names = [s["metadata"]["name"] for s in twin.cluster().list("secrets", "flux-system")]
    assert names == [s["metadata"]["name"] for s in lab.cluster.list("secrets", "flux-system")]
    assert twin.trace.digest() == lab.world.trace.digest()


def test_a_kustomization_brings_the_release_along_and_takes_it_away() -> None:
    lab = HelmLab()
    lab.commit({"apps/web.yaml": dump_yaml(helm_release(values={"replicas": 2}))})
    lab.start(git_repository(), kustomization("apps", path="./apps", targetNamespace=None, wait=True))
    assert lab.ready("apps")[:2] == ("Unknown", "Progressing"), "it waits for the release"
    lab.run("1m")
    assert lab.ready("apps")[0] == "True"
    assert lab.replicas() == 2
    assert lab.world.flux("tree ks apps").stdout == (
        "Kustomization/flux-system/apps\n└── HelmRelease/flux-system/web\n    └── Deployment/default/web\n\n"
    )
    lab.commit({"apps/web.yaml": dump_yaml(helm_release(values={"replicas": 4}))})
    lab.run("2m")
    assert lab.replicas() == 4
    lab.commit({"apps/web.yaml": None, "apps/settings.yaml": config_map().replace("name: ", "namespace: default\n  name: ")})
    lab.run("2m")
    assert lab.cluster.find("hr", "web", "flux-system") is None
    assert lab.cluster.find("deploy", "web") is None
