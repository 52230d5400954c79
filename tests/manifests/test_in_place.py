"""Editing one value of a YAML text: what was not edited stays as it was, to the byte."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gitops_sim.errors import BadInput
from gitops_sim.manifests.in_place import scalars, with_values
from gitops_sim.yaml_in import load_documents

TEXT = (
    "# what we run: ö😀\r\n"
    "images:   # a list\r\n"
    "- name: 'shop/web'\r\n"
    '  newTag: "1.5"   # pin\r\n'
    "- {name: shop/db, newTag: 9}   # both\r\n"
    "---\r\n"
    "empty: # to be filled\r\n"
    "text: |\r\n"
    "  image: not a value # of its own\r\n"
)


def edit(text: str, path: tuple[str | int, ...], value: str) -> str:
    [scalar] = [one for one in scalars(text, where="x.yaml") if one.path == path]
    return with_values(text, [(scalar, value)])


@pytest.mark.parametrize(
    ("path", "value", "old", "new"),
    [
        (("images", 0, "name"), "it's", "'shop/web'", "'it''s'"),
        (("images", 0, "newTag"), "1.6", '"1.5"', '"1.6"'),
        (("images", 1, "name"), "shop/db:9.1", "name: shop/db,", "name: shop/db:9.1,"),
        (("images", 1, "newTag"), "10", "newTag: 9}", 'newTag: "10"}'),
        (("empty",), "1.5.1", "empty: #", "empty: 1.5.1 #"),
    ],
)
def test_only_the_value_changes_and_it_stays_in_its_quotation_marks(
    path: tuple[str | int, ...], value: str, old: str, new: str
) -> None:
    after = edit(TEXT, path, value)
    assert after == TEXT.replace(old, new, 1)
    found = [one.value for one in load_documents(after, where="x.yaml")][path == ("empty",)]
    for step in path:
        found = found[step]
    assert found == value


def test_every_value_is_found_with_its_line_and_the_comment_behind_it() -> None:
    found = {one.path: (one.document, one.line, one.comment) for one in scalars(TEXT, where="x.yaml")}
    assert found[("images", 0, "newTag")] == (0, 4, " pin")
    assert found[("images", 1, "newTag")] == (0, 5, "")
    assert found[("empty",)] == (1, 7, " to be filled")
    assert ("text",) not in found


@pytest.mark.parametrize("value", ["true", "1.5", "0x10", "", "a: b", "# no", "null", "- x", "*a"])
def test_what_would_read_as_something_else_is_put_in_quotation_marks(value: str) -> None:
    after = edit("a: b # c\n", ("a",), value)
    assert load_documents(after, where="x")[0].value == {"a": value}
    assert after.endswith(" # c\n")


def test_a_byte_order_mark_stays_where_it_is() -> None:
    assert edit("\ufeffa: b # c\n", ("a",), "d") == "\ufeffa: d # c\n"


def test_what_is_no_yaml_names_its_place() -> None:
    with pytest.raises(BadInput) as caught:
        scalars("a: {{ .Values.x }}\nb: [", where="chart.yaml")
    assert caught.value.where.startswith("chart.yaml:")


_TEXTS = st.text(
    st.characters(min_codepoint=32, max_codepoint=0x2FF, exclude_categories=["Cc"], exclude_characters="\xa0"), max_size=12
)
_VALUES = st.recursive(
    st.one_of(_TEXTS, st.integers(-5, 5), st.booleans(), st.none()),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3), st.dictionaries(st.sampled_from("abcd"), inner, min_size=1, max_size=3)
    ),
    max_leaves=8,
)


@given(
    st.dictionaries(st.sampled_from("abcd"), _VALUES, min_size=1, max_size=3),
    st.sampled_from([None, False, True]),
    _TEXTS,
    st.data(),
)
def test_whatever_the_layout_one_value_is_another_text_and_the_others_are_what_they_were(
    content: dict[str, Any], flow: bool | None, new: str, data: st.DataObject
) -> None:
    text = yaml.safe_dump(content, default_flow_style=flow, allow_unicode=True, sort_keys=False, width=10**6)
    found = scalars(text, where="x.yaml")
    chosen = data.draw(st.sampled_from(found)) if found else None
    before = load_documents(text, where="x.yaml")[0].value
    if chosen is not None:
        after = with_values(text, [(chosen, new)])
        assert load_documents(after, where="x.yaml")[0].value == _replaced(before, chosen.path, new)
        assert after[: chosen.start] == text[: chosen.start]
        assert after.endswith(text[chosen.end :])


def _replaced(value: Any, path: tuple[str | int, ...], new: str) -> Any:
    if not path:
        return new
    if isinstance(value, list):
        return [_replaced(inner, path[1:], new) if index == path[0] else inner for index, inner in enumerate(value)]
    return {key: _replaced(inner, path[1:], new) if key == path[0] else inner for key, inner in value.items()}
