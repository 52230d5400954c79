"""A forge that knows its repositories by addresses of the wide world, and answers for revisions that it does not have."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest

from gitops_sim.clock import Clock
from gitops_sim.errors import BadInput, GitFailed
from gitops_sim.forge import Forge, download
from gitops_sim.trace import Trace


@pytest.fixture
def forge(tmp_path: Path) -> Forge:
    forge = Forge(Clock(), Trace(Clock()), tmp_path / "forge")
    shop = forge.create("shop", {"a.yaml": "a: 1\n", "x/index.yaml": "apiVersion: v1\n"})
    forge.know(shop, "https://github.com/Acme/shop.git")
    return forge


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/acme/shop",
        "https://github.com/acme/shop/",
        "https://ana:token@github.com/acme/shop.git",
        "git@github.com:acme/shop.git",
        "ssh://git@github.com/acme/shop",
        "ssh://git@github.com:22/acme/shop.git",
        "github.com/acme/shop",
        "git::https://github.com/acme/shop",
    ],
)
def test_all_spellings_of_an_address_mean_the_repository(forge: Forge, url: str) -> None:
    assert forge.repository(url).name == "shop"
    assert copy.deepcopy(forge).repository(url).name == "shop"


@pytest.mark.parametrize("url", ["https://github.com/acme/shop2", "https://gitlab.com/acme/shop", "https://github.com/acme"])
def test_another_address_is_another_repository(forge: Forge, url: str) -> None:
    with pytest.raises(GitFailed, match="not found"):
        forge.repository(url)


def test_a_revision_that_is_not_there_is_the_default_branch_if_the_repository_says_so(forge: Forge) -> None:
    shop = forge.repository("shop")
    shop.branch("dev")
    dev = shop.commit({"b.yaml": "b\n"}, "Dev", author="ana", branch="dev")
    with pytest.raises(GitFailed, match="unknown revision 'v9'"):
        shop.resolve("v9")
    shop.any_revision = True
    for revision in ("v9", "refs/tags/v9", "0" * 40, "release/1.x"):
        assert shop.resolve(revision) == shop.tip()
    assert shop.tip("release/1.x") == shop.tip()
    assert shop.resolve("dev") == shop.tip("dev") == dev != shop.tip()


def test_published_files_are_downloaded_from_the_address(forge: Forge) -> None:
    forge.publish(forge.repository("shop"), "https://charts.acme.com/stable/")
    assert download(forge, "https://charts.acme.com/stable/x/index.yaml") == b"apiVersion: v1\n"
    for url in ("https://charts.acme.com/stable/nope.yaml", "https://charts.acme.com/x/index.yaml"):
        with pytest.raises(BadInput, match=f"failed to fetch {url} : 404 Not Found"):
            download(forge, url)
