"""Objects with wrong types anywhere: the answer is an ApiError, never a Python error, and nothing is stored."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gitops_sim.cluster.cluster import Cluster
from gitops_sim.errors import ApiError
from gitops_sim.objects import Object
from tests.api.golden import cases, fresh_cluster

MANIFESTS = [
    step["request"]["body"]
    for name in ("01-create", "02-validation")
    for case in cases(name)
    for step in case["steps"]
    if step["request"]["method"] == "POST"
    and isinstance(step["request"].get("body"), dict)
    and "<" not in json.dumps(step["request"]["body"])
]
SCALARS = [None, True, False, 0, -1, 1.5, 2**70, "", "foo", "\ud800", "-", "5", "%", "1Gi"]
JUNK = st.sampled_from([*SCALARS, [], [None], [1], [[]], [{}], {}, {"a": None}, {"": 1}, {"a": [1]}]).map(copy.deepcopy)


def paths(value: Any, here: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [here, *(path for step, item in inner for path in paths(item, (*here, step)))]


@st.composite
def spoiled(draw: st.DrawFn) -> Any:
    """A manifest of the recordings with junk in up to three places; now and then a field more or less."""
    manifest = copy.deepcopy(draw(st.sampled_from(MANIFESTS)))
    for _ in range(draw(st.integers(1, 3))):
        known = [path for path in paths(manifest) if path and path not in (("apiVersion",), ("kind",))]
        path = draw(st.sampled_from(known or [()]))
        if not path:
            break
        holder = manifest
        for step in path[:-1]:
            holder = holder[step]
        if isinstance(path[-1], str) and draw(st.booleans()) and draw(st.booleans()):
            del holder[path[-1]]
        else:
            holder[path[-1]] = draw(JUNK)
    return manifest


@pytest.fixture(scope="module")
def cluster() -> Cluster:
    return fresh_cluster()


def attempt(call: Any, *args: Any, **options: Any) -> Object | None:
    try:
        found: Object = call(*args, **options)
    except ApiError as refused:
        json.dumps(refused.status())
        return None
    return found


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(manifest=spoiled(), other=spoiled(), junk=JUNK)
def test_any_manifest_is_stored_or_refused(cluster: Cluster, manifest: Any, other: Any, junk: Any) -> None:
    stored = attempt(cluster.create, manifest, namespace="golden")
    if stored is None:
        return
    meta = stored["metadata"]
    name, namespace = meta["name"], meta.get("namespace") or ""
    kind = cluster.kind_of(stored)
    json.dumps(stored)
    again = cluster.update(stored)
    assert again is stored, "an object as it was read back must be a write without effect"
    attempt(cluster.update, {**other, "apiVersion": stored["apiVersion"], "kind": stored["kind"], "metadata": meta})
    attempt(cluster.update, {**stored, "status": junk}, subresource="status")
    attempt(cluster.update, {**stored, "metadata": junk})
    for type_ in ("merge", "strategic", "json"):
        attempt(cluster.patch, kind, name, namespace, other, type=type_)
        attempt(cluster.patch, kind, name, namespace, junk, type=type_)
        attempt(cluster.patch, kind, name, namespace, {"spec": junk}, type=type_, subresource="scale")
    attempt(cluster.patch, kind, name, namespace, [{"op": "replace", "path": "/spec", "value": junk}], type="json")
    attempt(cluster.delete, kind, name, namespace)
    attempt(cluster.patch, kind, name, namespace, {"metadata": {"finalizers": None}}, type="merge")


@given(junk=JUNK)
def test_what_is_no_object_is_a_bad_request(junk: Any) -> None:
    cluster = Cluster(controllers=False)
    for obj in (junk, {"kind": junk}, {"apiVersion": "v1", "kind": junk}, {"apiVersion": junk, "kind": "Pod", "metadata": junk}):
        if isinstance(obj, dict) and isinstance(junk, str) and junk:
            continue
        with pytest.raises(ApiError) as refused:
            cluster.create(obj)
        assert refused.value.code in (400, 422)
