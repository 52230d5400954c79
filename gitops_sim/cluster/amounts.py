"""Amounts of several resources, added and compared as the API server does: exactly, and shown in the family they came in."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from gitops_sim.cluster.quantity import QuantityError, amount, canonical

Amount = tuple[Fraction, bool]
"""How many, and whether it is shown with a suffix of powers of 1024."""
Amounts = dict[str, Amount]


def of_list(resources: Mapping[str, Any]) -> Amounts:
    """``{cpu: 250m, memory: 1Gi}``; what is no amount is left out."""
    found: Amounts = {}
    for name, value in resources.items():
        try:
            found[name] = (amount(value), str(value).endswith("i"))
        except QuantityError:
            continue
    return found


def added(one: Amounts, other: Mapping[str, Amount]) -> Amounts:
    """The first amount that is not zero says how the sum is shown."""
    total = dict(one)
    for name, (many, binary) in other.items():
        before = total.get(name, (Fraction(0), binary))
        total[name] = (before[0] + many, before[1] if before[0] else binary)
    return total


def largest(one: Amounts, other: Amounts) -> Amounts:
    return {**one, **{name: many for name, many in other.items() if name not in one or many[0] > one[name][0]}}


def shown(many: Amount) -> str:
    number, binary = many
    if binary and number.denominator == 1 and number % 1024 == 0:
        return canonical(f"{int(number) // 1024}Ki")
    return canonical(f"{int(number * 10**9)}n")
