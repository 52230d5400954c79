"""Patches, compared with what the real kubectl computes: ``kubectl patch --local``, and what ``kubectl apply`` sends."""

from __future__ import annotations

import copy
import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitops_sim.cluster.decoding import decode
from gitops_sim.cluster.kinds import Kinds
from gitops_sim.cluster.merge import json_patch, merge_patch, strategic_merge, three_way
from gitops_sim.errors import ApiError
from tests.api.golden import RECORDINGS

RECORDED = json.loads((RECORDINGS / "kubectl-patches.json").read_text(encoding="utf-8"))
KINDS = Kinds()
DEPLOYMENT = KINDS.find("deploy")
WIDGET = KINDS.of_object({"apiVersion": "x.io/v1", "kind": "Widget"})
assert DEPLOYMENT is not None


@pytest.mark.parametrize("case", RECORDED["strategic"], ids=range(len(RECORDED["strategic"])))
def test_a_strategic_merge_is_that_of_kubectl(case: dict[str, Any]) -> None:
    before = copy.deepcopy(case)
    if "error" in case:
        with pytest.raises(ApiError) as refused:
            strategic_merge(DEPLOYMENT, case["object"], case["patch"])
        assert refused.value.message.strip() == case["error"].strip()
    else:
        merged = decode(DEPLOYMENT, strategic_merge(DEPLOYMENT, case["object"], case["patch"]))
        assert merged == case["result"]
    assert case == before, "a merge must not change what it is given"


@pytest.mark.parametrize(
    ("kind", "case"), [(DEPLOYMENT, case) for case in RECORDED["three-way"]] + [(WIDGET, case) for case in RECORDED["custom"]]
)
def test_the_patch_of_apply_is_that_of_kubectl(kind: Any, case: dict[str, Any]) -> None:
    before = copy.deepcopy(case)
    assert three_way(kind, case["original"], case["modified"], case["current"]) == case["patch"]
    assert case == before, "a diff must not change what it is given"


def test_two_ports_with_one_number_are_not_mixed_up() -> None:
    ports = [{"name": "tcp", "containerPort": 53, "protocol": "TCP"}, {"name": "udp", "containerPort": 53, "protocol": "UDP"}]
    obj = {"spec": {"template": {"spec": {"containers": [{"name": "dns", "image": "x", "ports": ports}]}}}}
    assert three_way(DEPLOYMENT, obj, obj, copy.deepcopy(obj)) == {}


def test_nothing_to_do_is_an_empty_patch() -> None:
    obj = RECORDED["three-way"][0]["modified"]
    assert three_way(DEPLOYMENT, obj, obj, obj) == {}


def test_a_list_whose_items_lack_the_merge_key_is_refused_as_by_kubectl() -> None:
    def with_containers(*items: dict[str, Any]) -> dict[str, Any]:
        return {"spec": {"template": {"spec": {"containers": list(items)}}}}

    with pytest.raises(ApiError, match=r"map: map\[image:x\] does not contain declared merge key: name"):
        three_way(DEPLOYMENT, None, with_containers({"image": "x"}), with_containers({"name": "a"}))


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "a", "b"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.sampled_from("abcd"), JSON_VALUES, max_size=4)


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: without_nulls(v) for k, v in value.items() if v is not None}
    return value


@given(OBJECTS, OBJECTS, OBJECTS)
def test_a_custom_resource_has_what_its_manifest_says_after_apply(original: Any, modified: Any, current: Any) -> None:
    patched = merge_patch(current, three_way(WIDGET, original, modified, current))
    again = three_way(WIDGET, modified, modified, patched)
    assert again == {} or merge_patch(patched, again) == patched, "a second apply must have nothing to do"
    for key, value in without_nulls(modified).items():
        if not isinstance(value, dict):
            assert patched[key] == value
    for key in original.keys() - modified.keys():
        assert key not in patched, "what the manifest dropped must go"
    for key in current.keys() - original.keys() - modified.keys():
        assert patched[key] == current[key], "what only the cluster has must stay"


# The examples of RFC 7386, appendix A.
@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "foo"}, None, None),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_merge_patch_follows_the_rfc(target: Any, patch: Any, result: Any) -> None:
    assert merge_patch(target, patch) == result


DOCUMENT = {"a": {"b": [1, 2, 3], "c~d": 4, "e/f": 5}}


