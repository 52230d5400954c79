"""Groups of a regular expression in Go's syntax, as ``extract`` names them."""

from __future__ import annotations

import re
from functools import lru_cache

from gitops_sim.cluster.custom.patterns import PatternError

_REFERENCE = re.compile(r"\$(?:\$|(\w+)|\{(\w+)\})")
_CLASSES = {"alnum": "A-Za-z0-9", "alpha": "A-Za-z", "digit": "0-9", "lower": "a-z", "upper": "A-Z", "xdigit": "0-9A-Fa-f"}
_CLASS = re.compile(rf"\[:({'|'.join(_CLASSES)}):\]")
_GROUP = re.compile(r"(?<!\\)\(\?<(?![=!])")


@lru_cache(maxsize=256)
def compiled(expression: str) -> re.Pattern[str]:
    """For Python, what is an expression in Go. Raises PatternError where that cannot be said in Python."""
    spelt = _CLASS.sub(lambda found: _CLASSES[found[1]], _GROUP.sub("(?P<", expression)).replace(r"\z", r"\Z")
    try:
        return re.compile(spelt)
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
