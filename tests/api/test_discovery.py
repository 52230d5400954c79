"""What there is to ask for: the discovery documents, compared resource by resource with those of a real 1.36 API server."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from gitops_sim.api import Request, handle
from tests.api.golden import Player, cases, fresh_cluster

DOCUMENTS = [case for case in cases("11-discovery") if "resources" in case["steps"][0]["response"]["body"]]
OTHERS = [
    case for case in cases("11-discovery") if case not in DOCUMENTS and case["name"] not in ("openapi-v3", "aggregated-apis")
]
NOT_SERVED = {
    "nodes/proxy": "nothing runs behind it",
    "pods/attach": "nothing runs in the simulated containers",
    "pods/ephemeralcontainers": "nothing runs in the simulated containers",
    "pods/exec": "nothing runs in the simulated containers",
    "pods/portforward": "nothing runs in the simulated containers",
    "pods/proxy": "nothing runs behind it",
    "pods/resize": "containers are not resized in place",
    "services/proxy": "nothing runs behind it",
}
"""Subresources that nothing here answers, and why."""


def body_of(target: str, **headers: str) -> Any:
    response = handle(fresh_cluster(), Request("GET", target, headers))
    assert response.status == 200, response.body
    return response.json()


@pytest.mark.parametrize("case", DOCUMENTS, ids=lambda case: case["name"])
def test_resources_are_those_of_the_real_server(case: dict[str, Any]) -> None:
    step = case["steps"][0]
    wanted, found = dict(step["response"]["body"]), body_of(step["request"]["path"])
    theirs = {item["name"]: item for item in wanted.pop("resources")}
    ours = {item["name"]: item for item in found.pop("resources")}
    assert found == wanted
    assert set(theirs) - set(ours) <= set(NOT_SERVED)
    assert {name: item for name, item in theirs.items() if name in ours} == ours


@pytest.mark.parametrize("case", OTHERS, ids=lambda case: case["name"])
def test_other_documents_are_those_of_the_real_server(case: dict[str, Any]) -> None:
    assert not Player(fresh_cluster()).play(case["steps"][0])


def test_the_aggregated_form_says_the_same() -> None:
    (step,) = next(case for case in cases("11-discovery") if case["name"] == "aggregated-apis")["steps"]
    assert not Player(fresh_cluster()).play(step)


def test_openapi_is_found_by_its_hash_and_may_then_be_kept_for_ever() -> None:
    paths = body_of("/openapi/v3")["paths"]
    (step,) = next(case for case in cases("11-discovery") if case["name"] == "openapi-v3")["steps"]
    recorded = [re.sub("hash=.*", "", item["serverRelativeURL"]) for item in step["response"]["body"]]
    assert [re.sub("hash=.*", "", paths[name]["serverRelativeURL"]) for name in ("api/v1", "apis/apps/v1", "version")] == recorded
    response = handle(fresh_cluster(), Request("GET", paths["apis/apps/v1"]["serverRelativeURL"]))
    assert response.headers["Cache-Control"] == "public, immutable"
    assert json.loads(response.body)["openapi"] == "3.0.0"


def test_swagger_is_protobuf_for_kubectl_and_json_for_others() -> None:
    asked = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"
    swagger = handle(fresh_cluster(), Request("GET", "/openapi/v2", {"accept": asked}))
    assert swagger.content_type == asked.replace("v2@v1.0", "v2.v1.0")
    assert swagger.body.startswith(b"\x0a\x032.0")
    assert "io.k8s.api.apps.v1.Deployment" in body_of("/openapi/v2")["definitions"]
