"""argocd app wait, sync and delete: what they wait for, when they give up, and what they print meanwhile."""

from __future__ import annotations

import json

import pytest

from gitops_sim.agents.argocd.cli.waiting import read_selectors, selected
from gitops_sim.objects import Key
from tests.agents.lab import Lab, application, config_map, deployment, job


@pytest.fixture
def slow(lab: Lab) -> Lab:
    lab.registry.push("nginx:1.24", {"pull": "20s"})
    lab.repo({"manifests/web.yaml": deployment(1)})
    lab.add(application(automated={}))
    return lab


def message(output: object) -> str:
    return str(json.loads(output.stderr)["msg"])  # type: ignore[attr-defined]


def test_wait_waits_until_all_is_well(slow: Lab) -> None:
    output = slow.cli("app wait web")
    assert output.exit == 0
    assert 20 <= slow.clock.now < 30
    lines = output.stdout.splitlines()
    assert lines[0].split()[0] == "TIMESTAMP"
    assert lines[1].split()[5:7] == ["Synced", "Progressing"]
    assert [line.split()[5:7] for line in lines if line.startswith("2026")][-1] == ["Synced", "Healthy"]
    assert "Health Status:      Healthy\n" in output.stdout
    at_once = slow.cli("app wait web")
    assert (at_once.exit, at_once.stdout.startswith("\nName: "), "TIMESTAMP" in at_once.stdout) == (0, True, False)


def test_wait_gives_up_when_its_time_is_over(slow: Lab) -> None:
    output = slow.cli("app wait web --health --timeout 5")
    assert (output.exit, message(output)) == (20, 'timed out (5s) waiting for app "web" match desired state')
    assert "This is the state of the app after wait timed out:" in output.stdout
    assert "Health Status:      Progressing\n" in output.stdout


def test_wait_fails_when_something_degrades(lab: Lab) -> None:
    lab.registry.push("nginx:1.24", {"pull_error": "not found"})
    lab.repo({"manifests/web.yaml": deployment(1)})
    lab.add(application(automated={}))
    lab.run(300)
    output = lab.cli("app wait web")
    assert output.exit == 20
    assert message(output) == "application 'web' health state has transitioned from Progressing to Degraded"


def test_wait_may_look_at_some_resources_alone(slow: Lab) -> None:
    slow.commit({"manifests/a.yaml": config_map()})
    slow.next_poll()
    before = slow.clock.now
    assert slow.cli("app wait web --sync --resource :ConfigMap:settings").exit == 0
    assert slow.clock.now == before
    assert slow.cli("app wait web --resource nonsense").exit == 20


def test_selectors_of_resources() -> None:
    web, settings = Key("apps", "Deployment", "default", "web"), Key("", "ConfigMap", "default", "settings")
    assert selected(read_selectors(["apps:Deployment:web"]), web)
    assert not selected(read_selectors(["apps:Deployment:other/web"]), web)
    assert selected(read_selectors(["*:*:*", "!*:ConfigMap:*"]), web)
    assert not selected(read_selectors(["*:*:*", "!*:ConfigMap:*"]), settings)
    assert selected(read_selectors(["!apps:Deployment:web"]), settings)


def test_a_sync_prints_each_step_at_its_time(lab: Lab) -> None:
    lab.registry.push("shop/migrate:1", {"complete": "10s"})
    lab.repo({"manifests/a.yaml": config_map(), "manifests/j.yaml": job("migrate", "PreSync")})
    lab.add(application())
    output = lab.cli("app sync web")
    assert output.exit == 0
    jobs = [line.split() for line in output.stdout.splitlines() if line.startswith("2026") and "PreSync" in line]
    assert [(row[0][17:19], row[5], row[6], row[7]) for row in jobs] == [
        ("02", "Running", "Synced", "PreSync"),
        ("12", "Succeeded", "Synced", "PreSync"),
    ]
    assert (
        "Job        default    migrate   Succeeded  Synced  PreSync  Reached expected number of succeeded pods" in output.stdout
    )


