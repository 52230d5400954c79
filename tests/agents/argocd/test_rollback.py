"""Rolling back in Argo CD: what it does to the cluster, and what it leaves as it is."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_sim.agents.argocd.requests import NotInHistoryError
from tests.agents.lab import Lab, application, config_map, deployment


@pytest.fixture
def released(lab: Lab) -> Lab:
    """nginx:1.24 as history id 0, then the bad 1.25 as id 1."""
    lab.repo({"manifests/web.yaml": deployment(2, "nginx:1.24")})
    lab.add(application(automated={"prune": True, "selfHeal": True}))
    lab.run(30)
    lab.commit({"manifests/web.yaml": deployment(2, "nginx:1.25")}, "Release 1.25")
    lab.next_poll()
    lab.run(30)
    return lab


def image(lab: Lab) -> Any:
    return lab.cluster.get("deploy", "web")["spec"]["template"]["spec"]["containers"][0]["image"]


def test_the_cli_refuses_while_auto_sync_is_on(released: Lab) -> None:
    output = released.cli("app rollback web 0")
    assert output.exit == 20
    assert '"msg":"rpc error: code = FailedPrecondition desc = rollback cannot be initiated when auto-sync is enabled"' in (
        output.stderr
    )
    assert image(released) == "nginx:1.25"
    assert released.last("RollbackRefused").actor == "ana"


def test_the_dashboard_switches_auto_sync_off_and_rolls_back(released: Lab) -> None:
    at, tip = released.clock.now, released.forge.repository("shop").tip()
    released.dashboard("ben").rollback("web", 0)
    released.run(30)
    assert image(released) == "nginx:1.24"
    policy = released.app()["spec"]["syncPolicy"]["automated"]
    assert policy == {"prune": True, "selfHeal": True, "enabled": False}  # kept for when it is switched on again
    assert released.forge.repository("shop").tip() == tip  # nothing in Git
    assert (released.sync(), released.health()) == ("OutOfSync", "Healthy")
    assert released.status()["sync"]["revision"] == tip
    told = released.story(at)
    assert told[0] == "ben switches auto-sync of web off in the dashboard"
    assert told[1].startswith("ben asks web to roll back to history id 0 (")
    assert told[2].startswith("argocd rolls back to ")
    assert "Deployment/web OutOfSync  .spec.template.spec.containers[0].image  Git nginx:1.25, cluster nginx:1.24" in told[3]
    assert told[4] == "argocd leaves it so: auto-sync is off"
    messages = [e["message"] for e in released.cluster.list("ev", "argocd")]
    assert "ben initiated rollback to 0" in messages


def test_a_rollback_makes_a_new_history_entry(released: Lab) -> None:
    released.dashboard("ben").rollback("web", 0)
    history = released.status()["history"]
    assert [h["id"] for h in history] == [0, 1, 2]
    assert history[2]["revision"] == history[0]["revision"]
    assert history[2]["initiatedBy"] == {"username": "ben"}
    assert history[1]["initiatedBy"] == {"automated": True}


def test_it_stays_rolled_back_until_auto_sync_is_switched_on_again(released: Lab) -> None:
    released.dashboard().rollback("web", 0)
    released.run(1200)
    assert image(released) == "nginx:1.24"
    released.dashboard().enable_auto_sync("web")
    released.clock.settle()
    assert image(released) == "nginx:1.25"
    assert released.sync() == "Synced"


def test_without_an_id_it_is_the_entry_before_the_last(released: Lab) -> None:
    released.cli("app set web --sync-policy none")
    output = released.cli("app rollback web")
    assert output.exit == 0
    assert image(released) == "nginx:1.24"
    assert "Phase:              Succeeded" in output.stdout


def test_ids_that_are_not_there(released: Lab, lab: Lab) -> None:
    released.cli("app set web --sync-policy none")
    output = released.cli("app rollback web 7")
    assert (output.exit, "application 'web' does not have deployment id '7' in history" in output.stderr) == (20, True)
    with pytest.raises(NotInHistoryError):
        released.dashboard().rollback("web", 9)


def test_one_deployment_is_not_enough_to_go_back(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map()})
    lab.add(application())
    lab.cli("app sync web")
    assert "application 'web' should have at least two successful deployments" in lab.cli("app rollback web").stderr


def test_a_rollback_does_not_prune_unless_asked(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map("a")})
    lab.add(application())
    lab.cli("app sync web")
    lab.commit({"manifests/b.yaml": config_map("b")})
    lab.cli("app sync web")
    lab.cli("app rollback web 0")
    assert lab.results()["ConfigMap/b"] == ("PruneSkipped", "ignored (requires pruning)")
    lab.cli("app rollback web 0 --prune")
    assert lab.cluster.find("cm", "b") is None


def test_a_rollback_goes_back_to_the_source_of_then(lab: Lab) -> None:
    lab.repo({"old/a.yaml": config_map("a", "old"), "new/a.yaml": config_map("a", "new")})
    lab.add(application(path="old"))
    lab.cli("app sync web")
    lab.cli("app set web --path new")
    lab.cli("app sync web")
    assert lab.cluster.get("cm", "a")["data"]["key"] == "new"
    lab.cli("app rollback web 0")
    assert lab.cluster.get("cm", "a")["data"]["key"] == "old"
    assert lab.app()["spec"]["source"]["path"] == "new"
    assert lab.sync() == "OutOfSync"


def test_ten_entries_are_kept_unless_the_app_says_otherwise(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map(value="0")})
    lab.add(application())
    for number in range(12):
        lab.commit({"manifests/a.yaml": config_map(value=f"v{number}")})
        lab.cli("app sync web")
    assert [h["id"] for h in lab.status()["history"]] == list(range(2, 12))
    lab.set_spec({"revisionHistoryLimit": 3})
    lab.cli("app sync web")
    assert [h["id"] for h in lab.status()["history"]] == [10, 11, 12]
    lab.set_spec({"revisionHistoryLimit": 0})
    lab.cli("app sync web")
    assert "history" not in lab.status() or lab.status()["history"] == []


def test_git_revert_rolls_back_for_good(released: Lab) -> None:
    released.forge.repository("shop").revert(author="ana")
    released.next_poll()
    released.run(30)
    assert image(released) == "nginx:1.24"
    assert (released.sync(), released.health()) == ("Synced", "Healthy")
