"""A folder on disk as a tree of files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gitops_sim.errors import BadInput
from gitops_sim.manifests import Folder


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    root = tmp_path / "root"
    (root / "apps" / "web").mkdir(parents=True)
    (root / ".git").mkdir()
    (root / ".git" / "config").write_text("x")
    (root / "top.yaml").write_text("top")
    (root / "apps" / "web" / "a.yaml").write_text("a")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "x.yaml").write_text("secret")
    (root / "link.yaml").symlink_to("apps/web/a.yaml")
    (root / "out.yaml").symlink_to("../outside/x.yaml")
    (root / "outdir").symlink_to("../outside")
    (root / "gone.yaml").symlink_to("nothing")
    (root / "circle.yaml").symlink_to("circle.yaml")
    os.mkfifo(root / "pipe.yaml")
    return Folder(root)


def test_files_are_listed_without_git_and_without_linked_folders(folder: Folder) -> None:
    assert folder.files() == ["apps/web/a.yaml", "circle.yaml", "gone.yaml", "link.yaml", "out.yaml", "pipe.yaml", "top.yaml"]


def test_files_and_links_inside_are_read(folder: Folder) -> None:
    assert (folder.read("link.yaml"), folder.size("top.yaml"), folder.read("apps/../top.yaml")) == (b"a", 3, b"top")


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("out.yaml", "leads out of the folder"),
        ("outdir/x.yaml", "leads out of the folder"),
        ("../outside/x.yaml", "leads out of the folder"),
        ("gone.yaml", "not there, or a link to nothing"),
        ("circle.yaml", "not there, or a link to nothing"),
        ("pipe.yaml", "is not a file"),
        ("apps", "is not a file"),
    ],
)
def test_what_cannot_be_read_is_refused_without_waiting(folder: Folder, path: str, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        folder.read(path)
    with pytest.raises(BadInput, match=says):
        folder.size(path)


def test_a_folder_must_be_one(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadInput, match="is a file, not a folder"):
        Folder(tmp_path / "file")
    with pytest.raises(BadInput, match="no such folder"):
        Folder(tmp_path / "nothing")
