"""What a Pod asks of its node."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from gitops_sim.cluster.quantity import amount


@lru_cache(maxsize=1024)
def value_of(quantity: str) -> float:
    """A quantity (``250m``, ``1Gi``) in its base unit: cores, bytes, pieces."""
    return float(amount(quantity))


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
    found = (resources.get("requests") or {}).get(name) or (resources.get("limits") or {}).get(name)
    return value_of(str(found)) if found else 0.0
