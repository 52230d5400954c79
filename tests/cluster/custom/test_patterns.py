"""Expressions find what Python's own engine finds, and never hang."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitops_sim.cluster.custom.patterns import Pattern, PatternError

ATOMS = st.sampled_from(
    ["a", "b", ".", "[ab]", "[^a]", "[a-c]", r"\d", r"\w", r"\.", "(?:a|b)", "(a)", "$", "^", r"\b", "[[:digit:]]", "(?i:A)"]
)
REPEATS = st.sampled_from(["", "", "*", "+", "?", "{2}", "{1,2}", "{0,}", "*?"])
PARTS = st.lists(
    st.tuples(ATOMS, REPEATS).map(lambda pair: pair[0] + ("" if pair[0] in ("$", "^", r"\b") else pair[1])), max_size=5
)
EXPRESSIONS = st.lists(PARTS.map("".join), min_size=1, max_size=3).map("|".join)


@settings(max_examples=400, deadline=None)
@given(expression=EXPRESSIONS, text=st.text("ab1 .cA", max_size=8))
def test_what_is_found_is_what_python_finds(expression: str, text: str) -> None:
    mine = Pattern(expression).found(text)
    theirs = re.compile(expression.replace("[[:digit:]]", "[0-9]").replace("$", r"\Z"), re.ASCII).search(text)
    assert mine == (theirs is not None)


@pytest.mark.parametrize(
    ("expression", "text", "found"),
    [
        ("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", "web-1", True),
        ("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", "web-", False),
        (r"^\p{Lu}", "Äx", True),
        (r"^\x41\Q.*\E$", "A.*", True),
        (r"^(?P<year>\d{4})-\d\d$", "2026-11", True),
        ("^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$", "1h30m", True),
    ],
)
def test_the_syntax_of_go(expression: str, text: str, found: bool) -> None:
    assert Pattern(expression).found(text) is found


@pytest.mark.parametrize("expression", ["^(a+)+$", "^(a|a)*$", "^(a*)*(a*)*$", "(.*)*x"])
def test_hostile_expressions_take_no_longer(expression: str) -> None:
    assert not Pattern(expression).found("a" * 5000 + "b")


@pytest.mark.parametrize(
    "expression",
    [
        "(",
        ")",
        "[a",
        "a**",
        "*a",
        "a{2,1}",
        "a{5000}",
        r"\1",
        "(?=a)",
        "((((a{99}){99}){99}){99})",
        "(((){999}){999}){999}",
        "(" * 500,
        "\\",
    ],
)
def test_what_is_no_expression_is_said_to_be_none(expression: str) -> None:
    with pytest.raises(PatternError):
        Pattern(expression)
