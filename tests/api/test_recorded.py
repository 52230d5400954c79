"""The whole API, compared answer by answer with recordings of a real 1.36 API server."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.golden import Player, cases, fresh_cluster

_PROTECTION = "no controller would take the finalizers of the storage protection off again"
_OWN_ANNOTATION = "who owns an annotation that the server itself adds"
APART: dict[str, tuple[tuple[str, ...], str]] = {
    **dict.fromkeys(("pv", "immutable-pvc", "table-pvc"), ((".finalizers",), _PROTECTION)),
    "table-daemonsets": (
        (".annotations", ".f:metadata"),
        "the recording lacks an annotation that the write before it answered with",
    ),
    "merge-kind-change": ((".message",), "the real one tries to read the data as those of a Secret, and says so"),
    **dict.fromkeys(("daemonset", "daemonset-invalid", "immutable-daemonset"), ((".f:metadata",), _OWN_ANNOTATION)),
    "clusterrole": ((".f:rules",), "an empty list of rules is owned there"),
    "table-roles": ((".managedFields",), "an empty list of rules is owned there"),
}
"""Where this API is not the real one: by case, the ends of paths that are not compared, and why."""
APART_IN: dict[str, tuple[tuple[str, ...], str]] = {
    "09-rbac": ((".managedFields",), "nobody owns the fields of reviews and tokens, which are answers"),
}
"""The same for whole recordings."""
OPEN = {}
"""Cases that are not there yet, with what they would need. One that comes to be like the real one must leave."""
RECORDINGS = (
    "01-create",
    "02-validation",
    "03-patch",
    "04-apply",
    "05-versions",
    "06-list-watch",
    "07-deletion",
    "08-crd",
    "09-rbac",
)
_NOTHING: tuple[tuple[str, ...], str] = ((), "")
CASES = [(name, case) for name in RECORDINGS for case in cases(name)]


@pytest.mark.parametrize(("recording", "case"), CASES, ids=[f"{name}-{case['name']}" for name, case in CASES])
def test_answers_are_those_of_the_real_server(recording: str, case: dict[str, Any]) -> None:
    player = Player(
        fresh_cluster(controllers=recording.startswith(("07", "09"))),
        apart=(*APART.get(case["name"], _NOTHING)[0], *APART_IN.get(recording, _NOTHING)[0]),
    )
    found = []
    for number, step in enumerate(case["steps"]):
        request = step["request"]
        found += [f"step {number}, {request['method']} {request['path']}: {difference}" for difference in player.play(step)]
    if case["name"] in OPEN:
        assert found, f"{case['name']} is like the real one now: take it out of OPEN"
    else:
        assert not found, "\n".join([case.get("why", ""), *found])
