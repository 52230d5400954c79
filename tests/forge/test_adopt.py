"""Taking in repositories that somebody else made."""

from __future__ import annotations

import copy
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from gitops_sim.clock import Clock
from gitops_sim.errors import BadInput
from gitops_sim.forge import Forge, adopt, process
from gitops_sim.trace import Trace
from tests.forge.conftest import git_dir, real_git


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    real_git("init", "-q", "-b", "trunk", folder)
    for n in range(3):
        (folder / f"file{n}.yaml").write_text(f"n: {n}\n")
        real_git("add", ".", cwd=folder)
        real_git("commit", "-qm", f"Commit {n}", cwd=folder)
    real_git("tag", "-a", "-m", "first", "v1", "HEAD~2", cwd=folder)
    real_git("branch", "other", "HEAD~1", cwd=folder)
    return folder


def snapshot(folder: Path) -> list[tuple[str, int]]:
    return sorted((str(path), path.stat().st_mtime_ns) for path in folder.rglob("*"))


def test_a_work_tree_is_taken_in_without_copying_or_touching_it(forge: Forge, source: Path, trace: Trace) -> None:
    real_git("repack", "-adq", cwd=source)
    (source / "not-committed").write_text("x")
    before = snapshot(source)
    shop = forge.adopt("shop", source)
    assert shop.default_branch == "trunk"
    assert shop.tree().files() == ["file0.yaml", "file1.yaml", "file2.yaml"]
    assert [c.subject for c in shop.log()] == ["Commit 2", "Commit 1", "Commit 0"]
    assert shop.tree().size("file0.yaml") == 5
    sha = shop.commit({"file0.yaml": "n: 10\n"}, "Change it here", author="ana")
    assert snapshot(source) == before
    assert sum(1 for path in (shop.path / "objects").rglob("??/*") if path.is_file()) == 3
    assert shop.tip() == sha
    real_git(git_dir(shop), "fsck", "--strict", "--full")
    assert trace[0].message == f"takes in source at {shop.resolve('trunk~1')[:7]} as shop"


@pytest.mark.parametrize(
    ("revision", "branch", "files"),
    [("trunk", "trunk", 3), ("other", "other", 2), ("v1", "main", 1), ("HEAD~1", "main", 2), ("refs/heads/other", "other", 2)],
)
def test_a_revision_is_the_tip_of_the_only_branch(forge: Forge, source: Path, revision: str, branch: str, files: int) -> None:
    shop = forge.adopt("shop", source, revision)
    assert list(shop.branches) == [shop.default_branch] == [branch]
    assert len(shop.tree().files()) == files


def test_bare_shared_and_linked_repositories_are_taken_in(forge: Forge, source: Path, tmp_path: Path) -> None:
    real_git("clone", "-q", "--bare", source, tmp_path / "bare.git")
    real_git("clone", "-q", "--shared", source, tmp_path / "shared")
    real_git("worktree", "add", "-q", "--detach", tmp_path / "linked", cwd=source)
    for name in ("bare.git", "shared", "linked", "source/.git"):
        shop = forge.adopt(name.replace(".git", "").strip("/"), tmp_path / name)
        assert shop.tree().read("file2.yaml") == b"n: 2\n", name


def test_a_shallow_clone_ends_where_it_was_cut(forge: Forge, source: Path, tmp_path: Path) -> None:
    real_git("clone", "-q", "--depth", "2", f"file://{source}", tmp_path / "shallow")
    shop = forge.adopt("shop", tmp_path / "shallow")
    assert [c.subject for c in shop.log()] == ["Commit 2", "Commit 1"]
    shop.commit({"a": "1"}, "Go on", author="ana")
    assert len(real_git(git_dir(shop), "log", "--oneline").splitlines()) == 3


def test_a_copy_of_the_forge_still_borrows(forge: Forge, source: Path) -> None:
    forge.adopt("shop", source)
    assert copy.deepcopy(forge).repository("shop").tree().read("file0.yaml") == b"n: 0\n"


def refusal(forge: Forge, path: Path, revision: str = "HEAD") -> BadInput:
    with pytest.raises(BadInput) as caught:
        forge.adopt("shop", path, revision)
    assert forge.repositories == []
    assert not (forge.folder / "shop.git").exists()
    assert caught.value.where == str(path)
    assert caught.value.mend
    return caught.value


