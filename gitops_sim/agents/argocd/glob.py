"""Patterns as Argo CD reads them in projects and policies: ``*``, ``?``, ``[a-z]``, ``{a,b}``.

A ``*`` stops at a separator where there is one, ``**`` never does. Source of the rules: github.com/gobwas/glob; kinds and groups
are matched by Go's ``filepath.Match`` instead, which knows neither ``**`` nor ``{a,b}``.
"""

from __future__ import annotations

import re
from functools import lru_cache


def matches(pattern: str, text: str, *, separator: str = "") -> bool:
    """Whether the whole text fits. A pattern that cannot be read fits nothing, as in the real one, which only logs it."""
    compiled = _compiled(pattern, separator)
    return compiled is not None and compiled.fullmatch(text) is not None


def matches_or_denies(pattern: str, text: str, *, separator: str = "") -> bool:
    """A pattern with ``!`` in front fits everything else."""
    if denies(pattern):
        return not matches(pattern[1:], text, separator=separator)
    return pattern == "*" or matches(pattern, text, separator=separator)


def denies(pattern: str) -> bool:
    return pattern.startswith("!")


def matches_path(pattern: str, text: str) -> bool:
    """Go's ``filepath.Match``, for groups and kinds."""
    return matches(pattern.replace("{", r"\{").replace("**", "*"), text, separator="/")


@lru_cache(maxsize=4096)
def _compiled(pattern: str, separator: str) -> re.Pattern[str] | None:
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
