"""Settings for all tests."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

# The same examples in every run, however busy the machine is: a red test can be repeated.
settings.register_profile("course", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("course")

os.environ["COLUMNS"] = "110"  # lines break at the same words, whatever terminal runs the tests


@pytest.fixture(autouse=True, scope="session")
def _signatures_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Jupyter's list of trusted notebooks is not the user's."""
    os.environ["JUPYTER_DATA_DIR"] = str(tmp_path_factory.mktemp("jupyter"))
