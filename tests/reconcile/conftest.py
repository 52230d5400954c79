"""A repository in Git, made of the texts of its files."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest


def git(folder: Path, *args: str) -> None:
    identity = ("-c", "user.name=ana", "-c", "user.email=ana@example.com", "-c", "init.defaultBranch=main")
    subprocess.run(["git", *identity, *args], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path):
    def make(files: dict[str, str], origin: str = "", name: str = "copy") -> Path:
        folder = tmp_path / name
        folder.mkdir()
        git(folder, "init", "-q")
        for file, text in files.items():
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_text(text)
        if origin:
            git(folder, "remote", "add", "origin", origin)
        git(folder, "add", "-A")
        git(folder, "commit", "-qm", "First", "--allow-empty")
        return folder

    return make
