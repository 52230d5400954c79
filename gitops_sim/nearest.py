"""The way out for a name that nobody knows: the nearest ones that somebody does."""

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


def similar(word: str, known: Iterable[str]) -> list[str]:
    """The words that kubectl and its kin ask about: ``Did you mean this?`` Two letters are wrong, or the end is missing.
    Source: github.com/spf13/cobra (SuggestionsFor)."""
    lower = word.lower()
    return [name for name in known if _distance(lower, name.lower()) <= 2 or name.lower().startswith(lower)]


def _distance(one: str, two: str) -> int:
    """How many letters have to be put in, taken out or changed."""
    row = list(range(len(two) + 1))
    for i, a in enumerate(one, 1):
        previous, row = row, [i]
        for j, b in enumerate(two, 1):
            row.append(min(previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (a != b)))
    return row[-1]
