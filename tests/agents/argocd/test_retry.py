"""Operations that fail: tried again with the real waits, then given up until something changes."""

from __future__ import annotations

from itertools import pairwise

from tests.agents.lab import Lab, application, config_map, deployment

MISSING = 'namespaces "prod" not found'


def start(lab: Lab, **spec: object) -> None:
    lab.repo({"manifests/a.yaml": config_map()})
    lab.add(application(automated={}, namespace="prod", **spec))  # type: ignore[arg-type]


def test_a_missing_namespace_fails_with_the_real_message_and_is_retried_five_times(lab: Lab) -> None:
    start(lab)
    state = lab.status()["operationState"]
    assert state["phase"] == "Running"
    assert state["message"] == f"one or more objects failed to apply, reason: {MISSING}. Retrying attempt #1 at 9:00AM."
    assert lab.results() == {"ConfigMap/settings": ("SyncFailed", MISSING)}
    lab.run(700)
    failed = lab.find("SyncFailed")
    times = [r.time for r in failed]
    assert [b - a for a, b in pairwise(times)] == [10, 20, 40, 80, 160]
    assert [r.data["retry_in"] for r in failed] == [10, 20, 40, 80, 160, None]
    state = lab.status()["operationState"]
    assert state["phase"] == "Failed"
    assert state["message"] == f"one or more objects failed to apply, reason: {MISSING} (retried 5 times)."
    assert state["retryCount"] == 5
    assert "operation" not in lab.app()
    assert lab.sync() == "OutOfSync"


def test_a_failed_revision_is_not_tried_again_until_something_changes(lab: Lab) -> None:
    start(lab)
    lab.run(700)
    tries = len(lab.find("SyncFailed"))
    sha = lab.status()["sync"]["revision"]
    text = f"Failed last sync attempt to [{sha}]: one or more objects failed to apply, reason: {MISSING} (retried 5 times)."
    assert lab.conditions() == {"SyncError": text}
    lab.cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "prod"}})
    lab.run(1800)
    assert len(lab.find("SyncFailed")) == tries  # the cause is gone, and still it does not try
    assert lab.last("SyncSkipped").data["gate"] == "failed"
    lab.commit({"README.md": "x"})
    lab.next_poll()
    assert (lab.sync(), lab.conditions()) == ("Synced", {})


def test_a_manual_sync_is_the_other_way_out(lab: Lab) -> None:
    start(lab)
    lab.run(700)
    lab.cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "prod"}})
    assert lab.cli("app sync web").exit == 0
    assert (lab.sync(), lab.conditions()) == ("Synced", {})


def test_a_retry_that_succeeds(lab: Lab) -> None:
    start(lab)
    lab.run(15)
    lab.cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "prod"}})
    lab.run(20)
    state = lab.status()["operationState"]
    assert (state["phase"], state["retryCount"]) == ("Succeeded", 2)
    assert state["startedAt"] == "2026-01-05T09:00:00Z"
    assert state["finishedAt"] == "2026-01-05T09:00:30Z"
    assert lab.sync() == "Synced"


def test_a_manual_sync_is_not_retried_unless_the_app_says_so(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map()})
    lab.add(application(namespace="prod"))
    output = lab.cli("app sync web")
    assert (output.exit, "Operation has completed with phase: Failed" in output.stderr) == (1, True)
    assert lab.last("SyncFailed").data["retry_in"] is None
    lab.set_spec({"syncPolicy": {"retry": {"limit": 1, "backoff": {"duration": "1s"}}}})
    lab.cli("app sync web")
    assert [r.data["retry_in"] for r in lab.find("SyncFailed")] == [None, 2, None]
    lab.run(3)
    assert lab.last("SyncFailed").data["retry_in"] is None


