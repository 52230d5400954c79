"""LimitRanges.

Source: ``ValidateLimitRange`` in ``pkg/apis/core/validation`` of kubernetes/kubernetes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitops_sim.cluster.quantity import amount
from gitops_sim.cluster.validation.causes import duplicate, forbidden, required, wrong
from gitops_sim.errors import Cause
from gitops_sim.objects import Object

_Map = Mapping[str, Any]

# Each pair of bounds: the smaller, the greater, where it is told, whose value is shown, and in which words.
_ORDER = (
    ("min", "max", "min", "min", "min value {} is greater than max value {}"),
    ("min", "defaultRequest", "defaultRequest", "defaultRequest", "min value {} is greater than default request value {}"),
    ("defaultRequest", "max", "defaultRequest", "defaultRequest", "default request value {} is greater than max value {}"),
    (
        *("defaultRequest", "default", "defaultRequest", "defaultRequest"),
        "default request value {} is greater than default limit value {}",
    ),
    ("min", "default", "default", "min", "min value {} is greater than default value {}"),
    ("default", "max", "default", "max", "default value {} is greater than max value {}"),
)


def limit_range(obj: Object) -> list[Cause]:
    causes: list[Cause] = []
    seen: set[str] = set()
    for index, limit in enumerate((obj.get("spec") or {}).get("limits") or ()):
        field, kind = f"spec.limits[{index}]", limit["type"]
        if kind in seen:
            causes.append(duplicate(f"{field}.type", kind))
        seen.add(kind)
        if kind == "Pod":
            names = [name for name in ("default", "defaultRequest") if limit.get(name)]
            causes += [forbidden(f"{field}.{name}", "may not be specified when `type` is 'Pod'") for name in names]
        if kind == "PersistentVolumeClaim" and not any("storage" in (limit.get(name) or {}) for name in ("min", "max")):
            why = "either minimum or maximum storage value is required, but neither was provided"
            causes.append(required(f"{field}.limits", why))
        causes += _bounds(field, limit)
    return causes


def _bounds(field: str, limit: _Map) -> list[Cause]:
    bounds = {name: limit.get(name) or {} for name in ("min", "max", "default", "defaultRequest", "maxLimitRequestRatio")}
    causes: list[Cause] = []
    for key in sorted({key for values in bounds.values() for key in values}):
        for small, great, place, shown, words in _ORDER:
            low, high = bounds[small].get(key), bounds[great].get(key)
            if low is not None and high is not None and amount(low) > amount(high):
                causes.append(wrong(f"{field}.{place}[{key}]", bounds[shown][key], words.format(low, high)))
        ratio, least, most = (bounds[name].get(key) for name in ("maxLimitRequestRatio", "min", "max"))
        where = f"{field}.maxLimitRequestRatio[{key}]"
        if ratio is not None and amount(ratio) < 1:
            causes.append(wrong(where, ratio, f"ratio {ratio} is less than 1"))
        if ratio is not None and least is not None and most is not None and amount(least) > 0:
            limit_of = amount(most) / amount(least)
            if amount(ratio) > limit_of:
                causes.append(wrong(where, ratio, f"ratio {ratio} is greater than max/min = {float(limit_of):f}"))
    return causes
