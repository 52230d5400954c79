"""The real git comes in from outside: clones, pushes, and is refused where a branch is protected."""

from __future__ import annotations

import copy
import subprocess
from pathlib import Path

import pytest

from gitops_sim.clock import Clock
from gitops_sim.errors import GitFailed
from gitops_sim.forge import Forge, Person, Push, Repository
from gitops_sim.trace import Trace
from tests.forge.conftest import git_dir, real_git


class Listener:
    def __init__(self) -> None:
        self.heard: list[tuple[str, str, str | None, str | None, str]] = []

    def hear(self, push: Push) -> None:
        self.heard.append((push.repository.name, push.branch, push.old, push.new, push.actor))


@pytest.fixture
def clone(shop: Repository, tmp_path: Path) -> Path:
    folder = tmp_path / "clone"
    real_git("clone", "-q", shop.path, folder)
    return folder


def commit(clone: Path, name: str, content: str, message: str) -> str:
    (clone / name).write_text(content)
    real_git("add", ".", cwd=clone)
    real_git("commit", "-qm", message, cwd=clone)
    return real_git("rev-parse", "HEAD", cwd=clone).strip()


def test_a_clone_holds_the_files_and_gets_what_is_committed_later(shop: Repository, clone: Path) -> None:
    assert (clone / "manifests" / "web.yaml").read_text() == "replicas: 2\n"
    assert real_git("branch", "--show-current", cwd=clone).strip() == "main"
    shop.commit({"manifests/web.yaml": "replicas: 3\n"}, "Scale", author="ana")
    real_git("pull", "-q", "--ff-only", cwd=clone)
    assert (clone / "manifests" / "web.yaml").read_text() == "replicas: 3\n"


def test_a_push_is_noticed_when_the_branch_is_next_read(forge: Forge, shop: Repository, trace: Trace, clone: Path) -> None:
    forge.people.add(Person("ana", "Ana", "ana@example.com"))
    listener = Listener()
    forge.on_push(listener.hear)
    old = shop.tip()
    new = commit(clone, "a", "1", "Add a\n\nwith a body")
    real_git("push", "-q", cwd=clone)
    assert listener.heard == []
    assert shop.tip() == new
    assert listener.heard == [("shop", "main", old, new, "ana")]
    assert (trace[-1].actor, trace[-1].event, trace[-1].message) == ("ana", "CommitPushed", f"pushes {new[:7]} to main: Add a")
    assert trace[-1].data == {"repo": "shop", "branch": "main", "commit": new, "parent": old, "files": ["a"]}
    assert shop.tree().read("a") == b"1"
    assert forge.notice_pushes() == []


def test_each_kind_of_push_is_told_as_what_it_is(forge: Forge, shop: Repository, trace: Trace, clone: Path) -> None:
    first = shop.tip()
    commit(clone, "a", "1", "Add a")
    second = commit(clone, "a", "2", "Change a")
    real_git("push", "-q", "origin", "HEAD", "HEAD:refs/heads/feature/x", cwd=clone)
    assert [(push.branch, push.old, push.new) for push in forge.notice_pushes()] == [
        ("feature/x", None, second),
        ("main", first, second),
    ]
    real_git("reset", "-q", "--hard", first, cwd=clone)
    real_git("push", "-q", "--force", cwd=clone)
    forge.notice_pushes()
    real_git("push", "-q", "origin", ":feature/x", cwd=clone)
    assert list(shop.branches) == ["main"]
    assert [(r.event, r.message) for r in trace][1:] == [
        ("BranchCreated", f"pushes new branch feature/x at {second[:7]}: Change a"),
        ("CommitPushed", f"pushes {second[:7]} to main (2 commits): Change a"),
        ("BranchForcePushed", f"force-pushes main from {second[:7]} to {first[:7]}: 2 commits dropped out of its history"),
        ("BranchDeleted", f"deletes branch feature/x (was {second[:7]})"),
    ]


