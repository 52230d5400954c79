"""What a click does, and that it is told whose click it was."""

from __future__ import annotations

import pytest

from gitops_sim.errors import BadInput
from gitops_sim.views.applications.facts import read_facts
from tests.agents.lab import Lab, application, config_map, deployment


@pytest.fixture
def shop(lab: Lab) -> Lab:
    lab.repo({"manifests/a.yaml": config_map("a"), "manifests/b.yaml": config_map("b")})
    lab.add(application())
    return lab


def test_sync_and_refresh_buttons(shop: Lab) -> None:
    assert str(shop.dashboard("ben").click("sync web")) == "web: Synced, Healthy"
    assert shop.last("SyncRequested").actor == "ben"
    assert shop.last("SyncRequested").reason == "by the dashboard"
    shop.commit({"manifests/b.yaml": None})
    assert str(shop.dashboard("ben").click("refresh web --hard")) == "web: OutOfSync, Healthy"
    assert shop.last("RefreshRequested").data["hard"] is True
    shop.dashboard("ben").click("sync web --prune")
    shop.clock.settle()
    assert shop.cluster.find("cm", "b") is None


def test_auto_sync_is_a_switch_that_keeps_the_other_settings(shop: Lab) -> None:
    shop.dashboard("ben").click("enable-auto-sync web")
    shop.clock.settle()
    assert shop.sync() == "Synced"
    shop.set_spec({"syncPolicy": {"automated": {"selfHeal": True}}})
    shop.dashboard("ben").disable_auto_sync("web")
    assert shop.app()["spec"]["syncPolicy"]["automated"] == {"enabled": False, "selfHeal": True}
    assert shop.last("ApplicationChanged").message == "switches auto-sync of web off in the dashboard"


def test_the_rollback_button(shop: Lab) -> None:
    shop.dashboard().click("sync web")
    assert "two successful deployments" in str(shop.dashboard().click("rollback web"))
    shop.commit({"manifests/a.yaml": config_map("a", "new")})
    shop.dashboard().click("sync web")
    output = shop.dashboard("ben").click("rollback web 0")
    assert (output.exit, str(output)) == (0, "web: OutOfSync, Healthy")
    assert shop.cluster.get("cm", "a")["data"]["key"] == "a"
    assert not shop.find("ApplicationChanged")  # auto-sync was off already


def test_sync_with_what_its_panel_offers(shop: Lab) -> None:
    shop.dashboard().click("sync web --dry-run")
    assert shop.cluster.find("cm", "a") is None
    shop.dashboard().click("sync web --resource :ConfigMap:default/b --apply-only --force --options Validate=false")
    operation = shop.status()["operationState"]["operation"]["sync"]
    assert operation["syncStrategy"] == {"apply": {"force": True}}
    assert operation["syncOptions"] == ["Validate=false"]
    assert shop.cluster.find("cm", "a") is None
    assert shop.cluster.find("cm", "b") is not None
    shop.set_spec({"syncPolicy": {"syncOptions": ["Replace=true"]}})
    shop.dashboard().click("sync web --options ''")
    assert "syncOptions" not in shop.status()["operationState"]["operation"]["sync"]
    with pytest.raises(BadInput, match="names no resource"):
        shop.dashboard().click("sync web --resource b")


def test_what_asks_for_it_goes_when_it_is_confirmed_and_not_before(shop: Lab) -> None:
    careful = config_map("b", annotation="argocd.argoproj.io/sync-options: Prune=confirm")
    shop.commit({"manifests/b.yaml": careful})
    shop.dashboard().click("sync web")
    shop.commit({"manifests/b.yaml": None})
    shop.dashboard().click("sync web --prune")
    shop.run(5)
    assert shop.status()["operationState"]["phase"] == "Running"
    assert read_facts(shop.argocd, shop.app()).asks == "Pruning"
    shop.dashboard("ben").click("confirm web")
    shop.run(5)
    assert shop.cluster.find("cm", "b") is None
    assert shop.last("DeletionApproved").actor == "ben"
    assert read_facts(shop.argocd, shop.app()).asks == ""


def test_one_object_of_the_tree_is_deleted_and_no_other_one(lab: Lab) -> None:
    lab.repo({"manifests/web.yaml": deployment(2), "manifests/a.yaml": config_map("a")})
    lab.add(application())
    lab.dashboard().click("sync web")
    lab.run(10)
    pod = lab.cluster.list("pods", "default")[0]["metadata"]["name"]
    lab.dashboard("ben").click(f"delete-resource web :Pod:default/{pod}")
    lab.run(60)
    pods = [p["metadata"]["name"] for p in lab.cluster.list("pods", "default")]
    assert len(pods) == 2
    assert pod not in pods
    assert lab.last("ResourceDeletionRequested").message == f"deletes Pod/{pod} of web"
    lab.dashboard().click("delete-resource web apps:Deployment:default/web --orphan")
    lab.run(5)
    assert lab.cluster.find("deploy", "web") is None
    assert len(lab.cluster.list("pods", "default")) == 2
    assert lab.sync() == "OutOfSync"
    lab.dashboard().click("delete-resource web :ConfigMap:default/a --force")
    assert lab.cluster.find("cm", "a") is None
    lab.cluster.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "mine", "namespace": "default"}})
    for word in (":ConfigMap:default/mine", ":ConfigMap:default/nope"):
        output = lab.dashboard().click(f"delete-resource web {word}")
        assert (output.exit, output.stderr.split(" not found")[0]) == (1, f"ConfigMap  {word.rpartition('/')[2]}")
    assert lab.cluster.find("cm", "mine") is not None


def test_terminate_ends_an_operation_that_waits(shop: Lab) -> None:
    assert "No operation is in progress" in str(shop.dashboard().click("terminate web"))
    shop.commit({"manifests/b.yaml": config_map("b", annotation="argocd.argoproj.io/sync-options: Prune=confirm")})
    shop.dashboard().click("sync web")
    shop.commit({"manifests/b.yaml": None})
    shop.dashboard().click("sync web --prune")
    assert read_facts(shop.argocd, shop.app()).running
    shop.dashboard("ben").click("terminate web")
    shop.run(5)
    assert shop.status()["operationState"]["phase"] == "Failed"
    assert shop.cluster.find("cm", "b") is not None
    assert not read_facts(shop.argocd, shop.app()).running


@pytest.mark.parametrize(("cascade", "left"), [("foreground", False), ("background", False), ("none", True)])
def test_delete_asks_how_far_it_goes(shop: Lab, cascade: str, left: bool) -> None:
    shop.dashboard().click("sync web")
    assert str(shop.dashboard("ben").click(f"delete web --cascade {cascade}")) == "web: deleted"
    shop.clock.settle()
    assert shop.cluster.find("app", "web", "argocd") is None
    assert (shop.cluster.find("cm", "a") is not None) is left
    assert shop.last("ApplicationDeleted").actor == "ben"


def test_errors_are_the_servers(shop: Lab) -> None:
    output = shop.dashboard().click("sync nope")
    assert (output.exit, output.stderr) == (1, "permission denied\n")


@pytest.mark.parametrize(
    "args",
    [
        "",
        "sync",
        "fly web",
        "rollback web x",
        "sync web extra",
        "sync web --hard",
        "delete web --cascade x",
        "rollback web -1",
        "sync 'web",
    ],
)
def test_there_is_no_such_button(shop: Lab, args: str) -> None:
    with pytest.raises(BadInput, match=r"no button|not closed") as error:
        shop.dashboard().click(args)
    assert "rollback APP [ID]" in error.value.mend
