"""What people do to a repository, seen by them and by the real git."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gitops_sim.clock import Clock
from gitops_sim.errors import BadInput, GitFailed
from gitops_sim.forge import Forge, Person, Repository
from gitops_sim.trace import Trace
from tests.forge.conftest import git_dir, real_git

HISTORY = """
from pathlib import Path
from gitops_sim.clock import Clock
from gitops_sim.forge import Forge, Person
from gitops_sim.trace import Trace
import sys
clock = Clock()
forge = Forge(clock, Trace(clock), Path(sys.argv[1]))
forge.people.add(Person("ana", "Ana Núñez", "ana@shop.example"))
shop = forge.create("shop", {"web.yaml": "replicas: 2\\n", "b/ü.txt": b"\\xff\\r\\n"})
clock.run_until(61.9)
shop.commit({"web.yaml": "replicas: 3\\r\\n"}, "Scale web to 3\\n\\nBecause of the sale.\\n\\n", author="ana")
shop.branch("fix", "main~1", author="ben")
shop.commit({"b/ü.txt": None, "c": "x"}, "Drop b", author="ben", branch="fix")
shop.merge("fix", author="ana")
print(shop.revert("main^1", author="ana"))
"""
EXPECTED = "20799225e42ccf77783e47db4ff9e15337c914a0"

HOSTILE = """
[user]
    name = Mallory
    email = mallory@example.org
    signingKey = nobody
[commit]
    gpgSign = true
[i18n]
    commitEncoding = ISO-8859-1
[init]
    defaultBranch = trunk
    templateDir = /nowhere
[core]
    autocrlf = true
    hooksPath = /nowhere
    safecrlf = true
[merge]
    ff = only
    conflictStyle = diff3
[extensions]
    objectFormat = sha256
