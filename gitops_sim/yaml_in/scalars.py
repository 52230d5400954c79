"""What an unquoted scalar means."""

from __future__ import annotations

import re
from typing import Any

_WORDS: dict[str, Any] = {
    **dict.fromkeys(["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"], True),
    **dict.fromkeys(["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"], False),
    **dict.fromkeys(["", "~", "null", "Null", "NULL"], None),
    **dict.fromkeys([".nan", ".NaN", ".NAN"], float("nan")),
    **{sign + word: float("inf") for word in (".inf", ".Inf", ".INF") for sign in ("", "+")},
    **dict.fromkeys(["-.inf", "-.Inf", "-.INF"], float("-inf")),
}
_INTEGER = re.compile(r"[-+]?(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_FIRST_OF_NUMBER = frozenset("0123456789+-.")
_MOST_DIGITS = 400


def resolve(text: str) -> Any:
    """What an unquoted scalar means: the resolver of go-yaml v2, which Kubernetes, Argo CD and Flux read YAML with."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _FIRST_OF_NUMBER:
        return text
    plain = text if text[0] == "." else text.replace("_", "")
    if len(plain) <= _MOST_DIGITS and _INTEGER.match(plain):
        number = _integer(plain)
        if -(2**63) <= number < 2**63:
            return number
        return float(number) if number < 2**64 or _FLOAT.match(plain) else text
    if len(plain) <= _MOST_DIGITS and _FLOAT.match(plain):
        return as_json(float(plain))
    return text


def _integer(plain: str) -> int:
    sign = -1 if plain[0] == "-" else 1
    digits = plain.lstrip("+-").lower()
    base = {"0x": 16, "0b": 2, "0o": 8}.get(digits[:2]) or (8 if digits[0] == "0" else 10)
    return sign * int(digits.removeprefix("0x").removeprefix("0b").removeprefix("0o"), base)


def as_json(number: float) -> int | float:
    """Go writes a whole float without a fraction, so that it comes back as an integer."""
    return int(number) if number.is_integer() and abs(number) < 2**63 else number
