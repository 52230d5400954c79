"""The dashboard's pages in a real browser: by mouse, by keyboard alone, live, and by the rules of accessibility."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gitops_sim.notebook.worlds import edit, start
from gitops_sim.server import Served
from tests.browser.conftest import OUT

Axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed: pip install -e '.[browser]'").Axe
WEB = "applications/argocd/web"
PAGES = {
    "tiles": "",
    "application": WEB,
    "resource": f"{WEB}/resource?group=apps&kind=Deployment&namespace=default&name=web",
    "details": f"{WEB}/details",
    "diff": f"{WEB}/diff",
    "sync": f"{WEB}/sync",
    "sync-status": f"{WEB}/sync-status",
    "history": f"{WEB}/history",
    "rollback": f"{WEB}/rollback?id=0",
    "delete": f"{WEB}/delete",
    "delete-resource": f"{WEB}/delete-resource?group=apps&kind=Deployment&namespace=default&name=web",
    "decisions": f"{WEB}/decisions",
    "timeline": "timeline",
}


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with start().serve(speed=5, kubeconfig=tmp_path / "kubeconfig") as served:
        yield served


@pytest.fixture
def page(browser: Any, served: Served) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.errors = []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.on("console", lambda message: page.errors.append(message.text) if message.type == "error" else None)
    page.set_default_timeout(20_000)
    page.goto(served.ui)
    yield page
    assert page.errors == []
    context.close()


def kubectl(served: Served, args: str) -> None:
    with served.world.turn:
        served.world.kubectl(args)


def go(page: Any, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).click()


def says(page: Any, text: str) -> None:
    page.get_by_role("main").get_by_text(text).first.wait_for()


def test_clicked_through_from_tiles_to_drift_to_synced_to_rolled_back_to_deleted(page: Any, served: Served) -> None:
    assert page.url.endswith("/ui/")
    assert page.title() == "Applications · GitOps Sim"
    go(page, "web")
    says(page, "Sync policy: Automated (SelfHeal)")
    go(page, "Details")
    page.get_by_role("button", name="Disable Auto-Sync").click()
    says(page, "Sync policy: Manual")
    kubectl(served, "scale deployment web --replicas=5")
    says(page, "OutOfSync from main")  # nobody has loaded the page again
    says(page, "Deployment · 5/5 ready")
    assert "web is OutOfSync" in page.get_by_role("status").inner_text()
    page.get_by_label("Resource tree", exact=True).get_by_role("link", name="web", exact=True).last.click()
    says(page, "Git states it and the cluster has another value")
    go(page, "web")
    go(page, "Sync")
    page.get_by_role("button", name="Synchronize").click()
    says(page, "Synced to main")
    with served.world.turn:
        edit(served.world, "Scale web to 4", "replicas: 3", "replicas: 4")
    page.get_by_role("button", name="Refresh", exact=True).click()
    says(page, "OutOfSync from main")
    go(page, "Sync")
    page.get_by_role("button", name="Synchronize").click()
    says(page, "Deployment · 4/4 ready")
    go(page, "Details")
    page.get_by_role("button", name="Enable Auto-Sync").click()
    go(page, "History and Rollback")
    page.get_by_role("link", name="Rollback to 0").click()
    says(page, "Are you sure you want to disable auto-sync and roll back application web?")
    page.get_by_role("button", name="Disable auto-sync and roll back").click()
    says(page, "Deployment · 3/3 ready")
    says(page, "OutOfSync from main")
    says(page, "Sync policy: Manual")
    go(page, "Delete")
    page.get_by_label("Type web to confirm").fill("web")
    page.get_by_role("button", name="Delete").click()
    says(page, "No Application is here yet")
    assert [action.get("args").split()[0] for action in served.world.actions if action.do == "dashboard"] == [
        "disable-auto-sync",
        "sync",
        "refresh",
        "sync",
        "enable-auto-sync",
        "rollback",
        "delete",
    ]


def tab_to(page: Any, name: str, most: int = 60) -> None:
    """Presses Tab until the element with that name has the focus, and sees that it shows."""
    for _ in range(most):
        page.keyboard.press("Tab")
        at = page.evaluate(
            "() => { const e = document.activeElement; return (e.getAttribute('aria-label') || e.innerText || '').trim(); }"
        )
        if at == name:
            outline = page.evaluate("() => getComputedStyle(document.activeElement).outlineWidth")
            assert outline == "3px", f"the focus on {name} does not show"
            return
    raise AssertionError(f"{most} times Tab did not get to {name!r}")


def test_with_the_keyboard_alone(page: Any, served: Served) -> None:
    kubectl(served, 'patch application web -n argocd --type merge -p \'{"spec":{"syncPolicy":null}}\'')
    kubectl(served, "scale deployment web --replicas=5")
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.innerText") == "Skip to the page"
    page.keyboard.press("Enter")
    tab_to(page, "web")
    page.keyboard.press("Enter")
    says(page, "OutOfSync from main")
    tab_to(page, "Sync")
    page.keyboard.press("Enter")
    says(page, "Sync options")
    for _ in range(2):
        page.keyboard.press("Tab")
    tab_to(page, "Synchronize")
    page.keyboard.press("Enter")
    says(page, "Synced to main")
    tab_to(page, "Delete")
    page.keyboard.press("Enter")
    says(page, "Propagation policy")
    radio = page.get_by_role("radio", name="Foreground")
    for _ in range(30):
        if radio.evaluate("e => e === document.activeElement"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("web")
    page.keyboard.press("Enter")
    says(page, "No Application is here yet")
    assert served.world.actions[-1].get("args") == "delete web --cascade=none"


def test_what_changes_leaves_focus_and_open_parts_alone(page: Any, served: Served) -> None:
    go(page, "web")
    page.get_by_text("Resource tree, in words").click()
    page.get_by_role("link", name="History and Rollback").focus()
    kubectl(served, "scale deployment web --replicas=6")
    kubectl(served, "annotate deployment web note=seen")
    page.wait_for_function("() => document.querySelectorAll('.decisions li').length > 8")
    assert page.evaluate("() => document.activeElement.innerText.trim()") == "History and Rollback"
    assert page.locator("details").filter(has_text="Resource tree, in words").get_attribute("open") is not None


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 400])
def test_pages_keep_the_rules_of_accessibility_and_fit(browser: Any, page: Any, served: Served, scheme: str, width: int) -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    with served.world.turn:
        served.world.do("dashboard", args="disable-auto-sync web")
    kubectl(served, "scale deployment web --replicas=5")
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    base = served.ui.partition("?")[0]
    for name, path in PAGES.items():
        page.goto(base + path)
        page.screenshot(path=str(OUT / f"ui-{name}-{scheme}-{width}.png"), full_page=True)
        report = Axe().run(page).response
        found = [(rule["id"], node["html"][:200]) for rule in report["violations"] for node in rule["nodes"]]
        assert found == [], f"{name}: {found}"
        assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth"), f"{name} is too wide for {width}"


def test_pages_work_without_scripts(browser: Any, served: Served) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.goto(served.ui)
    go(page, "web")
    go(page, "Sync")
    page.get_by_role("button", name="Synchronize").click()
    page.get_by_text("web: Synced").wait_for()
    assert served.world.actions[-1].get("args") == "sync web"
    context.close()
