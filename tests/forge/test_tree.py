"""Files of a revision, and links that lead astray."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gitops_sim.errors import BadInput
from gitops_sim.forge import Repository, Tree
from tests.forge.conftest import real_git


@pytest.fixture
def tree(shop: Repository, tmp_path: Path) -> Tree:
    """A repository whose clone added links of every kind."""
    clone = tmp_path / "clone"
    real_git("clone", "-q", shop.path, clone)
    for link, target in {
        "link.yaml": "manifests/web.yaml",
        "apps": "manifests",
        "manifests/up": "../README.md",
        "chain": "link.yaml",
        "out": "../outside",
        "far": "/etc/passwd",
        "deep/up": "../manifests/web.yaml",
        "circle": "round",
        "round": "circle",
        "dangling": "nothing",
    }.items():
        (clone / link).parent.mkdir(exist_ok=True)
        os.symlink(target, clone / link)
    (clone / "run").write_text("x")
    (clone / "run").chmod(0o755)
    (clone / ".gitmodules").write_text('[submodule "sub"]\n\tpath = sub\n\turl = https://git.example/sub.git\n')
    real_git("add", ".", cwd=clone)
    real_git("update-index", "--add", "--cacheinfo", f"160000,{shop.tip()},sub", cwd=clone)
    real_git("commit", "-qm", "Add links", cwd=clone)
    real_git("push", "-q", cwd=clone)
    return shop.tree()


def test_files_are_listed_with_links_and_without_submodules(tree: Tree) -> None:
    files = tree.files()
    assert files == sorted(files)
    assert {"README.md", "manifests/web.yaml", "link.yaml", "apps", "deep/up"} <= set(files)
    assert "sub" not in files
    assert tree.folder("manifests").files() == ["up", "web.yaml"]
    assert tree.folders() == ["deep", "manifests"]


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("README.md", b"The shop\n"),
        ("./manifests/../README.md", b"The shop\n"),
        ("link.yaml", b"replicas: 2\n"),
        ("chain", b"replicas: 2\n"),
        ("apps/web.yaml", b"replicas: 2\n"),
        ("apps/up", b"The shop\n"),
        ("deep/up", b"replicas: 2\n"),
    ],
)
def test_links_are_followed_inside_the_repository(tree: Tree, path: str, content: bytes) -> None:
    assert tree.read(path) == content
    assert tree.size(path) == len(content)
    assert tree.exists(path)


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("out", "symbolic link 'out' leads out of the repository"),
        ("far", "symbolic link 'far' leads out of the repository"),
        ("../x", "'../x' leads out of the repository"),
        ("/etc/passwd", "is an absolute path"),
        ("circle", "symbolic links run in a circle"),
        ("dangling", "symbolic link 'dangling' leads to 'nothing', which is not there"),
        ("manifests", "'manifests' is a folder, not a file"),
        ("sub", "'sub' is a submodule, not a file"),
        ("manifest/web.yaml", "no path 'manifest/web.yaml'(?s:.*)did you mean 'manifests/web.yaml'"),
        ("zzz", "no path 'zzz'(?s:.*)the top level holds .gitmodules, README.md"),
        ("README.md/x", "no path"),
    ],
)
def test_what_cannot_be_read_is_said(tree: Tree, path: str, says: str) -> None:
    with pytest.raises(BadInput, match=says) as caught:
        tree.read(path)
    assert caught.value.where.startswith("shop@")
    assert not tree.exists(path) or path in ("manifests", "sub")


def test_a_folder_sees_the_whole_repository_but_not_more(tree: Tree, shop: Repository) -> None:
    manifests = tree.folder("manifests")
    assert manifests.path == "manifests"
    assert manifests.read("../README.md") == b"The shop\n"
    assert tree.folder("apps").files() == manifests.files()
    with pytest.raises(BadInput, match=r"leads out"):
        manifests.read("../../x")
    with pytest.raises(BadInput, match=r"is a file"):
        shop.tree("main", "README.md")
    assert repr(manifests) == f"Tree(shop@{shop.tip()[:7]}:manifests)"


def test_the_mode_of_a_file_whose_name_begins_with_a_dot(shop: Repository) -> None:
    shop.commit({".gitignore": "out/\n"}, "Ignore", author="ana")
    assert f"{shop.tree().mode('.gitignore'):o}" == "100644"


def test_modes_and_ids_are_those_of_git(tree: Tree, shop: Repository) -> None:
    assert [f"{tree.mode(path):o}" for path in ("README.md", "run", "apps", "manifests", "sub", "manifests/../run")] == [
        "100644",
        "100755",
        "120000",
        "40000",
        "160000",
        "100755",
    ]
    with pytest.raises(BadInput, match=r"no path"):
        tree.mode("nothing")
    assert tree.blob_id("link.yaml") == real_git("rev-parse", "main:manifests/web.yaml", cwd=shop.path).strip()
    assert tree.folder("manifests").sha == real_git("rev-parse", "main:manifests", cwd=shop.path).strip()


def test_a_size_is_known_without_reading_the_file(shop: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.commit({"huge.yaml": b"x" * 30_000_000}, "Add a huge file", author="ana")
    monkeypatch.setattr(shop._store, "read", lambda sha: pytest.fail("the file was read"))
    assert shop.tree().size("huge.yaml") == 30_000_000


def test_nothing_is_at_the_top_of_an_empty_tree(shop: Repository) -> None:
    shop.commit({"README.md": None, "manifests/web.yaml": None}, "Empty it", author="ana")
    with pytest.raises(BadInput, match=r"the top level holds nothing"):
        shop.tree().read("x")
