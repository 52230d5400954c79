"""``world.dashboard()`` in the browser: time passes, is taken back, and branches, by mouse and by keyboard."""

from __future__ import annotations

import nbformat
import pytest

from tests.browser.sheet import Sheet

CELL = """\
from gitops_sim.notebook import start

world = start()
world.kubectl("scale deployment web --replicas=10")
world.dashboard()"""


@pytest.fixture
def board(sheet: Sheet) -> Sheet:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, sheet.lab.notebooks / "90-dashboard.ipynb")
    sheet.open("90", "reader")
    return sheet


def test_by_mouse(board: Sheet) -> None:
    board.run_all_by_mouse()
    assert board.counts == [1]
    assert board.tracebacks == []
    card = board.card("Next event")
    board.says(card, "09:01:00")
    board.picture("dashboard", card)
    assert board.nameless(card) == []
    assert board.violations() == []

    def press(name: str) -> None:
        card.get_by_role("button", name=name, exact=True).click()

    press("Next poll")
    board.says(card, "1m13s later")
    press("Play")
    board.says(card, "09:0[3-9]")
    press("Pause")
    card.get_by_role("button", name="Play", exact=True).wait_for()
    press("+10 min")
    board.says(card, r"09:1\d:\d\d, main|10m later")
    handle = card.get_by_role("slider")
    box, rail = handle.bounding_box(), card.locator(".slider-container").bounding_box()
    board.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    board.page.mouse.down()
    board.page.mouse.move(rail["x"], box["y"] + box["height"] / 2, steps=5)
    board.page.mouse.up()
    board.says(card, "looking at 09:01:00")
    press("Branch")
    board.says(card, "branch 1 leaves main at 09:01:00")
    press("main")
    board.says(card, r"main, 09:1\d:\d\d")
    card.get_by_text("in words", exact=True).click()
    board.says(card, "self-heals")
    board.picture("dashboard-in-words", card)
    assert board.nameless(card) == []
    assert board.errors == []


def test_the_buttons_of_argo_cd(board: Sheet) -> None:
    board.run_all_by_mouse()
    card = board.card("Next event")

    def press(name: str) -> None:
        card.get_by_role("button", name=name, exact=True).last.click()

    press("Disable Auto-Sync")
    card.get_by_label("Look at").select_option("the Application")
    board.says(card, "Sync policy: Manual")
    card.get_by_label("Look at").select_option("Deployment/web")
    board.says(card, "fields that are no difference, and why")
    board.picture("dashboard-resource", card)
    press("Sync")
    board.says(card, "Server-side apply")
    board.picture("dashboard-sync", card)
    assert board.nameless(card) == []
    assert board.violations() == []
    press("Synchronize")
    board.says(card, "web: Synced")
    card.get_by_label("Look at").select_option("the Application")
    press("Enable Auto-Sync")
    press("History and Rollback")
    board.says(card, "disable auto-sync and roll back application web")
    assert board.violations() == []
    press("Cancel")
    press("Delete")
    board.says(card, "Non-cascading")
    assert board.nameless(card) == []
    assert board.violations() == []
    press("Delete")
    board.says(card, "web: deleted")
    assert board.errors == []


def test_by_keyboard(board: Sheet) -> None:
    board.run_all_by_keyboard()
    card = board.card("Next event")
    board.walk_to(card)
    board.tab_to(card.get_by_role("button", name="+1 min", exact=True))
    for minute in (2, 3):
        board.page.keyboard.press("Enter")
        board.says(card, f"09:0{minute}:00")
    board.tab_to(card.get_by_role("slider"))
    board.page.keyboard.press("ArrowLeft")
    board.says(card, "looking at 09:02:00")
    board.tab_to(card.get_by_role("button", name="Now", exact=True))
    board.page.keyboard.press("Enter")
    board.says(card, "looking at 09:03:00, the present")
    board.tab_to(card.get_by_role("checkbox", name="in words"))
    board.page.keyboard.press("Space")
    board.says(card, "GIT LOG OF SHOP")
    board.picture("dashboard-by-keyboard", card)
    assert board.errors == []
