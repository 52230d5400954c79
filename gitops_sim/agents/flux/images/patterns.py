"""Regular expressions for tags, in Go's syntax: no look-ahead, and groups that ``extract`` names."""

from __future__ import annotations

import re
from functools import lru_cache

from gitops_sim.cluster.custom.patterns import PatternError, pattern

_REFERENCE = re.compile(r"\$(?:\$|(\w+)|\{(\w+)\})")
_GROUP = re.compile(r"(?<!\\)\(\?<(?![=!])")


@lru_cache(maxsize=256)
def compiled(expression: str) -> re.Pattern[str]:
    """Raises PatternError, in Go's words, for what is no expression in Go."""
    pattern(expression)
    try:
        return re.compile(_GROUP.sub("(?P<", expression).replace(r"\z", r"\Z"))
    except re.error as error:
        raise PatternError(f"{error.msg}: `{expression}`") from None


def extracted(template: str, found: re.Match[str]) -> str:
    """``$name`` and ``${1}`` filled in; a group that is not there is empty. Source: Go ``regexp.Expand``."""

    def group(reference: re.Match[str]) -> str:
        name = reference[1] or reference[2]
        if name is None:
            return "$"
        groups = found.re.groupindex
        key: int | str = int(name) if name.isdigit() else name
        known = key in groups if isinstance(key, str) else key <= found.re.groups
        return (found[key] or "") if known else ""

    return _REFERENCE.sub(group, template)
