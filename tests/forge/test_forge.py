"""Where repositories live, how they are found, and copies that go their own way."""

from __future__ import annotations

import copy
import gc
import os
from pathlib import Path

import pytest

from gitops_sim.clock import Clock
from gitops_sim.errors import GitFailed
from gitops_sim.forge import Forge, Push, Repository, catfile, objects
from gitops_sim.forge import forge as forge_module
from gitops_sim.trace import Trace
from tests.forge.conftest import git_dir, real_git


@pytest.mark.parametrize(
    "name",
    [
        "shop",
        "shop.git",
        "https://git.example/shop",
        "https://git.example/shop.git",
        "https://git.example/shop/",
        "https://ana:token@git.example/shop.git",
        "ssh://git@git.example/shop.git",
        "git@git.example:shop.git",
    ],
)
def test_a_repository_is_found_by_name_and_by_url(forge: Forge, shop: Repository, name: str) -> None:
    assert forge.repository(name) is shop
    assert forge.repository(shop.url) is shop


def test_an_unknown_repository_is_named_with_the_nearest_one(forge: Forge, shop: Repository) -> None:
    with pytest.raises(GitFailed, match=r"'https://git.example/sho.git' not found(?s:.*)did you mean 'shop'"):
        forge.repository("https://git.example/sho.git")
    with pytest.raises(GitFailed, match=r"there are shop"):
        forge.repository("https://elsewhere.example/cart.git")


def test_a_forge_without_repositories_says_so(clock: Clock, trace: Trace) -> None:
    with pytest.raises(GitFailed, match=r"create one first"):
        Forge(clock, trace).repository("shop")


@pytest.mark.parametrize("name", ["", "../x", "a b", "/x", "x/", "x.git", ".x", "a/../b", "x.lock", "a//b"])
def test_names_that_would_leave_the_folder_are_refused(forge: Forge, name: str) -> None:
    with pytest.raises(GitFailed, match=r"not a valid repository name"):
        forge.create(name, {})


def test_a_name_is_used_once(forge: Forge, shop: Repository) -> None:
    with pytest.raises(GitFailed, match=r"'shop' already exists"):
        forge.create("shop", {})
    forge.create("team/shop", {"a": "1"}, branch="trunk")
    assert forge.repository("team/shop").default_branch == "trunk"
    assert [repository.name for repository in forge.repositories] == ["shop", "team/shop"]
    assert repr(shop) == "Repository('shop')"


def test_a_creation_that_fails_leaves_nothing_behind(forge: Forge) -> None:
    with pytest.raises(GitFailed, match=r"invalid path"):
        forge.create("bad", {"../x": "1"})
    assert forge.repositories == []
    assert forge.create("bad", {"x": "1"}).tree().files() == ["x"]


def test_a_creation_is_recorded(forge: Forge, trace: Trace) -> None:
    shop = forge.create("shop", {"b": "1", "a": "1"}, author="ana", message="Begin")
    assert trace[0].message == f"creates repository shop with 2 files, {shop.tip()[:7]} on main"
    assert trace[0].data == {"repo": "shop", "branch": "main", "commit": shop.tip(), "files": ["a", "b"]}
    assert not trace[0].story
    assert [c.subject for c in shop.log()] == ["Begin"]


def test_the_temporary_folder_goes_with_the_forge(clock: Clock, trace: Trace) -> None:
    forge = Forge(clock, trace)
    folder = forge.create("shop", {"a": "1"}).path
    assert folder.exists()
    del forge
    gc.collect()
    assert not folder.exists()


def test_a_forked_child_leaves_the_folder_and_the_processes_of_its_parent_alone(clock: Clock, trace: Trace) -> None:
    forge = Forge(clock, trace)
    shop = forge.create("shop", {"a": "1"})
    real_git(git_dir(shop), "repack", "-adq")
    real_git(git_dir(shop), "prune-packed")
    shop._store._cache.blobs.clear()
    assert shop.tree().read("a") == b"1"
    child = os.fork()
    if child == 0:
        catfile._end(shop._store._elsewhere._processes, os.getppid())
        forge_module._remove(str(forge.folder), os.getppid())
        os._exit(0)
    os.waitpid(child, 0)
    shop._store._cache.blobs.clear()
    assert shop.tree().read("a") == b"1"


class Agent:
    """Somebody who listens to the forge and holds on to one of its repositories."""

    def __init__(self, forge: Forge, clock: Clock) -> None:
        self.repository, self.clock = forge.repositories[0], clock
        self.heard: list[str] = []
        forge.on_push(self.hear)

    def hear(self, push: Push) -> None:
        assert push.repository is self.repository
        self.heard.append(push.branch)


def test_a_copy_goes_its_own_way(clock: Clock, trace: Trace, tmp_path: Path) -> None:
    forge = Forge(clock, trace, tmp_path)
    shop = forge.create("shop", {"a": "1"}, protected=["other"])
    agent = Agent(forge, clock)
    second = shop.commit({"a": "2"}, "Two", author="ana")
    world = copy.deepcopy({"agent": agent, "forge": forge, "clock": clock, "trace": trace})  # the repository is met first
    twin, twin_agent = world["forge"], world["agent"]
    assert isinstance(twin, Forge)
    assert isinstance(twin_agent, Agent)
    assert twin_agent.repository is twin.repository("shop")
    assert twin_agent.repository.path != shop.path
    shop.commit({"a": "here"}, "Here", author="ana")
    twin.repository("shop").commit({"a": "there"}, "There", author="ben")
    assert (shop.tree().read("a"), twin.repository("shop").tree().read("a")) == (b"here", b"there")
    assert twin.repository("shop").resolve("main~1") == second
    assert (agent.heard, twin_agent.heard) == (["main", "main"], ["main", "main"])
    assert (len(trace), len(twin_agent.repository._trace)) == (3, 3)
    assert twin_agent.repository.branches_at(0) == twin_agent.repository.branches
    for repository in (shop, twin.repository("shop")):
        real_git(git_dir(repository), "fsck", "--strict", "--full")
    gone = twin.folder
    del world, twin, twin_agent, repository
    gc.collect()
    assert not gone.exists()
    assert shop.tree("main~1").read("a") == b"2"


def test_a_copy_of_a_copy_and_a_copy_made_first_agree_on_ids(forge: Forge, shop: Repository) -> None:
    one, other = copy.deepcopy(forge), copy.deepcopy(copy.deepcopy(forge))
    ids = {f.repository("shop").commit({"a": "1"}, "One", author="ana") for f in (forge, one, other)}
    assert len(ids) == 1


def test_a_copy_is_made_without_links_too(forge: Forge, shop: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(source: str, target: str) -> None:
        raise OSError

    monkeypatch.setattr("os.link", no_links)
    assert copy.deepcopy(forge).repository("shop").tree().read("README.md") == b"The shop\n"


def test_files_read_are_kept_within_bounds(shop: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objects, "_CACHED_BYTES", 100)
    for n in range(10):
        shop.commit({"a": f"{n}" * 30}, "Go on", author="ana")
    assert sum(map(len, shop._store._cache.blobs.values())) <= 100
    assert [shop.tree(f"main~{n}").read("a")[:1] for n in range(10)] == [b"%d" % (9 - n) for n in range(10)]


def test_a_repository_takes_its_forge_along(clock: Clock, trace: Trace) -> None:
    shop = Forge(clock, trace).create("shop", {"a": "1"})
    gc.collect()
    twin = copy.deepcopy(shop)
    gc.collect()
    twin.commit({"a": "2"}, "Two", author="ana")
    assert (shop.tree().read("a"), twin.tree().read("a")) == (b"1", b"2")
