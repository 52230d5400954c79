"""The same for definitions and custom resources: recorded requests, spoiled."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gitops_sim.api import Request, handle
from gitops_sim.cluster import Cluster
from tests.api.golden import cases, fresh_cluster
from tests.api.test_hostile import ACCEPTS, TYPES, bodies

STEPS = [step["request"] for case in cases("08-crd") for step in case["steps"]]
DEFINITIONS = [
    s["body"] for s in STEPS if isinstance(s.get("body"), dict) and s["body"].get("kind") == "CustomResourceDefinition"
]
BODIES = [(step["path"], step["body"]) for step in STEPS if isinstance(step.get("body"), dict) and "<" not in json.dumps(step)]


@st.composite
def requests(draw: st.DrawFn) -> Request:
    path, whole = draw(st.sampled_from(BODIES))
    if draw(st.booleans()):
        path += draw(
            st.sampled_from(["/w", "/w/status", "/w/scale", "/widgets.scale.example.com", "/x/y/z", "?fieldValidation=Strict"])
        )
    path += (
        draw(st.sampled_from(["", "?fieldManager=m", "?dryRun=All", "?fieldSelector=spec.color%3Dred"]))
        if "?" not in path
        else ""
    )
    headers = {"accept": draw(st.sampled_from(ACCEPTS)), "content-type": draw(st.sampled_from(TYPES))}
    return Request(draw(st.sampled_from(["GET", "POST", "POST", "PUT", "PATCH", "DELETE"])), path, headers, draw(bodies(whole)))


@pytest.fixture(scope="module")
def cluster() -> Cluster:
    made = fresh_cluster()
    for definition in DEFINITIONS:
        made.create(definition)
    return made


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(request=requests())
def test_any_request_is_answered_and_a_refusal_changes_nothing(cluster: Cluster, request: Request) -> None:
    before = cluster.store.revision
    response = handle(cluster, request)
    assert 200 <= response.status < 600
    if response.status >= 400:
        assert cluster.store.revision == before
    for kind in cluster.kinds.served():
        if kind.custom:
            listed: Any = handle(cluster, Request("GET", f"/apis/{kind.api_version}/{kind.plural}", {"accept": ACCEPTS[5]}))
            assert listed.status == 200
