"""Differences like those of GNU diff 3.8, which made the recordings from random texts."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from gitops_sim.kubectl.unified import changed_lines, unified

RECORDED = json.loads((Path(__file__).parent.parent / "goldens" / "diff.json").read_text(encoding="utf-8"))
LINES = st.lists(st.sampled_from(("a\n", "b\n", "c\n")), max_size=25)


def test_hunks_are_those_of_gnu_diff() -> None:
    for old, new, hunks in RECORDED:
        assert unified(old, new) == hunks


def test_equal_texts_have_no_hunks() -> None:
    assert unified("a\nb\n", "a\nb\n") == ""
    assert unified("", "") == ""


@given(LINES, LINES)
def test_unchanged_lines_are_the_same_on_both_sides(old: list[str], new: list[str]) -> None:
    gone, come = changed_lines(old, new)
    kept = [line for line, changed in zip(old, gone, strict=True) if not changed]
    assert kept == [line for line, changed in zip(new, come, strict=True) if not changed]