def test_the_apps_own_retry_policy_is_used_for_automated_syncs_too(lab: Lab) -> None:
    start(lab, policy={"retry": {"limit": 2, "backoff": {"duration": "3s", "factor": 1}}})
    lab.run(60)
    assert [r.data["retry_in"] for r in lab.find("SyncFailed")] == [3, 3, None]


def test_a_negative_factor_waits_for_no_time_rather_than_going_back_in_it(lab: Lab) -> None:
    start(lab, policy={"retry": {"limit": 2, "backoff": {"duration": "5s", "factor": -2}}})
    lab.run(60)
    times = [record.time for record in lab.find("SyncFailed")]
    assert times == [0, 0, 20], "5 s times -2, then times 4"


def test_retries_hold_on_to_the_revision_unless_refresh_is_asked_for(lab: Lab) -> None:
    policy = {"retry": {"limit": 3, "backoff": {"duration": "60s", "factor": 1}}}
    start(lab, policy=policy)
    first = lab.status()["operationState"]["syncResult"]["revision"]
    lab.commit({"manifests/a.yaml": config_map(value="b")})
    lab.cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "prod"}})
    lab.run(61)
    assert lab.status()["operationState"]["syncResult"]["revision"] == first
    assert lab.cluster.get("cm", "settings", "prod")["data"]["key"] == "a"


def test_a_retry_with_refresh_takes_the_latest_revision(lab: Lab) -> None:
    policy = {"retry": {"limit": 3, "refresh": True, "backoff": {"duration": "60s", "factor": 1}}}
    start(lab, policy=policy)
    sha = lab.commit({"manifests/a.yaml": config_map(value="b")})
    lab.cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "prod"}})
    lab.run(61)
    assert lab.status()["operationState"]["syncResult"]["revision"] == sha


def test_one_bad_object_does_not_keep_the_others_from_being_applied(lab: Lab) -> None:
    bad = deployment(2).replace("replicas: 2", "replicas: two")
    lab.repo({"manifests/a.yaml": config_map(), "manifests/web.yaml": bad})
    lab.add(application(automated={}))
    results = lab.results()
    assert results["ConfigMap/settings"] == ("Synced", "configmap/settings created")
    assert results["Deployment/web"][0] == "SyncFailed"
    assert 'Deployment in version "v1" cannot be handled as a Deployment' in results["Deployment/web"][1]
    assert lab.cluster.find("cm", "settings") is not None


def test_a_field_that_cannot_change_fails_the_sync_not_the_comparison(lab: Lab) -> None:
    lab.repo({"manifests/web.yaml": deployment(2)})
    lab.add(application(automated={}))
    lab.run(10)
    moved = deployment(2).replace("app: web", "app: other")
    lab.commit({"manifests/web.yaml": moved})
    lab.next_poll()
    assert lab.sync() == "OutOfSync"
    assert "field is immutable" in lab.results()["Deployment/web"][1]


def test_a_new_commit_waits_until_the_failing_operation_has_ended(lab: Lab) -> None:
    start(lab)
    lab.run(100)
    lab.commit({"manifests/a.yaml": config_map(value="b")})
    lab.cli("app get web --refresh")
    operation = lab.app()["operation"]["sync"]["revision"]
    assert operation != lab.status()["sync"]["revision"]
    output = lab.cli("app sync web")
    assert "another operation is already in progress" in output.stderr


def test_an_operation_that_asks_for_nothing_is_an_error(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map()})
    lab.add(application())
    lab.cluster.patch("app", "web", "argocd", {"operation": {"initiatedBy": {"username": "me"}}}, type="merge")
    lab.clock.settle()
    assert lab.status()["operationState"]["message"] == "Invalid operation request: no operation specified"
    assert "operation" not in lab.app()


def test_a_sync_by_kubectl_is_the_operation_field(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map()})
    lab.add(application())
    lab.cluster.patch("app", "web", "argocd", {"operation": {"sync": {}}}, type="merge")
    lab.clock.settle()
    assert lab.sync() == "Synced"
