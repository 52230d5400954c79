"""The dashboard's pages without a script: who gets in, what they show, and that each button is an action."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from gitops_sim import World
from gitops_sim.actions import Action
from gitops_sim.course.session import Session
from gitops_sim.course.workspace import Workspace
from gitops_sim.notebook.worlds import start
from gitops_sim.scenarios.player import perform
from gitops_sim.server import Served
from tests.agents.lab import application, config_map, deployment
from tests.server.browsing import Browser, Page

WEB = "/ui/applications/argocd/web"
DEPLOYMENT = f"{WEB}/resource?group=apps&kind=Deployment&namespace=default&name=web"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Served]:
    """The shop with a Deployment that somebody scaled by hand, and time that stands still."""
    with drifted().serve(speed=0, kubeconfig=tmp_path / "kubeconfig") as served:
        yield served


@pytest.fixture
def browser(shop: Served) -> Browser:
    browser = Browser(shop.ui)
    browser.open()
    return browser


def drifted() -> World:
    world = start()
    world.do("dashboard", args="disable-auto-sync web")
    world.kubectl("scale deployment web --replicas=5")
    return world.run(10)


def token(served: Served) -> str:
    return str(yaml.safe_load(served.kubeconfig.read_text())["users"][0]["user"]["token"])


# ---------------------------------------------------------------------- who gets in


def test_the_link_opens_once_and_the_cookie_after_it(shop: Served) -> None:
    first = Browser(shop.ui)
    assert "1 of 1 Applications" in first.open().text
    assert first.get("/ui/").status == 200
    assert first.open().status == 200  # for whoever is in, it leads to the first page
    again = Browser(shop.ui)
    page = again.open()
    assert (page.status, "opens once" in page.text, again.cookie) == (401, True, "")


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(shop: Served) -> None:
    page = Browser(shop.ui).ask("GET", Browser(shop.ui).first)
    for part in ("HttpOnly", "SameSite=Lax", "Path=/ui"):
        assert part in page.headers["Set-Cookie"]
    assert page.headers["Location"] == "/ui/"


def test_the_token_of_the_kubeconfig_opens_too_and_no_other_one(shop: Served) -> None:
    browser = Browser(shop.ui)
    stranger = browser.get("/ui/timeline")
    assert (stranger.status, "Timeline" in stranger.text) == (401, False)
    assert browser.press(stranger, "Sign in", token="wrong").status == 401
    assert (
        browser.press(
            stranger, "Sign in", token="é\ud83d\ude00".encode("utf-8", "surrogatepass").decode("utf-8", "replace")
        ).status
        == 401
    )
    assert browser.press(stranger, "Sign in", token=token(shop)).status == 200
    script = Browser(shop.ui)
    assert script.ask("GET", "/ui/", Authorization=f"Bearer {token(shop)}").status == 200
    assert script.ask("GET", "/ui/", Authorization="Bearer wrong").status == 401
    assert script.ask("POST", f"{WEB}/refresh", [], Authorization="Bearer wrong").status == 401
    assert script.ask("POST", f"{WEB}/refresh", [], Authorization=f"Bearer {token(shop)}").status == 303
    assert script.ask("GET", f"/ui/?token={token(shop)}").status == 401  # addresses are kept in histories


@pytest.mark.parametrize("target", ["/", "/ui", "/ui/", WEB, "/ui/live.js", "/ui/moved", "/api", "/ui/../etc/passwd"])
def test_strangers_see_nothing(shop: Served, target: str) -> None:
    page = Browser(shop.ui).ask("GET", target)
    assert page.status == 401
    assert "web" not in page.text


def test_nobody_presses_a_button_from_elsewhere(shop: Served, browser: Browser) -> None:
    before = list(shop.world.actions)
    fields = browser.get(WEB).form("Refresh").fields
    assert browser.ask("POST", f"{WEB}/sync", []).status == 403
    assert browser.ask("POST", f"{WEB}/sync", [("form", "guess")]).status == 403
    assert browser.ask("POST", f"{WEB}/sync", fields, Origin="https://evil.example").status == 403
    assert browser.ask("POST", f"{WEB}/sync", fields, Origin="null").status == 403
    assert browser.ask("POST", f"{WEB}/refresh", fields, Cookie="gitops-sim-1=x").status == 401
    assert browser.ask("GET", f"{WEB}/refresh").status in (404, 405)
    assert browser.ask("GET", "/ui/", Host="rebound.example:80").status == 421
    assert shop.world.actions == before


def test_answers_forbid_what_pages_do_not_need(browser: Browser) -> None:
    for target in ("/ui/", WEB, "/ui/style.css", "/ui/live.js", "/ui/nope", "/ui/login"):
        headers = browser.ask("GET", target).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert (headers["X-Content-Type-Options"], headers["Cache-Control"]) == ("nosniff", "no-store")
    assert "unsafe-inline" not in browser.ask("GET", "/ui/").headers["Content-Security-Policy"].partition("style-src-attr")[0]


# ---------------------------------------------------------------------- what pages show


def test_tiles_are_filtered(browser: Browser) -> None:
    page = browser.get("/ui/")
    assert page.links["web"] == WEB
    assert "1 of 1" in browser.press(page, "Filter", search="WE", sync="OutOfSync").text
    none = browser.press(page, "Filter", search="nothing")
    assert "0 of 1" in none.text
    assert "fits the filter" in none.text


def test_the_pages_of_an_application_lead_to_its_objects(browser: Browser) -> None:
    page = browser.get(browser.get("/ui/").links["web"])
    for said in ("App Health", "Sync Status", "Last Sync", "OutOfSync from main", "Deployment · 5/5 ready", "age 70s"):
        assert said in page.text
    pods = [href for name, href in page.links.items() if name.startswith("web-") and "kind=Pod" in href]
    assert len(pods) == 5
    assert "A controller made it" in browser.get(pods[0]).text
    details = browser.get(page.links["Details"])
    assert "targetRevision: main" in details.text
    assert "-  replicas: 5" in browser.get(page.links["Diff"]).text
    assert "asks Git" in page.text
    assert "Who did what" in browser.get("/ui/timeline").text
    assert "switches auto-sync of web off" in browser.get(page.links["All decisions"]).text


def test_an_object_is_explained(browser: Browser) -> None:
    page = browser.get(DEPLOYMENT)
    for said in (
        "OutOfSync: 1 field differs",
        "Git states it and the cluster has another value",
        "you, 09:01:00",
        "leaves it so: auto-sync is off",
    ):
        assert said in page.text


@pytest.mark.parametrize(
    "target", [f"{WEB}x", f"{WEB}/resource?name=%00", f"{WEB}/rollback?id=99", "/ui/applications/%3Cscript%3E/x"]
)
def test_what_is_not_there_is_said(browser: Browser, target: str) -> None:
    page = browser.get(target)
    assert page.status == 404
    assert "<script>" not in page.html.replace("<script src=", "")


def test_a_world_without_argo_cd_has_pages_too(tmp_path: Path) -> None:
    with World().serve(speed=0, kubeconfig=tmp_path / "kubeconfig") as served:
        browser = Browser(served.ui)
        assert "No Argo CD runs in this world" in browser.open().text
        assert browser.get(WEB).status == 404


def test_hostile_names_and_messages_stay_text(shop: Served, browser: Browser) -> None:
    with shop.world.turn:
        evil = "<script>alert(1)</script>"
        shop.world.kubectl(f"annotate deployment web 'note={evil}'")
        shop.world.kubectl(f'patch application web -n argocd --type merge -p \'{{"spec":{{"source":{{"path":"{evil}"}}}}}}\'')
    for target in ("/ui/", WEB, DEPLOYMENT, f"{WEB}/details", f"{WEB}/decisions", "/ui/timeline"):
        page = browser.get(target)
        assert page.status == 200
        assert evil not in page.html
    assert evil in browser.get("/ui/").text


# ---------------------------------------------------------------------- buttons


def last(served: Served) -> str:
    return str(served.world.actions[-1].get("args"))


def test_sync_makes_it_synced_again(shop: Served, browser: Browser) -> None:
    page = browser.press(browser.get(f"{WEB}/sync"), "Synchronize")
    assert "web: Synced" in page.text
    assert last(shop) == "sync web"
    assert shop.world.cluster().get("deployment", "web")["spec"]["replicas"] == 3


def test_the_sync_panel_passes_on_what_is_ticked(shop: Served, browser: Browser) -> None:
    panel = browser.get(f"{WEB}/sync")
    browser.press(panel, "Synchronize", prune="yes", dry_run="yes", apply_only="yes", force="yes", option="Replace=true")
    assert last(shop) == "sync web --prune --dry-run --apply-only --force --options=Replace=true"
    assert shop.world.cluster().get("deployment", "web")["spec"]["replicas"] == 5
    only = browser.get(browser.get(DEPLOYMENT).links["Sync this Deployment"])
    browser.press(only, "Synchronize")
    assert last(shop) == "sync web --resource=apps:Deployment:default/web"
    none = browser.press(browser.get(f"{WEB}/sync?select=none"), "Synchronize")
    assert "no resource is ticked" in none.text
    out = browser.press(panel, "Synchronize", revision="no-such-branch")
    assert "unable to resolve 'no-such-branch'" in out.text


def test_refresh_and_hard_refresh(shop: Served, browser: Browser) -> None:
    browser.press(browser.get(WEB), "Refresh")
    assert last(shop) == "refresh web"
    browser.press(browser.get(WEB), "Hard Refresh")
    assert last(shop) == "refresh web --hard"


def test_what_waits_is_confirmed_or_terminated(shop: Served, browser: Browser) -> None:
    assert "Terminate" not in browser.get(WEB).text
    with shop.world.turn:
        repository = shop.world.git.repository("shop")
        careful = config_map("careful", annotation="argocd.argoproj.io/sync-options: Prune=confirm")
        repository.commit({"web/careful.yaml": careful}, "Add it", author="ana")
        shop.world.do("dashboard", args="sync web")
        repository.commit({"web/careful.yaml": None}, "Drop it", author="ana")
        shop.world.do("dashboard", args="sync web --prune")
        shop.world.run(5)
    waiting = browser.get(WEB)
    assert "waiting for pruning confirmation" in waiting.text
    browser.press(waiting, "Terminate")
    assert last(shop) == "terminate web"
    with shop.world.turn:
        shop.world.run(5)
        shop.world.do("dashboard", args="sync web --prune")
        shop.world.run(5)
    browser.press(browser.get(WEB), "Confirm Pruning")
    assert last(shop) == "confirm web"
    with shop.world.turn:
        shop.world.run(5)
    assert shop.world.cluster().find("cm", "careful") is None
    assert "pruned" in browser.get(browser.get(WEB).links["Sync Status"]).text


def test_one_object_is_deleted_from_its_page(shop: Served, browser: Browser) -> None:
    page = browser.get(next(href for href in browser.get(WEB).links.values() if "kind=Pod" in href))
    question = browser.get(page.links["Delete this Pod"])
    assert "Are you sure you want to delete Pod web-" in question.text
    browser.press(question, "Delete", way="force")
    assert last(shop).startswith("delete-resource web :Pod:default/web-")
    assert last(shop).endswith("--force")


def test_argo_cds_own_rights_hold_here_too(shop: Served, browser: Browser) -> None:
    def policy(line: str) -> None:
        meta = {"name": "argocd-rbac-cm", "namespace": "argocd"}
        with shop.world.turn:
            cluster = shop.world.cluster()
            if cluster.find("cm", "argocd-rbac-cm", "argocd") is not None:
                cluster.delete("cm", "argocd-rbac-cm", "argocd")
            cluster.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": {"policy.csv": line}})

    policy("p, you, applications, get, */*, allow")
    refused = browser.press(browser.get(f"{WEB}/sync"), "Synchronize")
    assert "permission denied: applications, sync, default/web, sub: you" in refused.text
    assert shop.world.cluster().get("deployment", "web")["spec"]["replicas"] == 5
    policy("p, ana, applications, get, */*, allow")
    assert "web" not in browser.get("/ui/").links
    assert "permission denied" in browser.get(WEB).text


def test_rollback_asks_to_switch_auto_sync_off_first(shop: Served, browser: Browser) -> None:
    browser.press(browser.get(f"{WEB}/details"), "Enable Auto-Sync")
    assert last(shop) == "enable-auto-sync web"
    entries = browser.get(f"{WEB}/history")
    question = browser.get(entries.links["Redeploy"])
    assert "Auto-sync is on. Are you sure you want to disable auto-sync and roll back application web?" in question.text
    done = browser.press(question, "Disable auto-sync and roll back")
    assert last(shop).startswith("rollback web ")
    assert "Sync policy: Manual" in done.text
    assert "Are you sure you want to roll back" in browser.get(entries.links["Redeploy"]).text


def test_delete_wants_the_name_and_the_policy(shop: Served, browser: Browser) -> None:
    question = browser.get(f"{WEB}/delete")
    wrong = browser.press(question, "Delete", confirm="wob")
    assert "nothing was deleted" in wrong.text
    assert last(shop) != "delete web --cascade=none"
    done = browser.press(question, "Delete", confirm="web", cascade="none")
    assert last(shop) == "delete web --cascade=none"
    assert "No Application is here yet" in done.text
    assert shop.world.cluster().find("deployment", "web") is not None


def test_a_session_plays_again_to_the_same_digest(tmp_path: Path) -> None:
    with start().serve(speed=20, kubeconfig=tmp_path / "kubeconfig") as served:
        browser = Browser(served.ui)
        page: Page = browser.open()
        browser.press(browser.get(f"{WEB}/details"), "Disable Auto-Sync")
        with served.world.turn:
            served.world.kubectl("scale deployment web --replicas=5")
        browser.press(browser.get(f"{WEB}/sync"), "Synchronize")
        for target in ("/ui/", WEB, DEPLOYMENT, "/ui/timeline"):
            page = browser.get(target)
        assert page.status == 200
        browser.press(browser.get(f"{WEB}/delete"), "Delete", confirm="web")
    world = served.world
    assert [action.do for action in world.actions] == ["dashboard", "kubectl", "dashboard", "dashboard"]
    again = start()
    perform(again, world.actions, world.now)
    assert again.trace.digest() == world.trace.digest()


def test_pages_hear_of_what_happens(shop: Served, browser: Browser) -> None:
    connection = http.client.HTTPConnection(browser.host, browser.port, timeout=20)
    connection.request("GET", "/ui/moved", headers={"Cookie": browser.cookie})
    response = connection.getresponse()
    with shop.world.turn:
        shop.world.kubectl("scale deployment web --replicas=4")
    assert response.readline() == b"data: moved\n"
    connection.close()


def test_time_passes_when_it_is_told_to(shop: Served, browser: Browser) -> None:
    before, about = shop.world.now, browser.get(DEPLOYMENT)
    later = browser.press(about, "+1 min")
    assert "1m later" in later.text
    assert "Deployment/web" in later.text  # one stays where one was
    fields = [("form", about.form("+1 min").fields[0][1]), ("by", "600"), ("back", "https://evil.example/ui/")]
    assert browser.ask("POST", "/ui/time", fields).headers["Location"] == "/ui/"
    assert shop.world.now == before + 660
    assert browser.ask("POST", "/ui/time", [("by", "600")]).status == 403
    assert browser.ask("POST", "/ui/time", [*fields[:1], ("by", "1e9")]).status == 303
    assert shop.world.now == before + 660


def test_rude_requests_are_turned_down_and_leave_nothing_behind(shop: Served, browser: Browser) -> None:
    form = browser.get(WEB).form("Refresh").fields
    assert browser.ask("POST", f"{WEB}/sync", [*form, ("revision", "x" * 100_000)]).status == 413
    assert browser.ask("PUT", WEB).status == 405
    assert browser.ask("POST", f"{WEB}/sync", [*form, ("revision", "\x00\x1b[2J'\"<b>"), ("known", "x")]).status == 303
    assert "<b>" not in browser.get(WEB).html.partition('id="told"')[2].partition("</p>")[0]
    threads = threading.active_count()
    listening = [socket.create_connection((browser.host, browser.port), timeout=20) for _ in range(50)]
    for one in listening:
        one.sendall(f"GET /ui/moved HTTP/1.1\r\nHost: {browser.host}:{browser.port}\r\nCookie: {browser.cookie}\r\n\r\n".encode())
        assert b"200" in one.recv(100)
        one.close()
    assert browser.get("/ui/").status == 200
    assert threading.active_count() == threads


# ---------------------------------------------------------------------- in an exercise


def exercise(id: str, folder: Path) -> Session:
    session = Session(id, Workspace(folder))
    session.run("11m")
    return session


def test_a_button_is_done_in_the_exercise_that_is_served(tmp_path: Path) -> None:
    session = exercise("dashboard-rollback", tmp_path)
    with session.serve(speed=0, kubeconfig=tmp_path / "kubeconfig") as served:
        browser = Browser(served.ui)
        browser.open()
        question = browser.get(browser.get(f"{WEB}/history").links["Rollback"])
        assert "Auto-sync is on" in question.text
        browser.press(question, "Disable auto-sync and roll back")
    kept = exercise_actions(tmp_path, "dashboard-rollback")
    assert [(action.do, action.get("args")) for action in kept] == [("dashboard", "rollback web 0")]


def test_what_the_exercise_does_not_allow_is_said_and_not_done(tmp_path: Path) -> None:
    session = exercise("rollback-by-revert", tmp_path)
    with session.serve(speed=0, kubeconfig=tmp_path / "kubeconfig") as served:
        browser = Browser(served.ui)
        name = next(href for href in browser.open().links.values() if href.startswith("/ui/applications/"))
        said = browser.press(browser.get(f"{name}/sync"), "Synchronize")
        assert "this exercise is done without 'dashboard sync'" in said.text
        browser.press(browser.get(name), "Refresh")
    kept = exercise_actions(tmp_path, "rollback-by-revert")
    assert [str(action.get("args")).split()[0] for action in kept] == ["refresh"]


def exercise_actions(folder: Path, id: str) -> list[Action]:
    return list(Session(id, Workspace(folder)).log.actions)


# ---------------------------------------------------------------------- other worlds


def test_objects_in_another_cluster_are_shown_from_there(tmp_path: Path) -> None:
    world = World(clusters=("hub", "staging"), images={"nginx:1.24": {"start": "1s"}})
    world.git.create("shop", {"manifests/web.yaml": deployment(2)}, author="ana")
    world.argocd_in("hub")
    assert world.argocd("cluster add staging").exit == 0
    app = application(automated={})
    app["spec"]["destination"] = {"namespace": "default", "name": "staging"}
    world.cluster("hub").create(app)
    world.run(30)
    digest = world.trace.digest()
    with world.serve(speed=0, kubeconfig=tmp_path / "kubeconfig") as served:
        browser = Browser(served.ui)
        browser.open()
        page = browser.get(WEB)
        assert "Deployment · 2/2 ready" in page.text
        assert "staging / default" in browser.get("/ui/").text
        (pod, *_) = [href for href in page.links.values() if "kind=Pod" in href]
        assert "Successfully assigned" in browser.get(pod).text
    assert world.trace.digest() == digest  # looking leaves no trace


def test_flux_is_there_to_look_at(tmp_path: Path) -> None:
    world = World(images={"nginx:1.24": {"start": "1s"}})
    world.git.create("shop", {"apps/web.yaml": deployment(2, extra="\n  namespace: default")}, author="ana")
    world.add_flux(repo="shop", path="apps")
    world.run(30)
    with world.serve(speed=0, kubeconfig=tmp_path / "kubeconfig") as served:
        browser = Browser(served.ui)
        page = browser.open()
        assert "No Argo CD runs in this world" in page.text
        assert "stored artifact for revision" in page.text
        kustomization = next(href for href in page.links.values() if "kind=Kustomization" in href)
        shown = browser.get(kustomization)
        for said in ("Ready", "Deployment", "2/2 ready", "applies main@"):
            assert said in shown.text
        assert browser.get("/ui/flux?kind=Secret&name=x").status == 404
