"""Hooks: what runs before, with and after a sync, what it waits for, and what becomes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitops_sim import World
from gitops_sim.agents.argocd import CLI, hooks
from gitops_sim.objects import Object
from tests.agents.lab import Lab, application, config_map, deployment, job


def noted(**notes: str) -> Object:
    return {"metadata": {"name": "x", "annotations": {name.replace("__", "/").replace("_", "."): v for name, v in notes.items()}}}


def argo(value: str, **more: str) -> Object:
    return {"metadata": {"name": "x", "annotations": {"argocd.argoproj.io/hook": value, **more}}}


@pytest.mark.parametrize(
    ("obj", "phases"),
    [
        ({"metadata": {"name": "x"}}, ("Sync",)),
        (argo("PreSync"), ("PreSync",)),
        (argo("PostSync, PreSync,PostSync"), ("PreSync", "PostSync")),
        (argo("Skip"), ()),
        (argo("Skip,Sync"), ("Sync",)),
        (argo("PreDelete"), ()),
        (argo("Presync"), ()),
        (argo("PostSync", **{"helm.sh/hook": "pre-install"}), ("PostSync",)),
        ({"metadata": {"annotations": {"helm.sh/hook": "pre-install,pre-upgrade"}}}, ("PreSync",)),
        ({"metadata": {"annotations": {"helm.sh/hook": "post-upgrade"}}}, ("PostSync",)),
        ({"metadata": {"annotations": {"helm.sh/hook": "test"}}}, ()),
        ({"metadata": {"annotations": {"helm.sh/hook": "crd-install"}}}, ("Sync",)),
    ],
)
def test_the_phases_of_an_object(obj: Object, phases: tuple[str, ...]) -> None:
    assert hooks.phases(obj) == phases


def test_waves_and_policies_come_from_helm_where_argo_cd_says_nothing() -> None:
    def notes(**found: str) -> Object:
        return {"metadata": {"annotations": {name.replace("_", "/"): value for name, value in found.items()}}}

    wave = "argocd.argoproj.io/sync-wave"
    assert hooks.wave({"metadata": {"annotations": {wave: "-3"}}}) == -3
    assert hooks.wave({"metadata": {"annotations": {wave: "first", "helm.sh/hook-weight": "5"}}}) == 5
    assert hooks.wave({"metadata": {"annotations": {wave: "1.5"}}}) == 0
    assert hooks.delete_policies(argo("Sync")) == {"BeforeHookCreation"}
    assert hooks.delete_policies(argo("Sync", **{"helm.sh/hook-delete-policy": "hook-succeeded,hook-failed"})) == {
        "HookSucceeded",
        "HookFailed",
    }


def test_a_pre_sync_hook_runs_before_anything_else_is_touched(lab: Lab) -> None:
    lab.registry.push("shop/migrate:1", {"complete": "20s"})
    lab.repo({"manifests/a.yaml": config_map(), "manifests/job.yaml": job("migrate", "PreSync")})
    lab.add(application(automated={}))
    lab.run(10)
    state = lab.status()["operationState"]
    assert (state["phase"], state["message"]) == ("Running", "waiting for completion of hook batch/Job/migrate")
    assert lab.cluster.find("cm", "settings") is None
    assert lab.cluster.get("job", "migrate")["metadata"]["finalizers"] == ["argocd.argoproj.io/hook-finalizer"]
    lab.run(30)
    state = lab.status()["operationState"]
    assert (state["phase"], state["message"]) == ("Succeeded", "successfully synced (all tasks run)")
    assert [(r["kind"], r["syncPhase"], r.get("hookType"), r["hookPhase"]) for r in state["syncResult"]["resources"]] == [
        ("Job", "PreSync", "PreSync", "Succeeded"),
        ("ConfigMap", "Sync", None, "Running"),
    ]
    assert lab.sync() == "Synced"
    assert "finalizers" not in lab.cluster.get("job", "migrate")["metadata"]
    assert lab.status()["history"][-1]["id"] == 0
    entry = next(r for r in lab.status()["resources"] if r["kind"] == "Job")
    assert (entry["hook"], entry.get("status"), entry["requiresPruning"]) == (True, None, True)


def test_a_failed_pre_sync_hook_stops_everything(lab: Lab) -> None:
    lab.registry.push("shop/migrate:1", {"crash": "2s"})
    failure = job("cry", "SyncFail", "shop/cry:1")
    lab.repo({"manifests/a.yaml": config_map(), "manifests/job.yaml": job("migrate", "PreSync"), "manifests/f.yaml": failure})
    lab.add(application())
    output = lab.cli("app sync web")
    assert output.exit == 1
    assert "Operation has completed with phase: Failed" in output.stderr
    state = lab.status()["operationState"]
    assert state["phase"] == "Failed"
    assert state["message"] == "one or more synchronization tasks completed unsuccessfully"
    found = {r["name"]: (r["syncPhase"], r["hookPhase"]) for r in state["syncResult"]["resources"]}
    assert found == {"migrate": ("PreSync", "Failed"), "cry": ("SyncFail", "Succeeded")}
    assert lab.cluster.find("cm", "settings") is None
    assert "history" not in lab.status()


def test_a_post_sync_hook_waits_for_health(lab: Lab) -> None:
    lab.registry.push("nginx:1.24", {"ready": "0s", "pull": "15s"})
    lab.repo({"manifests/web.yaml": deployment(1), "manifests/job.yaml": job("smoke", "PostSync")})
    lab.add(application(automated={}))
    lab.run(10)
    assert lab.status()["operationState"]["message"] == "waiting for healthy state of apps/Deployment/web"
    assert lab.cluster.find("job", "smoke") is None
    lab.run(30)
    assert lab.status()["operationState"]["message"] == "successfully synced (no more tasks)"
    assert lab.cluster.find("job", "smoke") is not None
    told = [r.message for r in lab.find("SyncWaiting")]
    assert told[0].endswith("Deployment/web created; waiting for healthy state of apps/Deployment/web")
    assert told[1].endswith("waiting for completion of hook batch/Job/smoke")


def test_a_degraded_resource_fails_a_sync_of_several_steps(lab: Lab) -> None:
    lab.registry.push("nginx:1.24", {"pull_error": "not found"})
    lab.repo({"manifests/web.yaml": deployment(1), "manifests/job.yaml": job("smoke", "PostSync")})
    lab.add(application())
    lab.clock.run_until(0)
    CLI(lab.argocd, "ana").run("app sync web --async")
    lab.run(599)
    assert lab.status()["operationState"]["phase"] == "Running"
    lab.run(30)
    state = lab.status()["operationState"]
    assert state["phase"] == "Failed"
    assert lab.results()["Deployment/web"] == ("Synced", 'Deployment "web" exceeded its progress deadline')
    assert lab.cluster.find("job", "smoke") is None


def test_a_hook_with_a_name_to_be_made_up_is_made_anew_by_every_sync(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map(), "manifests/job.yaml": job("migrate-", "PreSync")})
    lab.add(application())
    lab.cli("app sync web")
    sha = lab.status()["sync"]["revision"][:7]
    assert [j["metadata"]["name"] for j in lab.cluster.list("job")] == [f"migrate-{sha}-presync-1767603600"]
    lab.run(60)
    lab.cli("app sync web")
    assert len(lab.cluster.list("job")) == 2
    assert lab.sync() == "Synced"


def test_a_hook_is_deleted_before_it_is_made_again(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map(), "manifests/job.yaml": job("migrate", "PreSync")})
    lab.add(application())
    lab.cli("app sync web")
    first = lab.cluster.get("job", "migrate")["metadata"]["uid"]
    lab.run(60)
    since = lab.clock.now
    lab.cli("app sync web")
    assert lab.cluster.get("job", "migrate")["metadata"]["uid"] != first
    assert "waiting for deletion of hook batch/Job/migrate" in lab.find("SyncWaiting", since=since)[0].message
    assert lab.status()["operationState"]["phase"] == "Succeeded"


@pytest.mark.parametrize(
    ("policy", "crashes", "stays"),
    [
        ("HookSucceeded", False, False),
        ("HookSucceeded", True, True),
        ("HookFailed", True, False),
        ("HookFailed", False, True),
    ],
)
def test_a_hook_goes_when_its_policy_says_so(lab: Lab, policy: str, crashes: bool, stays: bool) -> None:
    lab.registry.push("shop/migrate:1", {"crash": "2s"} if crashes else {"complete": "2s"})
    hook = job("migrate", "PreSync", notes=f"argocd.argoproj.io/hook-delete-policy: {policy}")
    lab.repo({"manifests/a.yaml": config_map(), "manifests/job.yaml": hook})
    lab.add(application())
    lab.cli("app sync web")
    lab.run(60)
    assert (lab.cluster.find("job", "migrate") is not None) == stays


def test_partial_syncs_rollbacks_and_the_apply_strategy_run_no_hooks(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map(), "manifests/job.yaml": job("migrate", "PreSync")})
    lab.add(application())
    lab.cli("app sync web --resource :ConfigMap:settings")
    lab.cli("app sync web --strategy apply")
    lab.commit({"manifests/a.yaml": config_map(value="b")})
    lab.cli("app sync web --strategy apply")
    lab.cli("app rollback web")
    assert lab.cluster.get("cm", "settings")["data"]["key"] == "a"
    assert lab.cluster.list("job") == []
    assert [entry["id"] for entry in lab.status()["history"]] == [0, 1, 2]


def test_self_heal_runs_no_hooks_and_makes_no_history(lab: Lab) -> None:
    lab.repo({"manifests/web.yaml": deployment(2), "manifests/job.yaml": job("migrate", "PreSync")})
    lab.add(application(automated={"selfHeal": True}))
    lab.run(60)
    ran = lab.cluster.get("job", "migrate")["metadata"]["uid"]
    lab.scale(9)
    lab.run(60)
    assert lab.replicas() == 2
    assert lab.cluster.get("job", "migrate")["metadata"]["uid"] == ran
    assert len(lab.status()["history"]) == 1


def test_what_says_skip_is_neither_applied_nor_pruned_nor_counted(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map("a"), "manifests/b.yaml": config_map("b")})
    lab.add(application(automated={"prune": True}))
    lab.commit({"manifests/b.yaml": config_map("b", "new", "argocd.argoproj.io/hook: Skip")})
    lab.next_poll()
    assert lab.cluster.get("cm", "b")["data"]["key"] == "a"
    assert (lab.sync(), lab.health()) == ("Synced", "Healthy")


def test_hooks_of_helm_tests_are_never_run(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map(), "manifests/t.yaml": job("test", notes="helm.sh/hook: test")})
    lab.add(application(automated={}))
    lab.run(30)
    assert lab.cluster.list("job") == []
    assert [r["kind"] for r in lab.status()["resources"]] == ["ConfigMap"]


def test_a_hook_that_somebody_deletes_fails_the_sync(lab: Lab) -> None:
    lab.registry.push("shop/migrate:1", {"complete": "60s"})
    lab.repo({"manifests/a.yaml": config_map(), "manifests/job.yaml": job("migrate", "PreSync")})
    lab.add(application())
    CLI(lab.argocd, "ana").run("app sync web --async")
    lab.run(10)
    lab.cluster.patch("job", "migrate", "default", {"metadata": {"finalizers": None}}, type="merge")
    lab.cluster.delete("job", "migrate")
    lab.run(60)
    state = lab.status()["operationState"]
    assert state["phase"] == "Failed"
    assert state["message"].endswith("reason: Resource batch/Job/migrate is missing, it might have been deleted")


def test_a_retry_runs_the_hooks_again(lab: Lab) -> None:
    lab.registry.push("shop/migrate:1", {"crash": "2s"})
    lab.repo({"manifests/a.yaml": config_map(), "manifests/job.yaml": job("migrate", "PreSync")})
    lab.add(application(automated={}))
    lab.run(8)
    first = lab.cluster.get("job", "migrate")["metadata"]["uid"]
    assert "Retrying attempt #1" in lab.status()["operationState"]["message"]
    lab.registry.push("shop/migrate:1", {"complete": "2s"})
    lab.run(60)
    state = lab.status()["operationState"]
    assert (state["phase"], state["retryCount"], lab.sync()) == ("Succeeded", 1, "Synced")
    assert lab.cluster.get("job", "migrate")["metadata"]["uid"] != first


@pytest.mark.parametrize("shuffle", range(6))
def test_the_outcome_does_not_hang_on_the_order_within_one_instant(tmp_path: Path, shuffle: int) -> None:
    lab = Lab(tmp_path, shuffle=shuffle)
    late = config_map("late", annotation='argocd.argoproj.io/sync-wave: "1"')
    lab.repo(
        {"manifests/a.yaml": config_map(), "manifests/b.yaml": late, "manifests/job.yaml": job("migrate", "PreSync,PostSync")}
    )
    lab.add(application(automated={"selfHeal": True, "prune": True}))
    lab.run(120)
    state = lab.status()["operationState"]
    assert (state["phase"], state["message"]) == ("Succeeded", "successfully synced (no more tasks)")
    assert [(r["name"], r["syncPhase"], r["hookPhase"]) for r in state["syncResult"]["resources"]] == [
        ("migrate", "PreSync", "Succeeded"),
        ("settings", "Sync", "Succeeded"),
        ("late", "Sync", "Succeeded"),
        ("migrate", "PostSync", "Succeeded"),
    ]
    assert len(lab.status()["history"]) == 1


def test_a_world_may_be_forked_in_the_middle_of_a_sync() -> None:
    world = World()
    late = config_map("late", annotation='argocd.argoproj.io/sync-wave: "1"')
    world.git.create("shop", {"manifests/a.yaml": config_map(), "manifests/b.yaml": late}, author="ana")
    world.argocd_in()
    world.cluster().create(application(automated={}))
    world.run("1s")
    other = world.fork()
    for one in (world, other):
        assert one.cluster().find("cm", "late") is None
        one.run("10s")
        assert one.cluster().find("cm", "late") is not None
    assert world.trace.digest() == other.trace.digest()