"""


def history_tip(tmp_path: Path, **env: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", HISTORY, str(tmp_path / "forge")],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), **env},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_ids_are_the_same_on_every_machine(tmp_path: Path) -> None:
    assert history_tip(tmp_path) == EXPECTED
    real_git("fsck", "--strict", "--full", cwd=tmp_path / "forge" / "shop.git")


def test_ids_do_not_depend_on_the_users_git_configuration_time_zone_or_locale(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text(HOSTILE)
    hostile = {"GIT_AUTHOR_NAME": "Mallory", "GIT_COMMITTER_DATE": "0 +0100", "GIT_DIR": "/nowhere", "GIT_INDEX_FILE": "/nowhere"}
    env = {"HOME": str(home), "TZ": "Asia/Tokyo", "LC_ALL": "C", "PYTHONHASHSEED": "4711", "XDG_CONFIG_HOME": str(home)}
    assert history_tip(tmp_path, **env, **hostile) == EXPECTED


def test_a_commit_has_the_id_that_the_real_git_gives_it(shop: Repository, clock: Clock, tmp_path: Path) -> None:
    real_git("clone", "-q", shop.path, tmp_path / "clone")
    (tmp_path / "clone" / "manifests" / "web.yaml").write_text("replicas: 3\n")
    real_git("commit", "-qam", "Scale web to 3\n\nBecause of the sale.\n", cwd=tmp_path / "clone")
    clock.run_until(60)
    sha = shop.commit({"manifests/web.yaml": "replicas: 3\n"}, "Scale web to 3\n\nBecause of the sale.", author="ana")
    assert sha == real_git("rev-parse", "HEAD", cwd=tmp_path / "clone").strip()


def test_the_real_git_sees_the_same_log(shop: Repository, clock: Clock) -> None:
    for replicas in (3, 4, 5):
        clock.run_until(clock.now + 60)
        shop.commit({"manifests/web.yaml": f"replicas: {replicas}\n"}, f"Scale web to {replicas}", author="ana")
    shop.branch("docs", "main~2")
    shop.commit({"README.md": "The web shop\n"}, "Say more\nin two lines\n\nand a body", author="ben", branch="docs")
    shop.merge("docs", author="cem")
    shop.commit({"README.md": "Shop\n"}, "Say less", author="cem")
    printed = real_git(git_dir(shop), "log", "--format=%H|%an|%ae|%at|%s|%P", "main")
    ours = [f"{c.sha}|{c.author_name}|{c.email}|{int(c.time) + 1767603600}|{c.subject}|{' '.join(c.parents)}" for c in shop.log()]
    assert ours == printed.splitlines()
    for path in ("README.md", "manifests", "manifests/web.yaml", "nothing"):
        printed = real_git(git_dir(shop), "log", "--format=%H", "main", "--", path)
        assert [c.sha for c in shop.log(path=path)] == printed.split(), path
    assert [c.subject for c in shop.log(limit=2)] == ["Say less", "Merge branch 'docs' into main"]
    assert shop.log(limit=1)[0].short == shop.tip()[:7]


def test_revisions_mean_what_the_real_git_means(shop: Repository) -> None:
    first = shop.tip()
    shop.commit({"a": "1"}, "One", author="ana")
    shop.branch("side")
    shop.commit({"b": "1"}, "Side", author="ana", branch="side")
    shop.commit({"a": "2"}, "Two", author="ana")
    shop.merge("side", author="ana")
    shop.tag("v1.0")
    real_git(git_dir(shop), "tag", "-a", "-m", "annotated", "v2", "side")
    names = (
        "HEAD",
        "@",
        "main",
        "heads/main",
        "refs/heads/side",
        "v1.0",
        "tags/v1.0",
        "v2",
        "refs/tags/v2",
        first,
        first[:7],
        first[:4],
    )
    steps = ("", "~", "^", "~2", "^2", "^^", "~1^1", "^0", "^2~1")
    for revision in [name + step for name in names for step in steps]:
        asked = subprocess.run(
            ["git", git_dir(shop), "rev-parse", "-q", "--verify", revision + "^{commit}"],
            capture_output=True,
            text=True,
            check=False,
        )
        if asked.returncode == 0:
            assert shop.resolve(revision) == asked.stdout.strip(), revision
        else:
            with pytest.raises(GitFailed):
                shop.resolve(revision)
    assert shop.tags == {"v1.0": shop.tip(), "v2": shop.tip("side")}


@pytest.mark.parametrize(
    ("revision", "says"),
    [
        ("mian", "unknown revision 'mian'.*did you mean 'main'"),
        ("deadbeef", "unknown revision 'deadbeef'"),
        ("main~9", "has no parent"),
        ("main^2", "has no parent"),
        ("main~x", "unknown revision 'main~x'"),
        ("", "nothing"),
        ("../../config", "unknown revision"),
        ("\0", "unknown revision"),
    ],
)
def test_an_unknown_revision_is_named_with_the_nearest_one(shop: Repository, revision: str, says: str) -> None:
    if not revision:
        assert shop.resolve("") == shop.tip()
        return
    with pytest.raises(GitFailed, match=f"(?s){says}"):
        shop.resolve(revision)


def test_a_short_id_that_several_commits_share_is_ambiguous(shop: Repository) -> None:
    seen: set[str] = set()
    n = 0
    while shop.tip()[:4] not in seen:
        seen.add(shop.tip()[:4])
        n += 1
        shop.commit({"a": f"{n}"}, "Go on", author="ana")
    with pytest.raises(GitFailed, match="is ambiguous"):
        shop.resolve(shop.tip()[:4])


def test_a_tree_or_file_id_is_no_commit(shop: Repository) -> None:
    tree = shop.commit_at().tree
    real_git(git_dir(shop), "tag", "tree", tree)
    with pytest.raises(GitFailed, match=r"not a commit"):
        shop.resolve("tree")
    with pytest.raises(GitFailed, match=r"unknown revision"):
        shop.resolve(tree)


def test_a_commit_changes_adds_and_deletes_files_and_keeps_modes(shop: Repository, tmp_path: Path) -> None:
    real_git("clone", "-q", shop.path, tmp_path / "clone")
    script = tmp_path / "clone" / "run.sh"
    script.write_text("#!/bin/sh\n")
    script.chmod(0o755)
    real_git("add", ".", cwd=tmp_path / "clone")
    real_git("commit", "-qm", "Add a script", cwd=tmp_path / "clone")
    real_git("push", "-q", cwd=tmp_path / "clone")
    sha = shop.commit(
        {"run.sh": "#!/bin/sh\necho\n", "manifests/web.yaml": None, "new/deep/file": b"\0\1"}, "Change all", author="ana"
    )
    assert shop.changed_files(sha) == ["manifests/web.yaml", "new/deep/file", "run.sh"]
    listed = real_git(git_dir(shop), "ls-tree", "-r", "main", "--format=%(objectmode) %(path)").splitlines()
    assert listed == ["100644 README.md", "100644 new/deep/file", "100755 run.sh"]
    assert shop.tree().read("new/deep/file") == b"\0\1"
    real_git(git_dir(shop), "fsck", "--strict", "--full")


def test_a_file_may_give_way_to_a_folder_and_back(shop: Repository) -> None:
    shop.commit({"README.md": None, "README.md/part": "x"}, "Split", author="ana")
    assert shop.tree().files() == ["README.md/part", "manifests/web.yaml"]
    with pytest.raises(GitFailed, match=r"'README.md' is a folder"):
        shop.commit({"README.md": "whole"}, "Join", author="ana")
    with pytest.raises(GitFailed, match=r"'manifests/web.yaml' is a file"):
        shop.commit({"manifests/web.yaml/x": "x"}, "Deepen", author="ana")
    shop.commit({"README.md/part": None, "README.md": "whole"}, "Join", author="ana")
    assert shop.changed_files() == ["README.md", "README.md/part"]


@pytest.mark.parametrize(
    ("files", "message", "says"),
    [
        ({"README.md": "The shop\n"}, "Same", "nothing to commit, working tree clean"),
        ({}, "None", "nothing to commit, working tree clean"),
        ({"gone": None}, "Delete", "pathspec 'gone' did not match any files"),
        ({"manifests": None}, "Delete", "not removing 'manifests' recursively"),
        ({"a": "1"}, " \n\n", "empty commit message"),
        ({"a": "1"}, "a\0b", "NUL byte"),
        ({"a": "\ud800"}, "Half", "not valid text"),
        *(
            ({path: "x"}, "Bad path", "invalid path")
            for path in ("", "/a", "../a", "a/../b", ".git/config", "a/.GIT/x", "a//b", ".git. ")
        ),
    ],
)
def test_a_commit_that_git_would_refuse_is_refused(
    shop: Repository, trace: Trace, files: dict[str, str | None], message: str, says: str
) -> None:
    before, records = shop.tip(), len(trace)
    with pytest.raises(GitFailed, match=says) as caught:
        shop.commit(files, message, author="ana")
    assert caught.value.where == "repo/shop"
    assert caught.value.mend
    assert (shop.tip(), len(trace)) == (before, records)


def test_the_first_commit_of_an_empty_repository_starts_the_default_branch(forge: Forge) -> None:
    empty = forge.create("empty", {})
    with pytest.raises(GitFailed, match=r"unknown branch 'main'(?s:.*)commit something first"):
        empty.tip()
    sha = empty.commit({"a": "1"}, "Begin", author="ana")
    assert empty.log()[0].parents == ()
    assert empty.branches == {"main": sha}


def test_who_commits_is_written_as_people_are_known(forge: Forge, shop: Repository) -> None:
    forge.people.add(Person("ana", "Ana Núñez", "Ana@Shop.example"))
    shop.commit({"a": "1"}, "One", author="ana")
    shop.commit({"a": "2"}, "Two", author="ben")
    shop.commit({"a": "3"}, "Three", author="<>\n")
    assert [(c.author, c.author_name, c.email) for c in shop.log(limit=3)] == [
        ("someone", "someone", "@example.com"),
        ("ben", "ben", "ben@example.com"),
        ("ana", "Ana Núñez", "Ana@Shop.example"),
    ]
    assert [person.id for person in forge.people] == ["ana"]
    real_git(git_dir(shop), "fsck", "--strict")


def test_the_trace_tells_who_did_what(shop: Repository, trace: Trace, clock: Clock) -> None:
    clock.run_until(60)
    sha = shop.commit({"manifests/web.yaml": "replicas: 3\n"}, "Scale web to 3", author="ana")
    record = trace[-1]
    assert (record.actor, record.event, record.subject, record.story) == ("ana", "CommitPushed", "repo/shop", True)
    assert record.message == f"commits {sha[:7]} to main: Scale web to 3"
    assert record.data == {
        "repo": "shop",
        "branch": "main",
        "commit": sha,
        "parent": shop.resolve("main~1"),
        "files": ["manifests/web.yaml"],
    }
    shop.branch("fix", author="ben")
    shop.commit({"a": "1"}, "Fix", author="ben", branch="fix")
    shop.merge("fix", author="cem")
    shop.tag("v1", author="cem")
    shop.revert(sha, author="ana")
    shop.delete_branch("fix", author="ben")
    told = [f"{r.actor} {r.event}: {r.message}" for r in trace.story()][1:]
    tip, merged = shop.tip(), shop.resolve("main~1")
    assert told == [
        f"ben BranchCreated: creates branch fix at {sha[:7]}",
        f"ben CommitPushed: commits {shop.resolve('main~1^2')[:7]} to fix: Fix",
        f"cem BranchMerged: merges fix into main as {merged[:7]}",
        f"cem TagCreated: tags {merged[:7]} as v1",
        f'ana CommitReverted: reverts {sha[:7]} on main by {tip[:7]}: Revert "Scale web to 3"',
        f"ben BranchDeleted: deletes branch fix (was {shop.resolve('main~1^2')[:7]})",
    ]


def test_branches_are_created_moved_and_deleted_as_git_would(shop: Repository, trace: Trace) -> None:
    first = shop.tip()
    second = shop.commit({"a": "1"}, "One", author="ana")
    assert shop.branch("feature/x", "main~1") == first
    for name, says in (
        ("feature/x", "already exists"),
        ("feature", "'feature/x' exists"),
        ("feature/x/y", "'feature/x' exists"),
        ("a..b", "not a valid"),
        ("-x", "not a valid"),
        ("x.lock", "not a valid"),
        ("HEAD", "not a valid"),
        ("", "not a valid"),
    ):
        with pytest.raises(GitFailed, match=says):
            shop.branch(name)
    shop.delete_branch("feature/x")
    shop.branch("feature")
    with pytest.raises(GitFailed, match=r"default branch"):
        shop.delete_branch("main")
    with pytest.raises(GitFailed, match=r"unknown branch 'fix'"):
        shop.delete_branch("fix")
    shop.reset("main", "main~1", author="ana")
    assert trace[-1].message == f"force-pushes main from {second[:7]} to {first[:7]}: 1 commit dropped out of its history"
    assert trace[-1].data["lost"] == [second]
    with pytest.raises(GitFailed, match=r"up-to-date"):
        shop.force_push("main", first)
    with pytest.raises(GitFailed, match=r"tag 'v1' already exists"):
        [shop.tag("v1"), shop.tag("v1")]
    for taken, packed in (("v1/x", False), ("w", False), ("v1/x", True), ("w", True)):
        shop.tag("w/1") if not shop.tags.get("w/1") else None
        real_git(git_dir(shop), "pack-refs", "--all") if packed else None
        with pytest.raises(GitFailed, match="cannot lock ref"):
            shop.tag(taken)
    assert list(shop.tags) == ["v1", "w/1"]
    real_git(git_dir(shop), "tag", "-d", "w/1")
    shop.tag("w")
    assert shop.branches == {"feature": second, "main": first}


def test_branches_can_be_seen_as_they_were(shop: Repository, clock: Clock) -> None:
    first = shop.tip()
    clock.run_until(10)
    second = shop.commit({"a": "1"}, "One", author="ana")
    clock.run_until(20)
    shop.branch("x")
    shop.reset("main", first)
    clock.run_until(30)
    shop.delete_branch("x")
    assert [shop.branches_at(time) for time in (0, 10, 20, 30)] == [
        {"main": first},
        {"main": second},
        {"main": first, "x": second},
        {"main": first},
    ]


def test_differences_read_as_from_git(shop: Repository) -> None:
    shop.commit({"manifests/web.yaml": "replicas: 3\n", "new": "x\n"}, "Scale", author="ana")
    assert shop.diff("main~1", "main") == real_git(git_dir(shop), "diff", "main~1", "main")
    assert shop.show() == shop.diff("main~1", "main")
    printed = real_git(git_dir(shop), "diff", "main~1", "main", "--", "new")
    assert shop.diff("main~1", "main", path="new") == shop.show(path="new") == printed
    assert "+The shop" in shop.show("main~1")


def test_refs_that_git_packed_are_read_and_deleted(shop: Repository) -> None:
    shop.branch("one")
    shop.branch("two")
    tip = shop.commit({"a": "1"}, "One", author="ana")
    shop.tag("v1")
    real_git(git_dir(shop), "tag", "-a", "-m", "annotated", "v2", "main")
    real_git(git_dir(shop), "pack-refs", "--all", "--prune")
    assert shop.tip() == tip
    assert list(shop.branches) == ["main", "one", "two"]
    assert shop.tags == {"v1": tip, "v2": tip}
    shop.delete_branch("one")
    assert real_git(git_dir(shop), "for-each-ref", "--format=%(refname)").split() == [
        "refs/heads/main",
        "refs/heads/two",
        "refs/tags/v1",
        "refs/tags/v2",
    ]
    shop.commit({"a": "2"}, "Two", author="ana")
    assert real_git(git_dir(shop), "rev-parse", "main").strip() == shop.tip()


def test_a_repository_that_git_repacked_reads_on(shop: Repository, clock: Clock) -> None:
    for n in range(5):
        shop.commit({"a": f"{n}\n" * 50}, f"Commit {n}", author="ana")
    before = [(c.sha, shop.tree(c.sha).files()) for c in shop.log()]
    real_git(git_dir(shop), "repack", "-adq")
    real_git(git_dir(shop), "prune-packed")
    again = Repository(
        "shop", shop.path, clock=clock, trace=Trace(clock), people=shop._people, listeners=[]
    )  # a fresh one has read nothing yet
    assert [(c.sha, again.tree(c.sha).files()) for c in again.log()] == before
    assert again.tree().size("a") == 100
    assert again.resolve(before[2][0][:7]) == before[2][0]
    with pytest.raises(GitFailed, match=r"unknown revision"):
        again.resolve("0123456")
    with pytest.raises(GitFailed, match=r"not in the repository"):
        again._store.size("0" * 40)
    with pytest.raises(GitFailed, match=r"not in the repository"):
        again._store.read("0" * 40)
    again._store._elsewhere._processes["--batch"].kill()
    assert again._store.read(before[1][0])[0] == "commit"
    again._store.close()
    again._store.close()


def test_a_branch_locked_by_another_git_is_left_alone(shop: Repository) -> None:
    tip = shop.tip()
    lock = shop.path / "refs" / "heads" / "main.lock"
    lock.touch()
    with pytest.raises(GitFailed, match=r"cannot lock ref"):
        shop.commit({"a": "1"}, "One", author="ana")
    lock.unlink()
    assert shop.tip() == tip
    shop.commit({"a": "1"}, "One", author="ana")


def test_gitpython_opens_it(shop: Repository) -> None:
    repo = shop.as_gitpython()
    assert repo.bare
    assert repo.head.commit.hexsha == shop.tip()
    repo.close()


def test_every_refusal_says_how_to_mend_it(shop: Repository) -> None:
    with pytest.raises(BadInput, match=r"to mend it: did you mean 'README.md'"):
        shop.tree().read("READM.md")


def test_a_robot_commits_under_the_name_and_address_that_it_is_told() -> None:
    clock = Clock()
    trace = Trace(clock)
    forge = Forge(clock, trace)
    repo = forge.create("shop", {"a.yaml": "a: 1\n"}, author="ana")
    forge.people.guest = "you"
    person = forge.people.signing("Flux", "fluxcdbot@users.noreply.github.com")
    repo.commit({"a.yaml": "a: 2\n"}, "Update", author=person)
    commit = repo.commit_at()
    assert (commit.author, commit.author_name, commit.email) == ("fluxcdbot", "Flux", "fluxcdbot@users.noreply.github.com")


def test_a_commit_to_a_branch_that_is_not_there_is_one_push() -> None:
    clock = Clock()
    trace = Trace(clock)
    forge = Forge(clock, trace)
    repo = forge.create("shop", {"a.yaml": "a: 1\n"}, author="ana")
    sha = repo.commit({"a.yaml": "a: 2\n"}, "Update", author="bot", branch="updates", base="main")
    assert (repo.tip("updates"), repo.commit_at("updates").parents) == (sha, (repo.tip("main"),))
    [record] = [r for r in trace if r.data.get("branch") == "updates"]
    assert (record.event, record.actor) == ("BranchCreated", "bot")