@pytest.mark.parametrize(
    ("operations", "result"),
    [
        ([{"op": "add", "path": "/a/b/-", "value": 4}], {"a": {"b": [1, 2, 3, 4], "c~d": 4, "e/f": 5}}),
        ([{"op": "add", "path": "/a/b/0", "value": 0}], {"a": {"b": [0, 1, 2, 3], "c~d": 4, "e/f": 5}}),
        ([{"op": "remove", "path": "/a/b/1"}], {"a": {"b": [1, 3], "c~d": 4, "e/f": 5}}),
        ([{"op": "replace", "path": "/a/c~0d", "value": 9}], {"a": {"b": [1, 2, 3], "c~d": 9, "e/f": 5}}),
        ([{"op": "replace", "path": "/a/b/2", "value": 9}], {"a": {"b": [1, 2, 9], "c~d": 4, "e/f": 5}}),
        ([{"op": "remove", "path": "/a/e~1f"}], {"a": {"b": [1, 2, 3], "c~d": 4}}),
        ([{"op": "move", "from": "/a/b", "path": "/b"}], {"a": {"c~d": 4, "e/f": 5}, "b": [1, 2, 3]}),
        ([{"op": "copy", "from": "/a/b/0", "path": "/a/b/-"}], {"a": {"b": [1, 2, 3, 1], "c~d": 4, "e/f": 5}}),
        ([{"op": "test", "path": "/a/b/0", "value": 1}], DOCUMENT),
        ([{"op": "replace", "path": "", "value": {"x": 1}}], {"x": 1}),
        ([{"op": "add", "path": "", "value": {"x": 1}}], {"x": 1}),
        ([{"op": "replace", "path": "/a/new", "value": 1}], {"a": {"b": [1, 2, 3], "c~d": 4, "e/f": 5, "new": 1}}),
    ],
)
def test_json_patch_does_what_the_operations_say(operations: Any, result: Any) -> None:
    before = copy.deepcopy(DOCUMENT)
    assert json_patch(DOCUMENT, operations) == result
    assert before == DOCUMENT


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "test", "path": "/a/b/0", "value": 2},
        {"op": "remove", "path": "/a/b/3"},
        {"op": "remove", "path": "/none"},
        {"op": "remove", "path": ""},
        {"op": "add", "path": "/a/b/5", "value": 1},
        {"op": "add", "path": "/a/b/01", "value": 1},
        {"op": "add", "path": "/none/x", "value": 1},
        {"op": "replace", "path": "/a/b/7", "value": 1},
        {"op": "move", "from": "/none", "path": "/a"},
        {"op": "frob", "path": "/a"},
        {"op": "add", "path": "a", "value": 1},
        {"op": "add"},
    ],
)
def test_a_json_patch_that_cannot_be_done_says_no_more_than_the_real_server(operation: Any) -> None:
    with pytest.raises(ApiError) as refused:
        json_patch(DOCUMENT, [operation])
    assert (refused.value.code, refused.value.message) == (422, "the server rejected our request due to an error in our request")


@pytest.mark.parametrize("body", [{"op": "remove"}, "x", 7, None, ["x"]])
def test_a_json_patch_that_is_no_list_of_operations_cannot_be_decoded(body: Any) -> None:
    with pytest.raises(ApiError, match="error decoding patch") as refused:
        json_patch(DOCUMENT, body)
    assert refused.value.code == 400


DIRECTIVES = ["$patch", "$retainKeys", "$setElementOrder/containers", "$deleteFromPrimitiveList/finalizers"]
FIELDS = ["name", "containers", "finalizers", "metadata", "spec", "template", "env", "volumes", "strategy"]
PATCHES = st.recursive(
    st.none() | st.integers(0, 2) | st.sampled_from(["delete", "replace", "merge", "a"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*DIRECTIVES, *FIELDS]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


WHOLE = st.dictionaries(st.sampled_from(["metadata", "spec"]), PATCHES)


@given(WHOLE, WHOLE)
def test_no_strategic_patch_fails_otherwise_than_the_api_does(current: Any, patch: Any) -> None:
    for attempt in (strategic_merge, lambda kind, one, other: three_way(kind, one, other, one)):
        with suppress(ApiError):
            attempt(DEPLOYMENT, current, patch)
