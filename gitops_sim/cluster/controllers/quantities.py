"""Resource quantities (``250m``, ``1Gi``) as numbers, and what a Pod asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_UNITS = {
    "n": 1e-9,
    "u": 1e-6,
    "m": 1e-3,
    "": 1.0,
    "k": 1e3,
    "M": 1e6,
    "G": 1e9,
    "T": 1e12,
    "P": 1e15,
    "E": 1e18,
    "Ki": 2.0**10,
    "Mi": 2.0**20,
    "Gi": 2.0**30,
    "Ti": 2.0**40,
    "Pi": 2.0**50,
    "Ei": 2.0**60,
}


def value_of(quantity: Any) -> float:
    """A quantity in its base unit (cores, bytes, pieces). Validation has refused what is none."""
    text = str(quantity)
    try:
        return float(text)
    except ValueError:
        number = text.rstrip("".join(_UNITS))
        return float(number) * _UNITS[text[len(number) :]]


def requests_of(spec: Mapping[str, Any]) -> dict[str, float]:
    """The cpu (cores) and memory (bytes) that a Pod spec asks for: all containers together, or its hungriest init container."""
    asked: dict[str, float] = {}
    for name in ("cpu", "memory"):
        together = sum(_request(container, name) for container in spec.get("containers") or ())
        alone = max((_request(container, name) for container in spec.get("initContainers") or ()), default=0.0)
        asked[name] = max(together, alone)
    return asked


def _request(container: Mapping[str, Any], name: str) -> float:
    resources = container.get("resources") or {}
    found = (resources.get("requests") or {}).get(name, (resources.get("limits") or {}).get(name, 0))
    return value_of(found)
