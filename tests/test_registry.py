"""Images as data: a bad release is one line of YAML, and a slip in that line is told with its place."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_sim.errors import BadInput
from gitops_sim.registry import Image, Reference, Registry, Tag


def only_tag(registry: Registry, repository: str) -> Tag:
    tags = registry.tags(repository)
    assert tags is not None
    (tag,) = tags
    return tag


def test_traits_are_read_with_their_units() -> None:
    registry = Registry({"web:1": {"crash": "3s", "pull": 2, "exit_code": 3, "never_ready": True, "complete": None}})
    assert registry.image("web:1") == Image(pull=2, crash=3, exit_code=3, never_ready=True)
    assert Registry({"web:2": {"hang": "1m", "pull_error": "not found"}}).image("web:2") == Image(hang=60, pull_error="not found")


def test_an_image_nobody_described_runs_well() -> None:
    assert Registry().image("whatever:7") == Image()


@pytest.mark.parametrize(("asked", "meant"), [("nginx", "nginx:latest"), ("host:5000/app", "host:5000/app:latest")])
def test_no_tag_means_latest(asked: str, meant: str) -> None:
    registry = Registry({asked: {"start": 9}})
    assert registry.image(meant).start == registry.image(asked).start == 9


def test_a_tag_can_be_pushed_again() -> None:
    registry = Registry({"web:1": {"crash": 3}})
    registry.push("web:1", Image(ready=4))
    assert registry.image("web:1") == Image(ready=4)
    registry.push("web:1")
    assert registry.image("web:1") == Image()


def test_a_repository_lists_its_tags_with_the_time_of_their_push() -> None:
    registry = Registry({"host:5000/web:1.9": {}})
    registry.push("host:5000/web:1.10", at=60)
    assert [(tag.name, tag.pushed) for tag in registry.tags("host:5000/web") or ()] == [("1.10", 60), ("1.9", 0)]
    assert registry.tags("host:5000/we") is None


def test_a_digest_means_what_it_meant_though_its_tag_moves_on() -> None:
    registry = Registry({"web:latest": {"crash": 3}})
    before = only_tag(registry, "web")
    registry.push("web:latest", {"ready": 4}, at=60)
    after = only_tag(registry, "web")
    assert before.digest != after.digest
    assert registry.image(f"web@{before.digest}") == registry.image(f"web:latest@{before.digest}") == Image(crash=3)
    assert registry.image("web") == Image(ready=4)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("nginx", ("nginx", "", "")),
        ("host:5000/app", ("host:5000/app", "", "")),
        ("registry.example/shop/web:1.5@sha256:ab", ("registry.example/shop/web", "1.5", "sha256:ab")),
    ],
)
def test_a_reference_is_taken_apart_and_put_together(text: str, parts: tuple[str, str, str]) -> None:
    assert Reference.parse(text) == Reference(*parts)
    assert str(Reference.parse(text)) == text


@pytest.mark.parametrize(
    ("traits", "told"),
    [
        ({"crashes": 3}, "images.web:1: unknown trait 'crashes'"),
        ({"never_ready": "yes"}, "images.web:1.never_ready: must be true or false, not 'yes'"),
        ({"exit_code": True}, "images.web:1.exit_code: must be a whole number, not True"),
        ({"crash": "soon"}, "images.web:1.crash: not a duration: 'soon'"),
        ("crash", "images.web:1: must be a mapping of traits, not 'crash'"),
    ],
)
def test_a_slip_is_told_with_its_place(traits: Any, told: str) -> None:
    with pytest.raises(BadInput) as problem:
        Registry({"web:1": traits})
    assert str(problem.value).startswith(told)
