"""Images as data: a bad release is one line of YAML, and a slip in that line is told with its place."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_sim.errors import BadInput
from gitops_sim.registry import Image, Registry


def test_traits_are_read_with_their_units() -> None:
    registry = Registry({"web:1": {"crash": "3s", "pull": 2, "exit_code": 3, "never_ready": True, "complete": None}})
    assert registry.image("web:1") == Image(pull=2, crash=3, exit_code=3, never_ready=True)
    assert Registry({"web:2": {"hang": "1m", "pull_error": "not found"}}).image("web:2") == Image(hang=60, pull_error="not found")


def test_an_image_nobody_described_runs_well() -> None:
    assert Registry().image("whatever:7") == Image()


@pytest.mark.parametrize(("asked", "meant"), [("nginx", "nginx:latest"), ("host:5000/app", "host:5000/app:latest")])
def test_no_tag_means_latest(asked: str, meant: str) -> None:
    registry = Registry({asked: {"start": 9}})
    assert registry.image(meant).start == 9
    assert registry.references() == [meant]


def test_a_tag_can_be_pushed_again() -> None:
    registry = Registry({"web:1": {"crash": 3}})
    registry.push("web:1", Image(ready=4))
    assert registry.image("web:1") == Image(ready=4)
    registry.push("web:1")
    assert registry.image("web:1") == Image()


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
