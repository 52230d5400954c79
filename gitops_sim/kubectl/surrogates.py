"""Halves of characters, which no UTF-8 text can hold: Go puts U+FFFD in their place, and so do we."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_HALF = re.compile("[\ud800-\udfff]")


def whole(value: Any) -> Any:
    """A text, or any JSON value, without them."""
    if isinstance(value, str):
        return _HALF.sub("\ufffd", value)
    if isinstance(value, Mapping):
        return {whole(key): whole(item) for key, item in value.items()}
    return [whole(item) for item in value] if isinstance(value, list) else value
