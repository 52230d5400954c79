"""Browser tests need Chromium and Playwright (``make browser`` installs the latter); without them they say so and are skipped."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.lab import Lab
from tests.browser.sheet import Sheet

OUT = Path(__file__).parents[2] / "out" / "browser"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-proxy-server",
]
NAMES = ("chromium", "chromium-browser", "google-chrome")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    program = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip("no Chromium on this machine: install it, or set CHROMIUM to the path of yours")
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed: pip install -e '.[browser]'")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def lab(browser: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    """One for each test: predictions and answers are remembered in the learner's folder."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))  # signatures of notebooks
    lab = Lab(tmp_path)
    try:
        lab.wait()
        yield lab
    finally:
        lab.stop()


@pytest.fixture
def sheet(browser: Any, lab: Lab, request: pytest.FixtureRequest) -> Iterator[Sheet]:
    """A browser window of its own; keeps a picture of where a failed test stood."""
    context = browser.new_context(viewport={"width": 1440, "height": 1700}, reduced_motion="reduce")
    OUT.mkdir(parents=True, exist_ok=True)
    sheet = Sheet(context.new_page(), lab, OUT)
    yield sheet
    sheet.picture(f"{request.node.name}-end")
    context.close()