def test_a_push_between_looking_and_writing_is_not_overwritten(shop: Repository, trace: Trace, clone: Path) -> None:
    commit(clone, "a", "1", "Add a")
    real_git("push", "-q", cwd=clone)
    shop.commit({"b": "1"}, "Add b", author="ben")
    assert shop.tree().files() == ["README.md", "a", "b", "manifests/web.yaml"]
    assert [r.event for r in trace] == ["RepositoryCreated", "CommitPushed", "CommitPushed"]
    with pytest.raises(GitFailed, match=r"main has moved meanwhile"):
        shop._move("main", shop.resolve("main~1"), shop.tip())


def test_a_large_push_is_read_too(shop: Repository, clone: Path) -> None:
    for n in range(150):
        (clone / f"file{n}").write_text(f"{n}\n" * 100)
    commit(clone, "last", "1", "Add many")
    real_git("push", "-q", cwd=clone)
    assert len(shop.tree().files()) == 153
    assert shop.tree().read("file7") == b"7\n" * 100


def test_protected_branches_refuse_commits_and_real_pushes_and_take_merges(
    forge: Forge, clock: Clock, trace: Trace, tmp_path: Path
) -> None:
    shop = forge.create("safe", {"a": "1"}, protected=["main"])
    assert shop.protected == ["main"]
    for refused in (
        lambda: shop.commit({"a": "2"}, "Change", author="ana"),
        lambda: shop.revert(author="ana"),
        lambda: shop.reset("main", "main"),
        lambda: shop.delete_branch("main"),
    ):
        with pytest.raises(GitFailed, match=r"Protected branch update failed(?s:.*)commit to a branch of your own"):
            refused()
    clone = tmp_path / "clone"
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text("[core]\n    hooksPath = /nowhere\n")
    real_git("clone", "-q", shop.path, clone)
    commit(clone, "a", "2", "Change")
    said = real_git("push", cwd=clone, fails=True, GIT_CONFIG_GLOBAL=str(home / ".gitconfig"))
    assert "Protected branch update failed for refs/heads/main" in said
    assert "through a pull request" in said
    real_git("push", "-q", "origin", "HEAD:change", cwd=clone)
    shop.merge("change", author="ben")
    assert shop.tree().read("a") == b"2"
    twin = copy.deepcopy(forge).repository("safe")
    with pytest.raises(GitFailed, match=r"Protected"):
        twin.commit({"a": "3"}, "Change", author="ana")


def test_commits_of_strangers_are_read_whatever_their_encoding(shop: Repository, clone: Path, tmp_path: Path) -> None:
    (tmp_path / "message").write_bytes("Größe ändern".encode("latin-1"))
    (clone / "a").write_text("1")
    real_git("add", ".", cwd=clone)
    who = {"GIT_AUTHOR_NAME": "Stranger", "GIT_AUTHOR_EMAIL": "s.t@elsewhere.example", "GIT_AUTHOR_DATE": "1700000000 -0730"}
    real_git("-c", "i18n.commitEncoding=ISO-8859-1", "commit", "-q", "-F", tmp_path / "message", cwd=clone, **who)
    (tmp_path / "message").write_bytes(b"\xff\xfe")
    (clone / "a").write_text("2")
    real_git("commit", "-qa", "-F", tmp_path / "message", cwd=clone, GIT_AUTHOR_NAME="", GIT_AUTHOR_EMAIL="", fails=True)
    real_git("push", "-q", cwd=clone)
    latest = shop.log(limit=1)[0]
    assert (latest.subject, latest.author, latest.author_name) == ("Größe ändern", "s.t", "Stranger")
    assert latest.time == 1700000000 - 1767603600
    real_git(git_dir(shop), "fsck", "--strict")
    raw = b"tree %s\nauthor X <x@example.com> 1 +0000\ncommitter X <x> nonsense\nencoding no-such\n\n\xff caf\xc3\xa9\n"
    write = ["git", git_dir(shop), "hash-object", "-t", "commit", "-w", "--literally", "--stdin"]
    done = subprocess.run(write, input=raw % latest.tree.encode(), capture_output=True, check=True)
    assert shop.commit_at(done.stdout.decode().strip()).subject == "\ufffd café"
