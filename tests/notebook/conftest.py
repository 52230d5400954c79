"""Settings for the tests of the notebook room."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The learner's folder, new for each test and nowhere else."""
    folder = tmp_path / "course"
    monkeypatch.setenv("GITOPS_SIM_HOME", str(folder))
    return folder
