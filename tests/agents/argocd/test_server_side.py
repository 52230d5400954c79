"""ServerSideApply=true and ServerSideDiff=true: the server merges, and the server is asked what differs."""

from __future__ import annotations

from typing import Any

from gitops_sim.cluster.apply import apply
from tests.agents.lab import Lab, application, config_map, deployment

LIVE = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "settings", "namespace": "default"},
    "data": {"key": "a", "old": "x"},
}


def managers(lab: Lab, kind: str = "cm", name: str = "settings") -> list[tuple[str, str]]:
    shown = lab.cluster.with_managed_fields(lab.cluster.get(kind, name))
    return [(entry["manager"], entry["operation"]) for entry in shown["metadata"]["managedFields"]]


def server_side(lab: Lab, **more: Any) -> None:
    lab.add(application(options=["ServerSideApply=true"], **more))
    lab.cli("app sync web")


def test_the_server_merges_and_knows_whose_fields_they_are(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map()})
    server_side(lab)
    assert lab.results()["ConfigMap/settings"] == ("Synced", "configmap/settings serverside-applied")
    assert managers(lab) == [("argocd-controller", "Apply")]
    assert "kubectl.kubernetes.io/last-applied-configuration" not in lab.cluster.get("cm", "settings")["metadata"]["annotations"]
    assert lab.sync() == "Synced"


def test_fields_of_others_are_no_difference_and_stay(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map()})
    server_side(lab)
    lab.cluster.as_user("ben").patch("cm", "settings", "default", {"data": {"mine": "1"}})
    lab.clock.settle()
    assert lab.sync() == "Synced"
    lab.cluster.as_user("ben").patch("cm", "settings", "default", {"data": {"key": "b"}})
    lab.clock.settle()
    assert lab.sync() == "OutOfSync"
    lab.cli("app sync web")
    assert lab.cluster.get("cm", "settings")["data"] == {"key": "a", "mine": "1"}  # conflicts are forced


def test_an_object_may_opt_out_or_in(lab: Lab) -> None:
    out = config_map("out", annotation="argocd.argoproj.io/sync-options: ServerSideApply=false")
    lab.repo({"manifests/a.yaml": out, "manifests/b.yaml": config_map("b")})
    server_side(lab)
    assert lab.results()["ConfigMap/out"] == ("Synced", "configmap/out created")
    into = config_map("in", annotation="argocd.argoproj.io/sync-options: ServerSideApply=true")
    lab.set_spec({"syncPolicy": {"syncOptions": []}})
    lab.commit({"manifests/b.yaml": into})
    lab.cli("app sync web")
    assert lab.results()["ConfigMap/in"] == ("Synced", "configmap/in serverside-applied")


def test_what_kubectl_applied_is_taken_over_so_that_it_can_be_dropped(lab: Lab) -> None:
    apply(lab.cluster, LIVE, manager="kubectl-client-side-apply")
    lab.repo({"manifests/a.yaml": config_map()})
    server_side(lab)
    assert managers(lab) == [("argocd-controller", "Apply")]
    assert lab.cluster.get("cm", "settings")["data"] == {"key": "a"}


def test_without_the_migration_the_old_manager_keeps_its_fields(lab: Lab) -> None:
    apply(lab.cluster, LIVE, manager="kubectl-client-side-apply")
    lab.repo({"manifests/a.yaml": config_map()})
    lab.add(application(options=["ServerSideApply=true", "ClientSideApplyMigration=false"]))
    lab.cli("app sync web")
    assert ("kubectl-client-side-apply", "Update") in managers(lab)
    assert lab.cluster.get("cm", "settings")["data"] == {"key": "a", "old": "x"}


def test_another_manager_may_be_named_for_the_migration(lab: Lab) -> None:
    apply(lab.cluster, LIVE, manager="flux")
    lab.repo({"manifests/a.yaml": config_map()})
    app = application(options=["ServerSideApply=true"])
    app["metadata"]["annotations"] = {"argocd.argoproj.io/client-side-apply-migration-manager": "flux"}
    lab.add(app)
    lab.cli("app sync web")
    assert managers(lab) == [("argocd-controller", "Apply")]


def test_a_field_that_the_server_does_not_know_cannot_be_compared(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map()})
    server_side(lab)
    lab.commit({"manifests/a.yaml": config_map() + "dta: {}\n"})
    lab.cli("app get web --refresh")
    assert lab.sync() == "Unknown"
    assert "Failed to compare desired state to live state" in lab.conditions()["ComparisonError"]


def test_the_server_may_be_asked_for_the_difference_alone(lab: Lab) -> None:
    app = application()
    app["metadata"]["annotations"] = {"argocd.argoproj.io/compare-options": "ServerSideDiff=true"}
    lab.repo({"manifests/web.yaml": deployment(2)})
    lab.add(app)
    lab.cli("app sync web")
    lab.run(30)
    assert lab.results()["Deployment/web"] == ("Synced", "deployment.apps/web created")
    assert lab.sync() == "Synced"
    lab.scale(5)
    assert lab.sync() == "OutOfSync"
    assert [str(d) for r in lab.argocd.comparison("web").out_of_sync for d in r.differences] == [  # type: ignore[union-attr]
        ".spec.replicas  Git 2, cluster 5"
    ]
    assert ("argocd-controller", "Apply") not in managers(lab, "deploy", "web")  # the question leaves nothing behind
    assert lab.replicas() == 5
