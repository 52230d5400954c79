"""What an unquoted scalar means to go-yaml v3, in which kustomize keeps its objects, and how Go's JSON writes it.

Source: ``resolve.go`` and ``encode.go`` of go.yaml.in/yaml/v3 (3.0.4), ``encoding/json``.
"""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from gitops_sim.manifests.kustomize.errors import KustomizeError

STR, INT, FLOAT, BOOL, NULL, TIME = "!!str", "!!int", "!!float", "!!bool", "!!null", "!!timestamp"
MERGE, BINARY, MAP, SEQ = "!!merge", "!!binary", "!!map", "!!seq"

_FIXED: dict[str, tuple[str, Any]] = {
    **dict.fromkeys(["true", "True", "TRUE"], (BOOL, True)),
    **dict.fromkeys(["false", "False", "FALSE"], (BOOL, False)),
    **dict.fromkeys(["", "~", "null", "Null", "NULL"], (NULL, None)),
    **dict.fromkeys([".nan", ".NaN", ".NAN"], (FLOAT, float("nan"))),
    **{sign + word: (FLOAT, float("inf")) for word in (".inf", ".Inf", ".INF") for sign in ("", "+")},
    **dict.fromkeys(["-.inf", "-.Inf", "-.INF"], (FLOAT, float("-inf"))),
}
_NUMERIC = frozenset("0123456789+-.")
_INT = re.compile(r"([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]([0-7]+)|(0[0-7]*)|([1-9][0-9]*))\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_DOT_FLOAT = re.compile(r"\.[0-9]+([eE][-+]?[0-9]+)?\Z")
_TIME = re.compile(
    r"(\d{4})-(\d\d?)-(\d\d?)"
    r"(?:(?:([Tt])(\d\d?):(\d\d?):(\d\d?)([.,]\d+)?(Z|[-+]\d\d:\d\d)| (\d\d?):(\d\d?):(\d\d?)([.,]\d+)?))?\Z"
)
_RESOLVABLE = frozenset(("", STR, BOOL, INT, FLOAT, NULL, TIME))
_MOST_DIGITS = 5000


def resolve(text: str) -> tuple[str, Any]:
    """The tag and the value of an unquoted scalar without a tag of its own."""
    found = _FIXED.get(text)
    if found is not None:
        return found
    if text[0] not in _NUMERIC:
        return STR, text
    if text[0] == ".":
        return (FLOAT, _float(text, text)[1]) if _DOT_FLOAT.match(text) else (STR, text)
    if text[4:5] == "-":
        moment = _timestamp(text)
        if moment is not None:
            return TIME, moment
    plain = text.replace("_", "")
    whole = _INT.match(plain) if len(plain) <= _MOST_DIGITS else None
    if whole is not None:
        sign, hexadecimal, binary, octal, old, decimal = whole.groups()
        if decimal is not None:
            number = int(decimal)
        elif hexadecimal is not None:
            number = int(hexadecimal, 16)
        else:
            number = int(binary, 2) if binary else int(octal or old, 8)
        number = -number if sign == "-" else number
        if -(2**63) <= number < 2**63 or (number < 2**64 and number >= 0 and not sign):
            return INT, number
    if _FLOAT.match(plain):
        return _float(plain, text)
    return STR, text


def _float(plain: str, text: str) -> tuple[str, Any]:
    number = float(plain)
    return (STR, text) if number in (float("inf"), float("-inf")) else (FLOAT, number)


def _timestamp(text: str) -> str | None:
    """The moment as Go's JSON writes it (RFC 3339, as few digits as needed)."""
    found = _TIME.match(text)
    if found is None:
        return None
    year, month, day, marker, hour, minute, second, fraction, zone, hour2, minute2, second2, fraction2 = found.groups()
    hour, minute, second = hour or hour2 or "0", minute or minute2 or "0", second or second2 or "0"
    fraction = fraction or fraction2 or ""
    try:
        offset = UTC
        if marker and zone != "Z":
            delta = timedelta(hours=int(zone[1:3]), minutes=int(zone[4:]))
            offset = timezone(-delta if zone[0] == "-" else delta)
        moment = datetime(int(year), int(month), int(day), int(hour), int(minute), int(second), tzinfo=offset)
    except ValueError:
        return None
    digits = fraction[1:10].rstrip("0")
    zulu = (
        moment.strftime("%Y-%m-%dT%H:%M:%S") if moment.year >= 1000 else f"{moment.year:04d}" + moment.strftime("-%m-%dT%H:%M:%S")
    )
    return zulu + (f".{digits}" if digits else "") + (zone if marker and zone != "Z" and zone[1:] != "00:00" else "Z")


def decode(tag: str, text: str) -> Any:
    """The value of a scalar whose tag is written down. Raises KustomizeError when it does not fit."""
    if tag == BINARY:
        try:
            return base64.b64decode("".join(text.split()), validate=True).decode("utf-8", "replace")
        except ValueError:
            raise KustomizeError("yaml: !!binary value contains invalid base64 data") from None
    if tag == STR or tag not in _RESOLVABLE:
        return text
    found, value = resolve(text)
    if tag in ("", found):
        return value
    if tag == FLOAT and found == INT:
        return float(value)
    raise KustomizeError(f"yaml: cannot decode {found} `{text}` as a {tag}", mend="give the field a value of the type it has")


def go_number(value: float) -> Any:
    """A float as it comes back from Go's JSON: what is whole, and no larger than 64 bits, is an integer."""
    if value.is_integer():
        whole = int(Decimal(repr(value)))  # as many digits as the number needs, then zeros
        if -(2**63) <= whole < 2**64:
            return whole
    return value
