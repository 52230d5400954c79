"""Deleting an Application: hooks before and after, wave by wave, and with a person's word where it is asked for."""

from __future__ import annotations

from tests.agents.lab import Lab, application, config_map, deployment, job

PRE, POST = "pre-delete-finalizer.argocd.argoproj.io", "post-delete-finalizer.argocd.argoproj.io"


def finalizers(lab: Lab) -> list[str]:
    return list(lab.app()["metadata"].get("finalizers", ()))


def test_hooks_of_deletion_hold_the_application_until_they_have_run(lab: Lab) -> None:
    lab.registry.push("shop/migrate:1", {"complete": "20s"})
    lab.repo(
        {
            "manifests/a.yaml": config_map("a"),
            "manifests/b.yaml": job("backup", "PreDelete"),
            "manifests/c.yaml": job("bye", "PostDelete", notes="argocd.argoproj.io/hook-delete-policy: HookSucceeded"),
        }
    )
    lab.add(application(automated={}))
    lab.run(5)
    assert finalizers(lab) == [PRE, f"{PRE}/cleanup", POST, f"{POST}/cleanup"]
    assert lab.cluster.list("job") == []
    assert (lab.sync(), list(lab.results())) == ("Synced", ["ConfigMap/a"])
    lab.cli("app delete web -y")
    lab.run(10)
    assert lab.cluster.find("cm", "a") is not None  # the backup comes first
    assert lab.cluster.find("job", "backup") is not None
    lab.run(25)
    assert lab.cluster.find("cm", "a") is None
    assert lab.cluster.find("job", "bye") is not None
    lab.run(60)
    assert lab.cluster.find("app", "web", "argocd") is None
    assert lab.cluster.list("job") == []


def test_finalizers_of_hooks_come_and_go_with_the_hooks(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map("a"), "manifests/c.yaml": job("bye", notes="helm.sh/hook: post-delete")})
    lab.add(application(automated={}))
    assert finalizers(lab) == [POST, f"{POST}/cleanup"]
    lab.commit({"manifests/c.yaml": None})
    lab.next_poll()
    assert finalizers(lab) == []


def test_a_failed_hook_is_told_and_tried_again(lab: Lab) -> None:
    lab.registry.push("shop/migrate:1", {"crash": "2s"})
    lab.repo({"manifests/a.yaml": config_map("a"), "manifests/b.yaml": job("backup", "PreDelete")})
    lab.add(application(automated={}))
    lab.cli("app delete web -y")
    lab.run(12)
    text = "error executing pre-delete hooks: PreDelete hook(s) failed: default/backup"
    assert lab.conditions() == {"DeletionError": text}
    assert lab.cluster.find("cm", "a") is not None
    lab.registry.push("shop/migrate:1", {"complete": "1s"})
    lab.run(60)
    assert lab.cluster.find("app", "web", "argocd") is None


def test_waves_are_deleted_from_the_highest_to_the_lowest(lab: Lab) -> None:
    lab.registry.push("nginx:1.24", {"stop": "10s"})
    late = deployment(1, extra='\n  annotations: {argocd.argoproj.io/sync-wave: "2"}')
    lab.repo({"manifests/a.yaml": config_map("a"), "manifests/web.yaml": late})
    lab.add(application(automated={}))
    lab.run(30)
    lab.cli("app delete web -y")
    lab.run(5)
    assert lab.cluster.find("cm", "a") is not None
    lab.run(30)
    assert lab.cluster.find("cm", "a") is None
    assert [r.data["wave"] for r in lab.find("ResourcesDeleted")] == [2, 0]


def test_deleting_may_ask_for_a_persons_approval(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map("a", annotation="argocd.argoproj.io/sync-options: Delete=confirm")})
    lab.add(application(automated={}))
    assert lab.status()["resources"][0]["requiresDeletionConfirmation"] is True
    lab.cli("app delete web -y")
    lab.run(60)
    assert lab.cluster.find("cm", "a") is not None
    assert lab.last("DeletionWaiting").message == "waits for a person to approve of deleting ConfigMap/a"
    approved = {"metadata": {"annotations": {"argocd.argoproj.io/deletion-approved": lab.clock.timestamp()}}}
    lab.cluster.patch("app", "web", "argocd", approved, type="merge")
    lab.run(5)
    assert lab.cluster.find("cm", "a") is None
    assert lab.cluster.find("app", "web", "argocd") is None


def test_all_of_an_application_may_be_kept(lab: Lab) -> None:
    kept = config_map("mine", annotation="argocd.argoproj.io/sync-options: Delete=true")
    lab.repo({"manifests/a.yaml": config_map("a"), "manifests/m.yaml": kept})
    lab.add(application(automated={}, options=["Delete=false"]))
    lab.cli("app delete web -y")
    lab.run(5)
    assert lab.cluster.find("app", "web", "argocd") is None
    assert (lab.cluster.find("cm", "a") is not None, lab.cluster.find("cm", "mine") is not None) == (True, False)


def test_an_operation_that_is_running_is_seen_to_its_end_first(lab: Lab) -> None:
    lab.registry.push("shop/migrate:1", {"complete": "20s"})
    lab.repo({"manifests/a.yaml": config_map("a"), "manifests/j.yaml": job("migrate", "PostSync")})
    lab.add(application())
    lab.cli("app sync web --async")
    lab.run(5)
    lab.cli("app delete web -y")
    lab.run(5)
    assert lab.cluster.find("cm", "a") is not None
    lab.run(60)
    assert lab.cluster.find("cm", "a") is None
    assert lab.cluster.find("app", "web", "argocd") is None


def test_an_operation_that_hangs_is_terminated_before_the_deletion(lab: Lab) -> None:
    lab.registry.push("shop/migrate:1", {"complete": "6000s"})
    lab.repo({"manifests/a.yaml": config_map("a"), "manifests/j.yaml": job("migrate", "PostSync")})
    lab.add(application())
    lab.cli("app sync web --async")
    lab.run(5)
    lab.cli("app delete web -y")
    lab.run(60)
    assert lab.cluster.find("cm", "a") is not None
    lab.cli("app terminate-op web")
    lab.run(60)
    assert lab.cluster.find("app", "web", "argocd") is None
    assert lab.cluster.list("job") == []
