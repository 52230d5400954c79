"""Creating, updating, patching and deleting, compared body by body with recordings of a real 1.36 API server."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cluster.golden import Player, cases

# Where this cluster is not the real one, and why.
APART = {
    "immutable-pvc": (".finalizers",),  # no controller would take the finalizers of the storage protection off again
    "pv": (".finalizers",),
    "cr-patches": (".acceptedNames", ".conditions"),  # of a definition: a controller's work
}
RECORDINGS = ("writes-create", "writes-validation", "writes-patch", "writes-versions", "writes-deletion")
CASES = [(name, case) for name in RECORDINGS for case in cases(name)]


@pytest.mark.parametrize("case", [case for _, case in CASES], ids=[f"{name[7:]}-{case['name']}" for name, case in CASES])
def test_answers_are_those_of_the_real_server(case: dict[str, Any]) -> None:
    player = Player(apart=APART.get(case["name"], ()))
    for number, step in enumerate(case["steps"]):
        differences = player.play(step)
        assert not differences, "\n".join([f"{case['why']}: step {number}, {step['method']} {step['path']}", *differences])
