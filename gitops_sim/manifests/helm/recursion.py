"""Room for templates that include templates: each takes some ten frames of Python, which by default are soon used up."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

_FRAMES = 6000


@contextmanager
def room() -> Iterator[None]:
    """Lets Python call deeper within the block. What needs still more raises RecursionError, as ever."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _FRAMES))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