def test_what_is_no_repository_is_refused(forge: Forge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    (tmp_path / "file").touch()
    (tmp_path / "plain").mkdir()
    assert refusal(forge, tmp_path / "nothing").what == "no such folder"
    assert refusal(forge, tmp_path / "file").what == "is a file, not a Git repository"
    assert refusal(forge, tmp_path / "plain").what == "not a Git repository"


def test_an_empty_repository_is_refused(forge: Forge, tmp_path: Path) -> None:
    real_git("init", "-q", tmp_path / "empty")
    assert refusal(forge, tmp_path / "empty").what == "the repository is empty: it has no commit yet"


def test_an_unknown_revision_is_refused_with_those_that_there_are(forge: Forge, source: Path) -> None:
    for revision in ("v2", "--all", "HEAD:file0.yaml", "", "trunk~9"):
        error = refusal(forge, source, revision)
        assert error.what == f"unknown revision '{revision}'"
        assert error.mend == "there are other, trunk, v1"


def test_a_folder_inside_a_repository_is_told_apart(forge: Forge, source: Path) -> None:
    (source / "apps" / "web").mkdir(parents=True)
    error = refusal(forge, source / "apps" / "web")
    assert error.what == f"is a folder inside the repository {source}"
    assert error.mend == f"give {source} and the path apps/web"


def test_no_git_on_the_machine_is_said(forge: Forge, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(BadInput, match=r"there is no git on this machine(?s:.*)to mend it: install git"):
        forge.adopt("shop", source)


def test_dubious_ownership_is_explained(forge: Forge, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def other_owner(*args: str, **options: object) -> subprocess.CompletedProcess[bytes]:
        env = {"GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"}
        return process.run_git(*args, **{**options, "env": env})  # type: ignore[arg-type]

    monkeypatch.setattr(adopt, "run_git", other_owner)
    error = refusal(forge, source)
    assert "belongs to another user" in error.what
    assert error.mend == f"if you trust it: git config --global --add safe.directory {source}"


def test_sha256_names_are_refused(forge: Forge, tmp_path: Path) -> None:
    real_git("init", "-q", "--object-format=sha256", tmp_path / "new")
    assert "SHA-256" in refusal(forge, tmp_path / "new").what


def test_the_callers_git_environment_does_not_lead_elsewhere(
    forge: Forge, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real_git("init", "-q", tmp_path / "elsewhere")
    real_git("repack", "-adq", cwd=source)
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere" / ".git"))
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", str(tmp_path / "elsewhere" / ".git" / "objects"))
    assert len(forge.adopt("shop", source).log()) == 3


def test_a_repository_that_lost_objects_is_reported_when_they_are_read(forge: Forge, source: Path) -> None:
    blob = real_git("rev-parse", "HEAD:file0.yaml", cwd=source).strip()
    os.remove(source / ".git" / "objects" / blob[:2] / blob[2:])
    shop = forge.adopt("shop", source)
    with pytest.raises(BadInput, match=rf"object {blob} is not in the repository(?s:.*)clone it again"):
        shop.tree().read("file0.yaml")


def test_old_file_modes_are_read_as_plain_files(forge: Forge, source: Path) -> None:
    blob = real_git("rev-parse", "HEAD:file0.yaml", cwd=source).strip()
    data = b"100664 old.yaml\0" + bytes.fromhex(blob)
    tree = subprocess.run(
        ["git", "hash-object", "-t", "tree", "-w", "--literally", "--stdin"],
        input=data,
        cwd=source,
        capture_output=True,
        check=True,
    )
    commit = real_git("commit-tree", "-m", "Old", tree.stdout.decode().strip(), cwd=source).strip()
    shop = forge.adopt("shop", source, commit)
    assert shop.tree().mode("old.yaml") == 0o100644


def test_only_what_borrows_needs_the_source(clock: Clock, trace: Trace, source: Path) -> None:
    forge = Forge(clock, trace)
    shop = forge.adopt("shop", source)
    shutil.rmtree(source)
    with pytest.raises(BadInput, match=r"not in the repository"):
        shop.log()
