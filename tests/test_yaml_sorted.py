"""YAML against what the real kubectl printed for the same object."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from gitops_sim.yaml_in import load_document
from gitops_sim.yaml_sorted import to_yaml

RECORDED = json.loads((Path(__file__).parent / "goldens" / "yaml.json").read_text())


def test_quotes_blocks_folds_and_order_are_those_of_the_real_kubectl() -> None:
    assert to_yaml(RECORDED["object"]).splitlines() == RECORDED["yaml"].splitlines()


TEXT = st.text(st.sampled_from(" abn:#-?!&*@`%'\"{}[],|>\n\t.01e_+xo~=<\\é😀"), max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(TEXT, JSON, min_size=1, max_size=4))
def test_what_is_printed_is_read_back_as_the_same(value: dict[str, Any]) -> None:
    assert load_document(to_yaml(value), where="x") == value


def test_shared_parts_are_printed_in_full() -> None:
    part = {"a": 1}
    assert yaml.safe_load(to_yaml({"x": part, "y": part})) == {"x": part, "y": part}
    assert "&" not in to_yaml({"x": part, "y": part})
