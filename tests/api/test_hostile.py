"""Whatever is asked, the handler answers with a response of the API, and a refusal leaves the world as it was."""

from __future__ import annotations

import copy
import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gitops_sim.api import Request, handle
from gitops_sim.api.bodies import LARGEST
from gitops_sim.cluster import Cluster
from tests.api.golden import cases, fresh_cluster
from tests.cluster.test_hostile_writes import JUNK, paths

BODIES = [
    (step["request"]["path"], step["request"]["body"])
    for name in ("01-create", "03-patch", "07-deletion")
    for case in cases(name)
    for step in case["steps"]
    if isinstance(step["request"].get("body"), dict | list) and "<" not in json.dumps(step["request"]["body"])
]
PATHS = [
    *sorted({step["request"]["path"] for name in ("06-list-watch", "11-discovery") for c in cases(name) for step in c["steps"]}),
    *(
        "/",
        "",
        "//",
        "/api/v1/namespaces/golden/pods/p/log",
        "/api/v1/namespaces/golden/pods/p/eviction",
        "/openapi/v3/apis/apps/v1",
    ),
    *(
        "/api/v1/watch/namespaces/golden/configmaps",
        "/apis/nope/v1/things",
        "/api/v1/namespaces/golden/configmaps/\x00/..",
        "/%ff%fe",
    ),
    *("/apis/authorization.k8s.io/v1/subjectaccessreviews", "/api/v1/namespaces/golden/pods/p/proxy/x/y", "/readyz/etcd"),
]
MAPS = "/api/v1/namespaces/golden/configmaps"
TYPES = [
    "application/json", "application/yaml", "application/vnd.kubernetes.protobuf", "application/merge-patch+json", "",
    "application/strategic-merge-patch+json", "application/json-patch+json", "application/apply-patch+yaml", "text/plain", ";;",
]  # fmt: skip
ACCEPTS = [
    "", "application/json", "application/yaml", "*/*", "text/html", "application/json;as=Table;v=v1;g=meta.k8s.io", ";=,;",
    "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io", "application/vnd.kubernetes.protobuf",
]  # fmt: skip
OPTIONS = [
    "watch", "limit", "continue", "resourceVersion", "resourceVersionMatch", "labelSelector", "fieldSelector", "dryRun",
    "fieldValidation", "fieldManager", "force", "propagationPolicy", "gracePeriodSeconds", "timeoutSeconds", "sendInitialEvents",
    "allowWatchBookmarks", "includeObject", "pretty", "container", "hash",
]  # fmt: skip
VALUES = st.one_of(
    st.sampled_from(
        ["", "1", "0", "-1", "true", "All", "Strict", "x", "NotOlderThan", "Exact", "a=b", "a in (", "99999999999999999999"]
    ),
    st.text(max_size=8),
)


@st.composite
def bodies(draw: st.DrawFn, whole: Any) -> bytes:
    """A recorded body, spoiled in a few places or cut; or bytes of any kind."""
    shape = draw(st.sampled_from(["spoiled", "spoiled", "cut", "bytes", "protobuf", "deep", "none"]))
    if shape == "none":
        return b""
    if shape == "bytes":
        return draw(st.binary(max_size=60))
    if shape == "protobuf":
        return b"k8s\0" + draw(st.binary(max_size=80))
    if shape == "deep":
        return draw(st.sampled_from([b"[", b'{"a":', b'{"metadata":{"name":"x"},"data":'])) * draw(st.integers(1, 3000))
    spoiled = copy.deepcopy(whole)
    for _ in range(draw(st.integers(0, 3))):
        known = [path for path in paths(spoiled) if path]
        if not known:
            break
        path = draw(st.sampled_from(known))
        parent = spoiled
        for step in path[:-1]:
            parent = parent[step]
        parent[path[-1]] = draw(JUNK)
    text = json.dumps(spoiled).encode()
    return text[: draw(st.integers(0, len(text)))] if shape == "cut" else text


@st.composite
def requests(draw: st.DrawFn) -> Request:
    path, whole = draw(st.sampled_from(BODIES))
    if draw(st.booleans()):
        path = draw(st.sampled_from(PATHS))
    if draw(st.booleans()):
        path += draw(
            st.sampled_from(["/c", "/w", "/web", "/web/scale", "/c/status", "/p/log", "/p/binding", "/", "/%2e%2e", "/x/y/z"])
        )
    options = draw(st.dictionaries(st.sampled_from(OPTIONS), VALUES, max_size=3))
    query = "&".join(f"{name}={quote(value, errors='replace')}" for name, value in options.items())
    headers = {"accept": draw(st.sampled_from(ACCEPTS)), "content-type": draw(st.sampled_from(TYPES))}
    method = draw(st.sampled_from(["GET", "POST", "POST", "PUT", "PATCH", "PATCH", "DELETE", "HEAD", "OPTIONS", "BREW"]))
    return Request(method, path + (f"?{query}" if query else ""), headers, draw(bodies(whole)))


@pytest.fixture(scope="module")
def cluster() -> Cluster:
    return fresh_cluster()


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(request=requests())
@example(request=Request("POST", "/api/v1/namespaces/golden/configmaps", {}, b'{"metadata":{"name":"\\ud800"}}'))
@example(request=Request("POST", "/api/v1/namespaces/golden/configmaps", {}, b'{"metadata":{"name":"a"},"data":{"x":1e999}}'))
@example(request=Request("PATCH", "/api/v1/namespaces/golden", {"content-type": "application/merge-patch+json"}, b"[" * 100_000))
def test_any_request_is_answered_and_a_refusal_changes_nothing(cluster: Cluster, request: Request) -> None:
    before = cluster.store.revision
    response = handle(cluster, request)
    assert 200 <= response.status < 600
    if response.status >= 400:
        assert cluster.store.revision == before
        if request.method != "HEAD" and response.body != b"404 page not found\n":
            status = json.loads(response.body)
            assert (status["kind"], status["code"], status["status"]) == ("Status", response.status, "Failure")
            assert status["message"]
    if response.watch is not None:
        for line in [*response.watch.take(), *response.watch.bookmark()]:
            assert json.loads(line)["type"] in ("ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR")
    for warning in response.warnings:
        assert warning.isprintable()
    assert handle(cluster, Request("GET", "/api/v1/namespaces/golden")).status == 200


@pytest.mark.parametrize(
    ("method", "target", "body", "code", "reason"),
    [
        ("POST", MAPS, {"metadata": {"name": "Nope"}}, 422, "Invalid"),
        ("POST", MAPS, {"metadata": {"name": "a", "labels": {"-": "x"}}}, 422, "Invalid"),
        ("POST", MAPS + "?fieldValidation=Strict", {"metadata": {"name": "a"}, "x": 1}, 400, "BadRequest"),
        ("POST", MAPS, {"metadata": {"name": "a"}, "data": {"a": 1}}, 400, "BadRequest"),
        ("POST", MAPS, {"metadata": {"name": "a"}, "data": {"a": "x" * LARGEST}}, 413, "RequestEntityTooLarge"),
        ("GET", "/apis/apps/v1/things", None, 404, "NotFound"),
        ("POST", MAPS + "?dryRun=Some", {"metadata": {"name": "a"}}, 422, "Invalid"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_the_words_of_the_api(
    cluster: Cluster, method: str, target: str, body: Any, code: int, reason: str
) -> None:
    response = handle(cluster, Request(method, target, {}, json.dumps(body).encode() if body is not None else b""))
    assert (response.status, response.json()["reason"]) == (code, reason)
