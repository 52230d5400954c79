"""Pull requests: proposed, checked, looked at by somebody else, merged; refused while the rules of the branch are not met."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest

from gitops_sim.clock import Clock
from gitops_sim.errors import BadInput, GitFailed
from gitops_sim.forge import BranchRules, Forge, Repository
from gitops_sim.trace import Trace
from gitops_sim.world import World
from tests.forge.conftest import git_dir, real_git

WEB = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {version: '1'}\n"
NEW = WEB.replace("'1'", "'2'")
HASTY = NEW.replace("kind: ", "knid: ")


@pytest.fixture(name="home")
def _home(forge: Forge) -> Repository:
    """``main`` asks for one approval and the check of manifests; on ``release`` there is a new version by ben."""
    home = forge.create("web", {"web.yaml": WEB}, author="ana")
    home.protect("main", BranchRules(approvals=1, checks=("manifests",)))
    home.branch("release", author="ben")
    home.commit({"web.yaml": NEW}, "Deploy 2", author="ben", branch="release")
    return home


def story(trace: Trace) -> list[str]:
    return [f"{record.actor}: {record.message}" for record in trace.story()]


def test_a_change_on_its_way_to_main(forge: Forge, home: Repository, clock: Clock, trace: Trace) -> None:
    pulls = forge.pull_requests
    pulls.reviewers["web"] = {"ana": 120.0, "ben": 5.0}
    before = len(story(trace))
    opened = pulls.open("web", "release", title="Deploy 2", body="The shop sells more.", author="ben")
    assert pulls.unmet(opened) == ["1 approval by somebody else than ben", "check manifests is still running"]
    clock.run_until(159)
    assert pulls.unmet(pulls.find("web", 1)) == ["1 approval by somebody else than ben"]
    clock.run_until(160)
    merged = pulls.merge("web", 1, author="ben")
    tip = home.commit_at("main")
    assert (merged.state, merged.merged, len(tip.parents)) == ("merged", tip.sha, 2)
    assert tip.message == "Merge pull request #1 from release\n\nDeploy 2\n"
    assert real_git(git_dir(home), "show", "main:web.yaml") == NEW
    short = opened.commit[:7]
    assert story(trace)[before:] == [
        "ben: opens pull request #1, release into main: Deploy 2",
        "forge: checks of #1 pass: yaml, manifests",
        f"ana: approves #1 ({short})",
        f"ben: merges #1 (release) into main as {tip.short}: approved by ana",
    ]
    kept = trace.find(event="PullRequestMerged")[0]
    assert (kept.data["approved_by"], kept.data["files"], kept.data["author"]) == (["ana"], ["web.yaml"], "ben")


def test_main_takes_nothing_past_a_pull_request(home: Repository, tmp_path: Path) -> None:
    for attempt in (
        lambda: home.commit({"web.yaml": NEW}, "Quickly", author="ben"),
        lambda: home.merge("release", author="ben"),
        lambda: home.revert("main", author="ben"),
        lambda: home.reset("main", "release", author="ben"),
    ):
        with pytest.raises(GitFailed, match=r"changes to main must be made through a pull request(?s:.*)open a pull request"):
            attempt()
    real_git("clone", "-q", home.path, tmp_path / "clone")
    (tmp_path / "clone/web.yaml").write_text(NEW)
    real_git("commit", "-qam", "Quickly", cwd=tmp_path / "clone")
    assert "must be made through a pull request" in real_git("push", "origin", "main", cwd=tmp_path / "clone", fails=True)


def test_what_is_broken_is_said_and_cannot_be_merged(forge: Forge, home: Repository, clock: Clock, trace: Trace) -> None:
    pulls = forge.pull_requests
    pulls.reviewers["web"] = {"ana": 60.0}
    home.commit({"web.yaml": HASTY}, "Hurry", author="ben", branch="release")
    pulls.open("web", "release", title="Deploy 2", author="ben")
    clock.run_until(100)
    with pytest.raises(GitFailed, match=r"1 approval(?s:.*)ana asked for changes; check manifests fails: web.yaml:1: .*kind"):
        pulls.merge("web", 1, author="ben")
    assert "forge: check manifests of #1 fails: web.yaml:1: a document without kind" in story(trace)
    home.commit({"web.yaml": NEW}, "Spell it right", author="ben", branch="release")
    clock.run_until(210)
    assert pulls.merge("web", 1, author="ben").approved_by == ["ana"]


@pytest.mark.parametrize(
    ("path", "content", "failing"),
    [
        ("web.yaml", "a: [1\n", {"yaml", "manifests"}),
        ("web.json", "{", {"yaml", "manifests"}),
        ("web.yml", "apiVersion: v1\nkind: ConfigMap\n", {"manifests"}),
        ("kustomization.yaml", "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n", set()),
        ("chart/values.yaml", "replicas: 2\n", set()),
        ("README.md", "a: [1\n", set()),
    ],
)
def test_what_checks_look_at(forge: Forge, home: Repository, clock: Clock, path: str, content: str, failing: set[str]) -> None:
    home.commit({path: content}, "More", author="ben", branch="release")
    forge.pull_requests.open("web", "release", title="More", author="ben")
    clock.run_until(60)
    runs = forge.pull_requests.find("web", 1).checks.values()
    assert {run.name for run in runs if run.status == "failed"} == failing
    assert all(bool(run.reason) == (run.status == "failed") for run in runs)


def test_what_was_approved_is_what_is_merged(forge: Forge, home: Repository, clock: Clock) -> None:
    pulls = forge.pull_requests
    pulls.open("web", "release", title="Deploy 2", author="ben")
    pulls.review("web", 1, "approve", author="ana")
    home.commit({"other.yaml": WEB.replace("web", "other")}, "One thing more", author="ben", branch="release")
    clock.run_until(60)
    with pytest.raises(GitFailed, match=r"1 approval by somebody else than ben \(ana approved an earlier commit\)"):
        pulls.merge("web", 1, author="ben")


def test_one_who_asks_for_changes_holds_it_up_until_they_are_content(forge: Forge, home: Repository, clock: Clock) -> None:
    pulls = forge.pull_requests
    pulls.open("web", "release", title="Deploy 2", author="ben")
    pulls.review("web", 1, "approve", author="ana")
    pulls.review("web", 1, "request-changes", "Not on a Friday", author="carl")
    clock.run_until(60)
    with pytest.raises(GitFailed, match="yet: carl asked for changes"):
        pulls.merge("web", 1, author="ben")
    pulls.review("web", 1, "approve", author="carl")
    assert pulls.merge("web", 1, author="ana").approved_by == ["ana", "carl"]


def test_a_conflict_is_told_and_leaves_it_open(forge: Forge, clock: Clock) -> None:
    home = forge.create("docs", {"a.txt": "1\n"})
    home.branch("mine")
    home.commit({"a.txt": "2\n"}, "Mine", author="ben", branch="mine")
    forge.pull_requests.open("docs", "mine", title="Mine", author="ben")
    home.commit({"a.txt": "3\n"}, "Theirs", author="ana")
    assert forge.pull_requests.unmet(forge.pull_requests.find("docs", 1)) == ["a conflict with main in a.txt to be solved"]
    with pytest.raises(GitFailed, match=r"yet: a conflict with main in a\.txt to be solved(?s:.*)a new branch from main"):
        forge.pull_requests.merge("docs", 1, author="ben")
    assert forge.pull_requests.find("docs", 1).state == "open"


def test_a_merge_without_words_leaves_it_open(forge: Forge, home: Repository, clock: Clock) -> None:
    forge.pull_requests.open("web", "release", title="Deploy 2", author="ben")
    forge.pull_requests.review("web", 1, "approve", author="ana")
    clock.run_until(60)
    with pytest.raises(GitFailed, match="empty commit message"):
        forge.pull_requests.merge("web", 1, author="ben", message="  ")
    assert forge.pull_requests.find("web", 1).state == "open"
    assert forge.pull_requests.merge("web", 1, author="ben", message="Ship it").state == "merged"
    assert home.commit_at("main").message == "Ship it\n"


def test_what_cannot_be_done(forge: Forge, home: Repository) -> None:
    pulls = forge.pull_requests
    with pytest.raises(GitFailed, match="No commits between release and main"):
        pulls.open("web", "main", "release", title="Back", author="ben")
    with pytest.raises(GitFailed, match=r"unknown branch 'realease'(?s:.*)did you mean 'release'"):
        pulls.open("web", "realease", title="Deploy", author="ben")
    with pytest.raises(GitFailed, match=r"no pull request #1(?s:.*)open one first"):
        pulls.merge("web", 1, author="ben")
    pulls.open("web", "release", title="Deploy", author="ben")
    with pytest.raises(GitFailed, match="#1 is open already for release into main"):
        pulls.open("web", "release", title="Again", author="ana")
    with pytest.raises(GitFailed, match="#1 is your own"):
        pulls.review("web", 1, "approve", author="ben")
    pulls.close("web", 1, "too late", author="ben")
    with pytest.raises(GitFailed, match="#1 is closed already"):
        pulls.merge("web", 1, author="ben")
    assert pulls.open("web", "release", title="After all", author="ben").number == 2


@pytest.mark.parametrize("how", ["merged past it", "branch deleted"])
def test_one_that_has_become_pointless_is_closed(forge: Forge, trace: Trace, how: str) -> None:
    home = forge.create("docs", {"a.txt": "1\n"})
    home.branch("mine")
    home.commit({"a.txt": "2\n"}, "Mine", author="ben", branch="mine")
    forge.pull_requests.open("docs", "mine", title="Mine", author="ben")
    if how == "merged past it":
        home.merge("mine", author="ben")
    else:
        home.delete_branch("mine", author="ben")
    assert forge.pull_requests.find("docs", 1).state == "closed"
    assert trace.find(event="PullRequestMerged") == []


def test_nobody_reviews_twice_what_they_have_reviewed(forge: Forge, home: Repository, clock: Clock) -> None:
    forge.pull_requests.reviewers["web"] = {"ana": 60.0}
    forge.pull_requests.open("web", "release", title="Deploy 2", author="ben")
    forge.pull_requests.review("web", 1, "request-changes", "Not on a Friday", author="ana")
    clock.run_until(300)
    assert [remark.verdict for remark in forge.pull_requests.find("web", 1).remarks] == ["request-changes"]


def test_a_real_push_to_the_branch_is_looked_at_again(forge: Forge, home: Repository, clock: Clock, tmp_path: Path) -> None:
    forge.pull_requests.open("web", "release", title="Deploy 2", author="ben")
    clock.run_until(60)
    real_git("clone", "-q", "-b", "release", home.path, tmp_path / "clone")
    (tmp_path / "clone/web.yaml").write_text(HASTY)
    real_git("commit", "-qam", "Hurry", cwd=tmp_path / "clone")
    real_git("push", "-q", "origin", "release", cwd=tmp_path / "clone")
    forge.notice_pushes()
    assert forge.pull_requests.find("web", 1).checks["manifests"].status == "running"
    clock.run_until(120)
    assert forge.pull_requests.find("web", 1).checks["manifests"].status == "failed"


def test_one_real_push_may_move_the_base_and_delete_the_branch(forge: Forge, tmp_path: Path) -> None:
    home = forge.create("docs", {"a.txt": "1\n"})
    home.branch("mine")
    home.commit({"a.txt": "2\n"}, "Mine", author="ben", branch="mine")
    forge.pull_requests.open("docs", "mine", title="Mine", author="ben")
    real_git("clone", "-q", home.path, tmp_path / "clone")
    (tmp_path / "clone/b.txt").write_text("3\n")
    real_git("add", "b.txt", cwd=tmp_path / "clone")
    real_git("commit", "-qm", "Theirs", cwd=tmp_path / "clone")
    real_git("push", "-q", "origin", "main", ":mine", cwd=tmp_path / "clone")
    assert len(forge.notice_pushes()) == 2
    assert forge.pull_requests.find("docs", 1).state == "closed"


def test_a_copied_world_goes_its_own_way() -> None:
    world = World()
    world.git.create("web", {"web.yaml": WEB}).protect("main", BranchRules(1, ("manifests",)))
    world.do("branch", repo="web", name="release")
    world.do("commit", repo="web", branch="release", message="Deploy 2", files={"web.yaml": NEW})
    with pytest.raises(BadInput, match="no pull request is open for branch 'release'"):
        world.do("pr", repo="web", merge={"branch": "release"})
    told = world.do("pr", repo="web", open={"branch": "release", "title": "Deploy 2"})
    assert "opened #1, release into main: Deploy 2\n  it waits for: 1 approval by somebody else than you\n" in str(told)
    twin = copy.deepcopy(world)
    twin.do("pr", repo="web", review={"branch": "release", "verdict": "approve"}, by="ana")
    twin.run("1m")
    assert "merged #1 into main" in str(twin.do("pr", repo="web", merge={"number": 1}))
    world.run("1m")
    with pytest.raises(BadInput, match="1 approval"):
        world.do("pr", repo="web", merge={"number": 1})
    assert world.git.repository("web").tree().read("web.yaml").decode() == WEB
