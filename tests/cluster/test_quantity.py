"""Amounts of resources."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitops_sim.cluster.quantity import QuantityError, amount, canonical


# The left column is what people write, the right one what a real server answers.
@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("1000m", "1"),
        ("1024Mi", "1Gi"),
        ("1e3", "1e3"),
        (2, "2"),
        (1500000000, "1500M"),
        ("0.0015", "1500u"),
        ("1.5Gi", "1536Mi"),
        ("0.5", "500m"),
        (0.1, "100m"),
        ("100Ki", "100Ki"),
        ("1023Ki", "1023Ki"),
        ("0", "0"),
        ("0Gi", "0"),
        ("-1000", "-1k"),
        ("12345", "12345"),
        ("1.1e3", "1100"),
        ("+5", "5"),
        (".5", "500m"),
        ("5.", "5"),
        ("0.5Ki", "512"),
        ("9999999999999999999", "9223372036854775807"),
    ],
)
def test_an_amount_has_one_form(written: Any, stored: str) -> None:
    assert canonical(written) == stored


@pytest.mark.parametrize("written", ["", "abc", "1.2.3", "5 Gi", "1Kib", "1e", "--1", None, True, [], "1i", "1m5"])
def test_what_is_no_amount_is_refused_in_the_words_of_the_server(written: Any) -> None:
    with pytest.raises(QuantityError, match="quantities must match the regular expression"):
        canonical(written)


@given(st.integers(-(10**12), 10**12), st.sampled_from(["", "k", "M", "Ki", "Mi", "m"]))
def test_the_one_form_is_stable_and_loses_nothing(number: int, suffix: str) -> None:
    stored = canonical(f"{number}{suffix}")
    assert canonical(stored) == stored
    if abs(amount(f"{number}{suffix}")) < 2**62:
        assert amount(stored) == amount(f"{number}{suffix}")


def test_an_amount_is_an_exact_number() -> None:
    assert amount("100m") * 3 == Fraction(3, 10)
