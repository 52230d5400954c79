"""Patterns of names and paths: ``*``, ``?``, ``[a-z]``, ``{a,b}``. Source of the rules: github.com/gobwas/glob."""

from __future__ import annotations

import re
from functools import lru_cache


@lru_cache(maxsize=4096)
def compiled(pattern: str, separator: str = "") -> re.Pattern[str] | None:
    """``*`` and ``?`` stop at a separator, where there is one; ``**`` never does. None for a pattern that cannot be read."""
    one = f"[^{re.escape(separator)}]" if separator else "."
    found, at, depth = "", 0, 0
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if char == "\\" and at < len(pattern):
            found, at = found + re.escape(pattern[at]), at + 1
        elif char == "*":
            deep = pattern[at : at + 1] == "*"
            found, at = found + (".*" if deep else f"{one}*"), at + deep
        elif char == "?":
            found += one
        elif char == "[":
            end = pattern.find("]", at + 1)
            if end < 0:
                return None
            inside, at = pattern[at:end], end + 1
            negated = inside[:1] in ("!", "^")
            found += f"[{'^' * negated}{_class(inside[negated:])}]"
        elif char == "{":
            found, depth = f"{found}(?:", depth + 1
        elif char == "}" and depth:
            found, depth = f"{found})", depth - 1
        elif char == "," and depth:
            found += "|"
        else:
            found += re.escape(char)
    if depth:
        return None
    try:
        return re.compile(found, re.DOTALL)
    except re.error:
        return None


def _class(inside: str) -> str:
    return "".join(char if char == "-" else re.escape(char) for char in inside)
