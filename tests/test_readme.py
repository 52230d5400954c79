"""Everything that the README shows is what a reader gets."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from gitops_sim.cli.main import group
from gitops_sim.scenarios import load_scenario
from gitops_sim.views.story import Style, tell_run
from tests.notebook.picture import PICTURE, draw

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_story_is_the_one_that_the_command_tells():
    shown = re.search(r"```text\n(.*?)\n```", README, re.DOTALL).group(1)
    assert shown == tell_run(load_scenario("drift").play().runs[0], Style(110))


def test_the_python_example_runs_and_shows_the_bad_release():
    code = re.search(r"```python\n(.*?)```", README, re.DOTALL).group(1)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "web    3/3" in done.stdout
    assert "CrashLoopBackOff" in done.stdout


def test_the_picture_is_drawn_from_todays_run():
    assert PICTURE.read_text(encoding="utf-8") == draw().svg + "\n", "python -m tests.notebook.picture draws it anew"


@pytest.mark.parametrize("name", sorted(set(re.findall(r"gitops-sim ([a-z-]+)", README))))
def test_every_command_that_is_named_exists(name):
    assert name in group.list_commands(None)


def test_every_make_target_and_file_that_is_named_exists():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"(?:^    |`)make ([a-z]+)", README, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    for link in re.findall(r"\]\(([^)#]+)\)|`(notebooks/[^`]+)`", README):
        assert (ROOT / (link[0] or link[1])).exists(), link
