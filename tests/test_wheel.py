"""The wheel holds the whole product: unpacked far from the repository, it plays stories and finds its exercises."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        "-w",
        str(folder),
        str(ROOT),
    ]
    subprocess.run(command, check=True, capture_output=True)
    (wheel,) = folder.glob("gitops_sim-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder


def run(folder: Path, *words: str) -> str:
    env = {**os.environ, "PYTHONPATH": str(folder / "site")}
    where = [sys.executable, "-c", "import gitops_sim; print(gitops_sim.__file__)"]
    assert str(folder) in subprocess.run(where, cwd=folder, env=env, capture_output=True, text=True, check=True).stdout
    words = (sys.executable, "-m", "gitops_sim", *words)
    return subprocess.run(words, cwd=folder, env=env, capture_output=True, text=True, check=True).stdout


def test_it_plays_the_stories(unpacked):
    assert "all" in run(unpacked, "demo").splitlines()[-1]


def test_notebooks_and_exercises_travel_inside(unpacked):
    shipped = unpacked / "site" / "gitops_sim" / "shipped"
    for folder in ("notebooks", "exercises"):
        there = {p.relative_to(ROOT / folder) for p in (ROOT / folder).rglob("*") if p.is_file() and p.name[0] != "."}
        assert {p for p in there if ".ipynb_checkpoints" not in p.parts} <= {
            p.relative_to(shipped / folder) for p in (shipped / folder).rglob("*")
        }
    assert "first-sync" in run(unpacked, "exercise", "list")
