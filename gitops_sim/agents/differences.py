"""One field in which Git and the cluster differ, and how it is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

HIDDEN = "++++++++"


@dataclass(frozen=True, slots=True)
class Difference:
    """One field: what Git wants and what the cluster has; None where one of them has nothing."""

    path: str
    desired: Any
    live: Any

    def __str__(self) -> str:
        return f"{self.path}  Git {shown(self.desired)}, cluster {shown(self.live)}"


def hidden(difference: Difference) -> Difference:
    """A difference in a Secret, without what it holds."""
    if not difference.path.startswith((".data", ".stringData")):
        return difference
    return Difference(difference.path, difference.desired and HIDDEN, difference.live and HIDDEN + "+")


def shown(value: Any) -> str:
    """A value for people, short."""
    if value is None:
        return "nothing"
    text = (value if isinstance(value, str) else _compact(value)).replace("\n", "\\n")
    return text if len(text) <= 60 else text[:57] + "..."


def _compact(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_compact(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_compact, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
