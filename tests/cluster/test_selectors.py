"""Label and field selectors, compared with recordings of a real API server."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitops_sim.cluster.kinds import Kinds
from gitops_sim.cluster.selectors import field_selector, label_selector, matches
from gitops_sim.errors import ApiError
from tests.api.golden import fresh_cluster, load

PODS = Kinds().of("", "Pod")
LABELS = {"app": "web", "tier": "front", "n": "5"}


@pytest.mark.parametrize("case", load("selectors"), ids=lambda case: case["name"])
def test_lists_are_those_of_the_real_server(case: dict[str, Any]) -> None:
    cluster = fresh_cluster()
    for step in case["steps"]:
        parts = step["path"].split("/")
        kind, namespace = parts[-1], parts[-2] if parts[-3] == "namespaces" else ""
        if step["method"] == "POST":
            cluster.create(step["body"], namespace=namespace)
            continue
        query = step["query"]
        try:
            found = cluster.list(kind, namespace, labels=query.get("labelSelector", ""), fields=query.get("fieldSelector", ""))
            answer: Any = [obj["metadata"]["name"] for obj in found if obj["metadata"]["name"] != "default"]
            status = 200
        except ApiError as error:
            status, answer = error.code, error.message
        assert (status, answer) == (step["status"], step["answer"]), query


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("app=web,tier!=back", True),
        ("app in (api, web),n > 4", True),
        ("n<5", False),
        ("tier > 1", False),
        ("!app", False),
        ("!gone,gone notin (x)", True),
        ("tier in (front,),app", True),
        ("", True),
        ("gone=", False),
    ],
)
def test_a_label_selector_says_whom_it_means(text: str, expected: bool) -> None:
    assert label_selector(text).matches(LABELS) is expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,", "found '', expected: identifier after ','"),
        ("!=a", "found '!=', expected: !, identifier, or 'end of string'"),
        ("!,a", "unable to parse requirement: found ',', expected: identifier"),
        ("a in b", "unable to parse requirement: found 'b' expected: '('"),
        ("a in (b c)", "unable to parse requirement: found 'c', expected: ',' or ')'"),
        ("a in (=)", "unable to parse requirement: found '=', expected: ',', ')' or identifier"),
        ("a=(", "unable to parse requirement: found '(', expected: identifier"),
        ("!a=b", "found '=', expected: ',' or 'end of string'"),
        ("a > b", "unable to parse requirement: values[0]: Invalid value: \"b\": for 'Gt', 'Lt' operators, the value must be an"),
    ],
)
def test_a_bad_label_selector_is_refused_with_the_place(text: str, message: str) -> None:
    with pytest.raises(ApiError) as refused:
        label_selector(text)
    assert refused.value.code == 400
    assert refused.value.message.startswith(message)


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ({"matchLabels": {"app": "web"}}, True),
        ({"matchLabels": {"app": "web"}, "matchExpressions": [{"key": "tier", "operator": "NotIn", "values": ["back"]}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["api"]}]}, False),
        ({"matchExpressions": [{"key": "gone", "operator": "DoesNotExist"}, {"key": "app", "operator": "Exists"}]}, True),
        ({"app": "web"}, True),
        ({"app": "api"}, False),
        ({}, True),
        (None, False),
        ("app=web", False),
    ],
)
def test_a_selector_of_an_object_says_whom_it_means(selector: Any, expected: bool) -> None:
    assert matches(selector, LABELS) is expected


@given(st.text(alphabet="ab=!(),<> in", max_size=12))
def test_any_text_is_a_selector_or_a_bad_request(text: str) -> None:
    with suppress(ApiError):
        label_selector(text).matches(LABELS)
    with suppress(ApiError):
        field_selector(PODS, text)