def test_a_sync_may_be_given_up_on_while_it_goes_on(lab: Lab) -> None:
    lab.registry.push("shop/migrate:1", {"complete": "60s"})
    lab.repo({"manifests/a.yaml": config_map(), "manifests/j.yaml": job("migrate", "PreSync")})
    lab.add(application())
    output = lab.cli("app sync web --timeout 10")
    assert output.exit == 20
    assert "Duration:           10s" in output.stdout
    lab.run(120)
    assert lab.sync() == "Synced"


def test_a_running_operation_can_be_terminated(lab: Lab) -> None:
    lab.registry.push("shop/migrate:1", {"complete": "600s"})
    lab.repo({"manifests/a.yaml": config_map(), "manifests/j.yaml": job("migrate", "PreSync")})
    lab.add(application())
    assert message(lab.cli("app terminate-op web")).endswith("Unable to terminate operation. No operation is in progress")
    lab.cli("app sync web --async")
    lab.run(10)
    assert "another operation is already in progress" in lab.cli("app sync web").stderr
    assert lab.cli("app terminate-op web").stdout == "Application 'web' operation terminating\n"
    lab.run(60)
    state = lab.status()["operationState"]
    assert (state["phase"], state["message"]) == ("Failed", "Operation terminated")
    assert lab.results()["Job/migrate"] == ("Synced", "Terminated")
    assert lab.cluster.find("job", "migrate") is None
    assert lab.cluster.find("cm", "settings") is None
    assert "operation" not in lab.app()


def test_an_operation_can_be_terminated_in_the_pause_of_a_wave(lab: Lab) -> None:
    late = config_map("b", annotation='argocd.argoproj.io/sync-wave: "1"')
    lab.repo({"manifests/a.yaml": config_map("a"), "manifests/b.yaml": late})
    lab.add(application())
    lab.cli("app sync web --async")
    lab.run(1)
    lab.cli("app terminate-op web")
    lab.run(10)
    assert lab.status()["operationState"]["message"] == "Operation terminated"
    assert lab.cluster.find("cm", "b") is None


def test_retries_may_be_asked_for(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map()})
    lab.add(application(namespace="prod"))
    lab.cli("app sync web --retry-limit 2 --retry-backoff-duration 1s --retry-backoff-factor 3")
    assert [r.data["retry_in"] for r in lab.find("SyncFailed")] == [3, 9, None]
    assert lab.status()["operationState"]["message"].endswith("(retried 2 times).")


def test_a_deletion_may_be_waited_for(slow: Lab) -> None:
    slow.run(60)
    assert slow.cli("app delete web --wait").stdout == "application 'web' deleted\n"
    assert slow.cluster.find("deploy", "web") is None
    slow.add(application(automated={}))
    slow.run(60)
    slow.cluster.patch(
        "app", "web", "argocd", {"metadata": {"finalizers": ["resources-finalizer.argocd.argoproj.io"]}}, type="merge"
    )
    slow.cluster.delete("app", "web", "argocd")
    assert slow.cli("app wait web --delete").stdout == "Application 'argocd/web' deleted\n"


def test_json_is_the_application_alone(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map()})
    lab.add(application())
    assert json.loads(lab.cli("app sync web -o json").stdout)["status"]["sync"]["status"] == "Synced"


def test_several_applications_by_label(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map("a"), "other/b.yaml": config_map("b")})
    for name, path in (("one", "manifests"), ("two", "other")):
        app = application(name, path=path)
        app["metadata"]["labels"] = {"team": "shop"}
        lab.add(app)
    assert lab.cli("app sync -l team=shop").exit == 0
    assert (lab.sync("one"), lab.sync("two")) == ("Synced", "Synced")
    assert message(lab.cli("app sync -l team=none")) == "No matching apps found for filter: selector team=none"
    assert lab.cli("app sync").exit == 1
    assert lab.cli("app list -l 'team in'").exit == 20
    assert lab.cli("app list -l team=shop -o name").stdout == "argocd/one\nargocd/two\n"
