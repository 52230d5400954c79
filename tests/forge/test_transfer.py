"""A real push becomes data, and the data becomes the same commits in another world."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gitops_sim.actions import Action, ActionLog, check_action, dump_actions, load_actions
from gitops_sim.clock import Clock
from gitops_sim.errors import GitFailed
from gitops_sim.forge import Forge, Push, Repository
from gitops_sim.trace import Trace
from tests.forge.conftest import git_dir, real_git

START = {"manifests/web.yaml": "replicas: 2\n", "README.md": "The shop\n"}


@pytest.fixture
def fields(forge: Forge, shop: Repository, tmp_path: Path) -> dict[str, Any]:
    """What a push with everything in it is written down as, after a way through a file."""
    clone = tmp_path / "clone"
    real_git("clone", "-q", shop.path, clone)
    (clone / "script").write_text("#!/bin/sh\n")
    (clone / "script").chmod(0o755)
    (clone / "link").symlink_to("README.md")
    (clone / "picture").write_bytes(b"\0\xff")
    (clone / "ünï.txt").write_bytes(b"a\r\nb")
    real_git("add", ".", cwd=clone)
    real_git("update-index", "--add", "--cacheinfo", f"160000,{shop.tip()},sub", cwd=clone)
    (clone / ".gitmodules").write_text('[submodule "sub"]\n\tpath = sub\n\turl = https://git.example/sub.git\n')
    real_git("add", ".gitmodules", cwd=clone)
    real_git("commit", "-qm", "Add\n\n  everything  ", cwd=clone, GIT_AUTHOR_DATE="1700000000 -0730", GIT_COMMITTER_NAME="Ci")
    real_git("checkout", "-q", "-b", "side", "HEAD~1", cwd=clone)
    real_git("rm", "-q", "README.md", cwd=clone)
    (clone / "README.md").mkdir()
    (clone / "README.md" / "part").write_text("x")
    real_git("add", ".", cwd=clone)
    real_git("-c", "i18n.commitEncoding=ISO-8859-1", "commit", "-qm", "Split", cwd=clone)
    real_git("checkout", "-q", "main", cwd=clone)
    real_git("merge", "-q", "-s", "ours", "-m", "Merge side", "side", cwd=clone)
    real_git("push", "-q", "origin", "main", cwd=clone)
    (push,) = forge.notice_pushes()
    log = ActionLog([Action(10, "push", shop.export_push(push))], ends=10)
    text = dump_actions(log)
    assert dump_actions(load_actions(text, "log")) == text
    return dict(load_actions(text, "log").actions[0].fields)


def test_the_same_commits_come_out_elsewhere(fields: dict[str, Any], shop: Repository, clock: Clock) -> None:
    trace = Trace(clock)
    other = Forge(clock, trace).create("shop", START)
    assert other.receive_push(fields["ref"], fields["commits"], fields["to"]) == shop.tip() == other.tip()
    assert [c.sha for c in other.log()] == [c.sha for c in shop.log()]
    assert trace[-1].message == f"pushes {shop.tip()[:7]} to main (3 commits): Merge side"
    real_git(git_dir(other), "fsck", "--full")


def test_what_is_recorded_is_readable_and_fits_an_action(fields: dict[str, Any]) -> None:
    check_action("push", fields)
    first = fields["commits"][0]
    assert first["message"] == "Add\n\n  everything\n"
    assert first["author"] == "ana <ana@example.com> 1700000000 -0730"
    assert first["committer"].startswith("Ci <")
    assert first["files"]["ünï.txt"] == "a\r\nb"
    assert first["files"]["script"]["mode"] == "100755"
    assert [set(c) for c in fields["commits"]] == [
        {"id", "parents", "author", "committer", "message", "files"},
        {"id", "raw", "files"},
        {"id", "parents", "author", "message", "files"},
    ]


def test_new_moved_and_deleted_branches_are_made_again(forge: Forge, shop: Repository, tmp_path: Path, clock: Clock) -> None:
    clone = tmp_path / "clone"
    real_git("clone", "-q", shop.path, clone)
    other = Forge(clock, Trace(clock)).create("shop", START)

    def pushed(*args: str) -> None:
        real_git("push", "-q", "--force", "origin", *args, cwd=clone)
        for push in forge.notice_pushes():
            fields = shop.export_push(push)
            other.receive_push(fields["ref"], fields["commits"], fields.get("to", ""), author="ben")
        assert other.branches == shop.branches

    pushed("HEAD:refs/heads/same")
    real_git("commit", "-q", "--allow-empty", "-m", "Nothing", cwd=clone)
    pushed("HEAD:refs/heads/new")
    pushed("HEAD~1:refs/heads/new")
    pushed(":same")
    assert other._trace[-1].actor == "ben"
    with pytest.raises(GitFailed, match=r"did not move"):
        other.receive_push("refs/heads/new", [], other.tip())
    with pytest.raises(GitFailed, match=r"not a valid"):
        other.receive_push("refs/heads/../x", [], other.tip())


@pytest.mark.parametrize(
    "change",
    [
        {"message": "Forged\n"},
        {"id": "0" * 40},
        {"author": "mallory <m@example.com> 1 +0000"},
        {"files": {"README.md": "Forged\n"}},
        {"files": {"../../hooks/update": "#!/bin/sh\n"}},
        {"files": {"x": {"mode": "100777", "base64": "eA=="}}},
        {"files": {"x": {"mode": "100644", "base64": "?"}}},
        {"files": {"x": 3}},
        {"files": None},
        {"parents": ["0" * 40]},
        {"parents": ["../../config"]},
        {"raw": "x"},
        {"raw": "eA=="},
    ],
)
def test_a_forged_record_changes_nothing(shop: Repository, clock: Clock, trace: Trace, change: dict[str, Any]) -> None:
    shop.commit({"a": "1"}, "Add a", author="ana")
    push = Push(shop, "main", shop.resolve("main~1"), shop.tip(), "ana")
    (honest,) = shop.export_push(push)["commits"]
    other = Forge(clock, Trace(clock)).create("shop", START)
    before = other.tip()
    with pytest.raises(GitFailed):
        other.receive_push("refs/heads/main", [json.loads(json.dumps({**honest, **change}))])
    assert other.tip() == before
