"""What Git no longer has: kept, unless prune is on."""

from __future__ import annotations

from tests.agents.lab import Lab, application, config_map, deployment

FILES = {"manifests/a.yaml": config_map("a"), "manifests/b.yaml": config_map("b")}


def test_with_prune_off_the_object_stays_and_the_app_stays_out_of_sync(lab: Lab) -> None:
    lab.repo(FILES)
    lab.add(application(automated={"selfHeal": True}))
    lab.commit({"manifests/b.yaml": None})
    lab.next_poll()
    assert lab.cluster.find("cm", "b") is not None
    assert lab.sync() == "OutOfSync"
    assert lab.last("SyncSkipped").data["gate"] == "prune"
    entry = next(r for r in lab.status()["resources"] if r["name"] == "b")
    assert (entry["status"], entry["requiresPruning"]) == ("OutOfSync", True)
    lab.run(600)
    assert len(lab.find("SyncSkipped")) == 1


def test_a_sync_without_prune_succeeds_skips_and_stays_out_of_sync(lab: Lab) -> None:
    lab.repo(FILES)
    lab.add(application(automated={}))
    sha = lab.commit({"manifests/a.yaml": config_map("a", "two"), "manifests/b.yaml": None})
    lab.next_poll()
    state = lab.status()["operationState"]
    assert (state["phase"], state["message"]) == ("Succeeded", "successfully synced (all tasks run)")
    assert lab.results() == {
        "ConfigMap/a": ("Synced", "configmap/a configured"),
        "ConfigMap/b": ("PruneSkipped", "ignored (requires pruning)"),
    }
    assert lab.sync() == "OutOfSync"
    assert lab.status()["history"][-1]["revision"] == sha
    kept = lab.last("PruneSkipped")
    assert (kept.subject, kept.reason) == ("ConfigMap/default/b", "prune is off")


def test_with_prune_on_it_goes(lab: Lab) -> None:
    lab.repo(FILES)
    lab.add(application(automated={"prune": True}))
    lab.commit({"manifests/b.yaml": None})
    lab.next_poll()
    lab.run(5)
    assert lab.cluster.find("cm", "b") is None
    assert lab.sync() == "Synced"
    assert lab.results()["ConfigMap/b"] == ("Pruned", "pruned")
    assert lab.last("Pruned").message == "prunes ConfigMap/b: it is in the cluster, not in Git"


def test_prune_takes_the_pods_of_a_deployment_with_it(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map("a"), "manifests/web.yaml": deployment(3)})
    lab.add(application(automated={"prune": True}))
    lab.run(10)
    lab.commit({"manifests/web.yaml": None})
    lab.next_poll()
    assert lab.health() == "Progressing"  # foreground deletion: it goes after its pods
    lab.run(60)
    assert lab.cluster.list("pod", "default") == []
    assert (lab.sync(), lab.health()) == ("Synced", "Healthy")


def test_an_empty_folder_does_not_prune_everything_unless_it_may(lab: Lab) -> None:
    lab.repo({**FILES, "manifests/notes.txt": "keeps the folder\n"})
    lab.add(application(automated={"prune": True}))
    sha = lab.commit({"manifests/a.yaml": None, "manifests/b.yaml": None})
    lab.next_poll()
    assert lab.cluster.find("cm", "a") is not None
    text = f"Skipping sync attempt to [{sha}]: auto-sync will wipe out all resources"
    assert lab.conditions() == {"SyncError": text}
    lab.set_spec({"syncPolicy": {"automated": {"allowEmpty": True}}})
    lab.run(5)
    assert lab.cluster.find("cm", "a") is None
    assert (lab.sync(), lab.health(), lab.conditions()) == ("Synced", "Healthy", {})


def test_prune_false_on_the_object_keeps_it_even_so(lab: Lab) -> None:
    keep = config_map("b", annotation="argocd.argoproj.io/sync-options: Prune=false")
    lab.repo(FILES | {"manifests/b.yaml": keep})
    lab.add(application(automated={"prune": True}))
    lab.commit({"manifests/b.yaml": None})
    lab.next_poll()
    assert lab.results()["ConfigMap/b"] == ("PruneSkipped", "ignored (no prune)")
    assert lab.cluster.find("cm", "b") is not None


def test_prune_false_of_the_app_is_beaten_by_the_object(lab: Lab) -> None:
    mine = config_map("b", annotation="argocd.argoproj.io/sync-options: Prune=true")
    lab.repo(FILES | {"manifests/b.yaml": mine, "manifests/c.yaml": config_map("c")})
    lab.add(application(automated={"prune": True}, options=["Prune=false", "PrunePropagationPolicy=background"]))
    lab.commit({"manifests/b.yaml": None, "manifests/c.yaml": None})
    lab.next_poll()
    assert lab.cluster.find("cm", "b") is None
    assert lab.cluster.find("cm", "c") is not None


def test_extraneous_objects_may_be_ignored_for_the_app(lab: Lab) -> None:
    odd = config_map("b", annotation="argocd.argoproj.io/compare-options: IgnoreExtraneous")
    lab.repo(FILES | {"manifests/b.yaml": odd})
    lab.add(application(automated={}))
    lab.commit({"manifests/b.yaml": None})
    lab.next_poll()
    entry = next(r for r in lab.status()["resources"] if r["name"] == "b")
    assert (entry["status"], lab.sync()) == ("OutOfSync", "Synced")


def test_an_orphaning_prune_leaves_the_pods(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map("a"), "manifests/web.yaml": deployment(2)})
    lab.add(application(automated={"prune": True}, options=["PrunePropagationPolicy=orphan"]))
    lab.run(10)
    lab.commit({"manifests/web.yaml": None})
    lab.next_poll()
    lab.run(60)
    assert lab.cluster.find("deploy", "web") is None
    assert len(lab.cluster.list("pod", "default")) == 2
