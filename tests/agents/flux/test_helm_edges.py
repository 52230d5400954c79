"""HelmReleases where things go wrong, or are unusual."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from gitops_sim.agents.flux.helm.operation import counted
from gitops_sim.agents.flux.helm.release import Release
from gitops_sim.agents.flux.helm.releases import Releases
from gitops_sim.objects import Key
from tests.agents.flux.helmlab import HelmLab, chart, helm_release, helm_repository, hook
from tests.agents.flux.lab import config_map, git_repository

POD = """apiVersion: v1
kind: Pod
metadata:
  name: probe
  annotations: {helm.sh/hook: test, helm.sh/hook-delete-policy: "hook-succeeded,hook-failed"}
spec:
  restartPolicy: Never
  containers: [{name: main, image: 'IMAGE'}]
"""


def store(lab: HelmLab, namespace: str = "flux-system") -> Releases:
    return Releases(lab.cluster, lab.world.clock, namespace, "helm")


# ---------------------------------------------------------------------- remediation


def test_an_upgrade_can_be_remediated_by_uninstalling() -> None:
    lab = HelmLab().release()
    remediation = {"retries": 0, "remediateLastFailure": True, "strategy": "uninstall"}
    lab.set(values={"image": "nginx:bad"}, timeout="1m", upgrade={"remediation": remediation})
    lab.run("20m")
    lines = [line.partition(":")[0] for line in lab.story(60)]
    assert lines[:2] == ["flux fails to upgrade web with chart web@1.0.0", "flux uninstalls web after the failure"]
    assert lines[2] == "flux fails to install web with chart web@1.0.0", "what was uninstalled is installed anew"
    assert lab.conditions("web", "hr")["Stalled"][2] == "Failed to install after 1 attempt(s)"


def test_without_a_revision_to_go_back_to_it_stalls() -> None:
    lab = HelmLab().start(git_repository(), helm_release(values={"image": "nginx:bad"}, timeout="1m"))
    lab.run("2m")
    lab.set(upgrade={"remediation": {"retries": 2}})
    lab.run("5m")
    stalled = lab.conditions("web", "hr")["Stalled"]
    assert stalled[1] == "MissingRollbackTarget"
    assert "missing target release for rollback" in stalled[2]


def test_a_revision_that_was_changed_is_not_gone_back_to() -> None:
    lab = HelmLab().release()
    lab.set(values={"image": "nginx:bad"}, upgrade={"timeout": "1m", "remediation": {"retries": 1}})
    first = store(lab).get("web", 1)
    assert first is not None
    store(lab).update(first.with_info("deployed", "Somebody was here"))
    lab.run("4m")
    assert all("rolls web back" not in line for line in lab.story())
    assert [status for _, status in lab.secrets()].count("failed") >= 2


def test_a_rollback_that_does_not_become_ready_is_told() -> None:
    files = chart(templates__migrate=hook("migrate", "pre-rollback", "busybox:bad"))
    lab = HelmLab(files).release()
    lab.set(values={"image": "nginx:bad"}, upgrade={"timeout": "1m", "remediation": {"retries": 1}})
    lab.run("65s")
    found = lab.conditions("web", "hr")["Remediated"]
    about = "Helm rollback to previous release default/web.v1 with chart web@1.0.0 failed"
    why = "pre-rollback hooks failed: failed early due to stalled resources: [Job/default/migrate status: 'Failed']"
    assert found == ("False", "RollbackFailed", f"{about}: {why}")
    assert lab.secrets()[-1] == ("sh.helm.release.v1.web.v3", "failed")


def test_what_a_failed_upgrade_made_can_be_deleted() -> None:
    lab = HelmLab().release()
    lab.change_chart(chart("1.1.0", templates__more=config_map("more"), values="replicas: 3\nimage: nginx:bad\n"))
    lab.set(upgrade={"timeout": "1m", "cleanupOnFail": True})
    lab.run("3m")
    assert lab.ready("web", "hr")[1] == "UpgradeFailed"
    assert lab.cluster.find("cm", "more") is None


def test_a_revision_left_pending_is_unlocked() -> None:
    lab = HelmLab().release()
    last = store(lab).last("web")
    assert last is not None
    store(lab).update(last.with_info("pending-upgrade"))
    lab.run("11m")
    text = "Unlocked Helm release default/web.v1 with chart web@1.0.0 in pending-upgrade state"
    assert ("Normal", "PendingRelease", text, 1) in lab.told()
    assert lab.history()[0] == (2, "deployed")
    assert any(line.startswith("flux unlocks web.v1") for line in lab.story())


# ---------------------------------------------------------------------- options


def test_it_may_be_over_before_everything_is_ready() -> None:
    lab = HelmLab().start(git_repository(), helm_release(values={"image": "nginx:bad"}, install={"disableWait": True}))
    lab.run("1s")
    assert lab.ready("web", "hr")[0] == "True"
    assert "disableWait" in next(r.reason for r in lab.world.trace if r.event == "SyncSucceeded")


def test_jobs_are_waited_for_unless_that_is_off() -> None:
    job = hook("slow", "none", "busybox:bad").replace("    helm.sh/hook: none\n", "")
    lab = HelmLab(chart(templates__job=job)).release()
    assert lab.ready("web", "hr")[2].endswith("failed early due to stalled resources: [Job/default/slow status: 'Failed']")
    other = HelmLab(chart(templates__job=job)).release(install={"disableWaitForJobs": True})
    assert other.ready("web", "hr")[0] == "True"


def test_hooks_can_be_left_out() -> None:
    lab = HelmLab(chart(templates__hook=hook("first", "pre-install", "busybox:bad"))).release(install={"disableHooks": True})
    assert lab.ready("web", "hr")[0] == "True"
    assert lab.cluster.find("jobs", "first") is None


def test_values_of_the_last_release_may_go_on() -> None:
    lab = HelmLab().release(values={"replicas": 2}, upgrade={"preserveValues": True})
    lab.set(values={"replicas": None, "image": "nginx:2"})
    lab.run("1m")
    assert (lab.replicas(), lab.image()) == (2, "nginx:2")


def test_history_may_stay_after_uninstalling_and_deletion_may_wait() -> None:
    lab = HelmLab().release(uninstall={"keepHistory": True})
    live = lab.cluster.get("deploy", "web")
    lab.cluster.update({**live, "metadata": {**live["metadata"], "finalizers": ["example/hold"]}})
    lab.kubectl("delete hr web -n flux-system --wait=false", by="ben")
    lab.run("1m")
    assert lab.secrets() == [("sh.helm.release.v1.web.v1", "uninstalling")]
    assert lab.cluster.find("hr", "web", "flux-system") is not None
    lab.kubectl('patch deploy web --type=json -p \'[{"op": "remove", "path": "/metadata/finalizers"}]\'', by="ben")
    lab.run("1m")
    assert lab.secrets() == [("sh.helm.release.v1.web.v1", "uninstalled")]
    assert lab.cluster.find("hr", "web", "flux-system") is None


def test_what_does_not_go_is_told_when_uninstalling() -> None:
    lab = HelmLab().release(uninstall={"timeout": "30s"})
    live = lab.cluster.get("deploy", "web")
    lab.cluster.update({**live, "metadata": {**live["metadata"], "finalizers": ["example/hold"]}})
    lab.kubectl("delete hr web -n flux-system --wait=false", by="ben")
    lab.run("31s")
    text = "Helm uninstall failed for release default/web.v1 with chart web@1.0.0"
    assert lab.ready("web", "hr")[2] == f"{text}: Deployment/default/web termination timeout: context deadline exceeded"


def test_a_release_that_is_gone_counts_as_uninstalled() -> None:
    lab = HelmLab().release()
    lab.cluster.delete("secrets", "sh.helm.release.v1.web.v1", "flux-system")
    lab.kubectl("delete hr web -n flux-system", by="ben")
    lab.run("10s")
    assert lab.cluster.find("hr", "web", "flux-system") is None
    assert lab.cluster.find("deploy", "web") is not None


def test_an_object_may_stay_when_it_is_uninstalled() -> None:
    lab = HelmLab(chart(templates__kept=config_map("kept", annotation="helm.sh/resource-policy: keep"))).release()
    lab.kubectl("delete hr web -n flux-system", by="ben")
    lab.run("1m")
    assert lab.cluster.find("deploy", "web") is None
    assert lab.cluster.find("cm", "kept") is not None


def test_what_others_made_is_taken_over_unless_that_is_off() -> None:
    lab = HelmLab(chart(templates__more=config_map("more"))).start(git_repository())
    lab.kubectl("create configmap more --from-literal=other=1", by="ben")
    lab.add(helm_release(install={"disableTakeOwnership": True}))
    lab.run("1s")
    against = (
        'unable to continue with install: ConfigMap "more" in namespace "default" exists and cannot be imported into the current '
    )
    against += (
        'release: invalid ownership metadata; label validation error: missing key "app.kubernetes.io/managed-by": must be set to '
    )
    against += '"Helm"; annotation validation error: missing key "meta.helm.sh/release-name": must be set to "web"; annotation '
    against += 'validation error: missing key "meta.helm.sh/release-namespace": must be set to "default"'
    assert lab.ready("web", "hr")[2] == f"Helm install failed for release default/web with chart web@1.0.0: {against}"
    assert lab.secrets() == []
    lab.kubectl("label configmap more app.kubernetes.io/managed-by=ben", by="ben")
    lab.run("5m")
    assert 'must equal "Helm": current value is "ben"' in lab.ready("web", "hr")[2]
    lab.set(install=None)
    lab.run("1m")
    assert lab.cluster.get("cm", "more")["data"] == {"key": "a", "other": "1"}


def test_a_release_that_somebody_uninstalled_is_installed_anew() -> None:
    lab = HelmLab().release()
    lab.cluster.delete("secrets", "sh.helm.release.v1.web.v1", "flux-system")
    lab.cluster.delete("deploy", "web")
    lab.run("11m")
    assert lab.replicas() == 3
    assert lab.history() == [(1, "deployed")]


@pytest.mark.parametrize("replace", [False, True])
def test_the_name_of_an_uninstalled_release_is_used_again_only_if_allowed(replace: bool) -> None:
    lab = HelmLab().start(git_repository())
    data = {"name": "web", "namespace": "default", "version": 1, "info": {"status": "uninstalled"}, "hooks": []}
    store(lab).create(Release(data), 0)
    lab.add(helm_release(install={"replace": replace}))
    lab.run("1m")
    if replace:
        assert lab.ready("web", "hr")[0] == "True"
        assert [status for _, status in lab.secrets()] == ["superseded", "deployed"]
    else:
        assert lab.ready("web", "hr")[2].endswith("release name check failed: cannot reuse a name that is still in use")


@pytest.mark.parametrize("strategy", ["Reinstall", "InPlaceUpdate"])
def test_a_chart_of_another_name_is_another_release_unless_it_is_not(strategy: str) -> None:
    lab = HelmLab().release(upgrade={"chartNameChangeStrategy": strategy})
    lab.change_chart({"Chart.yaml": "apiVersion: v2\nname: shop\nversion: 2.0.0\n"})
    lab.run("3m")
    assert lab.ready("web", "hr")[2].endswith("with chart shop@2.0.0")
    assert lab.history()[0][0] == (1 if strategy == "Reinstall" else 2)


def test_tests_can_be_chosen() -> None:
    files = chart(templates__one=hook("one", "test"), templates__two=hook("two", "test", "busybox:bad"))
    lab = HelmLab(files).release(test={"enable": True, "filters": [{"name": "two", "exclude": True}]})
    assert lab.ready("web", "hr")[2].endswith("1 test hook completed successfully")
    other = HelmLab(files).release(test={"enable": True, "filters": [{"name": "two"}]})
    assert list(other.hr()["status"]["history"][0]["testHooks"]) == ["two"]


def test_fields_that_are_not_honoured_are_named() -> None:
    lab = HelmLab().release(waitStrategy={"name": "legacy"}, upgrade={"serverSideApply": "disabled"})
    told = next(record for record in lab.world.trace if record.event == "OptionIgnored")
    assert told.data["options"] == ["spec.waitStrategy", "spec.upgrade.serverSideApply"]


# ---------------------------------------------------------------------- charts that ask the cluster


def test_a_template_can_look_things_up() -> None:
    text = config_map("copy", '{{ (lookup "v1" "ConfigMap" "default" "settings").data.key }}')
    text += "---\n" + config_map("count", '"{{ len (lookup "v1" "ConfigMap" "default" "").items }}"')
    text += "---\n" + config_map("none", '"{{ lookup "zoo.example/v1" "Cat" "default" "tom" | len }}"')
    lab = HelmLab(chart(templates__copy=text))
    lab.kubectl("create configmap settings --from-literal=key=blue")
    lab.release()
    assert lab.cluster.get("cm", "copy")["data"]["key"] == "blue"
    assert int(lab.cluster.get("cm", "count")["data"]["key"]) >= 1
    assert lab.cluster.get("cm", "none")["data"]["key"] == "0"


@pytest.mark.parametrize(("image", "phase"), [("busybox:ok", "Succeeded"), ("busybox:bad", "Failed")])
def test_pods_as_tests_are_waited_for_and_deleted(image: str, phase: str) -> None:
    lab = HelmLab(chart(templates__probe=POD.replace("IMAGE", image))).release(test={"enable": True})
    assert lab.hr()["status"]["history"][0]["testHooks"]["probe"]["phase"] == phase
    assert lab.cluster.find("pods", "probe") is None


def test_failed_tests_may_not_count() -> None:
    lab = HelmLab(chart(templates__probe=POD.replace("IMAGE", "busybox:bad"))).release(
        test={"enable": True, "ignoreFailures": True}
    )
    found = lab.conditions("web", "hr")
    assert found["TestSuccess"][0] == "False"
    assert found["Ready"][:2] == ("True", "InstallSucceeded")


def test_a_hook_that_cannot_be_made_fails() -> None:
    bad = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: Not_A_Name\n  annotations: {helm.sh/hook: pre-install}\n"
    lab = HelmLab(chart(templates__bad=bad)).release()
    assert "failed pre-install: warning: hook pre-install web/templates/bad.yaml failed: ConfigMap" in lab.ready("web", "hr")[2]


def test_definitions_that_cannot_be_read() -> None:
    lab = HelmLab(chart(crds__bad="a: [b")).release()
    failed = "failed to apply CustomResourceDefinitions: failed to parse CustomResourceDefinitions from web/crds/bad.yaml"
    assert failed in lab.ready("web", "hr")[2]


def test_a_broken_post_renderer_is_told() -> None:
    lab = HelmLab().release(postRenderers=[{"kustomize": {"patches": [{"patch": "kind: Nobody"}]}}])
    assert "error while running post render on files" in lab.ready("web", "hr")[2]


def test_hooks_may_be_left_unchanged_by_post_renderers() -> None:
    lab = HelmLab(chart(templates__hook=hook("first", "pre-install"))).release(postRenderStrategy="nohooks")
    assert "labels" not in lab.cluster.get("jobs", "first")["metadata"] or (
        "helm.toolkit.fluxcd.io/name" not in lab.cluster.get("jobs", "first")["metadata"]["labels"]
    )


# ---------------------------------------------------------------------- values


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ({"valuesKey": "quoted", "targetPath": "note"}, {"note": "007"}),
        ({"valuesKey": "list", "targetPath": "note"}, {"note": ["a", "b"]}),
        ({"valuesKey": "list", "targetPath": "note", "literal": True}, {"note": "{a,b}"}),
        ({"valuesKey": "nobody", "optional": True}, {}),
    ],
)
def test_single_values(source: dict[str, Any], wanted: Any) -> None:
    lab = HelmLab().start(git_repository())
    lab.kubectl("create configmap more -n flux-system --from-literal=quoted='\"007\"' --from-literal=list={a,b}")
    lab.add(helm_release(valuesFrom=[{"kind": "ConfigMap", "name": "more", **source}]))
    lab.run("1m")
    last = store(lab).last("web")
    assert last is not None
    assert last.config == wanted


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ({"valuesKey": "nobody"}, "with key 'nobody': key not found"),
        ({"valuesKey": "text"}, "with key 'text': cannot unmarshal"),
        ({"valuesKey": "text", "targetPath": "a[x"}, "with key 'text': failed parsing --set data"),
    ],
)
def test_values_that_cannot_be_used(source: dict[str, Any], why: str) -> None:
    lab = HelmLab().start(git_repository())
    lab.kubectl("create configmap more -n flux-system --from-literal=text=plain")
    lab.add(helm_release(valuesFrom=[{"kind": "ConfigMap", "name": "more", **source}]))
    lab.run("1s")
    ready = lab.ready("web", "hr")
    assert ready[1] == "ValuesError"
    assert why in ready[2]


def test_changed_values_of_others_are_released_at_once_if_watched() -> None:
    lab = HelmLab().start(git_repository())
    lab.kubectl("create configmap more -n flux-system --from-literal=values.yaml='replicas: 4'")
    lab.kubectl("label configmap more -n flux-system reconcile.fluxcd.io/watch=Enabled")
    lab.add(helm_release(valuesFrom=[{"kind": "ConfigMap", "name": "more"}]))
    lab.run("1m")
    lab.patch({"data": {"values.yaml": "replicas: 6"}}, "more", "cm")
    lab.run("10s")
    assert lab.replicas() == 6


# ---------------------------------------------------------------------- sources


def test_sources_rest_go_and_lack_credentials() -> None:
    lab = HelmLab()
    lab.publish(chart())
    lab.start(helm_repository(secretRef={"name": "keys"}))
    assert lab.ready("charts", "helmrepo")[1] == "AuthenticationFailed"
    lab.spec("charts", "helmrepo", secretRef=None, suspend=True)
    lab.run("10m")
    assert lab.ready("charts", "helmrepo")[1] == "AuthenticationFailed"
    lab.spec("charts", "helmrepo", suspend=False)
    assert lab.ready("charts", "helmrepo")[0] == "True"
    lab.kubectl("delete helmrepo charts -n flux-system", by="ben")
    assert lab.cluster.find("helmrepo", "charts", "flux-system") is None


def test_an_index_that_is_none() -> None:
    lab = HelmLab()
    lab.world.git.create("charts", {"index.yaml": "entries: {}\n"}, author="ana")
    lab.start(helm_repository())
    assert lab.ready("charts", "helmrepo")[1] == "IndexationFailed"


@pytest.mark.parametrize(
    ("ref", "reason", "why"),
    [
        ({"kind": "Bucket", "name": "shop"}, "UnsupportedSourceKind", "unsupported source kind 'Bucket'"),
        ({"kind": "HelmRepository", "name": "oci"}, "ChartPullError", "OCI registries are not simulated"),
        ({"kind": "HelmRepository", "name": "charts"}, "InvalidChartReference", "no chart name found"),
        (
            {"kind": "GitRepository", "name": "empty"},
            "NoSourceArtifact",
            "no artifact available for GitRepository source 'empty'",
        ),
    ],
)
def test_charts_that_cannot_be_had(ref: dict[str, str], reason: str, why: str) -> None:
    lab = HelmLab()
    lab.publish(chart())
    lab.start(
        helm_repository(),
        helm_repository("oci", "oci://registry.example", type="oci"),
        git_repository("empty", url="https://git.example/nobody.git"),
        helm_release(chart={"spec": {"chart": "nobody", "sourceRef": ref}}),
    )
    ready = lab.ready("flux-system-web", "hc")
    assert ready[:2] == ("False", reason)
    assert why in ready[2]


def test_a_package_that_is_gone_is_a_pull_error() -> None:
    lab = HelmLab()
    lab.publish(chart())
    lab.world.git.repository("charts").commit({"web-1.0.0.tgz": None}, "Lose it", author="ana")
    ref = {"kind": "HelmRepository", "name": "charts"}
    lab.start(helm_repository(), helm_release(chart={"spec": {"chart": "web", "sourceRef": ref}}))
    ready = lab.ready("flux-system-web", "hc")
    assert ready[1] == "ChartPullError"
    assert ready[2].startswith("chart pull error: failed to download chart for remote reference: failed to fetch ")


def test_a_chart_of_its_own_is_swapped_for_another() -> None:
    lab = HelmLab().release()
    lab.set(chart=None, chartRef={"kind": "OCIRepository", "name": "web"})
    lab.run("1m")
    assert lab.cluster.find("hc", "flux-system-web", "flux-system") is None
    assert lab.ready("web", "hr")[1] == "ArtifactFailed"


# ---------------------------------------------------------------------- drift


def test_what_cannot_be_compared_is_told() -> None:
    lab = HelmLab(chart(templates__more=config_map("more"))).release(driftDetection={"mode": "enabled"})
    lab.kubectl("delete configmap more", by="ben")
    lab.kubectl("create quota none --hard=count/configmaps=1", by="ben")
    lab.run("11m")
    ready = lab.ready("web", "hr")
    text = (
        "Could not determine release state: unable to determine cluster state: ConfigMap/default/more dry-run failed (Forbidden)"
    )
    assert ready[:2] == ("False", "StateError")
    assert ready[2].startswith(text)
    lab.kubectl("delete quota none", by="ben")
    lab.run("20m")
    assert lab.cluster.find("cm", "more") is not None


def test_what_is_ignored_as_a_whole_is_left_to_others() -> None:
    lab = HelmLab().release(driftDetection={"mode": "enabled", "ignore": [{"paths": [""], "target": {"kind": "Deployment"}}]})
    lab.kubectl("scale deploy web --replicas=9", by="ben")
    lab.run("11m")
    assert lab.replicas() == 9


# ---------------------------------------------------------------------- what others leave in Secrets


@pytest.mark.parametrize("content", [b"", b"{", b"\x1f\x8b\x08broken", json.dumps({"name": "web"}).encode()])
def test_secrets_that_hold_no_release_are_passed_over(content: bytes) -> None:
    lab = HelmLab().start(git_repository())
    meta = {"name": "sh.helm.release.v1.web.v1", "namespace": "flux-system", "labels": {"owner": "helm", "name": "web"}}
    data = {"release": base64.b64encode(base64.b64encode(content)).decode()}
    lab.cluster.create({"apiVersion": "v1", "kind": "Secret", "metadata": meta, "type": "helm.sh/release.v1", "data": data})
    assert store(lab).history("web") == []


def test_an_uncompressed_release_is_read() -> None:
    lab = HelmLab().start(git_repository())
    data = {"name": "web", "namespace": "default", "version": 1, "info": {"status": "deployed"}}
    text = base64.b64encode(base64.b64encode(json.dumps(data).encode())).decode()
    meta = {"name": "sh.helm.release.v1.web.v1", "namespace": "flux-system", "labels": {"owner": "helm", "name": "web"}}
    lab.cluster.create(
        {"apiVersion": "v1", "kind": "Secret", "metadata": meta, "type": "helm.sh/release.v1", "data": {"release": text}}
    )
    assert store(lab).last("web") == Release(data)


def test_many_objects_are_counted() -> None:
    touched = [(Key("", "ConfigMap", "default", name), "created") for name in "abcde"]
    assert counted([*touched, (Key("", "Secret", "default", "s"), "unchanged")]) == (
        "ConfigMap/a created, ConfigMap/b created, ConfigMap/c created, 2 more, 1 unchanged"
    )


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_one_instant_does_not_matter(seed: int) -> None:
    lab = HelmLab(shuffle=seed).release(driftDetection={"mode": "enabled"})
    lab.kubectl("scale deploy web --replicas=9", by="ben")
    lab.set(values={"image": "nginx:2"})
    lab.run("11m")
    assert (lab.replicas(), lab.image(), lab.history()[0]) == (3, "nginx:2", (2, "deployed"))
