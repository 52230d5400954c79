"""Merges and reverts give what the real git gives, or refuse as it does."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gitops_sim.clock import Clock
from gitops_sim.errors import GitFailed
from gitops_sim.forge import Forge, Repository, merge, process
from gitops_sim.trace import Trace
from tests.forge.conftest import git_dir, real_git

DEPLOYMENT = "".join(f"line {n}\n" for n in range(1, 13))
Change = Mapping[str, str | None]


def edited(line: int, text: str) -> str:
    return DEPLOYMENT.replace(f"line {line}\n", f"{text}\n")


@pytest.fixture
def web(forge: Forge) -> Repository:
    return forge.create("web", {"web.yaml": DEPLOYMENT, "docs/a": "a\n", "docs/b": "b\n"})


def merged_by_git(repository: Repository, folder: Path, ours: str, theirs: str) -> str | None:
    """The tree that ``git merge`` makes of two commits in a clone; None for a conflict."""
    real_git("clone", "-q", repository.path, folder)
    real_git("checkout", "-q", ours, cwd=folder)
    env = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "advice.mergeConflict", "GIT_CONFIG_VALUE_0": "false"}
    try:
        real_git("merge", "-q", "--no-ff", "-m", "merge", theirs, cwd=folder, **env)
    except AssertionError:
        return None
    marked = "<<<<<<<" in real_git("diff", "HEAD^", cwd=folder)  # git 2.39 calls two nested conflicts clean
    return None if marked else real_git("rev-parse", "HEAD^{tree}", cwd=folder).strip()


def reverted_by_git(repository: Repository, folder: Path, commit: str, *options: str) -> tuple[str, str] | None:
    """The tree and message of ``git revert`` in a clone; None when it stops."""
    real_git("clone", "-q", repository.path, folder)
    try:
        real_git("revert", "--no-edit", *options, commit, cwd=folder)
    except AssertionError:
        return None
    if "<<<<<<<" in real_git("show", cwd=folder):  # git 2.39 calls two nested conflicts clean
        return None
    return tuple(real_git("show", "-s", "--format=%T%x00%B", cwd=folder)[:-1].split("\0"))  # type: ignore[return-value]


OURS: dict[str, Change] = {
    "the same file, far apart": {"web.yaml": edited(1, "ours")},
    "other files": {"docs/new": "new\n", "docs/b": None},
    "the same change": {"web.yaml": edited(11, "theirs")},
    "the same line": {"web.yaml": edited(11, "ours")},
    "a renamed file": {"web.yaml": None, "moved.yaml": DEPLOYMENT},
    "a deleted file": {"web.yaml": None},
    "the same new file": {"new": "theirs\n"},
    "another new file of that name": {"new": "ours\n"},
    "a folder of that name": {"new/part": "ours\n"},
    "a renamed folder": {"docs/a": None, "docs/b": None, "texts/a": "a\n", "texts/b": "b\n"},
    "binary content": {"web.yaml": edited(1, "\0")},
}


@pytest.mark.parametrize("what", OURS)
def test_a_merge_is_the_one_of_the_real_git(web: Repository, tmp_path: Path, what: str) -> None:
    web.branch("theirs")
    web.commit({"web.yaml": edited(11, "theirs"), "new": "theirs\n", "docs/c": "c\n"}, "Theirs", author="ben", branch="theirs")
    web.commit(OURS[what], "Ours", author="ana")
    before = web.tip()
    expected = merged_by_git(web, tmp_path / "clone", "main", "origin/theirs")
    if expected is None:
        with pytest.raises(GitFailed, match=r"CONFLICT in .*nothing was changed"):
            web.merge("theirs", author="ana")
        assert web.tip() == before
    else:
        assert web.commit_at(web.merge("theirs", author="ana")).tree == expected
        assert web.log(limit=1)[0].parents == (before, web.tip("theirs"))
        assert web.log(limit=1)[0].message == "Merge branch 'theirs' into main\n"
    real_git(git_dir(web), "fsck", "--strict", "--full")


def test_a_changed_mode_and_a_changed_content_merge(web: Repository, tmp_path: Path) -> None:
    real_git("clone", "-q", web.path, tmp_path / "clone")
    (tmp_path / "clone" / "web.yaml").chmod(0o755)
    real_git("commit", "-qam", "Make it executable", cwd=tmp_path / "clone")
    real_git("push", "-q", "origin", "HEAD:mode", cwd=tmp_path / "clone")
    web.commit({"web.yaml": edited(1, "ours")}, "Change it", author="ana")
    web.branch("content")
    web.merge("mode", author="ana")
    web.merge("content", into="mode", author="ana")
    assert web.tree("main").sha == web.tree("mode").sha
    assert (web.tree().mode("web.yaml"), web.tree().read("web.yaml").decode()) == (0o100755, edited(1, "ours"))


def test_nested_conflicts_that_git_takes_for_clean_are_conflicts(forge: Forge) -> None:
    shop = forge.create("shop", {"x": "", "y": "", "e": ""})
    bad = shop.commit({"x": None, "e": "a\na\n"}, "One", author="ana")
    shop.commit({"x": "a\n", "e": None}, "Two", author="ana")
    with pytest.raises(GitFailed, match=r"CONFLICT in e, x"):
        shop.revert(bad, author="ana")


def test_a_conflict_names_the_files(web: Repository) -> None:
    web.branch("theirs")
    web.commit({"web.yaml": edited(2, "theirs"), "docs/a": "theirs\n"}, "Theirs", author="ben", branch="theirs")
    web.commit({"web.yaml": edited(2, "ours"), "docs/a": "ours\n"}, "Ours", author="ana")
    with pytest.raises(GitFailed, match=r"could not merge theirs: CONFLICT in docs/a, web.yaml; nothing was changed"):
        web.merge("theirs", author="ana")


def test_an_old_git_without_merge_tree_calls_a_rename_a_conflict(web: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    web.branch("theirs")
    web.commit({"web.yaml": edited(2, "theirs")}, "Theirs", author="ben", branch="theirs")
    web.commit({"web.yaml": None, "moved.yaml": DEPLOYMENT}, "Move", author="ana")

    def run_git(*args: str, **options: object) -> object:
        return process.run_git(*(("merge-tree", "--no-such-option") if args[0] == "merge-tree" else args), **options)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(merge, "run_git", run_git)
        with pytest.raises(GitFailed, match=r"CONFLICT in web.yaml"):
            web.merge("theirs", author="ana")
        web.branch("both")
        web.commit({"docs/a": None, "other": "x\n"}, "Delete a", author="ben", branch="both")
        web.commit({"docs/a": None}, "Delete a too", author="ana")
        clean = web.commit_at(web.merge("both", author="ana")).tree
        web.reset("main", "main~1")
        monkeypatch.setattr(merge, "merge_trees", None)
        with pytest.raises(GitFailed, match=r"histories that crossed"):
            web._merged("merge", web.tip(), web.tip("theirs"), [web.tip(), web.tip()], ("main", "theirs"))
    assert web.tree("both").files() == ["docs/b", "moved.yaml", "other"]
    assert web.commit_at(web.merge("both", author="ana")).tree == clean
    web.reset("main", "main~1")
    web.merge("theirs", author="ana")
    assert web.tree().read("moved.yaml").decode() == edited(2, "theirs")


def test_histories_that_crossed_merge_as_in_git(web: Repository, tmp_path: Path) -> None:
    web.commit({"web.yaml": edited(2, "main")}, "Main", author="ana")
    web.branch("side", "main~1")
    web.commit({"web.yaml": edited(6, "side")}, "Side", author="ben", branch="side")
    main, side = web.tip(), web.tip("side")
    web.merge(side, author="ana")
    web.merge(main, into="side", author="ben")
    web.commit({"web.yaml": edited(2, "main").replace("line 6\n", "side\n").replace("line 10\n", "again\n")}, "On", author="ana")
    web.commit({"docs/a": "more\n"}, "On", author="ben", branch="side")
    expected = merged_by_git(web, tmp_path / "clone", "main", "origin/side")
    assert web.commit_at(web.merge("side", author="ana")).tree == expected


def test_a_fast_forward_happens_only_when_asked_for(web: Repository, trace: Trace) -> None:
    first = web.tip()
    web.branch("fix")
    fix = web.commit({"a": "1"}, "Fix", author="ben", branch="fix")
    assert web.merge("fix", author="ana", message="Merge the fix\n\nIt works.") != fix
    assert (web.log()[0].subject, web.log()[0].parents) == ("Merge the fix", (first, fix))
    web.reset("main", first)
    assert web.merge("fix", author="ana", fast_forward=True) == fix == web.tip()
    assert trace[-1].event == "BranchMerged"
    with pytest.raises(GitFailed, match=r"Already up to date"):
        web.merge("fix", author="ana")


def test_the_message_of_a_merge_says_what_was_merged_as_git_does(forge: Forge, tmp_path: Path) -> None:
    old = forge.create("old", {"a": "1"}, branch="master")
    old.branch("fix")
    old.commit({"b": "1"}, "Fix", author="ana", branch="fix")
    old.tag("v1", "fix")
    for name in ("fix", "v1", old.tip("fix")):
        clone = tmp_path / name
        real_git("clone", "-q", old.path, clone)
        real_git("branch", "-q", "fix", "origin/fix", cwd=clone)
        real_git("merge", "-q", "--no-ff", "--no-edit", name, cwd=clone)
        assert old.commit_at(old.merge(name, author="ana")).message == real_git("log", "-1", "--format=%B", cwd=clone)[:-1]
        old.reset("master", "master~1")


def test_unrelated_histories_do_not_merge(forge: Forge, web: Repository, tmp_path: Path) -> None:
    other = forge.create("other", {"x": "1"})
    real_git(git_dir(web), "fetch", "-q", other.path, "main:stranger")
    with pytest.raises(GitFailed, match=r"unrelated histories"):
        web.merge("stranger", author="ana")


# ---------------------------------------------------------------------- revert


def test_a_revert_has_the_tree_and_the_message_of_git_revert(web: Repository, tmp_path: Path) -> None:
    bad = web.commit({"web.yaml": edited(2, "bad"), "docs/c": "c\n", "docs/a": None}, "Release 1.5\n\nWith a body.", author="ana")
    web.commit({"web.yaml": edited(2, "bad").replace("line 10\n", "later\n")}, "Later", author="ben")
    expected = reverted_by_git(web, tmp_path / "clone", bad)
    assert expected is not None
    sha = web.revert(bad[:7], author="ana")
    commit = web.commit_at(sha)
    assert (commit.tree, commit.message.rstrip("\n")) == (expected[0], expected[1].rstrip("\n"))
    assert commit.message == f'Revert "Release 1.5"\n\nThis reverts commit {bad}.\n'
    assert web.tree().read("web.yaml").decode() == edited(10, "later")
    real_git(git_dir(web), "fsck", "--strict")


def test_the_revert_of_a_revert_says_reapply_and_the_next_one_revert_again(web: Repository) -> None:
    web.commit({"a": "1"}, "Add a", author="ana")
    subjects = [web.commit_at(web.revert(author="ana")).subject for _ in range(4)]
    assert subjects == ['Revert "Add a"', 'Reapply "Add a"', 'Revert "Reapply "Add a""', 'Reapply "Reapply "Add a""']


def test_the_first_commit_can_be_reverted(web: Repository, tmp_path: Path) -> None:
    expected = reverted_by_git(web, tmp_path / "clone", "HEAD")
    assert expected is not None
    assert web.commit_at(web.revert(author="ana")).tree == expected[0]
    assert web.tree().files() == []


def test_head_is_the_tip_of_the_branch_that_is_reverted_on(web: Repository) -> None:
    web.branch("side")
    web.commit({"a": "1"}, "On side", author="ana", branch="side")
    web.commit({"b": "1"}, "More on side", author="ana", branch="side")
    web.revert("HEAD~1", author="ana", branch="side")
    assert web.tree("side").files() == ["b", "docs/a", "docs/b", "web.yaml"]
    with pytest.raises(GitFailed, match=r"does not hold the changes"):
        web.revert("side~2", author="ana", branch="main") and web.revert("side~1", author="ana", branch="main")


def test_what_is_gone_already_is_not_reverted_again(web: Repository) -> None:
    bad = web.commit({"a": "1"}, "Add a", author="ana")
    web.revert(bad, author="ana")
    tip = web.tip()
    with pytest.raises(GitFailed, match=r"nothing to commit, working tree clean: main does not hold the changes"):
        web.revert(bad, author="ana")
    assert web.tip() == tip


def test_a_revert_that_conflicts_with_later_changes_names_the_file(web: Repository, tmp_path: Path) -> None:
    bad = web.commit({"web.yaml": edited(2, "bad")}, "Bad", author="ana")
    tip = web.commit({"web.yaml": edited(2, "worse")}, "Worse", author="ana")
    assert reverted_by_git(web, tmp_path / "clone", bad) is None
    with pytest.raises(GitFailed, match=f"could not revert {bad[:7]}: CONFLICT in web.yaml"):
        web.revert(bad, author="ana")
    assert web.tip() == tip


def test_a_merge_is_reverted_against_the_parent_that_is_named(web: Repository, tmp_path: Path) -> None:
    web.branch("fix")
    web.commit({"docs/a": "fixed\n"}, "Fix", author="ben", branch="fix")
    web.commit({"docs/b": "on\n"}, "Go on", author="ana")
    merged = web.merge("fix", author="ana")
    with pytest.raises(GitFailed, match=r"is a merge but no mainline was given(?s:.*)mainline 1 is"):
        web.revert(author="ana")
    with pytest.raises(GitFailed, match=r"mainline 3 was given but commit .* has 2 parents"):
        web.revert(author="ana", mainline=3)
    with pytest.raises(GitFailed, match=r"is not a merge"):
        web.revert("HEAD~1", author="ana", mainline=1)
    expected = reverted_by_git(web, tmp_path / "clone", merged, "-m", "1")
    assert expected is not None
    commit = web.commit_at(web.revert(merged, author="ana", mainline=1))
    assert (commit.tree, commit.message.rstrip("\n")) == (expected[0], expected[1].rstrip("\n"))
    web.reset("main", merged)
    assert web.tree(web.revert(merged, author="ana", mainline=2)).read("docs/b") == b"b\n"


# ---------------------------------------------------------------------- by chance

LINES = st.lists(st.sampled_from("abcd"), max_size=6).map(lambda lines: "".join(f"{line}\n" for line in lines))
PATHS = st.sampled_from(["x", "y", "d/x", "d/y", "e"])
CHANGES = st.dictionaries(PATHS, st.none() | LINES, min_size=1, max_size=3)


def apply(repository: Repository, change: Change, branch: str) -> None:
    there = repository.tree(branch).files()
    fitting = {path: content for path, content in change.items() if content is not None or path in there}
    try:
        repository.commit(fitting, "Change", author="ana", branch=branch)
    except GitFailed:
        assert repository.tree(branch).files() == there


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(PATHS, LINES, min_size=1), CHANGES, CHANGES)
def test_any_merge_and_any_revert_are_those_of_git(start: dict[str, str], ours: Change, theirs: Change) -> None:
    with tempfile.TemporaryDirectory() as folder:
        clock = Clock()
        web = Forge(clock, Trace(clock), Path(folder) / "forge").create("web", start)
        web.branch("theirs")
        apply(web, theirs, "theirs")
        apply(web, ours, "main")
        before = web.tip()
        if not web.contains("main", "theirs"):
            expected = merged_by_git(web, Path(folder) / "merge", "main", "origin/theirs")
            try:
                assert web.commit_at(web.merge("theirs", author="ana")).tree == expected
            except GitFailed:
                assert expected is None
            web.reset("main", before) if web.tip() != before else None
        apply(web, theirs, "main")
        if web.tip() != before:
            reverted = reverted_by_git(web, Path(folder) / "revert", before)
            try:
                assert web.commit_at(web.revert(before, author="ana")).tree == (reverted or ("",))[0]
            except GitFailed:
                assert reverted is None
        real_git(git_dir(web), "fsck", "--strict")
