"""The way out for a name that nobody knows: the nearest one that somebody does."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(word: str, known: Iterable[str]) -> str:
    """``did you mean 'drift'?`` where something known is close to ``word``; otherwise ``use one of drift, sync``."""
    options = list(dict.fromkeys(known))
    close = difflib.get_close_matches(word.lower(), options, n=1, cutoff=0.5)
    if not close and len(word) > 1:
        close = [option for option in options if word.lower() in option.lower()][:1]
    if close:
        return f"did you mean {close[0]!r}?"
    return "use one of " + ", ".join(options) if options else "there is none"
