"""A notebook in the browser, as a learner handles it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.browser.lab import Lab

Axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed: pip install -e '.[browser]'").Axe

READY = """() => {
  const context = window.jupyterapp?.shell.currentWidget?.sessionContext;
  const kernel = context?.session?.kernel;
  return Boolean(context?.isReady && kernel?.connectionStatus === 'connected' && kernel.status === 'idle');
}"""
RUN = """() => [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].every(p => /\\[\\d+\\]/.test(p.textContent))"""


class Sheet:
    """One notebook on one page. ``page`` is Playwright's."""

    def __init__(self, page: Any, lab: Lab, out: Path) -> None:
        self.page, self.lab, self.out = page, lab, out
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.set_default_timeout(30_000)

    def open(self, notebook: str, reader: str) -> None:
        """Opens a copy of the notebook and waits for its kernel: cells that are run before are silently not run at all."""
        self.page.goto(self.lab.fresh(notebook, reader))
        self.page.wait_for_selector(".jp-NotebookPanel .jp-Cell", timeout=60_000)
        self.page.wait_for_function(READY, timeout=60_000)

    # ------------------------------------------------------------------ running

    def run_all_by_mouse(self) -> None:
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        self.wait_until_run()

    def run_all_by_keyboard(self) -> None:
        self.page.keyboard.press("Control+Shift+C")
        self.page.wait_for_selector(".lm-CommandPalette-input:focus")
        self.page.keyboard.type("Run All Cells")
        self.page.wait_for_selector('.lm-CommandPalette-item.lm-mod-active[data-command="notebook:run-all-cells"]')
        self.page.keyboard.press("Enter")
        self.wait_until_run()

    def wait_until_run(self) -> None:
        """Until every code cell has its count and the kernel is idle."""
        self.page.wait_for_function(RUN, timeout=120_000)
        self.page.wait_for_function(READY, timeout=60_000)

    @property
    def counts(self) -> list[int]:
        """Execution counts of the code cells, from the top."""
        texts = self.page.locator(".jp-CodeCell .jp-InputPrompt").all_text_contents()
        return [int(found.group()) if (found := re.search(r"\d+", text)) else 0 for text in texts]

    @property
    def tracebacks(self) -> list[str]:
        """What went wrong in cells, and complaints of widgets that could not be shown."""
        broken = self.page.locator('.jp-OutputArea-output[data-mime-type*="error"], .jp-RenderedText[data-mime-type*="stderr"]')
        return [*broken.all_text_contents(), *self.page.get_by_text("Error displaying widget").all_text_contents()]

    # ------------------------------------------------------------------ looking

    def card(self, words: str) -> Any:
        """The widget that holds these words."""
        return self.page.locator(".jp-Cell .widget-vbox.gn-box:not(.gn-box .gn-box)").filter(has_text=words).first

    def says(self, card: Any, words: str) -> None:
        """Waits until the card says it. Raises AssertionError with what it says instead."""
        try:
            card.filter(has_text=re.compile(words)).wait_for(timeout=20_000)
        except Exception as error:
            raise AssertionError(f"{words!r} is not in: {card.inner_text()}") from error

    def picture(self, name: str, of: Any = None) -> None:
        target = self.page if of is None else of
        target.screenshot(path=str(self.out / f"{name}.png"))

    # ------------------------------------------------------------------ the keyboard alone

    def walk_to(self, target: Any) -> None:
        """Out of the card by Shift+Tab and to the cell that holds ``target`` by the arrows, as JupyterLab's own keys have it."""
        index = int(target.evaluate("e => e.closest('.jp-Cell').dataset.windowedListIndex"))
        for _ in range(60):
            if self.page.evaluate("() => document.activeElement.matches('.jp-Notebook .jp-Cell')"):
                break
            self.page.keyboard.press("Shift+Tab")
        for _ in range(200):
            at = self.page.locator(".jp-Notebook .jp-Cell.jp-mod-active").first
            here = int(at.get_attribute("data-windowed-list-index"))
            if here == index:
                return
            self.page.keyboard.press("ArrowDown" if here < index else "ArrowUp")
        raise AssertionError(f"the arrows did not get to cell {index}; the focus is on {self.focused}")

    def tab_to(self, target: Any, most: int = 60, *, key: str = "Tab") -> int:
        """Presses Tab until ``target`` (or something in it) has the focus; answers how often."""
        for pressed in range(most + 1):
            if target.evaluate("e => e.contains(document.activeElement)"):
                return pressed
            self.page.keyboard.press(key)
        raise AssertionError(f"{most} times {key} did not get there; the focus is on {self.focused}")

    def violations(self, within: str = ".jp-Cell .widget-vbox.gn-box") -> list[str]:
        """What axe-core has against the accessibility of what is shown there: the rule, and the elements that break it."""
        report = Axe().run(self.page, context={"include": [within]}).response
        return [
            f"{rule['id']}: {rule['help']}: {node['html'][:200]}"
            for rule in report["violations"]
            for node in rule["nodes"]
            if not (rule["id"] == "aria-input-field-name" and "noUi-handle" in node["html"])  # see CONTROLS
        ]

    @property
    def focused(self) -> str:
        return str(self.page.evaluate("() => document.activeElement.outerHTML.slice(0, 300)"))

    def nameless(self, of: Any) -> list[str]:
        """Controls in ``of`` to which a screen reader could give no name, by the browser's own reckoning."""
        session = self.page.context.new_cdp_session(self.page)
        of.evaluate("e => { window.underTest = e; }")
        found = session.send("Runtime.evaluate", {"expression": "window.underTest"})["result"]["objectId"]
        nodes = session.send("Accessibility.queryAXTree", {"objectId": found})["nodes"]
        session.detach()
        return [
            node["role"]["value"]
            for node in nodes
            if not node.get("ignored") and node.get("role", {}).get("value") in CONTROLS and not node.get("name", {}).get("value")
        ]


CONTROLS = {
    "button",
    "checkbox",
    "combobox",
    "link",
    "listbox",
    "radio",
    "spinbutton",
    "switch",
    "tab",
    "textbox",
    "image",
    "img",
}
"""Not the slider: ipywidgets leaves its handle without a name. Its label stands beside it, and Back and Next do the same."""
