"""Who replays: processes here, or the workers of a cluster; the result is the same."""

from __future__ import annotations

import sys
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from gitops_sim.course.grading import Grading, grade
from gitops_sim.course.grading.isolation import end_mothers
from gitops_sim.course.grading.tables import as_json
from gitops_sim.errors import BadInput
from tests.course.grading.handing_in import SMALL, graded, of, wrong


class Client:
    """As much of ``distributed.Client`` as is used: its executor is one of the standard library's kind."""

    closed = 0

    def __init__(self, address: str, **settings: Any) -> None:
        if address != "tcp://127.0.0.1:8786":
            raise OSError(f"Timed out trying to connect to {address}")

    def get_executor(self, **settings: Any) -> Executor:
        return ThreadPoolExecutor(2)

    def close(self) -> None:
        Client.closed += 1


@pytest.fixture(autouse=True)
def dask(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("distributed")
    module.Client = Client  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "distributed", module)


def test_a_cluster_grades_as_this_machine_does(tmp_path: Path) -> None:
    (tmp_path / "ana.yaml").write_text(of("ana"))
    (tmp_path / "ben.yaml").write_text(wrong("ben"))
    remote = grade(Grading([tmp_path], scheduler="tcp://127.0.0.1:8786", budget=SMALL))
    end_mothers()
    assert Client.closed == 1
    assert as_json(remote, {}) == as_json(graded(tmp_path), {})


def test_a_cluster_that_is_not_there_is_told_with_its_address(tmp_path: Path) -> None:
    (tmp_path / "ana.yaml").write_text(of("ana"))
    with pytest.raises(BadInput, match="no Dask scheduler answers") as caught:
        grade(Grading([tmp_path], scheduler="tcp://127.0.0.1:1"))
    assert caught.value.where == "tcp://127.0.0.1:1"
