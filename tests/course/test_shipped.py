"""The course's files are found from a checkout and from an installed wheel."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitops_sim.course import shipped as module
from gitops_sim.course.shipped import shipped
from gitops_sim.errors import BadInput


def test_a_checkout_has_them_beside_the_package() -> None:
    assert (shipped("exercises") / "quiz").is_dir()
    assert shipped("notebooks").is_dir()


def test_an_installed_wheel_has_them_inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = tmp_path / "site-packages" / "gitops_sim" / "shipped" / "exercises"
    inside.mkdir(parents=True)
    (tmp_path / "site-packages" / "exercises").mkdir()  # somebody else's folder of the same name
    monkeypatch.setattr(module, "_PACKAGE", tmp_path / "site-packages" / "gitops_sim")
    assert shipped("exercises") == inside


def test_a_broken_installation_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PACKAGE", tmp_path / "gitops_sim")
    with pytest.raises(BadInput, match="exercises are missing"):
        shipped("exercises")
