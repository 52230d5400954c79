"""Numbers as Go holds them: what comes out of YAML or JSON is a float64, what ``--set`` gives an int64, a literal an int.

Helm reads values through JSON into ``interface{}``, so that a template sees ``float64`` for every number of ``values.yaml``:
``{{ until .Values.count }}`` fails there, and must fail here. Source: helm ``pkg/chart/v2/loader`` and encoding/json.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any


class Int64(int):
    """A number that ``--set`` gave: an ``int64`` to ``kindOf`` and ``typeOf``."""


def floats(value: Any) -> Any:
    """A fresh copy of JSON-like data with every number as a float."""
    if isinstance(value, dict):
        return {key: floats(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [floats(inner) for inner in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def plain(value: Any) -> Any:
    """A fresh copy in which whole numbers are ints again, as Go's JSON writes them."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return whole(value)
    return int(value) if isinstance(value, Int64) else value


def whole(number: float) -> int:
    """The whole number that Go writes for a float: its shortest digits, then zeros."""
    return int(Decimal(repr(number)))
