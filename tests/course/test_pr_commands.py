"""``pr ...`` in an exercise: from a branch to the merge, and words for everything that cannot be done."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitops_sim.course.exercises import load_exercise
from gitops_sim.course.pr_commands import run_pr_command
from gitops_sim.course.session import Session
from gitops_sim.errors import BadInput
from tests.course.exercises.small import REVIEWED, write


@pytest.fixture(name="session")
def _session(tmp_path: Path) -> Session:
    return Session(load_exercise(write(tmp_path, exercise=REVIEWED)), tmp_path / "course")


def pr(session: Session, line: str) -> str:
    return run_pr_command(session, line.split()).stdout


def test_a_change_by_pull_request(session: Session) -> None:
    assert pr(session, "list") == "none yet\n"
    session.branch("three")
    session.edit("Run three", "web/deployment.yaml", "replicas: 2", "replicas: 3", branch="three")
    assert pr(session, "open three --title Three --body Sale") == (
        "opened #1, three into main: Three\n"
        "  it waits for: 1 approval by somebody else than you\n"
        "  it waits for: check manifests is still running\n"
    )
    assert pr(session, "list") == "#1  open    three into main: Three\n"
    assert "+  replicas: 3" in pr(session, "diff 1").replace("    ", "  ")
    assert pr(session, "comment 1 --body Please") == "commented on #1\n" + "".join(
        f"  it waits for: {what}\n" for what in ("1 approval by somebody else than you", "check manifests is still running")
    )
    assert "ana      approves #1" in session.run("2m")
    assert pr(session, "view #1") == (
        "#1 Three\nopen: three into main, by you at 09:00:00\nSale\ncheck yaml: passed\ncheck manifests: passed\n"
        "09:00:00 you says: Please\n09:01:40 ana approves\napproved by: ana\n"
    )
    assert pr(session, "merge 1").startswith("merged #1 into main as ")
    assert "replicas: 3" in session.read("web/deployment.yaml")
    assert "+" in pr(session, "diff 1")
    assert session.log.actions[-1].fields == {"repo": "shop", "merge": {"number": 1}}


def test_the_branch_that_is_worked_on_is_meant(session: Session) -> None:
    session.branch("three")
    session.edit("Run three", "web/deployment.yaml", "replicas: 2", "replicas: 3", branch="three")
    opened = run_pr_command(session, ["create", "--title=Three"], lambda repo: {"shop": "three"}[repo])
    assert "opened #1, three into main" in str(opened)
    assert pr(session, "close 1 -m later") == "closed #1\n"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("open three", "needs a branch and a title"),
        ("open --title x", "needs a branch and a title"),
        ("open three four --title x", "needs a branch and a title"),
        ("open three --title x", "unknown branch 'three'"),
        ("merge", "'pr merge' needs its number"),
        ("merge one", "'pr merge' needs its number"),
        ("merge 1", "no pull request #1"),
        ("merge 99999999999999999999", "'pr merge' needs its number"),
        ("merge 1 --squash", "'pr merge' is not to be had like that"),
        ("review 1", "'pr review' is not to be had like that"),
        ("comment 1", "'pr comment' is not to be had like that"),
        ("approve 1", "'pr approve' is not to be had like that"),
        ("sing", "there is no 'pr sing'"),
        ("list --repo nowhere", "repository 'nowhere' not found"),
    ],
)
def test_what_cannot_be_done_is_told(session: Session, line: str, says: str) -> None:
    with pytest.raises(BadInput, match=says) as caught:
        pr(session, line)
    assert caught.value.mend
    assert not session.log.actions


def test_nobody_approves_their_own(session: Session) -> None:
    session.branch("three")
    session.edit("Run three", "web/deployment.yaml", "replicas: 2", "replicas: 3", branch="three")
    pr(session, "open three --title Three")
    with pytest.raises(BadInput, match="#1 is your own"):
        pr(session, "review 1 --approve")
    with pytest.raises(BadInput, match="must be made through a pull request"):
        session.edit("Quickly", "web/deployment.yaml", "replicas: 2", "replicas: 4")
