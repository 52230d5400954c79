"""What stands on the Application: status fields, conditions, events, health of the whole."""

from __future__ import annotations

from typing import Any

from gitops_sim.agents.argocd.compare import images_of
from gitops_sim.agents.health import argocd_health
from tests.agents.lab import IN_CLUSTER, Lab, application, config_map, deployment


def test_the_status_of_a_synced_application(lab: Lab) -> None:
    repo = lab.repo({"manifests/web.yaml": deployment(2)})
    lab.add(application(automated={}, ignoreDifferences=[{"kind": "Secret", "jsonPointers": ["/data"]}]))
    lab.run(30)
    status = lab.status()
    assert status["sync"] == {
        "comparedTo": {
            "destination": {"server": IN_CLUSTER, "namespace": "default"},
            "ignoreDifferences": [{"kind": "Secret", "jsonPointers": ["/data"]}],
            "source": {"repoURL": repo.url, "path": "manifests", "targetRevision": "main"},
        },
        "revision": repo.tip(),
        "status": "Synced",
    }
    assert status["health"] == {"lastTransitionTime": lab.clock.timestamp(2), "status": "Healthy"}
    assert status["resources"] == [
        {"group": "apps", "version": "v1", "kind": "Deployment", "namespace": "default", "name": "web", "status": "Synced"}
    ]
    assert status["summary"] == {"images": ["nginx:1.24"]}
    assert (status["sourceType"], status["resourceHealthSource"], status["controllerNamespace"]) == (
        "Directory",
        "appTree",
        "argocd",
    )
    assert "conditions" not in status
    result = status["operationState"]["syncResult"]["resources"][0]
    assert (result["hookPhase"], result["syncPhase"], result["images"]) == ("Running", "Sync", ["nginx:1.24"])


def test_kubernetes_events_in_the_real_words(lab: Lab) -> None:
    repo = lab.repo({"manifests/a.yaml": config_map()})
    lab.add(application(automated={}))
    sha = repo.tip()
    events = [(e["type"], e["reason"], e["message"]) for e in lab.cluster.list("ev", "argocd")]
    assert events == [
        ("Normal", "OperationStarted", f"Initiated automated sync to '{sha}'"),
        ("Normal", "ResourceUpdated", "Updated sync status:  -> OutOfSync"),
        ("Normal", "ResourceUpdated", "Updated health status:  -> Missing"),
        ("Normal", "OperationCompleted", f"Sync operation to {sha} succeeded"),
        ("Normal", "ResourceUpdated", "Updated sync status: OutOfSync -> Synced"),
        ("Normal", "ResourceUpdated", "Updated health status: Missing -> Healthy"),
    ]
    event = lab.cluster.list("ev", "argocd")[0]
    assert event["involvedObject"]["name"] == "web"
    assert event["source"] == {"component": "argocd-application-controller"}


def test_a_failed_operation_is_a_warning(lab: Lab) -> None:
    repo = lab.repo({"manifests/a.yaml": config_map()})
    lab.add(application(namespace="prod"))
    lab.cli("app sync web")
    event = lab.cluster.list("ev", "argocd")[-1]
    reason = 'namespaces "prod" not found'
    assert [(e["type"], e["message"]) for e in lab.cluster.list("ev", "argocd") if e["type"] == "Warning"] == [
        ("Warning", f"Sync operation to {repo.tip()} failed: one or more objects failed to apply, reason: {reason}")
    ]
    assert event["metadata"]["namespace"] == "argocd"


def test_synced_is_not_healthy_a_bad_image_is_synced_and_progressing_then_degraded(lab: Lab) -> None:
    lab.registry.push("shop/web:bad", {"pull_error": "not found"})
    lab.repo({"manifests/web.yaml": deployment(2, "shop/web:bad")})
    lab.add(application(automated={}))
    lab.run(120)
    pods = [argocd_health(pod) for pod in lab.cluster.list("pod", "default")]
    assert [health[0] for health in pods if health] == ["Degraded", "Degraded"]  # the pods at once, the Deployment not
    assert lab.status()["operationState"]["phase"] == "Succeeded"  # it succeeded at apply time
    assert (lab.sync(), lab.health()) == ("Synced", "Progressing")
    lab.run(600)
    assert (lab.sync(), lab.health()) == ("Synced", "Degraded")
    record = lab.last("HealthChanged")
    assert record.message == 'reports web Synced, Degraded: Deployment "web" exceeded its progress deadline'
    assert 600 <= record.time <= 610
    assert record.story


def test_missing_objects_lower_health_only_when_all_are_missing(lab: Lab) -> None:
    lab.repo({"manifests/web.yaml": deployment(1), "manifests/b.yaml": deployment(1, name="b")})
    lab.add(application())
    assert lab.health() == "Missing"
    lab.cli("app sync web --resource apps:Deployment:web")
    lab.run(10)
    assert (lab.sync(), lab.health()) == ("OutOfSync", "Healthy")


def test_health_checks_can_be_ignored_per_object(lab: Lab) -> None:
    lab.registry.push("shop/web:bad", {"pull_error": "not found"})
    note = '\n  annotations: {argocd.argoproj.io/ignore-healthcheck: "true"}'
    lab.repo({"manifests/web.yaml": deployment(1, "shop/web:bad", extra=note)})
    lab.add(application(automated={}))
    lab.run(60)
    assert lab.health() == "Healthy"


def test_an_application_with_nothing_in_it_is_synced_and_healthy(lab: Lab) -> None:
    lab.repo({"manifests/notes.txt": "none yet\n"})
    lab.add(application(automated={"prune": True}))
    assert (lab.sync(), lab.health()) == ("Synced", "Healthy")
    assert lab.last("ComparedSynced").message.endswith("there is nothing in it")


def test_a_condition_keeps_its_time_while_it_holds(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map(), "manifests/b.yaml": config_map()})
    lab.add(application(automated={}))
    first = lab.status()["conditions"]
    lab.commit({"manifests/c.yaml": config_map("c")})
    lab.next_poll()
    assert lab.status()["conditions"] == first


def test_kubectl_sees_the_application(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map()})
    lab.add(application(automated={}))
    found = lab.cluster.list("applications.argoproj.io", "argocd")
    assert [a["status"]["sync"]["status"] for a in found] == ["Synced"]
    assert lab.cluster.get("appprojects", "default", "argocd")["spec"]["sourceRepos"] == ["*"]


def test_images_of_every_shape_of_workload() -> None:
    pod: Any = {"containers": [{"image": "a"}], "initContainers": [{"image": "b"}, {}]}
    assert images_of({"spec": pod}) == ["b", "a"]
    assert images_of({"spec": {"template": {"spec": pod}}}) == ["b", "a"]
    assert images_of({"spec": {"jobTemplate": {"spec": {"template": {"spec": pod}}}}}) == ["b", "a"]
    assert images_of({"data": {}}) == []
    assert images_of({"spec": {"containers": "x"}}) == []
