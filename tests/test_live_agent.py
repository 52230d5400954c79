"""The agent of the course on a cluster behind a real connection, on the time of the wall: Git is followed, drift is undone, and
cleaning up leaves the cluster as it was."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gitops_sim.errors import BadInput
from gitops_sim.kind import cleanup
from gitops_sim.live_agent import LiveAgent, Work
from gitops_sim.trace import Record
from gitops_sim.world import World
from tests.kind.served import Stand, stand

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "shop/web:1"}]}
"""
HERE = "gitops-sim"


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    (folder / "manifests").mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    commit(folder, "Deploy web", DEPLOYMENT)
    return folder


def git(folder: Path, *words: str) -> None:
    who = ["-c", "user.name=Ana", "-c", "user.email=ana@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


def commit(folder: Path, message: str, text: str) -> None:
    (folder / "manifests" / "web.yaml").write_text(text)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", message)


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Stand]:
    with stand(tmp_path) as made:
        yield made


def replicas(there: Stand) -> int | None:
    with there.world.turn:
        found = there.world.cluster().find("deploy", "web", HERE)
    return found and found["spec"]["replicas"]


def test_it_deploys_heals_follows_and_goes_without_a_trace(there: Stand, repo: Path) -> None:
    told: list[Record] = []
    with there.world.turn:
        before = {change.key for change in there.world.cluster().store.log}
    agent = LiveAgent(there.settings, Work(str(repo), "manifests"))
    try:
        assert agent.settle(told.append, timeout=60)
        assert replicas(there) == 2

        with there.world.turn:
            there.world.kubectl(f"scale deployment web --replicas=7 -n {HERE}", by="ben")
        assert agent.world.run_until(lambda: replicas(there) == 2, timeout=30)

        commit(repo, "Scale web to 3", DEPLOYMENT.replace("replicas: 2", "replicas: 3"))
        assert agent.followed.follow()
        agent.argocd.refresh(agent.argocd.find("app"))
        assert agent.world.run_until(lambda: replicas(there) == 3, timeout=30)
        agent.run(0.1, told.append)
        assert any("self-heals" in record.message for record in told)
        removed = [removal.name for removal in cleanup(agent.cluster.door, list(agent.cluster.kinds))]
        assert removed == ["deployment.apps/web", f"namespace/{HERE}"]
    finally:
        agent.close()
    with there.world.turn:
        there.world.run(minutes=5)
        left = {change.key for change in there.world.cluster().store.log} - before
        store = there.world.cluster().store
        assert [key for key in left if store.get(key) is not None and key.kind != "Event"] == []


def test_it_works_for_as_long_as_it_is_told_whatever_the_fractions_of_the_time_are() -> None:
    world = World()
    world.run("10000h")
    starts = (round(world.now + step * 0.013, 6) for step in range(1, 500))
    begin = next(start for start in starts if round(start + 0.1, 6) < start + 0.1)
    world.clock.run_until(begin)
    looks = iter(range(100))
    agent: Any = SimpleNamespace(world=world, followed=SimpleNamespace(follow=lambda: next(looks)), _told=0)
    LiveAgent.run(agent, 0.1, lambda record: None)
    assert world.now == round(world.now, 6) > begin


def test_a_plan_writes_nothing(tmp_path: Path, repo: Path) -> None:
    with stand(tmp_path, dry_run=True) as there:
        with there.world.turn:
            before = len(there.world.cluster().store.log)
        agent = LiveAgent(there.settings, Work(str(repo), "manifests"))
        try:
            assert list(agent.plan()) == ["Deployment/web would be created"]
        finally:
            agent.close()
        with there.world.turn:
            assert len(there.world.cluster().store.log) == before


@pytest.mark.parametrize(
    ("work", "why"),
    [
        (Work("nowhere"), "no such folder"),
        (Work("", "nothing-here"), "nothing-here"),
        (Work("", revision="no-such-branch"), "unknown revision"),
    ],
)
def test_a_repository_that_cannot_be_followed_is_told_before_anything_is_written(
    there: Stand, repo: Path, work: Work, why: str
) -> None:
    given = Work(work.repo or str(repo), work.path, work.revision)
    with pytest.raises(BadInput, match=why):
        LiveAgent(there.settings, given)
    assert replicas(there) is None
