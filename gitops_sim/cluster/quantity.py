"""Amounts of resources: ``500m``, ``1Gi``, ``2e3``, kept in the one form that the API server writes.

Source of the rules: k8s.io/apimachinery ``pkg/api/resource``.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache
from typing import Any

_FORM = re.compile(r"([+-]?)(\d+\.?\d*|\.\d+)([a-zA-Z]*)([+-]?\d*)")
_BINARY = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_LARGEST = 2**63 - 1


class QuantityError(ValueError):
    """In the server's words."""

    def __init__(self) -> None:
        super().__init__(r"quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")


def canonical(value: Any) -> str:
    """The one way to write an amount: no fraction, the largest suffix that fits, of the family (1024, 1000, exponent) it came in.

    Takes a string or a number. Raises QuantityError.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise QuantityError
    return _canonical(value if isinstance(value, str) else repr(value))


def amount(value: Any) -> Fraction:
    """The exact number: ``500m`` is 1/2. Raises QuantityError."""
    return _parse(str(value))[0]


@lru_cache(maxsize=1024)
def _parse(text: str) -> tuple[Fraction, str]:
    form = _FORM.fullmatch(text)
    if form is None:
        raise QuantityError
    sign, digits, suffix, exponent = form.groups()
    number = Fraction(digits.rstrip(".") or "0") * (-1 if sign == "-" else 1)
    if suffix in ("e", "E") and exponent.strip("+-") and len(exponent) < 5:
        return number * Fraction(10) ** int(exponent), "exponent"
    if exponent:
        raise QuantityError
    if suffix in _BINARY:
        return number * 1024 ** _BINARY[suffix], "binary"
    if suffix in _DECIMAL:
        return number * Fraction(10) ** _DECIMAL[suffix], "decimal"
    raise QuantityError


@lru_cache(maxsize=1024)
def _canonical(text: str) -> str:
    number, family = _parse(text)
    if number == 0:
        return "0"
    if abs(number) > _LARGEST:
        number = Fraction(_LARGEST if number > 0 else -_LARGEST)
    if family == "binary" and abs(number) >= 1024 and number.denominator == 1:
        whole, steps = int(number), 0
        while whole % 1024 == 0 and steps < 6:
            whole, steps = whole // 1024, steps + 1
        return f"{whole}{['', *_BINARY][steps]}"
    nano = number * 10**9
    whole = -(-abs(nano.numerator) // nano.denominator) * (-1 if nano < 0 else 1)
    exponent = -9
    while whole % 1000 == 0 and exponent < 18:
        whole, exponent = whole // 1000, exponent + 3
    if family == "exponent":
        return f"{whole}e{exponent}" if exponent else str(whole)
    return f"{whole}{next(suffix for suffix, power in _DECIMAL.items() if power == exponent)}"
