"""Drift: noticed always, undone only with selfHeal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.agents.lab import SERVICE, Lab, application, config_map, deployment


def start(lab: Lab, automated: dict[str, Any] | None, files: dict[str, str] | None = None, **spec: Any) -> None:
    lab.repo(files or {"manifests/web.yaml": deployment(3)})
    lab.add(application(automated=automated, **spec))
    lab.run(30)
    assert lab.sync() == "Synced"
    assert lab.health() == "Healthy"


def test_with_self_heal_drift_is_gone_in_the_same_second(lab: Lab) -> None:
    start(lab, {"selfHeal": True})
    at = lab.clock.now
    lab.scale(10)
    assert (lab.replicas(), lab.sync()) == (3, "Synced")
    seen = lab.last("DriftDetected")
    assert (seen.time, seen.subject) == (at, "Deployment/default/web")
    assert seen.data["fields"] == [[".spec.replicas", 3, 10]]
    assert seen.data["app"] == "web"
    assert lab.story(at) == [
        "argocd sees it at once (watch): Deployment/web OutOfSync  .spec.replicas  Git 3, cluster 10",
        "argocd self-heals, attempt 1, no wait: Deployment/web configured",
    ]


def test_without_self_heal_auto_sync_leaves_drift_until_the_next_commit(lab: Lab) -> None:
    start(lab, {})
    lab.scale(10)
    for _ in range(4):
        lab.next_poll()
    assert (lab.replicas(), lab.sync(), lab.health()) == (10, "OutOfSync", "Healthy")
    skipped = lab.find("SyncSkipped")
    assert [r.data["gate"] for r in skipped] == ["selfHeal"]  # told once, not at every poll
    assert "self-heal is off: already synced" in skipped[0].message
    lab.commit({"README.md": "any commit will do\n"})
    lab.next_poll()
    assert (lab.replicas(), lab.sync()) == (3, "Synced")


def test_switching_self_heal_on_heals_what_drifted_before(lab: Lab) -> None:
    start(lab, {})
    lab.scale(10)
    lab.set_spec({"syncPolicy": {"automated": {"selfHeal": True}}})
    assert lab.replicas() == 3


def test_without_auto_sync_a_person_has_to_sync(lab: Lab) -> None:
    lab.repo({"manifests/web.yaml": deployment(3)})
    lab.add(application())
    assert (lab.sync(), lab.health()) == ("OutOfSync", "Missing")
    assert lab.last("SyncSkipped").message == "leaves it so: auto-sync is off"
    lab.cli("app sync web")
    lab.run(30)
    assert (lab.sync(), lab.health()) == ("Synced", "Healthy")


def test_a_deleted_object_is_made_again(lab: Lab) -> None:
    start(lab, {"selfHeal": True}, {"manifests/web.yaml": deployment(1), "manifests/svc.yaml": SERVICE})
    lab.cluster.delete("svc", "web")
    lab.clock.settle()
    assert lab.cluster.find("svc", "web") is not None
    assert lab.last("DriftDetected").data["missing"] is True


def test_drift_that_somebody_puts_right_is_told_too(lab: Lab) -> None:
    start(lab, {})
    lab.scale(10)
    lab.run(60)
    lab.scale(3)
    assert lab.sync() == "Synced"
    assert lab.last("StatusChanged").message.endswith("Synced, Healthy: cluster and Git agree again")
    assert lab.last("StatusChanged").story


def test_what_git_never_mentions_is_neither_seen_nor_undone(lab: Lab) -> None:
    start(lab, {"selfHeal": True})
    records = len(lab.trace.find(actor="argocd"))
    lab.cluster.as_user("ben").patch("deploy", "web", "default", {"metadata": {"labels": {"owner": "ben"}}})
    lab.run(600)
    assert lab.cluster.get("deploy", "web")["metadata"]["labels"] == {"owner": "ben"}
    assert len(lab.trace.find(actor="argocd")) == records


def test_an_object_that_nobody_tracks_is_never_extra(lab: Lab) -> None:
    start(lab, {"prune": True, "selfHeal": True})
    lab.cluster.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "mine", "namespace": "default"}})
    lab.commit({"README.md": "x"})
    lab.next_poll()
    assert lab.cluster.find("cm", "mine") is not None
    assert [r["name"] for r in lab.status()["resources"]] == ["web"]


def test_a_copied_tracking_annotation_does_not_make_an_object_extra(lab: Lab) -> None:
    """The Deployment controller copies annotations to its ReplicaSets, the tracking id among them."""
    start(lab, {"prune": True})
    replica_set = lab.cluster.list("rs", "default")[0]
    assert replica_set["metadata"]["annotations"]["argocd.argoproj.io/tracking-id"] == "web:apps/Deployment:default/web"
    assert lab.sync() == "Synced"


def test_self_heal_attempts_come_after_0_2_6_and_18_seconds(lab: Lab) -> None:
    start(lab, {"selfHeal": True})
    begin = lab.clock.now
    healed: list[float] = []
    for _ in range(4):
        lab.scale(10)
        while lab.replicas() == 10:
            assert lab.clock.step()
        healed.append(lab.clock.now)
    gaps = [b - a for a, b in zip([begin, *healed], healed, strict=False)]
    assert gaps == [0, 2, 6, 18]
    assert [r.data["attempt"] for r in lab.find("SelfHealed")] == [1, 2, 3, 4]
    assert [r.data["wait"] for r in lab.find("SelfHealDelayed")] == [2, 6, 18]
    assert lab.last("SelfHealed").message.startswith("self-heals, attempt 4, after 18s:")


def test_a_new_commit_resets_the_self_heal_count(lab: Lab) -> None:
    start(lab, {"selfHeal": True})
    for _ in range(3):
        lab.scale(10)
        lab.run(60)
    lab.commit({"manifests/web.yaml": deployment(4)})
    lab.next_poll()
    lab.scale(10)
    assert lab.replicas() == 4
    assert lab.last("SelfHealed").data["attempt"] == 1


def test_a_self_heal_is_partial_and_leaves_no_history_entry(lab: Lab) -> None:
    start(lab, {"selfHeal": True}, {"manifests/web.yaml": deployment(3), "manifests/cm.yaml": config_map()})
    before = lab.status()["history"]
    lab.scale(10)
    assert lab.status()["history"] == before
    assert list(lab.results()) == ["Deployment/web"]
    assert lab.status()["operationState"]["operation"]["sync"]["resources"] == [
        {"group": "apps", "kind": "Deployment", "name": "web"}
    ]
    messages = [e["message"] for e in lab.cluster.list("ev", "argocd")]
    assert f"Partial sync operation to {lab.status()['sync']['revision']} succeeded" in messages


def test_an_ignored_field_is_no_drift_but_a_sync_still_writes_it(lab: Lab) -> None:
    ignore = [{"group": "apps", "kind": "Deployment", "jsonPointers": ["/spec/replicas"]}]
    start(lab, {"selfHeal": True}, ignoreDifferences=ignore)
    lab.scale(7)
    assert (lab.replicas(), lab.sync()) == (7, "Synced")
    lab.commit({"manifests/web.yaml": deployment(3, image="nginx:1.25")})
    lab.next_poll()
    assert lab.replicas() == 3  # ignoring hides the difference, it does not protect the field


def test_respect_ignore_differences_protects_the_field(lab: Lab) -> None:
    ignore = [{"group": "apps", "kind": "Deployment", "jsonPointers": ["/spec/replicas"]}]
    start(lab, {"selfHeal": True}, options=["RespectIgnoreDifferences=true"], ignoreDifferences=ignore)
    lab.scale(7)
    lab.commit({"manifests/web.yaml": deployment(3, image="nginx:1.25")})
    lab.next_poll()
    assert (lab.replicas(), lab.sync()) == (7, "Synced")


def test_dropping_replicas_from_git_means_one(lab: Lab) -> None:
    start(lab, {})
    lab.commit({"manifests/web.yaml": deployment(None)})
    lab.next_poll()
    assert lab.last("PollFoundRevision").message.endswith(".spec.replicas  Git 1, cluster 3")
    assert (lab.replicas(), lab.sync()) == (1, "Synced")
    lab.scale(6)
    assert lab.sync() == "Synced"  # from now on Git does not mention it


def test_skip_reconcile_leaves_everything_alone_until_it_goes(lab: Lab) -> None:
    start(lab, {"selfHeal": True})
    note = {"metadata": {"annotations": {"argocd.argoproj.io/skip-reconcile": "true"}}}
    lab.cluster.patch("app", "web", "argocd", note, type="merge")
    lab.scale(10)
    lab.run(600)
    assert lab.replicas() == 10
    assert len(lab.find("ReconcileSkipped")) == 1
    note = {"metadata": {"annotations": {"argocd.argoproj.io/skip-reconcile": None}}}
    lab.cluster.patch("app", "web", "argocd", note, type="merge")
    lab.clock.settle()
    assert lab.replicas() == 3


@pytest.mark.parametrize("shuffle", range(6))
def test_the_outcome_does_not_hang_on_the_order_within_one_instant(tmp_path: Path, shuffle: int) -> None:
    lab = Lab(tmp_path, shuffle=shuffle)
    start(lab, {"selfHeal": True, "prune": True}, {"manifests/web.yaml": deployment(3), "manifests/cm.yaml": config_map()})
    lab.scale(10)
    lab.cluster.delete("cm", "settings")
    lab.clock.settle()
    lab.commit({"manifests/web.yaml": deployment(5), "manifests/cm.yaml": None})
    lab.run(400)
    assert (lab.replicas(), lab.sync(), lab.health()) == (5, "Synced", "Healthy")
    assert lab.cluster.find("cm", "settings") is None
    assert len(lab.status()["history"]) == 2
