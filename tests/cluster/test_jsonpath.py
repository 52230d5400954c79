"""JSONPath against what the real kubectl made of the same templates and object."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitops_sim.cluster.go_text import json_text, plain, syntax
from gitops_sim.cluster.jsonpath import JSONPath, JSONPathError

RECORDED = json.loads((Path(__file__).parents[1] / "goldens" / "jsonpath.json").read_text())


def as_kubectl_says(template: str, data: Any) -> tuple[str, str]:
    """Standard output and error of ``kubectl get -o jsonpath=TEMPLATE``."""
    try:
        path = JSONPath(template)
    except JSONPathError as error:
        return "", f"error: error parsing jsonpath {template}, {error}\n"
    try:
        return path.render(data), ""
    except JSONPathError as error:
        return "", (
            f"error: error executing jsonpath {syntax(template)}: Error executing template: {error}. Printing more information "
            f"for debugging the template:\n\ttemplate was:\n\t\t{template}\n\tobject given to jsonpath engine was:\n\t\t"
            f"{syntax(data)}\n\n\n"
        )


@pytest.mark.parametrize("case", RECORDED["cases"], ids=lambda case: repr(case[0]))
def test_templates_give_what_the_real_kubectl_gives(case: tuple[str, str, str]) -> None:
    template, stdout, stderr = case
    out, err = as_kubectl_says(template, RECORDED["object"])
    assert err == stderr
    if not stderr:
        assert out == stdout


def test_a_wildcard_over_a_mapping_goes_in_the_order_of_its_keys() -> None:
    assert JSONPath("{.data.*}").render({"data": {"b": 2, "a": 1}}) == "1 2"
    assert JSONPath("{..}").render({"b": {"c": 1}, "a": "x"}) == '{"a":"x","b":{"c":1}} x {"c":1}'


PIECES = st.sampled_from(
    [
        "{",
        "}",
        ".",
        "its",
        "data",
        "[*]",
        "[0]",
        "[-1]",
        "..",
        "n",
        "range ",
        "end",
        "?(",
        "@",
        "==",
        '"x"',
        "'",
        '"',
        "[",
        "]",
        ")",
        "\\",
    ]
)


@given(st.one_of(st.text(max_size=20), st.lists(PIECES, max_size=9).map("".join)))
def test_no_template_breaks_the_parser_or_the_evaluation(template: str) -> None:
    as_kubectl_says(template, RECORDED["object"])


def test_values_read_as_go_prints_them() -> None:
    assert plain({"b": [1.0, 1e6, 1e-5, True, None], "a": float("nan")}) == "map[a:NaN b:[1 1e+06 1e-05 true <nil>]]"
    assert (
        syntax({"k": ["é\x01\u2028\\\n", 2.5, None]})
        == 'map[string]interface {}{"k":[]interface {}{"é\\x01\\u2028\\\\\\n", 2.5, interface {}(nil)}}'
    )
    assert syntax("\U000e0001") == '"\\U000e0001"'


def test_json_is_escaped_and_indented_as_go_does() -> None:
    assert json_text({"b": ["<&>", 1.5e-7, 100000.0], "a": {}}) == '{"a":{},"b":["\\u003c\\u0026\\u003e",1.5e-7,100000]}'
    assert json_text({"a": [], "b": [None, {"c": False}]}, indent="  ") == (
        '{\n  "a": [],\n  "b": [\n    null,\n    {\n      "c": false\n    }\n  ]\n}'
    )
