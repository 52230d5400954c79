"""Readers for objects that nobody has vouched for: a missing or ill-typed field reads as empty, never as an exception.

Printers must print whatever is stored, and custom resources may hold anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitops_sim.objects import get_path


def text(obj: Any, *path: str | int) -> str:
    """The scalar at ``path`` as text; empty for anything else. Booleans read as Go prints them."""
    value = get_path(obj, path)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else ""


def number(obj: Any, *path: str | int) -> int:
    """The whole number at ``path``; 0 for anything else."""
    value = get_path(obj, path)
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 2**63 else 0


def mapping(obj: Any, *path: str | int) -> Mapping[str, Any]:
    """The mapping at ``path``; empty for anything else."""
    value = get_path(obj, path)
    return value if isinstance(value, dict) else {}


def mappings(obj: Any, *path: str | int) -> list[Mapping[str, Any]]:
    """The mappings in the list at ``path``."""
    return [item for item in items(obj, *path) if isinstance(item, dict)]


def items(obj: Any, *path: str | int) -> list[Any]:
    """The list at ``path``; empty for anything else."""
    value = get_path(obj, path)
    return list(value) if isinstance(value, list | tuple) else []


def texts(obj: Any, *path: str | int) -> list[str]:
    """The strings in the list at ``path``."""
    return [item for item in items(obj, *path) if isinstance(item, str)]


def condition(obj: Any, kind: str) -> Mapping[str, Any]:
    """The entry of ``status.conditions`` of that type; empty when there is none."""
    return next((c for c in mappings(obj, "status", "conditions") if c.get("type") == kind), {})
