"""Webhooks make an agent ask Git at once; polling is what helps when one gets lost."""

from __future__ import annotations

import pytest

from gitops_sim import BadInput, World
from gitops_sim.actions import check_action

URL = "https://argocd.production.example/api/webhook"
DEPLOYMENT = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: web}
data: {replicas: "REPLICAS"}
"""
APPLICATION = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "Application",
    "metadata": {"name": "web", "namespace": "argocd"},
    "spec": {
        "project": "default",
        "source": {"repoURL": "https://git.example/shop.git", "path": ".", "targetRevision": "main"},
        "destination": {"server": "https://kubernetes.default.svc", "namespace": "default"},
        "syncPolicy": {"automated": {}},
    },
}


def shop(**source: str) -> World:
    world = World()
    world.git.create("shop", {"web.yaml": DEPLOYMENT})
    world.argocd_in()
    spec = {**APPLICATION["spec"], "source": {**APPLICATION["spec"]["source"], **source}}  # type: ignore[dict-item]
    world.cluster().as_user("platform").create({**APPLICATION, "spec": spec})
    return world.run(minutes=1)


def deploy(world: World, value: str, branch: str = "") -> float:
    """Commits, and says how long it took until it was in the cluster."""
    since = world.now
    files = {"web.yaml": DEPLOYMENT.replace("REPLICAS", value)}
    world.git.repository("shop").commit(files, f"Say {value}", author="ana", branch=branch)
    there = world.run_until(lambda: world.cluster().get("configmap", "web")["data"]["replicas"] == value, timeout="10m")
    return world.now - since if there else float("inf")


def test_a_webhook_makes_the_agent_ask_at_once() -> None:
    world = shop()
    assert deploy(world, "1") > 10, "without one, the agent finds out when it polls"
    world.do("webhook", repo="shop", url=URL, by="ana")
    assert deploy(world, "2") == 1
    told = [record.message for record in world.trace.story() if record.actor == "forge"]
    assert len(told) == 1
    assert told[0].startswith(f"tells {URL} that main moved to ")


def test_a_lost_delivery_is_made_good_by_the_next_poll() -> None:
    world = shop()
    world.do("webhook", repo="shop", url=URL)
    world.do("webhook", repo="shop", url=URL, state="lost")
    assert 1 < deploy(world, "1") <= 180
    assert [r.event for r in world.trace if r.event.startswith("Webhook")] == ["WebhookChanged", "WebhookChanged", "WebhookLost"]


@pytest.mark.parametrize(("revision", "follows"), [("HEAD", True), ("main", True), ("refs/heads/main", True), ("v1", False)])
def test_only_who_follows_the_branch_is_refreshed(revision: str, follows: bool) -> None:
    world = shop(targetRevision=revision)
    world.do("webhook", repo="shop", url=URL)
    before = len(world.trace)
    world.git.repository("shop").commit({"web.yaml": DEPLOYMENT.replace("REPLICAS", "5")}, "Say 5", author="ana")
    world.run(2)
    compared = [r for r in list(world.trace)[before:] if r.event.startswith(("Compared", "Sync")) and r.actor == "argocd"]
    assert bool(compared) is follows


def test_a_wrong_address_is_told_and_nothing_else_happens() -> None:
    world = shop()
    world.do("webhook", repo="shop", url="https://argocd.staging.example/api/webhook")
    assert deploy(world, "1") > 1
    failed = next(r for r in world.trace if r.event == "WebhookFailed")
    assert "compare the address" in failed.reason


def test_what_is_no_webhook_is_refused() -> None:
    world = shop()
    with pytest.raises(BadInput, match="no address of a webhook"):
        world.do("webhook", repo="shop", url="argocd")
    with pytest.raises(BadInput, match="on, lost, removed"):
        check_action("webhook", {"repo": "shop", "url": URL, "state": "off"})


def test_a_fork_has_its_own_webhooks_and_listeners() -> None:
    world = shop()
    world.do("webhook", repo="shop", url=URL)
    twin = world.fork()
    world.do("webhook", repo="shop", url=URL, state="removed")
    assert deploy(twin, "1") == 1
    assert world.cluster().get("configmap", "web")["data"]["replicas"] == "REPLICAS"
    assert deploy(world, "1") > 1


def test_argocd_cm_says_how_often_git_is_asked() -> None:
    world = shop()
    maps = "create configmap argocd-cm -n argocd --from-literal=timeout.reconciliation=20s"
    assert world.kubectl(f"{maps} --from-literal=timeout.reconciliation.jitter=0s").exit == 0
    assert deploy(world, "1") <= 20
    polled = next(r for r in world.trace if r.event == "PollFoundRevision")
    assert polled.reason == "every 20s, it asks Git for the revision"
    world.kubectl("""patch configmap argocd-cm -n argocd -p '{"data":{"timeout.reconciliation":"0"}}'""")
    assert deploy(world, "2") == float("inf"), "0 switches polling off"
    world.kubectl("delete configmap argocd-cm -n argocd")
    assert deploy(world, "3") <= 180


def test_a_setting_that_cannot_be_read_is_told_and_left_out() -> None:
    world = shop()
    world.kubectl("create configmap argocd-cm -n argocd --from-literal=timeout.reconciliation=often")
    ignored = next(r for r in world.trace if r.event == "SettingIgnored")
    assert "timeout.reconciliation" in ignored.message
    assert "often" in ignored.message
    assert deploy(world, "1") <= 180
