"""Following somebody's repository while it goes on, from a folder and from an address that git can clone."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from gitops_sim.errors import BadInput
from gitops_sim.forge import Followed
from gitops_sim.world import World


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    _git(folder, "init", "-q", "-b", "main")
    commit(folder, "one")
    return folder


def _git(folder: Path, *words: str) -> str:
    who = ["-c", "user.name=Ana", "-c", "user.email=ana@example.com", "-c", "commit.gpgsign=false"]
    return subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def commit(folder: Path, text: str) -> str:
    (folder / "a.yaml").write_text(text)
    _git(folder, "add", "-A")
    _git(folder, "commit", "-q", "-m", text)
    return _git(folder, "rev-parse", "HEAD")


@pytest.mark.parametrize("address", [str, Path.as_uri], ids=["folder", "address"])
def test_the_branch_stands_where_it_stands_there(source: Path, address: Callable[[Path], str]) -> None:
    world = World()
    followed = Followed(world.git, "shop", address(source), "main")
    assert not followed.follow()
    newest = commit(source, "two")
    assert followed.follow()
    assert (followed.repository.tip(), followed.branch) == (newest, "main")
    assert followed.repository.tree(newest).read("a.yaml") == b"two"
    _git(source, "reset", "-q", "--hard", "HEAD~1")
    assert followed.follow()
    assert followed.repository.tip() == _git(source, "rev-parse", "HEAD")
    followed.close()


def test_what_was_seen_stays_while_the_source_cannot_be_read(source: Path) -> None:
    world = World()
    followed = Followed(world.git, "shop", str(source), "main")
    known = followed.repository.tip()
    source.rename(source.with_name("elsewhere"))
    assert not followed.follow()
    assert followed.repository.tip() == known


def test_an_address_that_cannot_be_cloned_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be cloned") as caught:
        Followed(World().git, "shop", (tmp_path / "nowhere").as_uri())
    assert caught.value.where.startswith("file://")
